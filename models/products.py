"""What the desk sells."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Numbered, Versioned


class Product(Numbered, Versioned, Base):
    __tablename__ = "products"

    sku: Mapped[str] = mapped_column(String(60), unique=True)
    """The code as the catalogue spells it: two codes may differ in case alone."""
    name: Mapped[str] = mapped_column(String(300))
    category: Mapped[str] = mapped_column(String(120), default="")
    unit: Mapped[str] = mapped_column(String(60), default="piece")
    pack_size: Mapped[int] = mapped_column(default=1, server_default="1")
    """Units that are sold together: only whole packs are. S0-3.1.2b"""
    least_quantity: Mapped[int] = mapped_column(default=1, server_default="1")
    """The fewest units that are sold at once."""
    price_minor: Mapped[int]
    """Price of one unit in minor units (cents) of `currency`."""
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    on_hand: Mapped[int | None]
    """Units in the stock room; None where stock is not counted. S1-3.2b"""
    reserved: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0, server_default="0")
    """Units that customers agreed to wait for: whatever comes in is theirs first. S1-4.2.1a"""
    warranty_months: Mapped[int | None]
    """Months from the purchase; None where nobody said. S4-5.1"""
    tax_bp: Mapped[int | None]
    """The tax its price includes, in basis points: 1900 is 19 %; None for the rate of the house. S1-4.4.1a"""
    shelf: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """Where it is taken from; empty where nobody noted it. S1-3.3a"""
    active: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str | None] = mapped_column(String(60))
    source_id: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        CheckConstraint("on_hand IS NULL OR on_hand >= reserved", name="reserved_within_stock"),
        CheckConstraint("waiting >= 0", name="waiting_not_negative"),
        CheckConstraint("pack_size >= 1", name="pack_holds_something"),
        CheckConstraint("least_quantity >= 1", name="least_is_something"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("tax_bp IS NULL OR tax_bp BETWEEN 0 AND 10000", name="tax_is_a_share"),
        Index(
            "ix_products_waited_for",
            "id",
            sqlite_where=text("waiting > 0"),
            postgresql_where=text("waiting > 0"),
        ),
        Index(None, "name", "id"),
        Index(None, "category", "id"),
        Index(None, "price_minor", "id"),
        {"sqlite_autoincrement": True},
    )

    @property
    def available(self) -> int | None:
        """Units that can still be promised; None where stock is not counted."""
        return None if self.on_hand is None else max(self.on_hand - self.reserved - self.waiting, 0)

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"
