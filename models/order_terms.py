"""The terms under which orders are taken, as versions that managers write. S4-4.2"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Numbered, Versioned


class OrderTerms(Numbered, Versioned, Base):
    """One version of the terms, in each language; orders name the one they were placed under. S4-4.2"""

    __tablename__ = "order_terms"

    words_en: Mapped[str] = mapped_column(Text, default="")
    words_de: Mapped[str] = mapped_column(Text, default="")
    valid_from: Mapped[date]
    """The first day on which orders are placed under it; the newest whose day has come is in force."""

    __table_args__ = (
        CheckConstraint("words_en <> '' OR words_de <> ''", name="says_something"),
        Index(None, "valid_from", "id"),
        {"sqlite_autoincrement": True},
    )

    def __str__(self) -> str:
        return f"terms {self.id}"
