"""The customers and the words they are found by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.people import Person
from models.words import CustomerDetail, CustomerKind, PreferredChannel, Tier


class Customer(Numbered, Versioned, Base):
    """Someone who orders or asks. Neither surname, state nor postal code is required of anyone."""

    __tablename__ = "customers"

    number: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[CustomerKind] = mapped_column(
        word(CustomerKind, "kind"), default=CustomerKind.PERSON, server_default=CustomerKind.PERSON.value
    )
    """What has to be known of a new one follows from it. S1-4.1.2a"""
    name: Mapped[str] = mapped_column(String(300))
    organisation: Mapped[str] = mapped_column(String(300), default="")
    email: Mapped[str] = mapped_column(String(320), default="")
    phone: Mapped[str] = mapped_column(String(64), default="")
    """E.164 where the number can be read, else as the customer gave it."""
    preferred_channel: Mapped[PreferredChannel] = mapped_column(
        word(PreferredChannel, "preferred_channel"), default=PreferredChannel.EMAIL
    )
    tier: Mapped[Tier] = mapped_column(
        word(Tier, "tier"), default=Tier.STANDARD, server_default=Tier.STANDARD.value
    )
    language: Mapped[str] = mapped_column(String(12), default="en")
    street: Mapped[str] = mapped_column(Text, default="")
    """Everything above the town, several lines where the place needs them."""
    city: Mapped[str] = mapped_column(String(200), default="")
    region: Mapped[str] = mapped_column(String(200), default="")
    postal_code: Mapped[str] = mapped_column(String(40), default="")
    country: Mapped[str] = mapped_column(String(100), default="")
    marketing_consent_at: Mapped[datetime | None]
    research_consent_at: Mapped[datetime | None]
    no_surveys_at: Mapped[datetime | None]
    """Since when the customer wants no surveys; None while they may be asked how it went. S3-9.1.1"""
    held_because: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """Why nothing of this customer may be erased, such as a lawsuit; empty where it may. S0-5.2"""
    erased_at: Mapped[datetime | None]
    """Since when nothing here says who it was. S3-10.1.1"""
    locked_until: Mapped[datetime | None]
    """Set after too many failed verifications. S2-2.6"""
    failed_verifications: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(Text, default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    """The record of the same customer that all of this one's went to; None for a record of its own. S2-6.5"""
    source: Mapped[str | None] = mapped_column(String(60))
    source_id: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        Index(None, "name", "id"),
        Index(None, "email", "id"),
        Index(None, "phone", "id"),
        Index(None, "city", "id"),
        Index(None, "created_at", "id"),
        Index(
            "ix_customers_no_surveys",
            "no_surveys_at",
            "id",
            sqlite_where=text("no_surveys_at IS NOT NULL"),
            postgresql_where=text("no_surveys_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class CustomerMerge(Numbered, Base):
    """Two records of one customer made one: what went over, so that it can be given back exactly. S2-6.5"""

    __tablename__ = "customer_merges"

    kept_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    gone_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    moved: Mapped[dict[str, Any]]
    """{"orders.customer_id": [12, 13]}: the rows that went over."""
    reason: Mapped[str] = mapped_column(String(500))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    made_at: Mapped[datetime]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    undone_at: Mapped[datetime | None]

    kept: Mapped[Customer] = relationship(lazy="raise", foreign_keys=[kept_id])
    gone: Mapped[Customer] = relationship(lazy="raise", foreign_keys=[gone_id])
    made_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[made_by_id])

    __table_args__ = (
        CheckConstraint("kept_id <> gone_id", name="of_two_records"),
        Index(None, "kept_id", "id"),
        Index(None, "gone_id", "id"),
        Index(
            "uq_customer_merges_gone",
            "gone_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )


class CustomerNeed(Numbered, Versioned, Base):
    """Whether a detail is required of every new customer of a kind. S1-4.1.2a"""

    __tablename__ = "customer_needs"

    kind: Mapped[CustomerKind] = mapped_column(word(CustomerKind, "kind"))
    detail: Mapped[CustomerDetail] = mapped_column(word(CustomerDetail, "detail"))
    required: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("kind", "detail"), {"sqlite_autoincrement": True})


class SearchToken(Base):
    """One word prefix, number or digit run a thing is found by. Decision 27."""

    __tablename__ = "search_tokens"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    token: Mapped[str] = mapped_column(
        String(80).with_variant(String(80, collation="C"), "postgresql"), primary_key=True
    )
    """Compared by its bytes on both databases, so that a prefix is a range of the index."""
    thing_id: Mapped[int] = mapped_column(primary_key=True)

    __table_args__ = (Index(None, "kind", "thing_id"), {"sqlite_with_rowid": False})
