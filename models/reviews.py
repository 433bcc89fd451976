"""The review of a month: figures that stay as they were, and what the supervisors make of them. S0-6.1"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned
from models.people import Person


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
