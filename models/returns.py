"""What comes back: which units of which order, why, until when, and in which state it arrived. S3-4.1.3c, S4-4.4"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.cases import Case
from models.orders import Order, OrderLine
from models.words import ReturnReason, ReturnStatus


class Return(Numbered, Versioned, Base):
    """Units of one order that a customer sends back. Never deleted, only cancelled."""

    __tablename__ = "returns"

    number: Mapped[str] = mapped_column(String(32), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    """The complaint it solves; none where an order was called off after it had left the house."""
    replacement_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), unique=True)
    """The order that goes out instead of what comes back."""
    status: Mapped[ReturnStatus] = mapped_column(word(ReturnStatus, "status"), default=ReturnStatus.EXPECTED)
    words: Mapped[str] = mapped_column(Text, default="")
    """What else there is to know of it, for whoever opens the parcel."""
    expected_by: Mapped[date]
    resellable: Mapped[bool | None]
    """Whether what arrived can be sold again; unknown until then."""
    ended_because: Mapped[str] = mapped_column(Text, default="")
    """How it was settled, or why it was cancelled."""
    announced_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    arrived_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    announced_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship(lazy="raise", foreign_keys=[order_id])
    replacement: Mapped[Order | None] = relationship(lazy="raise", foreign_keys=[replacement_id])
    case: Mapped[Case | None] = relationship(lazy="raise")
    lines: Mapped[list[ReturnLine]] = relationship(
        lazy="raise", back_populates="returned", order_by="ReturnLine.id"
    )

    __table_args__ = (
        CheckConstraint("status <> 'arrived' OR arrived_at IS NOT NULL", name="arrived_has_a_time"),
        CheckConstraint("(arrived_at IS NULL) = (resellable IS NULL)", name="arrived_has_a_condition"),
        CheckConstraint("status <> 'cancelled' OR arrived_at IS NULL", name="cancelled_never_arrived"),
        CheckConstraint(
            "(status IN ('settled', 'cancelled')) = (ended_at IS NOT NULL)", name="ended_has_a_time"
        ),
        CheckConstraint("replacement_id IS NULL OR replacement_id <> order_id", name="replaced_by_another"),
        Index(None, "announced_at", "id"),
        Index(None, "status", "announced_at", "id"),
        {"sqlite_autoincrement": True},
    )

    def __str__(self) -> str:
        return self.number


class ReturnLine(Numbered, Base):
    """So many units of one line of the order, and why."""

    __tablename__ = "return_lines"

    return_id: Mapped[int] = mapped_column(ForeignKey("returns.id"))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"), index=True)
    quantity: Mapped[int]
    reason: Mapped[ReturnReason] = mapped_column(word(ReturnReason, "reason"))
    serial: Mapped[str] = mapped_column(String(80), default="")

    returned: Mapped[Return] = relationship(lazy="raise", back_populates="lines")
    order_line: Mapped[OrderLine] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("return_id", "order_line_id"),
        CheckConstraint("quantity > 0", name="quantity_given"),
        {"sqlite_autoincrement": True},
    )

    @property
    def description(self) -> str:
        """What comes back, as the order's line calls it."""
        return self.order_line.description or self.order_line.sku


class ReturnPeriod(Numbered, Versioned, Base):
    """How many days customers of one country have, from the day after the goods arrived. S3-14.2.1a"""

    __tablename__ = "return_periods"

    country: Mapped[str] = mapped_column(String(2), unique=True, default="")
    """Its code; empty for everywhere else."""
    withdrawal_days: Mapped[int | None]
    """What the law gives; empty where it gives nothing."""
    return_days: Mapped[int | None]
    """What the house gives."""

    __table_args__ = (
        CheckConstraint("withdrawal_days >= 0", name="withdrawal_not_negative"),
        CheckConstraint("return_days >= 0", name="return_not_negative"),
        {"sqlite_autoincrement": True},
    )
