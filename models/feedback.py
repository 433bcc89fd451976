"""What customers say about us, kept apart from the cases. S3-6.2.1"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, word
from models.cases import Case
from models.customers import Customer
from models.orders import Order
from models.people import Person
from models.words import FeedbackKind


class Feedback(Numbered, Base):
    """One invitation and its one answer. Opening the link records nothing. S0-3.7.1, S3-9.1.1"""

    __tablename__ = "feedback"

    kind: Mapped[FeedbackKind] = mapped_column(word(FeedbackKind, "kind"))
    once: Mapped[str] = mapped_column(String(120), unique=True)
    """`resolution/<case id>/<cycle>` or `delivery/<order id>`."""
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    score: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    customer: Mapped[Customer | None] = relationship(lazy="raise")
    case: Mapped[Case | None] = relationship(lazy="raise")
    order: Mapped[Order | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score_one_to_five"),
        CheckConstraint("(answered_at IS NULL) = (score IS NULL)", name="answered_has_a_score"),
        Index(None, "invited_at", "id"),
        Index(None, "score", "invited_at", "id"),
        Index(None, "answered_at", "id"),
        {"sqlite_autoincrement": True},
    )


class SurveySettings(Numbered, Base):
    """Which surveys go out, when and how often, from one moment on; the newest holds. Only ever added to. S3-7.2.1c"""

    __tablename__ = "survey_settings"

    resolution: Mapped[bool]
    """Whether customers are asked after a resolution, and after a delivery."""
    delivery: Mapped[bool]
    resolution_hours: Mapped[int]
    """How long after it."""
    delivery_hours: Mapped[int]
    cool_down_days: Mapped[int]
    """Between two surveys of one customer, whatever they are about. Decision 5"""
    set_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    set_at: Mapped[datetime]

    set_by: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint(
            "resolution_hours BETWEEN 0 AND 720 AND delivery_hours BETWEEN 0 AND 720",
            name="asked_within_a_month",
        ),
        CheckConstraint("cool_down_days BETWEEN 30 AND 365", name="asked_once_a_month_at_most"),
        {"sqlite_autoincrement": True},
    )
