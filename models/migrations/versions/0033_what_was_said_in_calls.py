"""Transcripts of calls, in versions.

Revision: 0033, after 0032.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TABLE = "contact_transcripts"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.Column("removed_because", sa.String(length=300), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by_id IS NULL)", name=op.f(f"ck_{TABLE}_removed_by_somebody")
        ),
        sa.CheckConstraint("removed_at IS NULL OR words = ''", name=op.f(f"ck_{TABLE}_removed_says_nothing")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f(f"fk_{TABLE}_contact_id_contacts")
        ),
        *(
            sa.ForeignKeyConstraint([one], ["people.id"], name=op.f(f"fk_{TABLE}_{one}_people"))
            for one in ("added_by_id", "removed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("contact_id", "number", name=op.f(f"uq_{TABLE}_contact_id_number")),
        sqlite_autoincrement=True,
    )
    for one in ("added_by_id", "removed_by_id"):
        op.create_index(op.f(f"ix_{TABLE}_{one}"), TABLE, [one])


def downgrade() -> None:
    op.execute("DELETE FROM search_tokens WHERE kind = 'transcript'")
    op.drop_table(TABLE)
