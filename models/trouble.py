"""Difficult contacts: a call for help, an abusive end and its review; what a role may give. S2-5"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.contacts import Contact
from models.people import Person
from models.words import Role


class HelpCall(Numbered, Versioned, Base):
    """Somebody called for help in a contact. One at a time in one contact. S2-5.7"""

    __tablename__ = "help_calls"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    called_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    called_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(Text, default="")

    contact: Mapped[Contact] = relationship(lazy="raise")
    called_by: Mapped[Person] = relationship(lazy="raise", foreign_keys=[called_by_id])
    answered_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[answered_by_id])

    __table_args__ = (
        Index(
            "ux_help_calls_open",
            "contact_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "called_at", "id"),
        {"sqlite_autoincrement": True},
    )


class AbuseReport(Numbered, Versioned, Base):
    """A contact that was ended because the caller was abusive; a supervisor reviews it. S2-5.7"""

    __tablename__ = "abuse_reports"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), unique=True)
    reported_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    reported_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(Text)
    warned: Mapped[bool] = mapped_column(default=False)
    """Whether the caller had been warned."""
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    reviewed_at: Mapped[datetime | None]
    upheld: Mapped[bool | None]
    review: Mapped[str] = mapped_column(Text, default="")

    contact: Mapped[Contact] = relationship(lazy="raise")
    reported_by: Mapped[Person] = relationship(lazy="raise", foreign_keys=[reported_by_id])

    __table_args__ = (
        CheckConstraint("(reviewed_at IS NULL) = (upheld IS NULL)", name="reviewed_is_decided"),
        Index(None, "reported_at", "id"),
        {"sqlite_autoincrement": True},
    )


class Mandate(Numbered, Versioned, Base):
    """How much goodwill a role may give by itself. S2-5.5"""

    __tablename__ = "mandates"

    role: Mapped[Role] = mapped_column(word(Role, "role"), unique=True)
    goodwill_minor: Mapped[int] = mapped_column(BigInteger)
    """At most so much in one contact, in minor units of the desk's currency."""
    price_bp: Mapped[int] = mapped_column(default=0, server_default="0")
    """How far below the list price a price of one's own may be without asking, in basis points. S1-4.2.1b"""
    note: Mapped[str] = mapped_column(String(300), default="")

    __table_args__ = (
        CheckConstraint("price_bp BETWEEN 0 AND 10000", name="price_is_a_share"),
        CheckConstraint("goodwill_minor >= 0", name="goodwill_not_negative"),
        {"sqlite_autoincrement": True},
    )
