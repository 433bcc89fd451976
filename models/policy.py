"""Opening hours, targets and the escalation matrix: what a manager changes without code."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.people import Person
from models.words import PolicyStatus


class BusinessCalendar(Numbered, Versioned, Base):
    """When a desk is open. `hours` is text such as `Mo-Fr 09:00-17:30; Sa 10:00-13:00`."""

    __tablename__ = "calendars"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    zone: Mapped[str] = mapped_column(String(64))
    hours: Mapped[str] = mapped_column(String(500))
    region: Mapped[str] = mapped_column(String(20), default="")
    """Country, or country and part (`GB-ENG`), whose holidays are filled in."""
    is_default: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]

    days: Mapped[list[CalendarDay]] = relationship(
        lazy="raise", back_populates="calendar", order_by="CalendarDay.day"
    )

    def __str__(self) -> str:
        return self.name


class CalendarDay(Numbered, Base):
    """One exceptional day: closed (`off`) or with hours of its own (`09:00-12:00`)."""

    __tablename__ = "calendar_days"

    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendars.id"))
    day: Mapped[date]
    hours: Mapped[str] = mapped_column(String(120), default="off")
    name: Mapped[str] = mapped_column(String(200), default="")

    calendar: Mapped[BusinessCalendar] = relationship(lazy="raise", back_populates="days")

    __table_args__ = (UniqueConstraint("calendar_id", "day"), {"sqlite_autoincrement": True})


class PolicyVersion(Numbered, Versioned, Base):
    """One version of the policy: targets, levels and calendars as one document. Once published it never changes.

    The published one with the highest number is in force; every clock names the one it was projected by. Decision 8
    """

    __tablename__ = "policy_versions"

    number: Mapped[int | None] = mapped_column(unique=True)
    """1, 2, 3 … in the order in which they were published; a draft has none."""
    status: Mapped[PolicyStatus] = mapped_column(
        word(PolicyStatus, "policy_status"), default=PolicyStatus.DRAFT
    )
    document: Mapped[dict[str, Any]]
    """As `portal/desk/matrix.py` reads it."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the document: the same content is the same digest."""
    note: Mapped[str] = mapped_column(Text, default="")
    """What changed and why, in the words of who published it."""
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("policy_versions.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    in_force_from: Mapped[datetime | None]

    created_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[created_by_id])
    published_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[published_by_id])

    __table_args__ = (
        CheckConstraint("(status = 'published') = (in_force_from IS NOT NULL)", name="published_has_a_start"),
        CheckConstraint("(status = 'published') = (number IS NOT NULL)", name="published_has_a_number"),
        Index(None, "status", "number"),
        {"sqlite_autoincrement": True},
    )

    def __str__(self) -> str:
        return f"policy {self.number}" if self.number else f"draft {self.id} of the policy"


class Recompute(Numbered, Base):
    """How far the clocks have followed a change of the policy, and how far their due times moved. Decision 8"""

    __tablename__ = "recomputes"

    policy_id: Mapped[int] = mapped_column(ForeignKey("policy_versions.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(300), default="")
    expected: Mapped[int] = mapped_column(default=0)
    """Open cases when it began, counted up to a limit."""
    cases: Mapped[int] = mapped_column(default=0)
    clocks: Mapped[int] = mapped_column(default=0)
    """Clocks that changed."""
    earlier: Mapped[int] = mapped_column(default=0)
    later: Mapped[int] = mapped_column(default=0)
    furthest_seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    last_case_id: Mapped[int] = mapped_column(default=0)
    """The cases up to this id have followed."""
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    policy: Mapped[PolicyVersion] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "ix_recomputes_unfinished",
            "id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )
