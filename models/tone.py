"""Words that customers are not written, and what is said instead. S0-3.2.1"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Numbered, Versioned


class ListedWord(Numbered, Versioned, Base):
    """A word or phrase to avoid in one language. Taken off the list it is kept, so that nothing brings it back."""

    __tablename__ = "listed_words"

    language: Mapped[str] = mapped_column(String(8))
    phrase: Mapped[str] = mapped_column(String(120))
    """As it is written, whatever its case; a star at the end stands for any ending."""
    instead: Mapped[str] = mapped_column(String(300))
    """What to say instead, told to whoever typed it."""
    active: Mapped[bool] = mapped_column(default=True, server_default=true())

    __table_args__ = (
        UniqueConstraint("language", "phrase"),
        CheckConstraint("phrase <> ''", name="phrase_given"),
        {"sqlite_autoincrement": True},
    )
