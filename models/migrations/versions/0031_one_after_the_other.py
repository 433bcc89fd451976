"""Telling of an escalation one person after the other; cases under one cause; reviews, improvements.

Revision: 0031, after 0030.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

POINTS = {
    "feedback_id": "feedback",
    "case_id": "cases",
    "review_id": "month_reviews",
    "raised_by_id": "people",
    "script_version_id": "script_versions",
    "policy_version_id": "policy_versions",
    "ended_by_id": "people",
}
"""What an improvement points to, by column."""


def upgrade() -> None:
    op.create_table(
        "month_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("team", sa.String(length=60), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (signed_by_id IS NULL)", name=op.f("ck_month_reviews_signed_by_somebody")
        ),
        sa.CheckConstraint(
            "signed_at IS NULL OR notes <> ''", name=op.f("ck_month_reviews_signed_with_notes")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["people.id"], name=op.f("fk_month_reviews_signed_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_reviews")),
        sa.UniqueConstraint("month", "team", name=op.f("uq_month_reviews_month_team")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_month_reviews_made_at_id"), "month_reviews", ["made_at", "id"])
    op.create_index(op.f("ix_month_reviews_signed_by_id"), "month_reviews", ["signed_by_id"])
    op.add_column("case_links", sa.Column("cause", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_case_links_cause",
        "case_links",
        ["led_to_id"],
        unique=True,
        sqlite_where=sa.text("cause = 1"),
        postgresql_where=sa.text("cause"),
    )
    with op.batch_alter_table("escalations") as table:
        table.add_column(sa.Column("turn_minutes", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("put_off", sa.Integer(), server_default="0", nullable=False))
        table.create_check_constraint(op.f("ck_escalations_turn_not_negative"), "turn_minutes >= 0")
        table.create_check_constraint(
            op.f("ck_escalations_next_one_has_a_turn"), "next_at IS NULL OR turn_minutes > 0"
        )
    op.create_index(
        "ix_escalations_next",
        "escalations",
        ["next_at"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "escalation_turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.id"], name=op.f("fk_escalation_turns_escalation_id_escalations")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_escalation_turns_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_turns")),
        sa.UniqueConstraint(
            "escalation_id", "person_id", name=op.f("uq_escalation_turns_escalation_id_person_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_escalation_turns_person_id"), "escalation_turns", ["person_id"])

    _improvements()


def _improvements() -> None:
    op.create_table(
        "improvements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column(
            "source",
            sa.Enum("feedback", "error", "review", name="source", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("feedback_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("review_id", sa.Integer(), nullable=True),
        sa.Column("raised_by_id", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("script_version_id", sa.Integer(), nullable=True),
        sa.Column("policy_version_id", sa.Integer(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_because", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("source IN ('feedback', 'error', 'review')", name=op.f("ck_improvements_source")),
        *(
            sa.CheckConstraint(told, name=op.f(f"ck_improvements_{name}"))
            for name, told in {
                "feedback_it_came_of": "source <> 'feedback' OR feedback_id IS NOT NULL",
                "case_it_came_of": "source <> 'error' OR case_id IS NOT NULL",
                "review_it_came_of": "source <> 'review' OR review_id IS NOT NULL",
                "one_answer": "script_version_id IS NULL OR policy_version_id IS NULL",
                "ended_with_an_answer": "(ended_at IS NOT NULL) = (script_version_id IS NOT NULL OR"
                " policy_version_id IS NOT NULL OR dropped_because <> '')",
                "ended_by_somebody": "(ended_at IS NULL) = (ended_by_id IS NULL)",
            }.items()
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_improvements_{column}_{table}"))
            for column, table in POINTS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvements")),
        sqlite_autoincrement=True,
    )
    for column in POINTS:
        op.create_index(op.f(f"ix_improvements_{column}"), "improvements", [column])
    op.create_index(op.f("ix_improvements_raised_at_id"), "improvements", ["raised_at", "id"])


def downgrade() -> None:
    op.drop_table("improvements")
    op.drop_table("month_reviews")
    op.drop_index("ix_case_links_cause", table_name="case_links")
    op.drop_column("case_links", "cause")
    op.drop_table("escalation_turns")
    op.drop_index("ix_escalations_next", table_name="escalations")
    with op.batch_alter_table("escalations") as table:
        table.drop_constraint(op.f("ck_escalations_next_one_has_a_turn"), type_="check")
        table.drop_constraint(op.f("ck_escalations_turn_not_negative"), type_="check")
        table.drop_column("put_off")
        table.drop_column("next_at")
        table.drop_column("turn_minutes")
