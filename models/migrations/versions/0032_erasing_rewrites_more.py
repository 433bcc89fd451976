"""Erasing a customer may rewrite what was only added to since: chats, notes and papers of orders. Decision 28

Revision: 0032, after 0031.
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BEFORE = ("audit_entries", "disclosures", "clock_events", "case_notes", "amendments", "payment_entries")
SINCE = ("chat_messages", "order_notes", "order_papers")
ERASING = "EXISTS (SELECT 1 FROM erasures WHERE status = 'running')"
REFUSE_CHANGE = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF TG_OP = 'UPDATE' AND TG_TABLE_NAME IN ({tables}) THEN "
    f"IF {ERASING} THEN RETURN NEW; END IF; END IF; "
    "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"
)


def _let_erasing_rewrite(*, it_may: bool) -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        tables = ", ".join(f"'{table}'" for table in (BEFORE + SINCE if it_may else BEFORE))
        bind.exec_driver_sql(REFUSE_CHANGE.replace("{tables}", tables))
        return
    when = f" WHEN NOT {ERASING}" if it_may else ""
    for table in SINCE:
        bind.exec_driver_sql(f"DROP TRIGGER {table}_no_update")
        bind.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}{when} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def upgrade() -> None:
    _let_erasing_rewrite(it_may=True)


def downgrade() -> None:
    _let_erasing_rewrite(it_may=False)
