"""What the law of a region wants said, channels of a desk's own, messages sent by hand, and those that come in.

Revision: 0023, after 0022.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

CHANNELS = ("phone", "email", "chat", "social", "online", "in_person")


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(*CHANNELS, name="channel", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("words_en", sa.Text(), nullable=False),
        sa.Column("words_de", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "country = '' OR length(country) = 2", name=op.f("ck_announcements_country_is_a_code")
        ),
        sa.CheckConstraint("words_en <> '' OR words_de <> ''", name=op.f("ck_announcements_says_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "own_channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_de", sa.String(length=40), nullable=False),
        sa.Column(
            "behaves_like",
            sa.Enum(*CHANNELS, name="behaves_like", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("approved", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("amendments", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("redirect", sa.String(length=500), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_own_channels_is_called_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_channels")),
        sa.UniqueConstraint("name", name=op.f("uq_own_channels_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "incoming_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(length=60), nullable=False),
        sa.Column("named", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_incoming_messages_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_messages")),
        sa.UniqueConstraint("network", "named", name=op.f("uq_incoming_messages_network_named")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_incoming_messages_case_id"), "incoming_messages", ["case_id"])
    op.execute("ALTER TABLE follow_ups ADD COLUMN message TEXT DEFAULT '' NOT NULL")
    for table in ("contacts", "cases"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN own_channel VARCHAR(40) DEFAULT '' NOT NULL")


def downgrade() -> None:
    """The keys stay with the contacts; what they stood for is gone, and own channels are what they behave like."""
    op.drop_column("follow_ups", "message")
    op.drop_table("incoming_messages")
    for table in ("cases", "contacts"):
        op.drop_column(table, "own_channel")
    op.drop_table("own_channels")
    op.drop_table("announcements")
