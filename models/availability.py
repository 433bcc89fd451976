"""What the stock room is asked to look for, and what it answered. S1-3.2a"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, word
from models.orders import Order, OrderLine
from models.people import Person
from models.products import Product
from models.words import Availability


class AvailabilityRequest(Numbered, Base):
    """Somebody asks inventory whether so many of a product are there, for a line of an order or for none yet. S1-3.2a"""

    __tablename__ = "availability_requests"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    quantity: Mapped[int]
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"), index=True)
    """The line it is asked for; None while there is no order."""
    question: Mapped[str] = mapped_column(Text, default="")
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """By when inventory answers."""
    answer: Mapped[Availability | None] = mapped_column(word(Availability, "answer"))
    """None while nobody has."""
    units: Mapped[int | None]
    """How many are there."""
    expected_on: Mapped[date | None]
    """The day on which the rest, or all of them, can be there; None where nobody knows."""
    remark: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    answered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    """When whoever asked said that they have read the answer."""

    product: Mapped[Product] = relationship(lazy="raise")
    order_line: Mapped[OrderLine | None] = relationship(lazy="raise")
    asked_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[asked_by_id])
    answered_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[answered_by_id])

    @property
    def order(self) -> Order | None:
        """The order of its line; loaded with it."""
        return self.order_line.order if self.order_line else None

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_given"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_has_a_time"),
        CheckConstraint("(answer IS NULL) = (units IS NULL)", name="answered_has_units"),
        CheckConstraint("units BETWEEN 0 AND quantity", name="units_of_those_asked"),
        CheckConstraint("answer IS NOT NULL OR read_at IS NULL", name="read_is_answered"),
        Index(
            "ix_availability_requests_open",
            "asked_at",
            "id",
            sqlite_where=text("answer IS NULL"),
            postgresql_where=text("answer IS NULL"),
        ),
        Index(
            "uq_availability_requests_of_a_line",
            "order_line_id",
            unique=True,
            sqlite_where=text("answer IS NULL"),
            postgresql_where=text("answer IS NULL"),
        ),
        Index(
            "ix_availability_requests_unread",
            "asked_by_id",
            "id",
            sqlite_where=text("answer IS NOT NULL AND read_at IS NULL"),
            postgresql_where=text("answer IS NOT NULL AND read_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )
