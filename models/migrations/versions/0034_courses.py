"""Courses: the questions of an article, who answered them, which role takes which course, and who was reminded. S2-7

Revision: 0034, after 0033.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

ROLES = (
    "representative",
    "supervisor",
    "manager",
    "finance",
    "inventory",
    "fulfilment",
    "administrator",
)


def _points_at(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        "courses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), server_default="80", nullable=False),
        sa.Column("tries_a_day", sa.Integer(), server_default="3", nullable=False),
        sa.Column("asks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("pass_mark BETWEEN 1 AND 100", name=op.f("ck_courses_pass_mark_in_percent")),
        sa.CheckConstraint("tries_a_day > 0", name=op.f("ck_courses_somebody_may_try")),
        sa.CheckConstraint("asks >= 0", name=op.f("ck_courses_asks_some_or_all")),
        _points_at("courses", "article_id", "articles"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
        sa.UniqueConstraint("article_id", name=op.f("uq_courses_article_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "course_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        _points_at("course_questions", "course_id", "courses"),
        _points_at("course_questions", "written_by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_questions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_course_questions_course_id"), "course_questions", ["course_id"])
    op.create_index(op.f("ix_course_questions_written_by_id"), "course_questions", ["written_by_id"])
    op.create_table(
        "course_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asking", sa.Integer(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("right_answers", sa.Integer(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (right_answers IS NULL) AND (finished_at IS NULL) = (passed IS NULL)",
            name=op.f("ck_course_tries_finished_has_a_score"),
        ),
        _points_at("course_tries", "course_id", "courses"),
        _points_at("course_tries", "version_id", "article_versions"),
        _points_at("course_tries", "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_tries")),
        sqlite_autoincrement=True,
    )
    for columns in (
        ["version_id"],
        ["person_id"],
        ["course_id", "person_id", "asking", "finished_at"],
        ["person_id", "finished_at", "id"],
    ):
        op.create_index(op.f(f"ix_course_tries_{'_'.join(columns)}"), "course_tries", columns)
    under_way = sa.text("finished_at IS NULL")
    op.create_index(
        "uq_course_tries_under_way",
        "course_tries",
        ["course_id", "person_id", "asking"],
        unique=True,
        sqlite_where=under_way,
        postgresql_where=under_way,
    )
    op.create_table(
        "course_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(*ROLES, name="role", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("within_days", sa.Integer(), server_default="30", nullable=False),
        sa.Column("every_months", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("within_days > 0", name=op.f("ck_course_plans_there_is_time")),
        sa.CheckConstraint("every_months >= 0", name=op.f("ck_course_plans_recurs_or_not")),
        _points_at("course_plans", "course_id", "courses"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_plans")),
        sa.UniqueConstraint("role", "course_id", name=op.f("uq_course_plans_role_course_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_course_plans_course_id"), "course_plans", ["course_id"])
    op.create_table(
        "course_reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asking", sa.Integer(), nullable=False),
        sa.Column("after_id", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _points_at("course_reminders", "course_id", "courses"),
        _points_at("course_reminders", "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_reminders")),
        sa.UniqueConstraint(
            "course_id",
            "person_id",
            "asking",
            "after_id",
            name=op.f("uq_course_reminders_course_id_person_id_asking_after_id"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_course_reminders_person_id"), "course_reminders", ["person_id"])


def downgrade() -> None:
    for table in ("course_reminders", "course_plans", "course_tries", "course_questions", "courses"):
        op.drop_table(table)
