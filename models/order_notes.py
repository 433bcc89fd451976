"""What the teams write to each other on an order, and who was asked to read it. S1-4.7.2"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, word
from models.orders import Order
from models.people import Person
from models.words import Role


class OrderNote(Numbered, Base):
    """An internal note on an order, read by every team that sees the order and by no customer. Append-only. S1-4.7.2"""

    __tablename__ = "order_notes"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    words: Mapped[str] = mapped_column(Text)
    asked_role: Mapped[Role | None] = mapped_column(word(Role, "asked_role"))
    """The department that is asked, as its role; None where it is only written down, or names people."""
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """None for the desk itself."""
    written_at: Mapped[datetime]

    order: Mapped[Order] = relationship(lazy="raise")
    written_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (Index(None, "order_id", "written_at", "id"), {"sqlite_autoincrement": True})


class OrderNoteCall(Numbered, Base):
    """Somebody whom a note names, or whose department it asks: unread until they say that they have read it. S1-4.7.2"""

    __tablename__ = "order_note_calls"

    note_id: Mapped[int] = mapped_column(ForeignKey("order_notes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    read_at: Mapped[datetime | None]

    note: Mapped[OrderNote] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("note_id", "person_id"),
        Index(
            "ix_order_note_calls_unread",
            "person_id",
            "id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )
