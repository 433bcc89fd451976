"""Customers who are erased: who asked, who did it, and the proof of what went. S3-10.1.1"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, word
from models.customers import Customer
from models.people import Person
from models.words import ErasureStatus


class Erasure(Numbered, Base):
    """One customer to be erased: asked for by one manager, done by another. What is kept of it names nobody. S3-10.1.1

    `running` is never committed: as long as a transaction holds such a row, the database lets it rewrite what is
    otherwise only added to. Decision 28
    """

    __tablename__ = "erasures"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    reason: Mapped[str] = mapped_column(String(500))
    status: Mapped[ErasureStatus] = mapped_column(
        word(ErasureStatus, "status"), default=ErasureStatus.ASKED, server_default=ErasureStatus.ASKED.value
    )
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """{"messages": 12}: how many rows of each table were rewritten; empty until it is done."""
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    decided_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship(lazy="raise")
    asked_by: Mapped[Person] = relationship(lazy="raise", foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[decided_by_id])

    __table_args__ = (
        CheckConstraint("(status = 'asked') = (decided_at IS NULL)", name="decided_has_a_time"),
        CheckConstraint("status <> 'done' OR decided_by_id <> asked_by_id", name="done_by_another"),
        Index(None, "customer_id", "id"),
        Index(None, "asked_at", "id"),
        Index(
            "uq_erasures_asked",
            "customer_id",
            unique=True,
            sqlite_where=text("status = 'asked'"),
            postgresql_where=text("status = 'asked'"),
        ),
        {"sqlite_autoincrement": True},
    )
