"""Chats: a customer on the desk's page and a representative, and every message between them. S2-12.3"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.cases import Case
from models.contacts import Contact
from models.customers import Customer
from models.people import Person
from models.words import ChatAuthor, ChatEnd, ChatStatus


class Chat(Numbered, Versioned, Base):
    """One chat: who asked for it as they say themselves, who took it, and what it led to. Never discarded. S2-12.3"""

    __tablename__ = "chats"

    number: Mapped[str] = mapped_column(String(32), unique=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """The hash of the secret that the customer's browser holds; nobody else comes in without it."""
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(320), default="")
    """The e-mail address as it was given; nobody has verified it. S2-11.2b"""
    language: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(120))
    """How the first message begins."""
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    """Whose address that is, where it is one customer's alone."""
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), unique=True)
    """The contact that was begun about it. S2-12.3"""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    """The case it became, where it was left as a message."""
    status: Mapped[ChatStatus] = mapped_column(word(ChatStatus, "status"))
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    ended_as: Mapped[ChatEnd | None] = mapped_column(word(ChatEnd, "ended_as"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """By when somebody is to take it; whoever is on duty is told after that. S2-12.5"""
    unanswered_since: Mapped[datetime | None]
    """When the customer began to wait for an answer; empty while nothing of theirs is unanswered."""
    told_at: Mapped[datetime | None]
    """When those on duty were told that it waits."""
    ended_at: Mapped[datetime | None]

    customer: Mapped[Customer | None] = relationship(lazy="raise")
    contact: Mapped[Contact | None] = relationship(lazy="raise")
    case: Mapped[Case | None] = relationship(lazy="raise")
    taken_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended_has_a_time"),
        CheckConstraint("(status = 'ended') = (ended_as IS NOT NULL)", name="ended_has_a_way"),
        CheckConstraint("status <> 'taken' OR taken_by_id IS NOT NULL", name="taken_by_somebody"),
        Index(None, "status", "opened_at", "id"),
        Index(None, "status", "ended_at", "id"),
        Index(
            "ix_chats_untold",
            "due_at",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
        {"sqlite_autoincrement": True},
    )

    def __str__(self) -> str:
        return self.number


class ChatMessage(Numbered, Base):
    """One message of a chat. Only ever added to. S2-15.5a"""

    __tablename__ = "chat_messages"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"))
    author: Mapped[ChatAuthor] = mapped_column(word(ChatAuthor, "author"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]

    person: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint(
            "(author = 'representative') = (person_id IS NOT NULL)", name="somebody_of_the_desk_has_a_name"
        ),
        Index(None, "chat_id", "id"),
        {"sqlite_autoincrement": True},
    )
