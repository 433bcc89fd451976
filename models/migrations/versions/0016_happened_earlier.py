"""What is noted on a case can have happened earlier: both times are kept.

Revision: 0016, after 0013.
"""

from alembic import op

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE case_notes ADD COLUMN happened_at {moment}")
    op.execute("ALTER TABLE case_notes ADD COLUMN happened_why VARCHAR(300) DEFAULT '' NOT NULL")
    op.execute(f"ALTER TABLE clock_events ADD COLUMN noted_at {moment}")


def downgrade() -> None:
    op.drop_column("clock_events", "noted_at")
    op.drop_column("case_notes", "happened_why")
    op.drop_column("case_notes", "happened_at")
