"""What customers ask of their own data: the register, each with a month to answer. S2-2.3"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.customers import Customer
from models.people import Person
from models.words import DataRequestKind, DataRequestStatus


class DataRequest(Numbered, Versioned, Base):
    """A customer asks what is known of them, to have it mended, erased or handed out, or not to be used. S2-2.3"""

    __tablename__ = "data_requests"

    kind: Mapped[DataRequestKind] = mapped_column(word(DataRequestKind, "kind"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    words: Mapped[str] = mapped_column(Text, default="")
    """What the customer asks, and how it is known that it is they who ask."""
    status: Mapped[DataRequestStatus] = mapped_column(
        word(DataRequestStatus, "status"), default=DataRequestStatus.OPEN
    )
    outcome: Mapped[str] = mapped_column(Text, default="")
    """What was done, or why not; the customer is told."""
    received_on: Mapped[date]
    due_on: Mapped[date]
    """One month after it was received."""
    next_at: Mapped[datetime | None]
    """When those who answer are reminded next; None when nothing is left to say."""
    put_off: Mapped[int] = mapped_column(default=0)
    handed_out_at: Mapped[datetime | None]
    """When the data was handed out, where that was asked for."""
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    noted_at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    ended_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship(lazy="raise")
    noted_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[noted_by_id])
    ended_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[ended_by_id])

    __table_args__ = (
        CheckConstraint("(status = 'open') = (ended_at IS NULL)", name="ended_has_a_time"),
        CheckConstraint("status = 'open' OR outcome <> ''", name="ended_has_an_outcome"),
        CheckConstraint("due_on > received_on", name="due_later"),
        Index(None, "customer_id", "id"),
        Index(None, "status", "noted_at", "id"),
        Index(
            "ix_data_requests_next",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )
