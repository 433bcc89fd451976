"""Orders are found by article, articles have a shelf, customers want no surveys, the trail is sealed, orders stay.

Revision: 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
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


def _only_added_to(table: str) -> None:
    bind = op.get_bind()
    refused = f"RAISE(ABORT, '{table} is append-only')"
    for trigger in APPEND_ONLY[bind.dialect.name]:
        bind.exec_driver_sql(f"CREATE TRIGGER {trigger.format(table=table, refused=refused)}")


# As `portal.desk.orders.stages.MOVES` has it; a test compares the two. What was imported goes as its own system says.
MOVES = (
    "OLD.status || ' to ' || NEW.status IN ('draft to confirmed', 'draft to cancelled', 'confirmed to handed_over', "
    "'confirmed to cancelled', 'handed_over to confirmed', 'handed_over to prepared', 'handed_over to cancelled', "
    "'prepared to confirmed', 'prepared to handed_over', 'prepared to cancelled', 'dispatched to delivered') "
    "OR (OLD.status = 'prepared' AND ((NEW.status = 'dispatched' AND NEW.delivery_method = 'delivery') "
    "OR (NEW.status = 'delivered' AND NEW.delivery_method = 'pickup')))"
)
JUMPS = f"OLD.status <> NEW.status AND OLD.source IS NULL AND NOT ({MOVES})"
ORDERS = {
    "sqlite": (
        (
            f"TRIGGER orders_moves BEFORE UPDATE OF status ON orders WHEN {JUMPS} "
            "BEGIN SELECT RAISE(ABORT, 'an order does not go this way'); END"
        ),
        (
            "TRIGGER orders_no_delete BEFORE DELETE ON orders "
            "BEGIN SELECT RAISE(ABORT, 'orders are never deleted'); END"
        ),
        (
            "TRIGGER orders_no_replace BEFORE INSERT ON orders "
            "WHEN NEW.id IN (SELECT id FROM orders) OR NEW.number IN (SELECT number FROM orders) "
            "BEGIN SELECT RAISE(ABORT, 'orders are never deleted: this one is there already'); END"
        ),
    ),
    "postgresql": (
        (
            "FUNCTION refuse_order_move() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'an order does not go this way: from % to %', OLD.status, NEW.status "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        ),
        (
            f"TRIGGER orders_moves BEFORE UPDATE OF status ON orders FOR EACH ROW WHEN ({JUMPS}) "
            "EXECUTE FUNCTION refuse_order_move()"
        ),
        (
            "FUNCTION refuse_delete() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% are never deleted', TG_TABLE_NAME "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        ),
        "TRIGGER orders_no_delete BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION refuse_delete()",
        "TRIGGER orders_no_truncate BEFORE TRUNCATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete()",
    ),
}
UNDONE = {
    "sqlite": ("TRIGGER orders_moves", "TRIGGER orders_no_delete", "TRIGGER orders_no_replace"),
    "postgresql": (
        "TRIGGER orders_moves ON orders",
        "TRIGGER orders_no_delete ON orders",
        "TRIGGER orders_no_truncate ON orders",
        "FUNCTION refuse_order_move()",
        "FUNCTION refuse_delete()",
    ),
}


def _seals() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("late", sa.JSON(), nullable=False),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seals")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_seals_sealed_at_id"), "audit_seals", ["sealed_at", "id"])
    _only_added_to("audit_seals")


def _disclosures() -> None:
    op.create_table(
        "disclosures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("recipient", sa.String(length=300), nullable=False),
        sa.Column("what", sa.String(length=500), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column(
            "ground",
            sa.Enum(
                "contract",
                "consent",
                "own_request",
                "statutory_duty",
                "legitimate_interest",
                name="ground",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("exported", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "recipient <> '' AND what <> '' AND reason <> ''",
            name=op.f("ck_disclosures_says_who_what_and_why"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_disclosures_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_disclosures_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
        sqlite_autoincrement=True,
    )
    for columns in (["at", "id"], ["customer_id"], ["person_id"]):
        op.create_index(op.f(f"ix_disclosures_{'_'.join(columns)}"), "disclosures", columns)
    _only_added_to("disclosures")


def _merges() -> None:
    op.execute(
        "ALTER TABLE customers ADD COLUMN merged_into_id INTEGER "
        "CONSTRAINT fk_customers_merged_into_id_customers REFERENCES customers (id)"
    )
    op.create_index(op.f("ix_customers_merged_into_id"), "customers", ["merged_into_id"])
    op.create_table(
        "customer_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_customer_merges_of_two_records")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_customer_merges_{column}_{table}")
            )
            for column, table in (
                ("kept_id", "customers"),
                ("gone_id", "customers"),
                ("made_by_id", "people"),
                ("undone_by_id", "people"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merges")),
        sqlite_autoincrement=True,
    )
    for columns in (["kept_id", "id"], ["gone_id", "id"], ["made_by_id"], ["undone_by_id"]):
        op.create_index(op.f(f"ix_customer_merges_{'_'.join(columns)}"), "customer_merges", columns)
    op.execute(
        "CREATE UNIQUE INDEX uq_customer_merges_gone ON customer_merges (gone_id) WHERE undone_at IS NULL"
    )


def upgrade() -> None:
    _seals()
    _disclosures()
    _merges()
    bind = op.get_bind()
    for what in ORDERS[bind.dialect.name]:
        bind.exec_driver_sql(f"CREATE {what}")
    op.execute("ALTER TABLE products ADD COLUMN shelf VARCHAR(40) DEFAULT '' NOT NULL")
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE customers ADD COLUMN no_surveys_at {moment}")
    op.create_index(op.f("ix_order_lines_sku_order_id"), "order_lines", ["sku", "order_id"])


def downgrade() -> None:
    bind = op.get_bind()
    for what in UNDONE[bind.dialect.name]:
        bind.exec_driver_sql(f"DROP {what}")
    op.drop_table("customer_merges")
    op.drop_index(op.f("ix_customers_merged_into_id"), "customers")
    op.drop_column("customers", "merged_into_id")
    op.drop_table("disclosures")
    op.drop_table("audit_seals")
    op.drop_index(op.f("ix_order_lines_sku_order_id"), "order_lines")
    op.drop_column("products", "shelf")
    op.drop_column("customers", "no_surveys_at")
