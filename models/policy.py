"""Opening hours, targets and the escalation matrix: what a manager changes without code."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.words import CaseKind, DeadlineKind, Role, TargetKind


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


class DeadlineRule(Numbered, Versioned, Base):
    """How long one kind of case may take to one kind of deadline. Defaults stand in portal/desk/policy.py."""

    __tablename__ = "deadline_rules"

    case_kind: Mapped[CaseKind] = mapped_column(word(CaseKind, "case_kind"))
    deadline: Mapped[DeadlineKind] = mapped_column(word(DeadlineKind, "deadline"))
    target_kind: Mapped[TargetKind] = mapped_column(word(TargetKind, "target_kind"))
    amount: Mapped[int]
    """Minutes for elapsed and business time, days for business days, 0 for the same business day."""
    warn_percent: Mapped[int] = mapped_column(default=75)
    clause: Mapped[str] = mapped_column(String(60), default="")
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        UniqueConstraint("case_kind", "deadline"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("warn_percent BETWEEN 1 AND 100", name="warn_is_a_share"),
        {"sqlite_autoincrement": True},
    )


class EscalationRule(Numbered, Versioned, Base):
    """One row of the escalation matrix. S0-4"""

    __tablename__ = "escalation_rules"

    case_kind: Mapped[CaseKind] = mapped_column(word(CaseKind, "case_kind"))
    level: Mapped[int] = mapped_column(default=1)
    to_role: Mapped[Role] = mapped_column(word(Role, "to_role"))
    target_kind: Mapped[TargetKind] = mapped_column(word(TargetKind, "target_kind"))
    amount: Mapped[int]
    """As in a deadline rule: minutes, days or 0."""
    clause: Mapped[str] = mapped_column(String(60), default="")
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        UniqueConstraint("case_kind", "level"),
        CheckConstraint("level >= 1", name="level_from_one"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        {"sqlite_autoincrement": True},
    )
