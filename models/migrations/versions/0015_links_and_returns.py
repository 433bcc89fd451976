"""Cases that belong together name each other.

Revision: 0015, after 0014. Until 0014 is merged it stands after 0013: set `down_revision` to "0014" then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("led_to_id", sa.Integer(), nullable=False),
        sa.Column("linked_by_id", sa.Integer(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("case_id <> led_to_id", name=op.f("ck_case_links_not_to_itself")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_links_case_id_cases")),
        sa.ForeignKeyConstraint(["led_to_id"], ["cases.id"], name=op.f("fk_case_links_led_to_id_cases")),
        sa.ForeignKeyConstraint(
            ["linked_by_id"], ["people.id"], name=op.f("fk_case_links_linked_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_links")),
        sa.UniqueConstraint("case_id", "led_to_id", name=op.f("uq_case_links_case_id_led_to_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_case_links_led_to_id"), "case_links", ["led_to_id"])
    op.create_index(op.f("ix_case_links_linked_by_id"), "case_links", ["linked_by_id"])


def downgrade() -> None:
    op.drop_table("case_links")
