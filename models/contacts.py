"""Contacts with customers, and the intake that takes one down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.customers import Customer
from models.people import Person
from models.words import Channel, ContactStatus, Direction, Outcome, Situation


class Contact(Numbered, Versioned, Base):
    """One conversation with a customer on one channel. Closed or abandoned, never discarded. S0-3.3.3"""

    __tablename__ = "contacts"

    number: Mapped[str] = mapped_column(String(32), unique=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    channel: Mapped[Channel] = mapped_column(word(Channel, "channel"))
    direction: Mapped[Direction] = mapped_column(word(Direction, "direction"), default=Direction.INBOUND)
    situation: Mapped[Situation | None] = mapped_column(word(Situation, "situation"))
    status: Mapped[ContactStatus] = mapped_column(word(ContactStatus, "status"), default=ContactStatus.OPEN)
    outcome: Mapped[Outcome | None] = mapped_column(word(Outcome, "outcome"))
    summary: Mapped[str] = mapped_column(Text, default="")
    abandoned_because: Mapped[str] = mapped_column(Text, default="")
    verified_by: Mapped[str] = mapped_column(String(200), default="")
    """Names of the facts that matched, never their values. S2-2.1"""
    failed_verifications: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    greeted_at: Mapped[datetime | None]
    verified_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    customer: Mapped[Customer | None] = relationship(lazy="raise")
    taken_by: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="ended_has_a_time"),
        CheckConstraint("status <> 'closed' OR outcome IS NOT NULL", name="closed_has_an_outcome"),
        CheckConstraint("status <> 'abandoned' OR abandoned_because <> ''", name="abandoned_has_a_reason"),
        Index(None, "started_at", "id"),
        Index(None, "status", "started_at", "id"),
        {"sqlite_autoincrement": True},
    )

    def __str__(self) -> str:
        return self.number


class Intake(Numbered, Base):
    """A contact being taken in the wizard, with its saved answers. One row, saved by one statement."""

    __tablename__ = "intakes"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), unique=True)
    held_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    script: Mapped[str] = mapped_column(String(60))
    script_version: Mapped[str] = mapped_column(String(40))
    """Frozen at the start: an open intake never changes its script."""
    step: Mapped[str] = mapped_column(String(60))
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """{step key: {field: value}}, exactly as typed."""
    done: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """{step key: {"at": moment, "by": person id} or {"skipped": reason, …}}"""
    revision: Mapped[int] = mapped_column(default=1)
    read_back: Mapped[str] = mapped_column(String(64), default="")
    """Fingerprint of the draft that was read back and agreed. Decision 19"""
    read_back_at: Mapped[datetime | None]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    contact: Mapped[Contact] = relationship(lazy="raise")
    held_by: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "ix_intakes_open",
            "held_by_id",
            "saved_at",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )
