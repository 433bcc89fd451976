"""Search tokens are compared by their bytes, and an order knows its freight.

A prefix is a range of tokens. A database of PostgreSQL that sorts by a language would sort the range by that
language's rules and could not use the index for it; SQLite compares bytes already.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE search_tokens ALTER COLUMN token TYPE varchar(80) COLLATE "C"')
    with op.batch_alter_table("orders") as batch:
        batch.add_column(sa.Column("freight_minor", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("orders") as batch:
        batch.drop_column("freight_minor")
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE search_tokens ALTER COLUMN token TYPE varchar(80) COLLATE "default"')
