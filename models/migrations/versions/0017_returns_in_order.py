"""The table of returns is read from the newest on.

Revision: 0017, after 0016.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index in the order in which they were announced."""
    op.create_index("ix_returns_announced_at_id", "returns", ["announced_at", "id"])


def downgrade() -> None:
    """Without it."""
    op.drop_index("ix_returns_announced_at_id", table_name="returns")
