"""How long customers may withdraw and send back, by country.

Revision: 0027, after 0026.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("withdrawal_days", sa.Integer(), nullable=True),
        sa.Column("return_days", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("withdrawal_days >= 0", name=op.f("ck_return_periods_withdrawal_not_negative")),
        sa.CheckConstraint("return_days >= 0", name=op.f("ck_return_periods_return_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_periods")),
        sa.UniqueConstraint("country", name=op.f("uq_return_periods_country")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("return_periods")
