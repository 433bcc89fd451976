"""Departments decide on special requests and tick what they are told of; orders have hours; letters name who caused them.

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BEFORE = ("new", "feasible", "not_feasible")
AFTER = ("new", "under_review", "feasible", "not_feasible")
"""How far a special request has come."""


def _check(words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"status IN ({listed})"


def _reword(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Let the column hold other words, as 0013 does: SQLite keeps a check only as text."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.exec_driver_sql("PRAGMA writable_schema=ON")
        changed = bind.exec_driver_sql(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) "
            "WHERE type = 'table' AND name = 'special_requests' AND instr(sql, ?) > 0",
            (_check(before), _check(after), _check(before)),
        )
        if changed.rowcount != 1:
            raise RuntimeError("special_requests.status holds other words than expected")
        bind.exec_driver_sql("PRAGMA writable_schema=RESET")
        return
    op.drop_constraint(op.f("ck_special_requests_status"), "special_requests")
    op.create_check_constraint(op.f("ck_special_requests_status"), "special_requests", _check(after))


def upgrade() -> None:
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    _reword(BEFORE, AFTER)
    op.execute(  # with its check, which goes with it again
        "ALTER TABLE special_requests ADD COLUMN department VARCHAR(32) DEFAULT 'fulfilment' NOT NULL "
        "CONSTRAINT ck_special_requests_department CHECK (department IN ('inventory', 'fulfilment'))"
    )
    op.execute(
        "ALTER TABLE special_requests ADD COLUMN reviewed_by_id INTEGER "
        "CONSTRAINT fk_special_requests_reviewed_by_id_people REFERENCES people (id)"
    )
    op.execute(f"ALTER TABLE special_requests ADD COLUMN due_at {moment}")
    op.create_index(op.f("ix_special_requests_reviewed_by_id"), "special_requests", ["reviewed_by_id"])
    op.execute(
        "CREATE INDEX ix_special_requests_undecided ON special_requests (created_at, id) "
        "WHERE status IN ('new', 'under_review')"
    )
    op.execute("ALTER TABLE orders ADD COLUMN wanted_from TIME")
    op.execute(
        "ALTER TABLE orders ADD COLUMN wanted_until TIME CONSTRAINT ck_orders_hours_of_a_day "
        "CHECK ((wanted_from IS NULL) = (wanted_until IS NULL) AND (wanted_from IS NULL OR wanted_on IS NOT NULL))"
    )
    op.add_column(
        "messages", sa.Column("caused_by", sa.String(length=200), server_default="", nullable=False)
    )
    op.create_table(
        "hand_overs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column(
            "department",
            sa.Enum(
                "inventory",
                "fulfilment",
                name="department",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("put_off", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "received_at IS NULL OR next_at IS NULL", name=op.f("ck_hand_overs_received_is_not_chased")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_hand_overs_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["received_by_id"], ["people.id"], name=op.f("fk_hand_overs_received_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_hand_overs_order_id_id"), "hand_overs", ["order_id", "id"])
    op.create_index(op.f("ix_hand_overs_received_by_id"), "hand_overs", ["received_by_id"])
    for index in (
        "UNIQUE INDEX uq_hand_overs_open ON hand_overs (order_id, department) WHERE received_at IS NULL",
        "INDEX ix_hand_overs_open ON hand_overs (department, told_at, id) WHERE received_at IS NULL",
        "INDEX ix_hand_overs_next ON hand_overs (next_at) WHERE next_at IS NOT NULL",
    ):
        op.execute(f"CREATE {index}")


def downgrade() -> None:
    """What was under review is new again."""
    op.drop_table("hand_overs")
    op.drop_column("messages", "caused_by")
    op.drop_column("orders", "wanted_until")
    op.drop_column("orders", "wanted_from")
    op.drop_index("ix_special_requests_undecided", "special_requests")
    op.drop_index(op.f("ix_special_requests_reviewed_by_id"), "special_requests")
    op.execute("UPDATE special_requests SET status = 'new' WHERE status = 'under_review'")
    for column in ("due_at", "reviewed_by_id", "department"):
        op.drop_column("special_requests", column)
    _reword(AFTER, BEFORE)
