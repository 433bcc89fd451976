"""Cases that belong together name each other; what customers send back has a record.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATUS = ("expected", "arrived", "settled", "cancelled")
REASONS = ("faulty", "damaged", "wrong_article", "not_wanted", "other")


def _word(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


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
    _returns()


def _returns() -> None:
    op.create_table(
        "returns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("replacement_id", sa.Integer(), nullable=True),
        sa.Column("status", _word(*STATUS, name="status"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("expected_by", sa.Date(), nullable=False),
        sa.Column("resellable", sa.Boolean(), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=False),
        sa.Column("announced_by_id", sa.Integer(), nullable=True),
        sa.Column("arrived_by_id", sa.Integer(), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status <> 'arrived' OR arrived_at IS NOT NULL", name=op.f("ck_returns_arrived_has_a_time")
        ),
        sa.CheckConstraint(
            "(arrived_at IS NULL) = (resellable IS NULL)", name=op.f("ck_returns_arrived_has_a_condition")
        ),
        sa.CheckConstraint(
            "status <> 'cancelled' OR arrived_at IS NULL", name=op.f("ck_returns_cancelled_never_arrived")
        ),
        sa.CheckConstraint(
            "(status IN ('settled', 'cancelled')) = (ended_at IS NOT NULL)",
            name=op.f("ck_returns_ended_has_a_time"),
        ),
        sa.CheckConstraint(
            "replacement_id IS NULL OR replacement_id <> order_id",
            name=op.f("ck_returns_replaced_by_another"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_returns_order_id_orders")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_returns_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["replacement_id"], ["orders.id"], name=op.f("fk_returns_replacement_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["announced_by_id"], ["people.id"], name=op.f("fk_returns_announced_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["arrived_by_id"], ["people.id"], name=op.f("fk_returns_arrived_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("number", name=op.f("uq_returns_number")),
        sa.UniqueConstraint("replacement_id", name=op.f("uq_returns_replacement_id")),
        sqlite_autoincrement=True,
    )
    for column in ("order_id", "case_id", "announced_by_id", "arrived_by_id"):
        op.create_index(op.f(f"ix_returns_{column}"), "returns", [column])
    op.create_index(op.f("ix_returns_status_announced_at_id"), "returns", ["status", "announced_at", "id"])
    op.create_table(
        "return_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("return_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reason", _word(*REASONS, name="reason"), nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_lines_quantity_given")),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_lines_return_id_returns")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_return_lines_order_line_id_order_lines")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_lines")),
        sa.UniqueConstraint(
            "return_id", "order_line_id", name=op.f("uq_return_lines_return_id_order_line_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_return_lines_order_line_id"), "return_lines", ["order_line_id"])


def downgrade() -> None:
    op.drop_table("return_lines")
    op.drop_table("returns")
    op.drop_table("case_links")
