"""Every filter a list offers begins an index, so that a rare word is found as fast as a common one.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FILTERS = {
    "cases": ("kind", "opened_at", "id"),
    "payment_entries": ("kind", "taken_at", "id"),
    "contacts": ("status", "started_at", "id"),
    "follow_ups": ("status", "due_at", "id"),
    "feedback": ("score", "invited_at", "id"),
}


def _name(table: str, columns: tuple[str, ...]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"


def upgrade() -> None:
    for table, columns in FILTERS.items():
        op.create_index(_name(table, columns), table, list(columns))
    op.create_index(
        "ix_cases_restricted",
        "cases",
        ["opened_at", "id"],
        sqlite_where=sa.text("legal = 1 OR regulatory = 1"),
        postgresql_where=sa.text("legal OR regulatory"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_restricted", "cases")
    for table, columns in FILTERS.items():
        op.drop_index(_name(table, columns), table)
