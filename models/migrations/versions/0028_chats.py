"""Customers chat with the desk: chats and their messages, which are only ever added to.

Revision: 0028, after 0027.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

REFERENCES = {
    "customer_id": "customers",
    "contact_id": "contacts",
    "case_id": "cases",
    "taken_by_id": "people",
}

# INSERT OR REPLACE deletes without telling the delete trigger unless a connection asks for it, so a second row
# with a known id is refused as well.
APPEND_ONLY = {
    "sqlite": (
        (
            "TRIGGER chat_messages_no_update BEFORE UPDATE ON chat_messages "
            "BEGIN SELECT RAISE(ABORT, 'chat_messages is append-only'); END"
        ),
        (
            "TRIGGER chat_messages_no_delete BEFORE DELETE ON chat_messages "
            "BEGIN SELECT RAISE(ABORT, 'chat_messages is append-only'); END"
        ),
        (
            "TRIGGER chat_messages_no_replace BEFORE INSERT ON chat_messages "
            "WHEN EXISTS (SELECT 1 FROM chat_messages WHERE id = NEW.id) "
            "BEGIN SELECT RAISE(ABORT, 'chat_messages is append-only'); END"
        ),
    ),
    "postgresql": (
        (
            "TRIGGER chat_messages_no_change BEFORE UPDATE OR DELETE ON chat_messages "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        ),
        (
            "TRIGGER chat_messages_no_truncate BEFORE TRUNCATE ON chat_messages "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        ),
    ),
}


def _word(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("status", _word("waiting", "taken", "ended", name="status"), nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_as", _word("customer", "representative", "left", name="ended_as"), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unanswered_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_chats_ended_has_a_time")
        ),
        sa.CheckConstraint(
            "(status = 'ended') = (ended_as IS NOT NULL)", name=op.f("ck_chats_ended_has_a_way")
        ),
        sa.CheckConstraint(
            "status <> 'taken' OR taken_by_id IS NOT NULL", name=op.f("ck_chats_taken_by_somebody")
        ),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_chats_{name}_{table}"))
            for name, table in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chats")),
        *(
            sa.UniqueConstraint(name, name=op.f(f"uq_chats_{name}"))
            for name in ("number", "key", "contact_id")
        ),
        sqlite_autoincrement=True,
    )
    for columns in (
        ["customer_id"],
        ["case_id"],
        ["taken_by_id"],
        ["status", "opened_at", "id"],
        ["status", "ended_at", "id"],
    ):
        op.create_index(f"ix_chats_{'_'.join(columns)}", "chats", columns)
    waiting = sa.text("status = 'waiting'")
    op.create_index("ix_chats_untold", "chats", ["due_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "chat_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("author", _word("customer", "representative", "desk", name="author"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(author = 'representative') = (person_id IS NOT NULL)",
            name=op.f("ck_chat_messages_somebody_of_the_desk_has_a_name"),
        ),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_chat_messages_chat_id_chats")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_chat_messages_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_messages")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chat_messages_chat_id_id", "chat_messages", ["chat_id", "id"])
    op.create_index("ix_chat_messages_person_id", "chat_messages", ["person_id"])
    bind = op.get_bind()
    for trigger in APPEND_ONLY[bind.dialect.name]:
        bind.exec_driver_sql(f"CREATE {trigger}")


def downgrade() -> None:
    """What was said in chats is lost; what was noted of it on cases stays."""
    op.drop_table("chat_messages")
    op.drop_table("chats")
