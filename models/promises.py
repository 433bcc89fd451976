"""What was promised to a customer: kept or broken. S2-9.4"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.contacts import Contact
from models.customers import Customer
from models.followups import FollowUp
from models.people import Person
from models.words import PromiseStatus


class Promise(Numbered, Versioned, Base):
    """What, who and by when; its follow-up is the task that keeps it."""

    __tablename__ = "promises"

    what: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    follow_up_id: Mapped[int | None] = mapped_column(ForeignKey("follow_ups.id"), unique=True)
    status: Mapped[PromiseStatus] = mapped_column(
        word(PromiseStatus, "promise_status"), default=PromiseStatus.OPEN
    )
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(Text, default="")

    owner: Mapped[Person] = relationship(lazy="raise")
    contact: Mapped[Contact | None] = relationship(lazy="raise")
    customer: Mapped[Customer | None] = relationship(lazy="raise")
    follow_up: Mapped[FollowUp | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed_has_a_time"),
        Index(None, "status", "due_at", "id"),
        Index(None, "due_at", "id"),
        {"sqlite_autoincrement": True},
    )
