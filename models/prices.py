"""What customers pay beyond the price of the catalogue, and orders that somebody else has to agree to. S1-4.2.1b"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, Words, word
from models.orders import Order
from models.people import Person
from models.products import Product
from models.words import ApprovalStatus, CustomerKind, Tier


class PriceList(Numbered, Versioned, Base):
    """Prices for some customers, or for all of them. What stands on none costs what the catalogue says."""

    __tablename__ = "price_lists"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[CustomerKind | None] = mapped_column(word(CustomerKind, "kind"))
    """Whose it is; None for customers of every kind."""
    tier: Mapped[Tier | None] = mapped_column(word(Tier, "tier"))
    """And of which tier; None for every one."""
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class ListPrice(Numbered, Versioned, Base):
    """What one product costs on a list, from one moment to another."""

    __tablename__ = "list_prices"

    list_id: Mapped[int] = mapped_column(ForeignKey("price_lists.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    price_minor: Mapped[int]
    """Of one unit, in minor units of the product's currency."""
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    """The first moment at which it holds no more; None until further notice."""

    list: Mapped[PriceList] = relationship(lazy="raise")
    product: Mapped[Product] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("list_id", "product_id", "valid_from"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="valid_for_a_while"),
        Index(None, "product_id", "valid_from"),
        {"sqlite_autoincrement": True},
    )


class OrderRules(Numbered, Versioned, Base):
    """What holds for every order of the house: one row. Empty where nothing is asked."""

    __tablename__ = "order_rules"

    tax_bp: Mapped[int | None]
    """The tax that prices include, in basis points, where a product says none of its own. S1-4.4.1a"""

    second_above_minor: Mapped[int | None] = mapped_column(BigInteger)
    """An order of more than this, in minor units of the desk's currency, needs a second person. S1-4.3.2a"""

    __table_args__ = (
        CheckConstraint("second_above_minor >= 0", name="second_not_negative"),
        CheckConstraint("tax_bp IS NULL OR tax_bp BETWEEN 0 AND 10000", name="tax_is_a_share"),
        {"sqlite_autoincrement": True},
    )


class OrderApproval(Numbered, Versioned, Base):
    """An order that was placed and is not confirmed before somebody else than its author has agreed. S1-4.2.1b"""

    __tablename__ = "order_approvals"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    causes: Mapped[tuple[str, ...]] = mapped_column(Words)
    """Why: each one of `ApprovalCause`."""
    listed_minor: Mapped[int] = mapped_column(BigInteger)
    """What the order comes to where the list prices hold, in minor units of its currency."""
    status: Mapped[ApprovalStatus] = mapped_column(
        word(ApprovalStatus, "approval_status"), default=ApprovalStatus.ASKED
    )
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(Text, default="")

    order: Mapped[Order] = relationship(lazy="raise")
    asked_by: Mapped[Person] = relationship(lazy="raise", foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[decided_by_id])

    __table_args__ = (
        CheckConstraint("(status = 'asked') = (decided_at IS NULL)", name="decided_has_a_time"),
        CheckConstraint(
            "status = 'withdrawn' OR decided_by_id IS NULL OR decided_by_id <> asked_by_id",
            name="decided_by_another",
        ),
        Index(
            "ix_order_approvals_one_open",
            "order_id",
            unique=True,
            sqlite_where=text("status = 'asked'"),
            postgresql_where=text("status = 'asked'"),
        ),
        Index(None, "order_id", "id"),
        Index(None, "asked_at", "id"),
        Index(None, "status", "asked_at", "id"),
        Index(None, "decided_at", "id"),
        {"sqlite_autoincrement": True},
    )
