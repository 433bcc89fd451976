"""Scorecards: what contacts are scored by, which of a month were drawn, and how each was. S2-0.4, S3-18.1.1b"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned
from models.contacts import Contact
from models.people import Person


class QualityCard(Numbered, Base):
    """What contacts are scored by from one moment on. Only ever added to: a score names the card it was made with."""

    __tablename__ = "quality_cards"

    number: Mapped[int] = mapped_column(unique=True)
    criteria: Mapped[list[Any]]
    """[{"key": "1", "asks": …, "clause": "S2-1.1", "weight": 2}]"""
    adherence_weight: Mapped[int]
    """How much the share of the steps that were done counts, beside the criteria. S3-18.1.1b"""
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """None for the one that ships."""
    made_at: Mapped[datetime]

    made_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("adherence_weight BETWEEN 1 AND 100", name="adherence_counts"),
        {"sqlite_autoincrement": True},
    )


class QualitySample(Numbered, Base):
    """Contacts of one month, drawn to be scored. The same seed draws the same ones. S2-0.4"""

    __tablename__ = "quality_samples"

    month: Mapped[date]
    """Its first day."""
    team: Mapped[str] = mapped_column(String(60), default="")
    """Empty for the whole desk."""
    seed: Mapped[str] = mapped_column(String(40))
    per_person: Mapped[int]
    """How many contacts of each person."""
    card_id: Mapped[int] = mapped_column(ForeignKey("quality_cards.id"), index=True)
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    drawn_at: Mapped[datetime]

    card: Mapped[QualityCard] = relationship(lazy="raise")
    drawn_by: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("month", "team", "seed"),
        CheckConstraint("per_person BETWEEN 1 AND 50", name="a_few_of_each"),
        Index(None, "drawn_at", "id"),
        {"sqlite_autoincrement": True},
    )


class QualityScore(Numbered, Versioned, Base):
    """One contact of a sample: how it was, and what who took it says to that. S2-0.4, S2-15.6"""

    __tablename__ = "quality_scores"

    sample_id: Mapped[int] = mapped_column(ForeignKey("quality_samples.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    """Who took the contact."""
    marks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """{key of the criterion: word of `Mark`}"""
    kept: Mapped[int | None]
    due: Mapped[int | None]
    """How many of its steps were due, and how many of these were done, by the evidence. S3-18.1.1b"""
    score: Mapped[int | None]
    """In tenths of a percent."""
    remarks: Mapped[str] = mapped_column(Text, default="")
    scored_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    scored_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]

    sample: Mapped[QualitySample] = relationship(lazy="raise")
    contact: Mapped[Contact] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
    scored_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[scored_by_id])

    __table_args__ = (
        UniqueConstraint("sample_id", "contact_id"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 1000", name="score_of_a_thousand"),
        CheckConstraint(
            "(scored_at IS NULL) = (score IS NULL) AND (scored_at IS NULL) = (scored_by_id IS NULL)"
            " AND (scored_at IS NULL) = (kept IS NULL) AND (scored_at IS NULL) = (due IS NULL)",
            name="scored_by_somebody",
        ),
        CheckConstraint("scored_by_id IS NULL OR scored_by_id <> person_id", name="scored_by_another"),
        CheckConstraint("answered_at IS NULL OR scored_at IS NOT NULL", name="answered_what_was_scored"),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answered_with_words"),
        Index(None, "person_id", "scored_at", "id"),
        {"sqlite_autoincrement": True},
    )
