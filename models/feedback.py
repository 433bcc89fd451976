"""What customers say about us, kept apart from the cases. S3-6.2.1"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, word
from models.cases import Case
from models.customers import Customer
from models.orders import Order
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
