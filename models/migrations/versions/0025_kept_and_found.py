"""Orders are found by the code of an article, which has a place on a shelf; customers can want no surveys.

Revision: 0025, after 0021.
"""

from alembic import op

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE products ADD COLUMN shelf VARCHAR(40) DEFAULT '' NOT NULL")
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE customers ADD COLUMN no_surveys_at {moment}")
    op.create_index(op.f("ix_order_lines_sku_order_id"), "order_lines", ["sku", "order_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_order_lines_sku_order_id"), "order_lines")
    op.drop_column("products", "shelf")
    op.drop_column("customers", "no_surveys_at")
