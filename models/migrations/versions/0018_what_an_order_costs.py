"""Price lists, prices of one's own with their limits, tax, packs, and orders that somebody else has to agree to.

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KINDS = ("person", "company")
TIERS = ("standard", "priority")
STATES = ("asked", "approved", "refused", "sent_back", "withdrawn")
LIMITS = (
    "UPDATE mandates SET price_bp = CASE role "
    "WHEN 'representative' THEN 500 WHEN 'supervisor' THEN 1500 WHEN 'manager' THEN 3000 ELSE 0 END"
)
OPEN = sa.text("status = 'asked'")
COLUMNS = (
    ("order_lines", "list_price_minor", "BIGINT", "", ""),
    (
        "order_lines",
        "price_reason",
        "VARCHAR(300) DEFAULT '' NOT NULL",
        "own_price_beside_the_listed",
        "price_reason = '' OR list_price_minor IS NOT NULL",
    ),
    ("order_lines", "tax_bp", "INTEGER", "", ""),
    ("order_lines", "tax_minor", "BIGINT", "tax_with_its_rate", "(tax_bp IS NULL) = (tax_minor IS NULL)"),
    ("products", "pack_size", "INTEGER DEFAULT 1 NOT NULL", "pack_holds_something", "pack_size >= 1"),
    ("products", "least_quantity", "INTEGER DEFAULT 1 NOT NULL", "least_is_something", "least_quantity >= 1"),
    ("products", "tax_bp", "INTEGER", "tax_is_a_share", "tax_bp IS NULL OR tax_bp BETWEEN 0 AND 10000"),
    (
        "mandates",
        "price_bp",
        "INTEGER DEFAULT 0 NOT NULL",
        "price_is_a_share",
        "price_bp BETWEEN 0 AND 10000",
    ),
)


def _word(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def _moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def upgrade() -> None:
    for table, name, spelled, check, holds in COLUMNS:
        constraint = f" CONSTRAINT ck_{table}_{check} CHECK ({holds})" if check else ""
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {spelled}{constraint}")
    op.execute(LIMITS)
    op.create_table(
        "price_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", _word(*KINDS, name="kind"), nullable=True),
        sa.Column("tier", _word(*TIERS, name="tier"), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_lists")),
        sa.UniqueConstraint("name", name=op.f("uq_price_lists_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "list_prices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("valid_from", _moment(), nullable=False),
        sa.Column("valid_until", _moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_list_prices_price_not_negative")),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_list_prices_valid_for_a_while")
        ),
        _key("list_prices", "list_id", "price_lists"),
        _key("list_prices", "product_id", "products"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_prices")),
        sa.UniqueConstraint(
            "list_id", "product_id", "valid_from", name=op.f("uq_list_prices_list_id_product_id_valid_from")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_list_prices_product_id_valid_from"), "list_prices", ["product_id", "valid_from"])
    op.create_table(
        "order_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tax_bp", sa.Integer(), nullable=True),
        sa.Column("second_above_minor", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("second_above_minor >= 0", name=op.f("ck_order_rules_second_not_negative")),
        sa.CheckConstraint(
            "tax_bp IS NULL OR tax_bp BETWEEN 0 AND 10000", name=op.f("ck_order_rules_tax_is_a_share")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_rules")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "order_approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("causes", sa.String(length=200), nullable=False),
        sa.Column("listed_minor", sa.BigInteger(), nullable=False),
        sa.Column("status", _word(*STATES, name="approval_status"), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", _moment(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", _moment(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'asked') = (decided_at IS NULL)", name=op.f("ck_order_approvals_decided_has_a_time")
        ),
        sa.CheckConstraint(
            "status = 'withdrawn' OR decided_by_id IS NULL OR decided_by_id <> asked_by_id",
            name=op.f("ck_order_approvals_decided_by_another"),
        ),
        _key("order_approvals", "order_id", "orders"),
        _key("order_approvals", "asked_by_id", "people"),
        _key("order_approvals", "decided_by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_approvals")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_order_approvals_one_open",
        "order_approvals",
        ["order_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    for columns in (
        ["order_id", "id"],
        ["status", "asked_at", "id"],
        ["decided_at", "id"],
        ["asked_by_id"],
        ["decided_by_id"],
    ):
        op.create_index(op.f(f"ix_order_approvals_{'_'.join(columns)}"), "order_approvals", columns)


def downgrade() -> None:
    """Orders stay, those that waited for somebody as drafts."""
    op.drop_table("order_approvals")
    op.drop_table("order_rules")
    op.drop_table("list_prices")
    op.drop_table("price_lists")
    for table, name, *_ in reversed(COLUMNS):
        op.drop_column(table, name)
