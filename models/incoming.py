"""What came in from other systems by itself, so that nothing is taken twice. S2-12.4, S1-4.1.1"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Numbered


class IncomingMessage(Numbered, Base):
    """One message of a network, by the id it has there, and the case it became."""

    __tablename__ = "incoming_messages"

    network: Mapped[str] = mapped_column(String(60))
    named: Mapped[str] = mapped_column(String(120))
    """The network's own id."""
    digest: Mapped[str] = mapped_column(String(64))
    """Of all it said, so that another message under the same id is noticed."""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    received_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("network", "named"), {"sqlite_autoincrement": True})


class ShopOrder(Numbered, Base):
    """One order of an online shop, by the number it has there, and the order it became. S1-4.1.1"""

    __tablename__ = "shop_orders"

    shop: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(120))
    """The shop's own."""
    digest: Mapped[str] = mapped_column(String(64))
    """Of all it said, so that another order under the same number is noticed."""
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    received_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("shop", "number"), {"sqlite_autoincrement": True})
