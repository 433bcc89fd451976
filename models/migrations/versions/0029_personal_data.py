"""What customers agreed to, and offers; customers are erased, and held; what they ask of their data.

Revision: 0029, after 0028.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def _word(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


# The words that customers are asked in, as they came with the product.
WORDINGS = {
    "marketing": {
        "words_en": "We may write to you by e-mail about offers and new things. You can take this back at any time, also "
        "by the link in each of those letters; what we write about your orders goes on.",
        "words_de": "Wir dürfen Ihnen per E-Mail über Angebote und Neues schreiben. Sie können das jederzeit widerrufen, "
        "auch über den Link in jedem dieser Briefe; was wir zu Ihren Bestellungen schreiben, geht weiter.",
    },
    "research": {
        "words_en": "We may give your name and e-mail address to institutes that do market research for us, to ask you "
        "about our service. They are never sold. You can take this back at any time.",
        "words_de": "Wir dürfen Ihren Namen und Ihre E-Mail-Adresse an Institute geben, die für uns Marktforschung "
        "betreiben, um Sie zu unserem Service zu befragen. Verkauft werden sie nie. Sie können das jederzeit widerrufen.",
    },
}

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


def _consents() -> None:
    wordings = op.create_table(
        "consent_wordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", _word("purpose", "marketing", "research"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words_en", sa.Text(), nullable=False),
        sa.Column("words_de", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["people.id"], name=op.f("fk_consent_wordings_written_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_wordings")),
        sa.UniqueConstraint("purpose", "number", name=op.f("uq_consent_wordings_purpose_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_consent_wordings_written_by_id"), "consent_wordings", ["written_by_id"])
    for purpose, words in WORDINGS.items():
        told = {"purpose": purpose, "number": 1, **words}
        op.execute(wordings.insert().values(**told, written_at=sa.func.current_timestamp()))
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("purpose", _word("purpose", "marketing", "research"), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("wording_id", sa.Integer(), nullable=True),
        sa.Column("source", _word("source", "contact", "colleague", "link"), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("NOT agreed OR wording_id IS NOT NULL", name=op.f("ck_consents_agreed_to_words")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_consents_{column}_{table}"))
            for column, table in (
                ("customer_id", "customers"),
                ("wording_id", "consent_wordings"),
                ("contact_id", "contacts"),
                ("noted_by_id", "people"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sqlite_autoincrement=True,
    )
    for columns in (["customer_id", "id"], ["wording_id"], ["contact_id"], ["noted_by_id"]):
        op.create_index(op.f(f"ix_consents_{'_'.join(columns)}"), "consents", columns)
    _only_added_to("consent_wordings")
    op.create_table(
        "offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_customer_id", sa.Integer(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_offers_made_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sqlite_autoincrement=True,
    )
    for columns in (["made_at", "id"], ["made_by_id"]):
        op.create_index(op.f(f"ix_offers_{'_'.join(columns)}"), "offers", columns)


def _research() -> None:
    op.create_table(
        "research_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("partner <> '' AND reason <> ''", name=op.f("ck_research_lists_says_who_and_why")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_research_lists_made_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_research_lists")),
        sqlite_autoincrement=True,
    )
    for columns in (["made_at", "id"], ["made_by_id"]):
        op.create_index(op.f(f"ix_research_lists_{'_'.join(columns)}"), "research_lists", columns)
    op.create_table(
        "research_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["research_lists.id"], name=op.f("fk_research_rows_list_id_research_lists")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_research_rows_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_research_rows")),
        sqlite_autoincrement=True,
    )
    for columns in (["list_id", "customer_id"], ["customer_id"]):
        op.create_index(op.f(f"ix_research_rows_{'_'.join(columns)}"), "research_rows", columns)


# What erasing a customer has to rewrite, in the transaction that erases and in no other. Decision 28
REWRITTEN = ("audit_entries", "disclosures", "clock_events", "case_notes", "amendments", "payment_entries")
ERASING = "EXISTS (SELECT 1 FROM erasures WHERE status = 'running')"
REFUSE_CHANGE = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN {unless}RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
    "USING ERRCODE = 'integrity_constraint_violation'; END $$"
)
UNLESS_ERASING = (
    "IF TG_OP = 'UPDATE' AND TG_TABLE_NAME IN ({tables}) THEN "
    f"IF {ERASING} THEN RETURN NEW; END IF; END IF; "
)


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column(
            "status",
            _word("status", "asked", "running", "done", "dropped"),
            server_default="asked",
            nullable=False,
        ),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'asked') = (decided_at IS NULL)", name=op.f("ck_erasures_decided_has_a_time")
        ),
        sa.CheckConstraint(
            "status <> 'done' OR decided_by_id <> asked_by_id", name=op.f("ck_erasures_done_by_another")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_erasures_{column}_{table}"))
            for column, table in (
                ("customer_id", "customers"),
                ("asked_by_id", "people"),
                ("decided_by_id", "people"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sqlite_autoincrement=True,
    )
    for columns in (["customer_id", "id"], ["asked_at", "id"], ["asked_by_id"], ["decided_by_id"]):
        op.create_index(op.f(f"ix_erasures_{'_'.join(columns)}"), "erasures", columns)
    op.execute("CREATE UNIQUE INDEX uq_erasures_asked ON erasures (customer_id) WHERE status = 'asked'")


def _data_requests() -> None:
    kinds = ("access", "correction", "erasure", "portability", "restriction", "objection")
    op.create_table(
        "data_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _word("kind", *kinds), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("status", _word("status", "open", "done", "refused"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("put_off", sa.Integer(), nullable=False),
        sa.Column("handed_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'open') = (ended_at IS NULL)", name=op.f("ck_data_requests_ended_has_a_time")
        ),
        sa.CheckConstraint(
            "status = 'open' OR outcome <> ''", name=op.f("ck_data_requests_ended_has_an_outcome")
        ),
        sa.CheckConstraint("due_on > received_on", name=op.f("ck_data_requests_due_later")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_data_requests_{column}_{table}")
            )
            for column, table in (
                ("customer_id", "customers"),
                ("noted_by_id", "people"),
                ("ended_by_id", "people"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_requests")),
        sqlite_autoincrement=True,
    )
    for columns in (
        ["customer_id", "id"],
        ["status", "noted_at", "id"],
        ["noted_by_id"],
        ["ended_by_id"],
    ):
        op.create_index(op.f(f"ix_data_requests_{'_'.join(columns)}"), "data_requests", columns)
    op.execute("CREATE INDEX ix_data_requests_next ON data_requests (next_at) WHERE next_at IS NOT NULL")


def _let_erasing_rewrite(*, it_may: bool) -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        tables = ", ".join(f"'{table}'" for table in REWRITTEN)
        unless = UNLESS_ERASING.format(tables=tables) if it_may else ""
        bind.exec_driver_sql(REFUSE_CHANGE.replace("{unless}", unless))
        return
    when = f" WHEN NOT {ERASING}" if it_may else ""
    for table in REWRITTEN:
        bind.exec_driver_sql(f"DROP TRIGGER {table}_no_update")
        bind.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}{when} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def upgrade() -> None:
    _consents()
    _research()
    op.execute("ALTER TABLE customers ADD COLUMN held_because VARCHAR(500) DEFAULT '' NOT NULL")
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE customers ADD COLUMN erased_at {moment}")
    _erasures()
    _data_requests()
    _let_erasing_rewrite(it_may=True)


def downgrade() -> None:
    _let_erasing_rewrite(it_may=False)
    op.drop_column("customers", "erased_at")
    op.drop_column("customers", "held_because")
    for table in (
        "data_requests",
        "erasures",
        "research_rows",
        "research_lists",
        "offers",
        "consents",
        "consent_wordings",
    ):
        op.drop_table(table)
