"""Scorecards and samples of contacts; causes of errors; feedback by month; settings of surveys.

Revision: 0035, after 0034.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

CAUSES = (
    "misheard", "mistyped", "not_read_back", "wrong_information", "wrong_price", "wrong_stock", "system", "other",
)  # fmt: skip


def upgrade() -> None:
    causes = ", ".join(f"'{one}'" for one in CAUSES)
    op.get_bind().exec_driver_sql(  # in one statement: amendments are only added to, and keep their triggers so
        "ALTER TABLE amendments ADD COLUMN error_cause VARCHAR(32)"
        f" CONSTRAINT ck_amendments_error_cause CHECK (error_cause IN ({causes}))"
        " CONSTRAINT ck_amendments_cause_of_a_mistake_of_ours CHECK (our_error OR error_cause IS NULL)"
    )
    op.create_table(
        "quality_cards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("adherence_weight", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "adherence_weight BETWEEN 1 AND 100", name=op.f("ck_quality_cards_adherence_counts")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_quality_cards_made_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_cards")),
        sa.UniqueConstraint("number", name=op.f("uq_quality_cards_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_quality_cards_made_by_id"), "quality_cards", ["made_by_id"])
    op.create_table(
        "quality_samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("team", sa.String(length=60), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("per_person", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("per_person BETWEEN 1 AND 50", name=op.f("ck_quality_samples_a_few_of_each")),
        sa.ForeignKeyConstraint(
            ["card_id"], ["quality_cards.id"], name=op.f("fk_quality_samples_card_id_quality_cards")
        ),
        sa.ForeignKeyConstraint(
            ["drawn_by_id"], ["people.id"], name=op.f("fk_quality_samples_drawn_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_samples")),
        sa.UniqueConstraint("month", "team", "seed", name=op.f("uq_quality_samples_month_team_seed")),
        sqlite_autoincrement=True,
    )
    for columns in (["card_id"], ["drawn_by_id"], ["drawn_at", "id"]):
        op.create_index(op.f(f"ix_quality_samples_{'_'.join(columns)}"), "quality_samples", columns)
    _scores()
    op.create_table(
        "feedback_analyses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_analyses")),
        sa.UniqueConstraint("month", name=op.f("uq_feedback_analyses_month")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_feedback_analyses_made_at_id"), "feedback_analyses", ["made_at", "id"])
    op.create_table(
        "survey_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resolution", sa.Boolean(), nullable=False),
        sa.Column("delivery", sa.Boolean(), nullable=False),
        sa.Column("resolution_hours", sa.Integer(), nullable=False),
        sa.Column("delivery_hours", sa.Integer(), nullable=False),
        sa.Column("cool_down_days", sa.Integer(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "resolution_hours BETWEEN 0 AND 720 AND delivery_hours BETWEEN 0 AND 720",
            name=op.f("ck_survey_settings_asked_within_a_month"),
        ),
        sa.CheckConstraint(
            "cool_down_days BETWEEN 30 AND 365", name=op.f("ck_survey_settings_asked_once_a_month_at_most")
        ),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["people.id"], name=op.f("fk_survey_settings_set_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_settings")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_survey_settings_set_by_id"), "survey_settings", ["set_by_id"])
    op.create_index(
        "ix_customers_no_surveys",
        "customers",
        ["no_surveys_at", "id"],
        sqlite_where=sa.text("no_surveys_at IS NOT NULL"),
        postgresql_where=sa.text("no_surveys_at IS NOT NULL"),
    )


def _scores() -> None:
    points = {
        "sample_id": "quality_samples", "contact_id": "contacts", "person_id": "people", "scored_by_id": "people",
    }  # fmt: skip
    op.create_table(
        "quality_scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=True),
        sa.Column("due", sa.Integer(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("scored_by_id", sa.Integer(), nullable=True),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(told, name=op.f(f"ck_quality_scores_{name}"))
            for name, told in {
                "score_of_a_thousand": "score IS NULL OR score BETWEEN 0 AND 1000",
                "scored_by_somebody": "(scored_at IS NULL) = (score IS NULL) AND (scored_at IS NULL) = (scored_by_id"
                " IS NULL) AND (scored_at IS NULL) = (kept IS NULL) AND (scored_at IS NULL) = (due IS NULL)",
                "scored_by_another": "scored_by_id IS NULL OR scored_by_id <> person_id",
                "answered_what_was_scored": "answered_at IS NULL OR scored_at IS NOT NULL",
                "answered_with_words": "(answered_at IS NULL) = (answer = '')",
            }.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_quality_scores_{column}_{table}")
            )
            for column, table in points.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_scores")),
        sa.UniqueConstraint("sample_id", "contact_id", name=op.f("uq_quality_scores_sample_id_contact_id")),
        sqlite_autoincrement=True,
    )
    for columns in (["contact_id"], ["scored_by_id"], ["person_id", "scored_at", "id"]):
        op.create_index(op.f(f"ix_quality_scores_{'_'.join(columns)}"), "quality_scores", columns)


def downgrade() -> None:
    op.drop_index("ix_customers_no_surveys", table_name="customers")
    op.drop_table("survey_settings")
    op.drop_table("feedback_analyses")
    op.drop_table("quality_scores")
    op.drop_table("quality_samples")
    op.drop_table("quality_cards")
    op.drop_column("amendments", "error_cause")
