"""Lines of an order may wait for goods that are not there yet.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WAITS = sa.text("waiting > 0")
COLUMNS = (
    ("products", "waiting", "INTEGER DEFAULT 0 NOT NULL", "waiting_not_negative", "waiting >= 0"),
    ("order_lines", "waiting", "INTEGER DEFAULT 0 NOT NULL", "waiting_not_negative", "waiting >= 0"),
    (
        "order_lines",
        "waits_since",
        "TIMESTAMP WITH TIME ZONE",
        "waiting_has_a_time",
        "(waiting > 0) = (waits_since IS NOT NULL)",
    ),
)


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, name, kind, check, holds in COLUMNS:
        spelled = "DATETIME" if on_sqlite and kind.startswith("TIMESTAMP") else kind
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {name} {spelled} CONSTRAINT ck_{table}_{check} CHECK ({holds})"
        )
    op.add_column("order_lines", sa.Column("waits_until", sa.Date(), nullable=True))
    op.create_index("ix_products_waited_for", "products", ["id"], sqlite_where=WAITS, postgresql_where=WAITS)
    op.create_index(
        "ix_order_lines_waiting",
        "order_lines",
        ["product_id", "waits_since", "id"],
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    op.create_index(
        "ix_order_lines_waiting_order",
        "order_lines",
        ["order_id"],
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )


def downgrade() -> None:
    """Orders stay; that some of their units were never there is known no more."""
    op.drop_index("ix_order_lines_waiting_order", "order_lines")
    op.drop_index("ix_order_lines_waiting", "order_lines")
    op.drop_index("ix_products_waited_for", "products")
    op.drop_column("order_lines", "waits_until")
    for table, name, *_ in reversed(COLUMNS):
        op.drop_column(table, name)
