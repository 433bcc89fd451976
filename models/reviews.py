"""The review of a month, and improvements: what the supervisors make of what they found. S0-6.1, S0-2.2c"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.cases import Case
from models.feedback import Feedback
from models.people import Person
from models.policy import PolicyVersion
from models.scripts import ScriptVersion
from models.words import ImprovementSource


class MonthReview(Numbered, Versioned, Base):
    """One month of one team, or of all of them. The figures never change; the notes until it is signed."""

    __tablename__ = "month_reviews"

    month: Mapped[date]
    """Its first day."""
    team: Mapped[str] = mapped_column(String(60), default="")
    """Empty for the whole desk."""
    figures: Mapped[dict[str, Any]]
    """As a supervisor saw them on the day it was made; without legal and regulatory cases."""
    notes: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    signed_at: Mapped[datetime | None]

    signed_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("month", "team"),
        CheckConstraint("(signed_at IS NULL) = (signed_by_id IS NULL)", name="signed_by_somebody"),
        CheckConstraint("signed_at IS NULL OR notes <> ''", name="signed_with_notes"),
        Index(None, "made_at", "id"),
        {"sqlite_autoincrement": True},
    )


class FeedbackAnalysis(Numbered, Base):
    """What customers said in one month, worked out once it was over. Never changed. S3-11.1.1a"""

    __tablename__ = "feedback_analyses"

    month: Mapped[date] = mapped_column(unique=True)
    """Its first day."""
    figures: Mapped[dict[str, Any]]
    """As a supervisor saw them; without legal and regulatory cases, and without a word that only few wrote."""
    made_at: Mapped[datetime]

    __table_args__ = (Index(None, "made_at", "id"), {"sqlite_autoincrement": True})


class Improvement(Numbered, Versioned, Base):
    """Something to do better, what it was found in, and the published version that answers it. S0-2.2c, S0-6.2a"""

    __tablename__ = "improvements"

    words: Mapped[str] = mapped_column(Text)
    source: Mapped[ImprovementSource] = mapped_column(word(ImprovementSource, "source"))
    feedback_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    """The case it was found in; of feedback the one it is about, so that it is seen by those alone who may see that."""
    review_id: Mapped[int | None] = mapped_column(ForeignKey("month_reviews.id"), index=True)
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    raised_at: Mapped[datetime]
    script_version_id: Mapped[int | None] = mapped_column(ForeignKey("script_versions.id"), index=True)
    policy_version_id: Mapped[int | None] = mapped_column(ForeignKey("policy_versions.id"), index=True)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    ended_at: Mapped[datetime | None]
    """When it was answered by a version, or dropped."""
    dropped_because: Mapped[str] = mapped_column(Text, default="")

    feedback: Mapped[Feedback | None] = relationship(lazy="raise")
    case: Mapped[Case | None] = relationship(lazy="raise")
    review: Mapped[MonthReview | None] = relationship(lazy="raise")
    raised_by: Mapped[Person] = relationship(lazy="raise", foreign_keys=[raised_by_id])
    script_version: Mapped[ScriptVersion | None] = relationship(lazy="raise")
    policy_version: Mapped[PolicyVersion | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("source <> 'feedback' OR feedback_id IS NOT NULL", name="feedback_it_came_of"),
        CheckConstraint("source <> 'error' OR case_id IS NOT NULL", name="case_it_came_of"),
        CheckConstraint("source <> 'review' OR review_id IS NOT NULL", name="review_it_came_of"),
        CheckConstraint("script_version_id IS NULL OR policy_version_id IS NULL", name="one_answer"),
        CheckConstraint(
            "(ended_at IS NOT NULL) = (script_version_id IS NOT NULL OR policy_version_id IS NOT NULL"
            " OR dropped_because <> '')",
            name="ended_with_an_answer",
        ),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        Index(None, "raised_at", "id"),
        {"sqlite_autoincrement": True},
    )
