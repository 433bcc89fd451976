"""Links that are sent to customers are looked at, and the dead ones are known.

Revision: 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("wrong", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("dead_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(dead_since IS NULL) OR failures > 1", name=op.f("ck_link_checks_dead_at_the_second_look")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_checks")),
        sa.UniqueConstraint("address", name=op.f("uq_link_checks_address")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_link_checks_next_at_id"), "link_checks", ["next_at", "id"])


def downgrade() -> None:
    op.drop_table("link_checks")
