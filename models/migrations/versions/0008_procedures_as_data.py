"""The procedures as data, the evidence that they were followed, and what their steps need.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WORDS = {
    ("contacts", "situation"): (
        ("order", "complaint", "inquiry"),
        ("order", "amendment", "inquiry", "complaint", "service_request", "support", "payment_issue"),
    ),
    ("contacts", "outcome"): (
        ("order_placed", "resolved", "handed_on", "follow_up", "no_order", "redirected", "lost"),
        (
            "order_placed",
            "order_amended",
            "resolved",
            "handed_on",
            "follow_up",
            "no_order",
            "redirected",
            "lost",
            "ended_for_abuse",
        ),
    ),
    ("follow_ups", "kind"): (
        ("call_back", "promise", "delivery_check", "resolution_check", "confirmation_call"),
        (
            "call_back",
            "promise",
            "delivery_check",
            "resolution_check",
            "confirmation_call",
            "after_difficult",
        ),
    ),
}
"""Words a column may hold: before and after."""

CASE_PRODUCT = (
    "ALTER TABLE cases ADD COLUMN product_id INTEGER "
    "CONSTRAINT fk_cases_product_id_products REFERENCES products (id)"
)

APPEND_ONLY = ("article_versions", "amendments", "training_records")

SQLITE = (
    (
        "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    ),
    (
        "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    ),
    (
        "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        "WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    ),
)
POSTGRESQL = (
    (
        "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    ),
    (
        "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ),
)

FROZEN_SQLITE = (
    (
        "CREATE TRIGGER script_versions_frozen BEFORE UPDATE OF document, digest, script, number ON script_versions "
        "WHEN OLD.in_force_from IS NOT NULL AND OLD.digest <> NEW.digest "
        "BEGIN SELECT RAISE(ABORT, 'a published script never changes'); END"
    ),
    (
        "CREATE TRIGGER script_versions_no_delete BEFORE DELETE ON script_versions "
        "WHEN OLD.in_force_from IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'a published script stays'); END"
    ),
)
FROZEN_POSTGRESQL = (
    (
        "CREATE FUNCTION refuse_published_script() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a published script never changes' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    ),
    (
        "CREATE TRIGGER script_versions_frozen BEFORE UPDATE ON script_versions FOR EACH ROW "
        "WHEN (OLD.in_force_from IS NOT NULL AND OLD.digest <> NEW.digest) EXECUTE FUNCTION refuse_published_script()"
    ),
    (
        "CREATE TRIGGER script_versions_no_delete BEFORE DELETE ON script_versions FOR EACH ROW "
        "WHEN (OLD.in_force_from IS NOT NULL) EXECUTE FUNCTION refuse_published_script()"
    ),
)

ACCESS = (
    "reveal customer",
    "verify caller",
    "verify caller by code",
    "verify caller by call back",
    "show number to call back",
    "send one-time code",
    "fail verification",
    "fail one-time code",
    "fail call back",
    "lock customer",
    "unlock customer",
    "lock caller",
    "change customer",
)
"""The deeds of the access log, as they were called when this was written."""


def _check(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def _reword(before: int, after: int) -> None:
    """Let columns hold other words. SQLite keeps a check only as text, and says that this is how to change it."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.exec_driver_sql("PRAGMA writable_schema=ON")
        for (table, column), words in WORDS.items():
            changed = bind.exec_driver_sql(
                "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? "
                "AND instr(sql, ?) > 0",
                (
                    _check(column, words[before]),
                    _check(column, words[after]),
                    table,
                    _check(column, words[before]),
                ),
            )
            if changed.rowcount != 1:
                raise RuntimeError(f"{table}.{column} holds other words than expected")
        bind.exec_driver_sql("PRAGMA writable_schema=RESET")
        return
    for (table, column), words in WORDS.items():
        op.drop_constraint(op.f(f"ck_{table}_{column}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, _check(column, words[after]))


def _triggers() -> None:
    bind = op.get_bind()
    sqlite = bind.dialect.name == "sqlite"
    for table in APPEND_ONLY:
        for statement in SQLITE if sqlite else POSTGRESQL:
            bind.exec_driver_sql(statement.format(table=table))
    for statement in FROZEN_SQLITE if sqlite else FROZEN_POSTGRESQL:
        bind.exec_driver_sql(statement)


def upgrade() -> None:
    _reword(0, 1)
    op.create_table(
        "caller_tries",
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("caller", name=op.f("pk_caller_tries")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "channel_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "phone",
                "email",
                "chat",
                "social",
                "online",
                "in_person",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("amendments", sa.Boolean(), nullable=False),
        sa.Column("redirect", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_rules")),
        sa.UniqueConstraint("channel", name=op.f("uq_channel_rules_channel")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mandates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "representative",
                "supervisor",
                "manager",
                "finance",
                "inventory",
                "fulfilment",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("goodwill_minor", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("goodwill_minor >= 0", name=op.f("ck_mandates_goodwill_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
        sa.UniqueConstraint("role", name=op.f("uq_mandates_role")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "verification_methods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "facts",
                "call_back",
                "one_time_code",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("facts_needed", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "strength BETWEEN 1 AND 3", name=op.f("ck_verification_methods_strength_in_range")
        ),
        sa.CheckConstraint(
            "tries >= 1 AND minutes >= 1 AND facts_needed >= 0",
            name=op.f("ck_verification_methods_counts_make_sense"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_methods")),
        sa.UniqueConstraint("method", name=op.f("uq_verification_methods_method")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "verification_needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "deed",
            sa.Enum(
                "see_details",
                "change_details",
                "place_order",
                "amend_order",
                "ask_refund",
                name="deed",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("strength BETWEEN 0 AND 3", name=op.f("ck_verification_needs_strength_in_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_needs")),
        sa.UniqueConstraint("deed", name=op.f("uq_verification_needs_deed")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "article",
                "policy",
                "guide",
                name="article_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("owner_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_articles_owner_id_people")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_articles_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("slug", name=op.f("uq_articles_slug")),
        sqlite_autoincrement=True,
    )
    access = sa.text("deed IN ({})".format(", ".join(f"'{deed}'" for deed in ACCESS)))
    op.create_index(
        "ix_audit_entries_access",
        "audit_entries",
        ["at", "id"],
        sqlite_where=access,
        postgresql_where=access,
    )
    op.create_index(op.f("ix_articles_owner_id"), "articles", ["owner_id"], unique=False)
    op.create_index(op.f("ix_articles_product_id"), "articles", ["product_id"], unique=False)
    op.create_index(op.f("ix_articles_valid_until_id"), "articles", ["valid_until", "id"], unique=False)

    op.create_table(
        "product_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "page",
                "guide",
                "questions",
                name="link_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_links_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_links")),
        sa.UniqueConstraint("product_id", "address", name=op.f("uq_product_links_product_id_address")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "script_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("script", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "approved",
                "published",
                "retired",
                name="script_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("of_the_product", sa.Boolean(), nullable=False),
        sa.Column("based_on_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status <> 'published' OR in_force_from IS NOT NULL",
            name=op.f("ck_script_versions_published_has_a_start"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["people.id"], name=op.f("fk_script_versions_approved_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["based_on_id"],
            ["script_versions.id"],
            name=op.f("fk_script_versions_based_on_id_script_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["people.id"], name=op.f("fk_script_versions_changed_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_script_versions_created_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["people.id"], name=op.f("fk_script_versions_published_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_versions")),
        sa.UniqueConstraint("script", "number", name=op.f("uq_script_versions_script_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_script_versions_approved_by_id"), "script_versions", ["approved_by_id"], unique=False
    )
    op.create_index(op.f("ix_script_versions_based_on_id"), "script_versions", ["based_on_id"], unique=False)
    op.create_index(
        op.f("ix_script_versions_changed_by_id"), "script_versions", ["changed_by_id"], unique=False
    )
    op.create_index(
        op.f("ix_script_versions_created_by_id"), "script_versions", ["created_by_id"], unique=False
    )
    op.create_index(
        op.f("ix_script_versions_published_by_id"), "script_versions", ["published_by_id"], unique=False
    )
    op.create_index(
        op.f("ix_script_versions_status_script_in_force_from"),
        "script_versions",
        ["status", "script", "in_force_from"],
        unique=False,
    )

    op.create_table(
        "training_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("scenario", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("contact_number", sa.String(length=32), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_training_records_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_records")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_training_records_finished_at_id"), "training_records", ["finished_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_training_records_person_id_scenario_finished_at"),
        "training_records",
        ["person_id", "scenario", "finished_at"],
        unique=False,
    )

    op.create_table(
        "abuse_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("reported_by_id", sa.Integer(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(reviewed_at IS NULL) = (upheld IS NULL)", name=op.f("ck_abuse_reports_reviewed_is_decided")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_abuse_reports_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(
            ["reported_by_id"], ["people.id"], name=op.f("fk_abuse_reports_reported_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["people.id"], name=op.f("fk_abuse_reports_reviewed_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_abuse_reports")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_abuse_reports_contact_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_abuse_reports_reported_at_id"), "abuse_reports", ["reported_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_abuse_reports_reported_by_id"), "abuse_reports", ["reported_by_id"], unique=False
    )
    op.create_index(
        op.f("ix_abuse_reports_reviewed_by_id"), "abuse_reports", ["reviewed_by_id"], unique=False
    )

    op.create_table(
        "article_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_versions_article_id_articles")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["people.id"], name=op.f("fk_article_versions_written_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_versions")),
        sa.UniqueConstraint(
            "article_id", "language", "number", name=op.f("uq_article_versions_article_id_language_number")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_article_versions_written_by_id"), "article_versions", ["written_by_id"], unique=False
    )

    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["people.id"], name=op.f("fk_attachments_added_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_attachments_contact_id_contacts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_attachments_added_by_id"), "attachments", ["added_by_id"], unique=False)
    op.create_index(op.f("ix_attachments_contact_id_id"), "attachments", ["contact_id", "id"], unique=False)

    op.create_table(
        "step_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "phone",
                "email",
                "chat",
                "social",
                "online",
                "in_person",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("team", sa.String(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "done",
                "skipped",
                "missing",
                "needless",
                name="step_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["script_versions.id"], name=op.f("fk_step_counts_version_id_script_versions")
        ),
        sa.PrimaryKeyConstraint(
            "day", "version_id", "step", "channel", "team", "state", name=op.f("pk_step_counts")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_step_counts_version_id"), "step_counts", ["version_id"], unique=False)

    op.create_table(
        "contact_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("script", sa.String(length=60), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_contact_answers_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["script_versions.id"], name=op.f("fk_contact_answers_version_id_script_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_answers")),
        sa.UniqueConstraint(
            "contact_id", "step", "field", name=op.f("uq_contact_answers_contact_id_step_field")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_contact_answers_script_step_field_ended_at"),
        "contact_answers",
        ["script", "step", "field", "ended_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contact_answers_ended_at_id"), "contact_answers", ["ended_at", "id"], unique=False
    )
    op.create_index(op.f("ix_contact_answers_version_id"), "contact_answers", ["version_id"], unique=False)

    op.create_table(
        "contact_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "done",
                "skipped",
                "missing",
                "needless",
                name="step_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "phone",
                "email",
                "chat",
                "social",
                "online",
                "in_person",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("team", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_contact_steps_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_contact_steps_person_id_people")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["script_versions.id"], name=op.f("fk_contact_steps_version_id_script_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_steps")),
        sa.UniqueConstraint("contact_id", "step", name=op.f("uq_contact_steps_contact_id_step")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_contact_steps_ended_at_version_id_step_state"),
        "contact_steps",
        ["ended_at", "version_id", "step", "state"],
        unique=False,
    )
    op.create_index(
        "ix_contact_steps_not_done",
        "contact_steps",
        ["ended_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('skipped', 'missing')"),
        postgresql_where=sa.text("state IN ('skipped', 'missing')"),
    )
    op.create_index(op.f("ix_contact_steps_person_id"), "contact_steps", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_contact_steps_version_id_step_state_ended_at_id"),
        "contact_steps",
        ["version_id", "step", "state", "ended_at", "id"],
        unique=False,
    )

    op.create_table(
        "help_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("called_by_id", sa.Integer(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["people.id"], name=op.f("fk_help_calls_answered_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["called_by_id"], ["people.id"], name=op.f("fk_help_calls_called_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_help_calls_contact_id_contacts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_calls")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_help_calls_answered_by_id"), "help_calls", ["answered_by_id"], unique=False)
    op.create_index(op.f("ix_help_calls_called_at_id"), "help_calls", ["called_at", "id"], unique=False)
    op.create_index(op.f("ix_help_calls_called_by_id"), "help_calls", ["called_by_id"], unique=False)
    op.create_index(op.f("ix_help_calls_contact_id"), "help_calls", ["contact_id"], unique=False)
    op.create_index(
        "ux_help_calls_open",
        "help_calls",
        ["contact_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "one_time_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("hashed", sa.String(length=64), nullable=False),
        sa.Column("sent_to", sa.String(length=320), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_one_time_codes_contact_id_contacts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_codes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_one_time_codes_contact_id"), "one_time_codes", ["contact_id"], unique=False)

    op.create_table(
        "script_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_script_comments_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["script_versions.id"], name=op.f("fk_script_comments_version_id_script_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_comments")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_script_comments_person_id"), "script_comments", ["person_id"], unique=False)
    op.create_index(op.f("ix_script_comments_version_id"), "script_comments", ["version_id"], unique=False)

    op.create_table(
        "amendments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("our_error", sa.Boolean(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_amendments_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_amendments_made_by_id_people")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_amendments_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_amendments_order_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_amendments_contact_id"), "amendments", ["contact_id"], unique=False)
    op.create_index(op.f("ix_amendments_made_at_id"), "amendments", ["made_at", "id"], unique=False)
    op.create_index(op.f("ix_amendments_made_by_id"), "amendments", ["made_by_id"], unique=False)

    op.create_table(
        "citations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_citations_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_citations_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_citations_person_id_people")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["article_versions.id"], name=op.f("fk_citations_version_id_article_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citations")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_citations_case_id"), "citations", ["case_id"], unique=False)
    op.create_index(op.f("ix_citations_contact_id"), "citations", ["contact_id"], unique=False)
    op.create_index(op.f("ix_citations_person_id"), "citations", ["person_id"], unique=False)
    op.create_index(op.f("ix_citations_version_id"), "citations", ["version_id"], unique=False)

    op.create_table(
        "refund_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("goodwill", sa.Boolean(), nullable=False),
        sa.Column("correction", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "asked",
                "approved",
                "refused",
                name="refund_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'asked') = (decided_at IS NULL)", name=op.f("ck_refund_requests_decided_has_a_time")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_requests_amount_above_zero")),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asked_by_id",
            name=op.f("ck_refund_requests_decided_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_refund_requests_asked_by_id_people")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_refund_requests_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_refund_requests_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people.id"], name=op.f("fk_refund_requests_decided_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["payment_entries.id"], name=op.f("fk_refund_requests_entry_id_payment_entries")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_refund_requests_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_requests")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_refund_requests_entry_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_refund_requests_asked_by_id"), "refund_requests", ["asked_by_id"], unique=False)
    op.create_index(op.f("ix_refund_requests_case_id"), "refund_requests", ["case_id"], unique=False)
    op.create_index(op.f("ix_refund_requests_contact_id"), "refund_requests", ["contact_id"], unique=False)
    op.create_index(
        op.f("ix_refund_requests_decided_by_id"), "refund_requests", ["decided_by_id"], unique=False
    )
    op.create_index(
        op.f("ix_refund_requests_decided_at_id"), "refund_requests", ["decided_at", "id"], unique=False
    )
    op.create_index(op.f("ix_refund_requests_order_id"), "refund_requests", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_refund_requests_status_asked_at_id"),
        "refund_requests",
        ["status", "asked_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_refund_requests_asked_at_id"), "refund_requests", ["asked_at", "id"], unique=False
    )

    op.create_table(
        "serials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("purchased_on", sa.Date(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_serials_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_serials_order_line_id_order_lines")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_serials_product_id_products")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serials")),
        sa.UniqueConstraint("number", name=op.f("uq_serials_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_serials_customer_id"), "serials", ["customer_id"], unique=False)
    op.create_index(op.f("ix_serials_order_line_id"), "serials", ["order_line_id"], unique=False)
    op.create_index(op.f("ix_serials_product_id"), "serials", ["product_id"], unique=False)

    op.create_table(
        "promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("follow_up_id", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "kept",
                "broken",
                name="promise_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'open') = (closed_at IS NULL)", name=op.f("ck_promises_closed_has_a_time")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_promises_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_promises_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_promises_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_ups.id"], name=op.f("fk_promises_follow_up_id_follow_ups")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_promises_order_id_orders")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_promises_owner_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
        sa.UniqueConstraint("follow_up_id", name=op.f("uq_promises_follow_up_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_promises_case_id"), "promises", ["case_id"], unique=False)
    op.create_index(op.f("ix_promises_contact_id"), "promises", ["contact_id"], unique=False)
    op.create_index(op.f("ix_promises_customer_id"), "promises", ["customer_id"], unique=False)
    op.create_index(op.f("ix_promises_due_at_id"), "promises", ["due_at", "id"], unique=False)
    op.create_index(op.f("ix_promises_order_id"), "promises", ["order_id"], unique=False)
    op.create_index(op.f("ix_promises_owner_id"), "promises", ["owner_id"], unique=False)
    op.create_index(
        op.f("ix_promises_status_due_at_id"), "promises", ["status", "due_at", "id"], unique=False
    )

    op.add_column("cases", sa.Column("serial", sa.String(length=80), server_default="", nullable=False))
    op.get_bind().exec_driver_sql(CASE_PRODUCT)
    op.create_index(op.f("ix_cases_product_id"), "cases", ["product_id"], unique=False)

    op.add_column("contacts", sa.Column("language", sa.String(length=8), server_default="en", nullable=False))
    op.add_column("contacts", sa.Column("handle", sa.String(length=320), server_default="", nullable=False))
    op.add_column("contacts", sa.Column("network", sa.String(length=60), server_default="", nullable=False))
    op.add_column("contacts", sa.Column("link", sa.String(length=500), server_default="", nullable=False))
    op.add_column("contacts", sa.Column("approved", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("contacts", sa.Column("cues", sa.String(length=200), server_default="", nullable=False))
    op.add_column("contacts", sa.Column("difficult_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("contacts", sa.Column("suspect", sa.String(length=300), server_default="", nullable=False))
    op.add_column("contacts", sa.Column("team", sa.String(length=60), server_default="", nullable=False))
    op.add_column(
        "contacts", sa.Column("verified_strength", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_index(
        "ix_contacts_difficult",
        "contacts",
        ["started_at"],
        sqlite_where=sa.text("difficult_at IS NOT NULL"),
        postgresql_where=sa.text("difficult_at IS NOT NULL"),
    )

    op.add_column("orders", sa.Column("amended", sa.Integer(), server_default="0", nullable=False))

    op.add_column("people", sa.Column("team", sa.String(length=60), server_default="", nullable=False))

    op.add_column("products", sa.Column("warranty_months", sa.Integer(), nullable=True))

    op.add_column("sessions", sa.Column("practice", sa.Boolean(), server_default=sa.false(), nullable=False))
    _triggers()


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for name in ("frozen", "no_delete"):
            op.get_bind().exec_driver_sql(f"DROP TRIGGER script_versions_{name} ON script_versions")
        op.get_bind().exec_driver_sql("DROP FUNCTION refuse_published_script()")
    op.drop_column("sessions", "practice")

    op.drop_column("products", "warranty_months")

    op.drop_column("people", "team")

    op.drop_column("orders", "amended")

    op.drop_index("ix_contacts_difficult", "contacts")
    op.drop_column("contacts", "verified_strength")
    op.drop_column("contacts", "team")
    op.drop_column("contacts", "suspect")
    op.drop_column("contacts", "difficult_at")
    op.drop_column("contacts", "cues")
    op.drop_column("contacts", "approved")
    op.drop_column("contacts", "link")
    op.drop_column("contacts", "network")
    op.drop_column("contacts", "handle")
    op.drop_column("contacts", "language")

    op.drop_index(op.f("ix_cases_product_id"), "cases")
    op.drop_column("cases", "product_id")
    op.drop_column("cases", "serial")

    op.drop_index(op.f("ix_promises_status_due_at_id"), "promises")
    op.drop_index(op.f("ix_promises_owner_id"), "promises")
    op.drop_index(op.f("ix_promises_order_id"), "promises")
    op.drop_index(op.f("ix_promises_due_at_id"), "promises")
    op.drop_index(op.f("ix_promises_customer_id"), "promises")
    op.drop_index(op.f("ix_promises_contact_id"), "promises")
    op.drop_index(op.f("ix_promises_case_id"), "promises")

    op.drop_table("promises")
    op.drop_index(op.f("ix_serials_product_id"), "serials")
    op.drop_index(op.f("ix_serials_order_line_id"), "serials")
    op.drop_index(op.f("ix_serials_customer_id"), "serials")

    op.drop_table("serials")
    op.drop_index(op.f("ix_refund_requests_asked_at_id"), "refund_requests")
    op.drop_index(op.f("ix_refund_requests_status_asked_at_id"), "refund_requests")
    op.drop_index(op.f("ix_refund_requests_order_id"), "refund_requests")
    op.drop_index(op.f("ix_refund_requests_decided_at_id"), "refund_requests")
    op.drop_index(op.f("ix_refund_requests_decided_by_id"), "refund_requests")
    op.drop_index(op.f("ix_refund_requests_contact_id"), "refund_requests")
    op.drop_index(op.f("ix_refund_requests_case_id"), "refund_requests")
    op.drop_index(op.f("ix_refund_requests_asked_by_id"), "refund_requests")

    op.drop_table("refund_requests")
    op.drop_index(op.f("ix_citations_version_id"), "citations")
    op.drop_index(op.f("ix_citations_person_id"), "citations")
    op.drop_index(op.f("ix_citations_contact_id"), "citations")
    op.drop_index(op.f("ix_citations_case_id"), "citations")

    op.drop_table("citations")
    op.drop_index(op.f("ix_amendments_made_by_id"), "amendments")
    op.drop_index(op.f("ix_amendments_made_at_id"), "amendments")
    op.drop_index(op.f("ix_amendments_contact_id"), "amendments")

    op.drop_table("amendments")
    op.drop_index(op.f("ix_script_comments_version_id"), "script_comments")
    op.drop_index(op.f("ix_script_comments_person_id"), "script_comments")

    op.drop_table("script_comments")
    op.drop_index(op.f("ix_one_time_codes_contact_id"), "one_time_codes")

    op.drop_table("one_time_codes")
    op.drop_index("ux_help_calls_open", "help_calls")
    op.drop_index(op.f("ix_help_calls_contact_id"), "help_calls")
    op.drop_index(op.f("ix_help_calls_called_by_id"), "help_calls")
    op.drop_index(op.f("ix_help_calls_called_at_id"), "help_calls")
    op.drop_index(op.f("ix_help_calls_answered_by_id"), "help_calls")

    op.drop_table("help_calls")
    op.drop_index(op.f("ix_contact_steps_version_id_step_state_ended_at_id"), "contact_steps")
    op.drop_index(op.f("ix_contact_steps_person_id"), "contact_steps")
    op.drop_index("ix_contact_steps_not_done", "contact_steps")
    op.drop_index(op.f("ix_contact_steps_ended_at_version_id_step_state"), "contact_steps")

    op.drop_table("contact_steps")
    op.drop_index(op.f("ix_step_counts_version_id"), "step_counts")
    op.drop_table("step_counts")
    op.drop_index(op.f("ix_contact_answers_version_id"), "contact_answers")
    op.drop_index(op.f("ix_contact_answers_ended_at_id"), "contact_answers")
    op.drop_index(op.f("ix_contact_answers_script_step_field_ended_at"), "contact_answers")

    op.drop_table("contact_answers")
    op.drop_index(op.f("ix_attachments_contact_id_id"), "attachments")
    op.drop_index(op.f("ix_attachments_added_by_id"), "attachments")

    op.drop_table("attachments")
    op.drop_index(op.f("ix_article_versions_written_by_id"), "article_versions")

    op.drop_table("article_versions")
    op.drop_index(op.f("ix_abuse_reports_reviewed_by_id"), "abuse_reports")
    op.drop_index(op.f("ix_abuse_reports_reported_by_id"), "abuse_reports")
    op.drop_index(op.f("ix_abuse_reports_reported_at_id"), "abuse_reports")

    op.drop_table("abuse_reports")
    op.drop_index(op.f("ix_training_records_person_id_scenario_finished_at"), "training_records")
    op.drop_index(op.f("ix_training_records_finished_at_id"), "training_records")

    op.drop_table("training_records")
    op.drop_index(op.f("ix_script_versions_status_script_in_force_from"), "script_versions")
    op.drop_index(op.f("ix_script_versions_published_by_id"), "script_versions")
    op.drop_index(op.f("ix_script_versions_created_by_id"), "script_versions")
    op.drop_index(op.f("ix_script_versions_changed_by_id"), "script_versions")
    op.drop_index(op.f("ix_script_versions_based_on_id"), "script_versions")
    op.drop_index(op.f("ix_script_versions_approved_by_id"), "script_versions")

    op.drop_table("script_versions")
    op.drop_table("product_links")
    op.drop_index(op.f("ix_articles_valid_until_id"), "articles")
    op.drop_index(op.f("ix_articles_product_id"), "articles")
    op.drop_index(op.f("ix_articles_owner_id"), "articles")
    op.drop_index("ix_audit_entries_access", "audit_entries")

    op.drop_table("articles")
    op.drop_table("verification_needs")
    op.drop_table("verification_methods")
    op.drop_table("mandates")
    op.drop_table("channel_rules")
    op.drop_table("caller_tries")
    _reword(1, 0)
