"""What the law of a region wants said in a contact, as a table that managers edit. S3-10.2.1"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Numbered, Versioned, word
from models.words import Channel


class Announcement(Numbered, Versioned, Base):
    """One text for the customers of one country, or for everywhere else. What was once said is never reworded."""

    __tablename__ = "announcements"

    country: Mapped[str] = mapped_column(String(2), default="")
    """Its code, such as DE; empty for everywhere else."""
    channel: Mapped[Channel | None] = mapped_column(word(Channel, "channel"))
    """Only said on this one; on every channel where it names none."""
    words_en: Mapped[str] = mapped_column(Text, default="")
    words_de: Mapped[str] = mapped_column(Text, default="")
    valid_from: Mapped[date]
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Taken back it is kept, because contacts name it."""

    __table_args__ = (
        CheckConstraint("country = '' OR length(country) = 2", name="country_is_a_code"),
        CheckConstraint("words_en <> '' OR words_de <> ''", name="says_something"),
        {"sqlite_autoincrement": True},
    )
