"""Follow-ups: what somebody on the desk has yet to do for a customer. S0-2.1d, S2-6.3"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.cases import Case
from models.customers import Customer
from models.orders import Order
from models.people import Person
from models.words import FollowUpKind, FollowUpStatus


class FollowUp(Numbered, Versioned, Base):
    __tablename__ = "follow_ups"

    kind: Mapped[FollowUpKind] = mapped_column(word(FollowUpKind, "kind"))
    words: Mapped[str] = mapped_column(Text)
    """What was promised or has to be done, in plain words."""
    message: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What is to be sent by hand, ready to copy, to who wants a message; empty for everything else. S1-4.4.1d"""
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    once: Mapped[str | None] = mapped_column(String(120), unique=True)
    """A key that keeps a follow-up made by a job from being made twice."""
    status: Mapped[FollowUpStatus] = mapped_column(
        word(FollowUpStatus, "status"), default=FollowUpStatus.OPEN
    )
    result: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    """When the reminder job has to look at it again."""
    reminded_at: Mapped[datetime | None]
    overdue_told_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the customer was not reached. S3-4.2.1c"""
    put_off: Mapped[int] = mapped_column(default=0)

    owner: Mapped[Person] = relationship(lazy="raise")
    customer: Mapped[Customer | None] = relationship(lazy="raise")
    case: Mapped[Case | None] = relationship(lazy="raise")
    order: Mapped[Order | None] = relationship(lazy="raise")

    ASKS_FOR_UPDATE: ClassVar[str] = "status-update/"
    """What the key of a task begins with that asks to tell a customer how a case stands; its clock follows. S0-3.4.4"""

    @property
    def asks_for_update(self) -> bool:
        return (self.once or "").startswith(self.ASKS_FOR_UPDATE)

    @property
    def told_as(self) -> str:
        """What kind it is, as it is called: a confirmation that is sent by hand, or an update, is no call."""
        if self.asks_for_update:
            return "status_update"
        return "confirmation_message" if self.message else self.kind.value

    __table_args__ = (
        CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name="done_has_a_time"),
        Index(
            "ix_follow_ups_next",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(None, "owner_id", "status", "due_at"),
        Index(None, "due_at", "id"),
        Index(None, "status", "due_at", "id"),
        Index(
            "ix_follow_ups_open",
            "due_at",
            "id",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        {"sqlite_autoincrement": True},
    )
