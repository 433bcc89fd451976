"""The ledger, only ever added to: the database itself refuses the rest (decision 6); and which ways to pay are offered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.orders import Order
from models.people import Person
from models.words import Channel, PaymentKind, PaymentMethod


class PaymentEntry(Numbered, Base):
    """One movement of money on an order. A mistake is mended by a further entry."""

    __tablename__ = "payment_entries"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    kind: Mapped[PaymentKind] = mapped_column(word(PaymentKind, "kind"))
    method: Mapped[PaymentMethod] = mapped_column(word(PaymentMethod, "method"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    """Minor units, signed: a charge adds, a refund takes away."""
    currency: Mapped[str] = mapped_column(String(3))
    reference: Mapped[str] = mapped_column(String(120), default="")
    """What the terminal, till or bank printed. Never a card number. Decision 7"""
    receipt_number: Mapped[str | None] = mapped_column(String(32), unique=True)
    limit_id: Mapped[int | None] = mapped_column(ForeignKey("payment_limits.id"), index=True)
    """The version of the limits that it followed; None where there was none. S0-3.5.2b"""
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("payment_entries.id"), unique=True)
    note: Mapped[str] = mapped_column(String(500), default="")
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    taken_at: Mapped[datetime]

    order: Mapped[Order] = relationship(lazy="raise")
    taken_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("kind <> 'charge' OR amount_minor > 0", name="charge_adds"),
        CheckConstraint("kind <> 'refund' OR amount_minor < 0", name="refund_takes_away"),
        CheckConstraint("amount_minor <> 0", name="amount_given"),
        Index(None, "taken_at", "id"),
        Index(None, "kind", "taken_at", "id"),
        Index(None, "amount_minor", "id"),
        {"sqlite_autoincrement": True},
    )


class PaymentWay(Numbered, Versioned, Base):
    """One way to pay on one channel: offered or not, and with which words. S0-3.5.1b"""

    __tablename__ = "payment_ways"

    channel: Mapped[Channel] = mapped_column(word(Channel, "channel"))
    method: Mapped[PaymentMethod] = mapped_column(word(PaymentMethod, "method"))
    offered: Mapped[bool] = mapped_column(default=True)
    words_en: Mapped[str] = mapped_column(String(300))
    words_de: Mapped[str] = mapped_column(String(300))

    __table_args__ = (UniqueConstraint("channel", "method"), {"sqlite_autoincrement": True})


class PaymentLimit(Numbered, Base):
    """A version of what may be paid at once in one way and one currency. Append-only. S0-3.5.2b"""

    __tablename__ = "payment_limits"

    method: Mapped[PaymentMethod] = mapped_column(word(PaymentMethod, "method"))
    currency: Mapped[str] = mapped_column(String(3))
    least_minor: Mapped[int | None] = mapped_column(BigInteger)
    """In minor units of the currency; None where there is no limit."""
    most_minor: Mapped[int | None] = mapped_column(BigInteger)
    lead_above_minor: Mapped[int | None] = mapped_column(BigInteger)
    """More than this is recorded by a supervisor."""
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    written_at: Mapped[datetime]

    written_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint(
            "least_minor >= 0 AND most_minor >= 0 AND lead_above_minor >= 0", name="not_negative"
        ),
        CheckConstraint("least_minor <= most_minor", name="least_below_most"),
        Index(None, "method", "currency", "id"),
        {"sqlite_autoincrement": True},
    )
