"""The outbox: every message is a row written with the deed that caused it. S0-0.2"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, word
from models.customers import Customer
from models.people import Person
from models.words import Audience, MessageStatus


class Message(Numbered, Base):
    """One message, exactly as rendered. Delivery is at least once, with the same Message-ID each time."""

    __tablename__ = "messages"

    once: Mapped[str] = mapped_column(String(160), unique=True)
    """What makes it the only one of its kind: `order-confirmation/HR-26-000123-7/1`."""
    template: Mapped[str] = mapped_column(String(60))
    audience: Mapped[Audience] = mapped_column(word(Audience, "audience"))
    language: Mapped[str] = mapped_column(String(12), default="en")
    to_name: Mapped[str] = mapped_column(String(300), default="")
    to_address: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(500))
    body_text: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(String(32), default="")
    """Order or case number, also in the headers, so that a reply finds its thread. S1-4.4.1c"""
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    caused_by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """Who did the deed that wrote it, by name at the time, or which job of the desk; empty for those of before. S0-0.2"""
    status: Mapped[MessageStatus] = mapped_column(word(MessageStatus, "status"), default=MessageStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    """When to try (again); empty once sent, dead or discarded."""
    sent_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    """When a mail server reported that what was sent did not arrive; what it said is the last error. S2-6.6"""
    in_reply_to: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """The Message-ID of the mail it answers by itself. S3-3.1.1b"""
    claimed_until: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(String(80), default="")

    @property
    def fate(self) -> str:
        """What became of it, in a word: its status, or bounced. S2-6.6"""
        return "bounced" if self.bounced_at is not None else self.status.value

    customer: Mapped[Customer | None] = relationship(lazy="raise")
    person: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_has_a_time"),
        CheckConstraint("(status = 'queued') = (next_at IS NOT NULL)", name="queued_has_a_next_try"),
        Index(
            "ix_messages_next",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(
            "ix_messages_bounced",
            "bounced_at",
            sqlite_where=text("bounced_at IS NOT NULL"),
            postgresql_where=text("bounced_at IS NOT NULL"),
        ),
        Index(None, "created_at", "id"),
        Index(None, "status", "created_at", "id"),
        {"sqlite_autoincrement": True},
    )
