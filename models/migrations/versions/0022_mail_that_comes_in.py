"""Mail that comes in: every mail read from the mailbox, its files, and letters that came back.

Revision: 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KINDS = ("concern", "reply", "automatic", "report")
STATUSES = ("filed", "set_aside", "rejected")
REFERENCES = {
    "customer_id": "customers",
    "case_id": "cases",
    "order_id": "orders",
    "answers_id": "messages",
    "handled_by_id": "people",
}


def _word(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Letters of before did not come back, and answer no mail."""
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE messages ADD COLUMN bounced_at {moment}")
    op.execute("ALTER TABLE messages ADD COLUMN in_reply_to VARCHAR(500) DEFAULT '' NOT NULL")
    bounced = sa.text("bounced_at IS NOT NULL")
    op.create_index(
        "ix_messages_bounced", "messages", ["bounced_at"], sqlite_where=bounced, postgresql_where=bounced
    )
    op.execute(f"ALTER TABLE cases ADD COLUMN mailed_at {moment}")
    unanswered = sa.text("answered_at IS NULL AND mailed_at IS NOT NULL")
    op.create_index(
        "ix_cases_unanswered",
        "cases",
        ["status", "mailed_at", "id"],
        sqlite_where=unanswered,
        postgresql_where=unanswered,
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("kind", _word(*KINDS, name="kind"), nullable=False),
        sa.Column("status", _word(*STATUSES, name="status"), nullable=False),
        sa.Column("because", sa.String(500), nullable=False),
        sa.Column("sender_name", sa.String(300), nullable=False),
        sa.Column("sender_address", sa.String(320), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(500), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in REFERENCES),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status = 'filed' OR because <> ''", name=op.f("ck_mails_not_filed_has_a_reason")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_mails_{name}_{table}"))
            for name, table in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("key", name=op.f("uq_mails_key")),
        sqlite_autoincrement=True,
    )
    for columns in (
        *([name] for name in REFERENCES),
        ["received_at", "id"],
        ["status", "received_at", "id"],
        ["sender_address", "received_at"],
    ):
        op.create_index(f"ix_mails_{'_'.join(columns)}", "mails", columns)
    op.create_table(
        "mail_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_mail_files_mail_id_mails")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_files")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mail_files_mail_id", "mail_files", ["mail_id"])
    op.create_table(
        "mail_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_places")),
        sa.UniqueConstraint("name", name=op.f("uq_mail_places_name")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """What came in is lost; what was noted of it on cases stays."""
    for table in ("mail_places", "mail_files", "mails"):
        op.drop_table(table)
    op.drop_index("ix_cases_unanswered", table_name="cases")
    op.drop_column("cases", "mailed_at")
    op.drop_index("ix_messages_bounced", table_name="messages")
    for column in ("in_reply_to", "bounced_at"):
        op.drop_column("messages", column)
