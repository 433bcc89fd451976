"""What comes in by e-mail: every mail read from the mailbox, its files, and how far the mailbox was read. S2-12.2"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.cases import Case
from models.customers import Customer
from models.messages import Message
from models.orders import Order
from models.people import Person
from models.words import MailKind, MailStatus


class Mail(Numbered, Versioned, Base):
    """One mail as it came in. Filed somewhere, set aside or rejected with a reason: none is ever lost. S0-5.1b"""

    __tablename__ = "mails"

    key: Mapped[str] = mapped_column(String(64), unique=True)
    """A digest of its Message-ID and its content: the same mail read twice is one row."""
    kind: Mapped[MailKind] = mapped_column(word(MailKind, "kind"))
    status: Mapped[MailStatus] = mapped_column(word(MailStatus, "status"))
    because: Mapped[str] = mapped_column(String(500), default="")
    """Why it was rejected or set aside; of what was filed how it found its place."""
    sender_name: Mapped[str] = mapped_column(String(300), default="")
    sender_address: Mapped[str] = mapped_column(String(320), default="")
    """As the mail says; nobody has verified it. S2-11.2b"""
    subject: Mapped[str] = mapped_column(String(300), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    """Its text alone, or that of its HTML; card numbers are left out."""
    message_id: Mapped[str] = mapped_column(String(500), default="")
    size: Mapped[int]
    """Bytes."""
    left_out: Mapped[str] = mapped_column(Text, default="")
    """A line for each file that was not kept: its name and why."""
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    """The letter of ours it answers, or reports on."""
    handled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """Who joined it to a case, set it aside or took it up after all."""
    received_at: Mapped[datetime]
    """When it reached the mailbox."""
    taken_at: Mapped[datetime]
    """When it was read from there."""
    acknowledged_at: Mapped[datetime | None]
    """When an acknowledgement of it was written by itself. S3-3.1.1a"""

    customer: Mapped[Customer | None] = relationship(lazy="raise")
    case: Mapped[Case | None] = relationship(lazy="raise")
    order: Mapped[Order | None] = relationship(lazy="raise")
    answers: Mapped[Message | None] = relationship(lazy="raise")
    handled_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("status = 'filed' OR because <> ''", name="not_filed_has_a_reason"),
        Index(None, "received_at", "id"),
        Index(None, "status", "received_at", "id"),
        Index(None, "sender_address", "received_at"),
        {"sqlite_autoincrement": True},
    )


class MailFile(Numbered, Base):
    """A file that came with a mail. Its content is read only when it is opened."""

    __tablename__ = "mail_files"

    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    """Bytes."""
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class MailPlace(Numbered, Base):
    """How far one folder of one mailbox was read. It moves in the transaction that keeps the mail."""

    __tablename__ = "mail_places"

    name: Mapped[str] = mapped_column(String(300), unique=True)
    """Such as `desk@mail.example.com/INBOX`."""
    validity: Mapped[int] = mapped_column(BigInteger)
    """The server's UIDVALIDITY: with another one its numbers begin anew."""
    uid: Mapped[int] = mapped_column(BigInteger)
    """The last number that was read."""
