"""Contacts with customers, and the intake that takes one down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, Words, word
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
    own_channel: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """The name of a channel of the desk's own, which behaves like the one above; empty for that one itself. S0-1.2b"""
    direction: Mapped[Direction] = mapped_column(word(Direction, "direction"), default=Direction.INBOUND)
    situation: Mapped[Situation | None] = mapped_column(word(Situation, "situation"))
    status: Mapped[ContactStatus] = mapped_column(word(ContactStatus, "status"), default=ContactStatus.OPEN)
    outcome: Mapped[Outcome | None] = mapped_column(word(Outcome, "outcome"))
    summary: Mapped[str] = mapped_column(Text, default="")
    abandoned_because: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(8), default="en", server_default="en")
    """In which the customer is spoken to. S2-1.3"""
    handle: Mapped[str] = mapped_column(String(320), default="", server_default="")
    """The number, address or name the contact came from; counts failed verifications. S2-2.6, S2-12.4"""
    network: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """On social media: which one."""
    link: Mapped[str] = mapped_column(String(500), default="", server_default="")
    approved: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether its channel was approved when it began. S1-4.1.1"""
    cues: Mapped[tuple[str, ...]] = mapped_column(Words, default=(), server_default="")
    """How the customer seemed: upset, hurried, unsure. Never shown to the customer. S2-3.4"""
    difficult_at: Mapped[datetime | None]
    """When the guide for difficult contacts was opened. S2-5.2"""
    suspect: Mapped[str] = mapped_column(String(300), default="", server_default="")
    """Why somebody should look whether this caller is who they say; for those who lead. S2-2.6, S4-5.4"""
    team: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """Of who took it, at that moment."""
    verified_strength: Mapped[int] = mapped_column(default=0, server_default="0")
    """How strongly the caller is verified until `verified_until`: 0 not, 1 usual, 2 strong. S2-2.1"""
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
        Index(
            "ix_contacts_difficult",
            "started_at",
            sqlite_where=text("difficult_at IS NOT NULL"),
            postgresql_where=text("difficult_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    def __str__(self) -> str:
        return self.number

    @property
    def came_by(self) -> str:
        """The channel as it is called: the desk's own one, else the usual one."""
        return self.own_channel or self.channel.value


class Intake(Numbered, Base):
    """A contact being taken in the wizard, with its saved answers. One row, saved by one statement."""

    __tablename__ = "intakes"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), unique=True)
    held_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    script: Mapped[str] = mapped_column(String(60))
    script_version: Mapped[str] = mapped_column(String(40))
    """Ids of the script versions it is made of, such as `3-17-5`: frozen when each of them was begun. S1-6.2"""
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
