"""Scans of what there is of an order on paper, and where the paper is. S1-5.2d"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered
from models.people import Person


class OrderPaper(Numbered, Base):
    """A paper of an order, scanned. Append-only; its content is read only when it is opened. S1-5.2d"""

    __tablename__ = "order_papers"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    name: Mapped[str] = mapped_column(String(200))
    whereabouts: Mapped[str] = mapped_column(String(300))
    """Where the paper itself is: the folder, the shelf, the room."""
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    """Bytes."""
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    added_at: Mapped[datetime]

    added_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("order_id", "digest"),
        Index(None, "order_id", "id"),
        {"sqlite_autoincrement": True},
    )
