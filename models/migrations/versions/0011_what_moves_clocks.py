"""What the customer said and was told are notes of their own, and a case may stand still for a set reason.

Revision: 0011, after 0010.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BEFORE = "kind IN ('note', 'action', 'question')"
AFTER = "kind IN ('note', 'action', 'question', 'heard', 'told')"


def _reword(old: str, new: str) -> None:
    """Let notes be of other kinds. SQLite keeps a check only as text, and says that this is how to change it."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_case_notes_kind"), "case_notes")
        op.create_check_constraint(op.f("ck_case_notes_kind"), "case_notes", new)
        return
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'case_notes' "
        "AND instr(sql, ?) > 0",
        (old, new, old),
    )
    if changed.rowcount != 1:
        raise RuntimeError("case_notes.kind holds other words than expected")
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")


def upgrade() -> None:
    _reword(BEFORE, AFTER)
    op.execute(  # with its check, which goes with it again
        "ALTER TABLE cases ADD COLUMN paused_for VARCHAR(40) DEFAULT '' NOT NULL "
        "CONSTRAINT ck_cases_paused_while_open CHECK (paused_for = '' OR status IN ('open', 'waiting'))"
    )


def downgrade() -> None:
    op.drop_column("cases", "paused_for")
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.exec_driver_sql("DROP TRIGGER case_notes_no_update")
    else:
        op.execute("ALTER TABLE case_notes DISABLE TRIGGER case_notes_no_change")
    op.execute("UPDATE case_notes SET kind = 'note' WHERE kind IN ('heard', 'told')")
    if bind.dialect.name == "sqlite":
        bind.exec_driver_sql(
            "CREATE TRIGGER case_notes_no_update BEFORE UPDATE ON case_notes "
            "BEGIN SELECT RAISE(ABORT, 'case_notes is append-only'); END"
        )
    else:
        op.execute("ALTER TABLE case_notes ENABLE TRIGGER case_notes_no_change")
    _reword(AFTER, BEFORE)
