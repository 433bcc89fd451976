"""The register of standards. S3-1.1

Revision: 0036, after 0035.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

ROLES = (
    "representative", "supervisor", "manager", "finance", "inventory", "fulfilment", "administrator",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "service_standards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("clauses", sa.JSON(), nullable=False),
        sa.Column(
            "owner",
            sa.Enum(*ROLES, name="owner", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_service_standards_name_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_standards")),
        sa.UniqueConstraint("name", name=op.f("uq_service_standards_name")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("service_standards")
