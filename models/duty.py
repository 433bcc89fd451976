"""Who is on duty when: the rota by which notices to a role find people."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.people import Person
from models.words import Role


class OnDuty(Numbered, Versioned, Base):
    """One person's shifts for a role. A night shift belongs to the day on which it begins. S0-4"""

    __tablename__ = "on_duty"

    role: Mapped[Role] = mapped_column(word(Role, "role"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    hours: Mapped[str] = mapped_column(String(500))
    """Written as opening hours are: `Mo-Fr 08:00-14:00`, `Fr 22:00-06:00`."""
    zone: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[date]
    """The first day on which a shift begins."""
    valid_until: Mapped[date | None]
    """The last one; a day before the first takes the entry back. None: until further notice."""
    note: Mapped[str] = mapped_column(String(300), default="")

    person: Mapped[Person] = relationship(lazy="raise")
