"""What the teams write to each other on an order, what inventory is asked, the terms of orders, orders of shops, limits of payments, papers.

Revision: 0030, after 0029.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


# As 0002 has it of the tables that are only ever added to.
APPEND_ONLY = {
    "sqlite": (
        "{table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT {refused}; END",
        "{table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT {refused}; END",
        "{table}_no_replace BEFORE INSERT ON {table} WHEN NEW.id IN (SELECT id FROM {table}) BEGIN SELECT {refused}; END",
    ),
    "postgresql": (
        "{table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "{table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ),
}
ROLES = ("representative", "supervisor", "manager", "finance", "inventory", "fulfilment", "administrator")


def _only_added_to(table: str) -> None:
    bind = op.get_bind()
    refused = f"RAISE(ABORT, '{table} is append-only')"
    for trigger in APPEND_ONLY[bind.dialect.name]:
        bind.exec_driver_sql(f"CREATE TRIGGER {trigger.format(table=table, refused=refused)}")


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=32, create_constraint=True)


def upgrade() -> None:
    _notes()
    _availability()
    _terms()
    _shops()
    _limits()
    _papers()


def _notes() -> None:
    op.create_table(
        "order_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_role", _word("asked_role", *ROLES), nullable=True),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_notes_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["people.id"], name=op.f("fk_order_notes_written_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_notes")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_order_notes_order_id_written_at_id"), "order_notes", ["order_id", "written_at", "id"]
    )
    op.create_index(op.f("ix_order_notes_written_by_id"), "order_notes", ["written_by_id"])
    _only_added_to("order_notes")
    op.create_table(
        "order_note_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["note_id"], ["order_notes.id"], name=op.f("fk_order_note_calls_note_id_order_notes")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_order_note_calls_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_note_calls")),
        sa.UniqueConstraint("note_id", "person_id", name=op.f("uq_order_note_calls_note_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_note_calls_person_id"), "order_note_calls", ["person_id"])
    op.create_index(
        "ix_order_note_calls_unread",
        "order_note_calls",
        ["person_id", "id"],
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )


def _availability() -> None:
    table = "availability_requests"
    of_people = ("asked_by_id", "answered_by_id")
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", _word("answer", "yes", "partial", "no"), nullable=True),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f(f"fk_{table}_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f(f"fk_{table}_order_line_id_order_lines")
        ),
        *(
            sa.ForeignKeyConstraint([one], ["people.id"], name=op.f(f"fk_{table}_{one}_people"))
            for one in of_people
        ),
        sa.CheckConstraint("quantity > 0", name=op.f(f"ck_{table}_quantity_given")),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f(f"ck_{table}_answered_has_a_time")
        ),
        sa.CheckConstraint("(answer IS NULL) = (units IS NULL)", name=op.f(f"ck_{table}_answered_has_units")),
        sa.CheckConstraint("units BETWEEN 0 AND quantity", name=op.f(f"ck_{table}_units_of_those_asked")),
        sa.CheckConstraint(
            "answer IS NOT NULL OR read_at IS NULL", name=op.f(f"ck_{table}_read_is_answered")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
    )
    for one in ("product_id", "order_line_id", *of_people):
        op.create_index(op.f(f"ix_{table}_{one}"), table, [one])
    unanswered, unread = sa.text("answer IS NULL"), sa.text("answer IS NOT NULL AND read_at IS NULL")
    for name, columns, where, unique in (
        ("ix_availability_requests_open", ["asked_at", "id"], unanswered, False),
        ("uq_availability_requests_of_a_line", ["order_line_id"], unanswered, True),
        ("ix_availability_requests_unread", ["asked_by_id", "id"], unread, False),
    ):
        op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _terms() -> None:
    op.create_table(
        "order_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words_en", sa.Text(), nullable=False),
        sa.Column("words_de", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("words_en <> '' OR words_de <> ''", name=op.f("ck_order_terms_says_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_terms")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_terms_valid_from_id"), "order_terms", ["valid_from", "id"])
    op.execute(
        "ALTER TABLE orders ADD COLUMN terms_id INTEGER "
        "CONSTRAINT fk_orders_terms_id_order_terms REFERENCES order_terms (id)"
    )
    op.create_index(op.f("ix_orders_terms_id"), "orders", ["terms_id"])


def _shops() -> None:
    op.create_table(
        "shop_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shop_orders_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_orders")),
        sa.UniqueConstraint("shop", "number", name=op.f("uq_shop_orders_shop_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shop_orders_order_id"), "shop_orders", ["order_id"])


def _limits() -> None:
    table = "payment_limits"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("method", _word("method", "cash", "transfer", "terminal"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("least_minor", sa.BigInteger(), nullable=True),
        sa.Column("most_minor", sa.BigInteger(), nullable=True),
        sa.Column("lead_above_minor", sa.BigInteger(), nullable=True),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "least_minor >= 0 AND most_minor >= 0 AND lead_above_minor >= 0",
            name=op.f(f"ck_{table}_not_negative"),
        ),
        sa.CheckConstraint("least_minor <= most_minor", name=op.f(f"ck_{table}_least_below_most")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["people.id"], name=op.f(f"fk_{table}_written_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f(f"ix_{table}_method_currency_id"), table, ["method", "currency", "id"])
    op.create_index(op.f(f"ix_{table}_written_by_id"), table, ["written_by_id"])
    _only_added_to(table)
    op.execute(
        "ALTER TABLE payment_entries ADD COLUMN limit_id INTEGER "
        "CONSTRAINT fk_payment_entries_limit_id_payment_limits REFERENCES payment_limits (id)"
    )
    op.create_index(op.f("ix_payment_entries_limit_id"), "payment_entries", ["limit_id"])


def _papers() -> None:
    table = "order_papers"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("whereabouts", sa.String(length=300), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f(f"fk_{table}_order_id_orders")),
        sa.ForeignKeyConstraint(["added_by_id"], ["people.id"], name=op.f(f"fk_{table}_added_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("order_id", "digest", name=op.f(f"uq_{table}_order_id_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f(f"ix_{table}_order_id_id"), table, ["order_id", "id"])
    op.create_index(op.f(f"ix_{table}_added_by_id"), table, ["added_by_id"])
    _only_added_to(table)


def downgrade() -> None:
    op.drop_table("order_papers")
    op.drop_index(op.f("ix_payment_entries_limit_id"), "payment_entries")
    op.drop_column("payment_entries", "limit_id")
    op.drop_table("payment_limits")
    op.drop_table("shop_orders")
    op.drop_index(op.f("ix_orders_terms_id"), "orders")
    op.drop_column("orders", "terms_id")
    op.drop_table("order_terms")
    op.drop_table("availability_requests")
    op.drop_table("order_note_calls")
    op.drop_table("order_notes")
