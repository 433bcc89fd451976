"""Replays: what a draft of the policy would have meant for past and open cases, counted in the background.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATUS = ("running", "finished", "given_up")
CLOCKS = ("acknowledge", "answer", "next_answer", "update", "resolve", "escalate")


def _word(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "replays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", _word(*STATUS, name="replay_status"), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("last_case_id", sa.Integer(), nullable=False),
        sa.Column("up_to_case_id", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policy_versions.id"], name=op.f("fk_replays_policy_id_policy_versions")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_replays_asked_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replays")),
        sa.UniqueConstraint("policy_id", name=op.f("uq_replays_policy_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_replays_asked_by_id"), "replays", ["asked_by_id"])
    running = sa.text("status = 'running'")
    op.create_index("ix_replays_running", "replays", ["id"], sqlite_where=running, postgresql_where=running)
    op.create_table(
        "replay_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("replay_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", _word(*CLOCKS, name="kind"), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("due_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_after", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["replay_id"], ["replays.id"], name=op.f("fk_replay_moves_replay_id_replays")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_replay_moves_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_moves")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_replay_moves_case_id"), "replay_moves", ["case_id"])
    op.create_index(op.f("ix_replay_moves_replay_id_id"), "replay_moves", ["replay_id", "id"])


def downgrade() -> None:
    op.drop_table("replay_moves")
    op.drop_table("replays")
