"""Courses: questions on an article, who answered them with what, and which role takes which course. S2-7.2, S2-7.3"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.library import Article, ArticleVersion
from models.people import Person
from models.words import Role


class Course(Numbered, Versioned, Base):
    """How the questions of an article are put. An article with questions is a course. S2-7.6"""

    __tablename__ = "courses"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), unique=True)
    pass_mark: Mapped[int] = mapped_column(default=80, server_default="80")
    """In percent of the questions asked."""
    tries_a_day: Mapped[int] = mapped_column(default=3, server_default="3")
    asks: Mapped[int] = mapped_column(default=0, server_default="0")
    """So many of the questions, drawn anew for each try; 0 for all of them."""

    article: Mapped[Article] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("pass_mark BETWEEN 1 AND 100", name="pass_mark_in_percent"),
        CheckConstraint("tries_a_day > 0", name="somebody_may_try"),
        CheckConstraint("asks >= 0", name="asks_some_or_all"),
        {"sqlite_autoincrement": True},
    )


class CourseQuestion(Numbered, Base):
    """One question in one language. Never changed: another takes its place, so that what was asked stays readable."""

    __tablename__ = "course_questions"

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[Any]]
    """[{"words": …, "right": true}]: one or several are right."""
    explanation: Mapped[str] = mapped_column(Text, default="")
    """Why it is so; shown once the question is answered."""
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    """When it was taken out of the bank, or another took its place."""

    __table_args__ = ({"sqlite_autoincrement": True},)


class CourseTry(Numbered, Base):
    """Somebody answered the questions of a course: which, on which version of the article, with what score. S2-7.2"""

    __tablename__ = "course_tries"

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("article_versions.id"), index=True)
    """What the article said, and in which language the questions were put."""
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    asking: Mapped[int]
    """Of the article, when the try began: a version that says something new wants a new pass."""
    pass_mark: Mapped[int]
    """As it was then."""
    questions: Mapped[list[Any]]
    """The ids of the questions, in their order."""
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """{question: [places of the choices]}"""
    right_answers: Mapped[int | None]
    """How many questions were answered right; empty while it is under way."""
    passed: Mapped[bool | None]
    began_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship(lazy="raise")
    version: Mapped[ArticleVersion] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint(
            "(finished_at IS NULL) = (right_answers IS NULL) AND (finished_at IS NULL) = (passed IS NULL)",
            name="finished_has_a_score",
        ),
        Index(None, "course_id", "person_id", "asking", "finished_at"),
        Index(None, "person_id", "finished_at", "id"),
        Index(
            "uq_course_tries_under_way",
            "course_id",
            "person_id",
            "asking",
            unique=True,
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )


class CoursePlan(Numbered, Versioned, Base):
    """A role takes a course: within so many days, and again after so many months. S2-7.3, S3-18.1.1a"""

    __tablename__ = "course_plans"

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    role: Mapped[Role] = mapped_column(word(Role, "role"))
    within_days: Mapped[int] = mapped_column(default=30, server_default="30")
    every_months: Mapped[int] = mapped_column(default=0, server_default="0")
    """A pass holds so long; 0 for until the article says something new."""
    created_at: Mapped[datetime]

    course: Mapped[Course] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("role", "course_id"),
        CheckConstraint("within_days > 0", name="there_is_time"),
        CheckConstraint("every_months >= 0", name="recurs_or_not"),
        {"sqlite_autoincrement": True},
    )


class CourseReminder(Numbered, Base):
    """Somebody was reminded of a course, once for each time it falls due. S2-7.3"""

    __tablename__ = "course_reminders"

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    asking: Mapped[int]
    after_id: Mapped[int] = mapped_column(default=0, server_default="0")
    """The pass that runs out; 0 where there is none yet."""
    at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("course_id", "person_id", "asking", "after_id"),
        {"sqlite_autoincrement": True},
    )
