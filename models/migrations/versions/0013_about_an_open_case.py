"""A contact may be about a case that is open already.

Revision: 0013, after 0012.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BEFORE = ("order", "amendment", "inquiry", "complaint", "service_request", "support", "payment_issue")
AFTER = (*BEFORE, "open_case")
"""What a contact may be about."""


def _check(words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"situation IN ({listed})"


def _reword(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Let the column hold other words. SQLite keeps a check only as text, and says that this is how to change it."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.exec_driver_sql("PRAGMA writable_schema=ON")
        changed = bind.exec_driver_sql(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) "
            "WHERE type = 'table' AND name = 'contacts' AND instr(sql, ?) > 0",
            (_check(before), _check(after), _check(before)),
        )
        if changed.rowcount != 1:
            raise RuntimeError("contacts.situation holds other words than expected")
        bind.exec_driver_sql("PRAGMA writable_schema=RESET")
        return
    op.drop_constraint(op.f("ck_contacts_situation"), "contacts")
    op.create_check_constraint(op.f("ck_contacts_situation"), "contacts", _check(after))


def upgrade() -> None:
    _reword(BEFORE, AFTER)


def downgrade() -> None:
    """Contacts about an open case stay on record, with nothing said about what they were about."""
    op.execute("UPDATE contacts SET situation = NULL WHERE situation = 'open_case'")
    _reword(AFTER, BEFORE)
