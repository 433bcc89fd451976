"""Transcripts of calls: what was said in a contact, as a text that can be read and searched. S3-6.1.1a"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered
from models.people import Person


class ContactTranscript(Numbered, Base):
    """One version of a contact's transcript; the highest number is the one that counts. S3-6.1.1a

    A corrected version is a further row. Of what was taken away only that, by whom and why is left, never its words.
    """

    __tablename__ = "contact_transcripts"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    number: Mapped[int]
    """From 1 in each contact."""
    name: Mapped[str] = mapped_column(String(200), default="")
    """What its file was called; empty where the words were pasted."""
    words: Mapped[str] = mapped_column(Text)
    """A line for each turn, with its time and who spoke where these were given."""
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    added_at: Mapped[datetime]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    removed_because: Mapped[str] = mapped_column(String(300), default="")
    removed_at: Mapped[datetime | None]

    added_by: Mapped[Person] = relationship(lazy="raise", foreign_keys=[added_by_id])
    removed_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[removed_by_id])

    __table_args__ = (
        UniqueConstraint("contact_id", "number"),
        CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name="removed_by_somebody"),
        CheckConstraint("removed_at IS NULL OR words = ''", name="removed_says_nothing"),
        {"sqlite_autoincrement": True},
    )
