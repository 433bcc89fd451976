"""What people must have read, and that they have; what is not said to customers; and the words of cases.

Revision: 0020, after 0019.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# INSERT OR REPLACE deletes without telling the delete trigger unless a connection asks for it, so a second row
# with a known id is refused as well.
SQLITE = (
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    (
        "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS "
        "(SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    ),
)
POSTGRESQL = (
    "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)
ROLES = (
    "representative",
    "supervisor",
    "manager",
    "finance",
    "inventory",
    "fulfilment",
    "administrator",
)
ARTICLES = (
    "read_by VARCHAR(200) DEFAULT '' NOT NULL",
    "read_within_days INTEGER DEFAULT '14' NOT NULL CONSTRAINT ck_articles_readers_have_time CHECK (read_within_days > 0)",
    "asking INTEGER DEFAULT '1' NOT NULL",
    "asked_at {moment} CONSTRAINT ck_articles_readers_were_asked CHECK (read_by = '' OR asked_at IS NOT NULL)",
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    moment = "DATETIME" if sqlite else "TIMESTAMP WITH TIME ZONE"
    for column in ARTICLES:  # with their checks, which go with them again
        op.execute("ALTER TABLE articles ADD COLUMN " + column.format(moment=moment))
    op.create_table(
        "readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asking", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_readings_article_id_articles")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["article_versions.id"], name=op.f("fk_readings_version_id_article_versions")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_readings_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        sa.UniqueConstraint(
            "article_id", "asking", "person_id", name=op.f("uq_readings_article_id_asking_person_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_readings_version_id"), "readings", ["version_id"])
    op.create_index(op.f("ix_readings_person_id"), "readings", ["person_id"])
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement.format(table="readings"))
    op.create_table(
        "listed_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("phrase", sa.String(length=120), nullable=False),
        sa.Column("instead", sa.String(length=300), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("phrase <> ''", name=op.f("ck_listed_words_phrase_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_words")),
        sa.UniqueConstraint("language", "phrase", name=op.f("uq_listed_words_language_phrase")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "script_owners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("script", sa.String(length=60), nullable=False),
        sa.Column(
            "role",
            sa.Enum(*ROLES, name="role", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(role IS NULL) <> (person_id IS NULL)", name=op.f("ck_script_owners_one_owner")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_script_owners_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_owners")),
        sa.UniqueConstraint("script", name=op.f("uq_script_owners_script")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_script_owners_person_id"), "script_owners", ["person_id"])


def downgrade() -> None:
    op.execute("DELETE FROM search_tokens WHERE kind = 'case_words'")
    op.drop_table("script_owners")
    op.drop_table("listed_words")
    op.drop_table("readings")
    for column in ("asked_at", "asking", "read_within_days", "read_by"):
        op.drop_column("articles", column)
