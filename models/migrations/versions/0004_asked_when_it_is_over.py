"""What ended lately is found by when it ended, to ask the customer how it went.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ENDED = (("cases", "resolved_at"), ("orders", "delivered_at"))


def upgrade() -> None:
    for table, column in ENDED:
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    for table, column in ENDED:
        op.drop_index(f"ix_{table}_{column}", table)
