"""Orders are found by the code of an article, which has a place on a shelf.

Revision: 0025, after 0021.
"""

from alembic import op

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE products ADD COLUMN shelf VARCHAR(40) DEFAULT '' NOT NULL")
    op.create_index(op.f("ix_order_lines_sku_order_id"), "order_lines", ["sku", "order_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_order_lines_sku_order_id"), "order_lines")
    op.drop_column("products", "shelf")
