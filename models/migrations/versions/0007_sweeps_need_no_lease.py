"""Clocks and follow-ups are claimed and acted on in one transaction, so they hold no lease. Messages keep theirs.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("deadlines", "follow_ups")


def upgrade() -> None:
    for table in TABLES:  # SQLite drops a column that nothing refers to in place
        op.drop_column(table, "claimed_until")
        op.drop_column(table, "claimed_by")


def downgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
        op.add_column(table, sa.Column("claimed_by", sa.String(80), nullable=False, server_default=""))
