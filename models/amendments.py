"""Changes to an order after it was confirmed, and money somebody asked back. S1-4.6, S3-4.1.3b"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.orders import Order
from models.people import Person
from models.words import ErrorCause, PaymentMethod, RefundReason, RefundStatus


class Amendment(Numbered, Base):
    """One version of an order after the first: what it was, what it is, and why. Only ever added to. S1-4.6.2b"""

    __tablename__ = "amendments"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    number: Mapped[int]
    """2 for the first amendment: the order as placed is version 1."""
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Of exactly the content that was read back and agreed. Decision 19"""
    reason: Mapped[str] = mapped_column(Text, default="")
    our_error: Mapped[bool] = mapped_column(default=False)
    """Whether it corrects a mistake of ours. S0-0.7"""
    error_cause: Mapped[ErrorCause | None] = mapped_column(word(ErrorCause, "error_cause"))
    """Of a mistake of ours: how it came about. None in those from before it was asked. S0-6.2b"""
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    made_at: Mapped[datetime]

    order: Mapped[Order] = relationship(lazy="raise")
    made_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        CheckConstraint("our_error OR error_cause IS NULL", name="cause_of_a_mistake_of_ours"),
        Index(None, "made_at", "id"),
        {"sqlite_autoincrement": True},
    )


class RefundRequest(Numbered, Versioned, Base):
    """Money a customer shall have back: asked for by one person, decided by another. S3-4.1.3b, decision 19"""

    __tablename__ = "refund_requests"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(Text)
    code: Mapped[RefundReason] = mapped_column(
        word(RefundReason, "code"), default=RefundReason.OTHER, server_default=RefundReason.OTHER.value
    )
    """What it is for, of a few that are counted."""
    other_method: Mapped[PaymentMethod | None] = mapped_column(word(PaymentMethod, "other_method"))
    """The way it goes back where that is not the one it came; None for that. S4-4.5"""
    other_because: Mapped[str] = mapped_column(String(300), default="", server_default="")
    goodwill: Mapped[bool] = mapped_column(default=False)
    correction: Mapped[bool] = mapped_column(default=False)
    """Whether it mends the ledger, which says more than was paid: then no money goes back. S3-13.2.1b"""
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[RefundStatus] = mapped_column(
        word(RefundStatus, "refund_status"), default=RefundStatus.ASKED
    )
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(Text, default="")
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("payment_entries.id"), unique=True)

    order: Mapped[Order] = relationship(lazy="raise")
    asked_by: Mapped[Person] = relationship(lazy="raise", foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[decided_by_id])

    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_above_zero"),
        CheckConstraint("(other_method IS NULL) = (other_because = '')", name="another_way_has_a_reason"),
        CheckConstraint("(status = 'asked') = (decided_at IS NULL)", name="decided_has_a_time"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="decided_by_another"),
        Index(None, "status", "asked_at", "id"),
        Index(None, "asked_at", "id"),
        Index(None, "decided_at", "id"),
        {"sqlite_autoincrement": True},
    )
