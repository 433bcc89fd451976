"""Ledger, audit trail, clock events and case notes are only ever added to, whoever asks.

Revision: 0002, after 0001.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("payment_entries", "audit_entries", "clock_events", "case_notes")

# INSERT OR REPLACE deletes without telling the delete trigger unless a connection asks for it, so a second row
# with a known id is refused as well.
SQLITE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""

POSTGRESQL = (
    "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        for table in TABLES:
            for statement in SQLITE.format(table=table).strip().split(";\nCREATE"):
                text = statement if statement.startswith("CREATE") else "CREATE" + statement
                bind.exec_driver_sql(text)
        return
    bind.exec_driver_sql(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$",
    )
    for table in TABLES:
        for statement in POSTGRESQL:
            bind.exec_driver_sql(statement.format(table=table))


def downgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        for table in TABLES:
            for what in ("no_update", "no_delete", "no_replace"):
                bind.exec_driver_sql(f"DROP TRIGGER {table}_{what}")
        return
    for table in TABLES:
        for what in ("no_change", "no_truncate"):
            bind.exec_driver_sql(f"DROP TRIGGER {table}_{what} ON {table}")
    bind.exec_driver_sql("DROP FUNCTION refuse_change()")
