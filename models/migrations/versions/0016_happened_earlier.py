"""Notes on cases can have happened earlier; channels offer ways to pay; customers are of a kind that says what is needed.

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CHANNELS = ("phone", "email", "chat", "social", "online", "in_person")
METHODS = ("cash", "transfer", "terminal")
KINDS = ("person", "company")
DETAILS = ("organisation", "reach", "phone", "email", "street", "city", "country")


def _word(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE case_notes ADD COLUMN happened_at {moment}")
    op.execute("ALTER TABLE case_notes ADD COLUMN happened_why VARCHAR(300) DEFAULT '' NOT NULL")
    op.execute(f"ALTER TABLE clock_events ADD COLUMN noted_at {moment}")
    op.create_table(
        "payment_ways",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", _word(*CHANNELS, name="channel"), nullable=False),
        sa.Column("method", _word(*METHODS, name="method"), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("words_en", sa.String(length=300), nullable=False),
        sa.Column("words_de", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_ways")),
        sa.UniqueConstraint("channel", "method", name=op.f("uq_payment_ways_channel_method")),
        sqlite_autoincrement=True,
    )
    op.execute(  # with its check, which goes with it again
        "ALTER TABLE customers ADD COLUMN kind VARCHAR(32) DEFAULT 'person' NOT NULL "
        "CONSTRAINT ck_customers_kind CHECK (kind IN ('person', 'company'))"
    )
    op.execute("UPDATE customers SET kind = 'company' WHERE organisation <> ''")
    op.create_table(
        "customer_needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _word(*KINDS, name="kind"), nullable=False),
        sa.Column("detail", _word(*DETAILS, name="detail"), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_needs")),
        sa.UniqueConstraint("kind", "detail", name=op.f("uq_customer_needs_kind_detail")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("customer_needs")
    op.drop_column("customers", "kind")
    op.drop_table("payment_ways")
    op.drop_column("clock_events", "noted_at")
    op.drop_column("case_notes", "happened_why")
    op.drop_column("case_notes", "happened_at")
