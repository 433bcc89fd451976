"""Who is on duty when.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "on_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "representative",
                "supervisor",
                "manager",
                "finance",
                "inventory",
                "fulfilment",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("hours", sa.String(length=500), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_on_duty_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_duty")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_on_duty_person_id"), "on_duty", ["person_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_on_duty_person_id"), "on_duty")
    op.drop_table("on_duty")
