"""What somebody has practised, and how it went. S2-0.3, S3-8.2"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered
from models.people import Person


class TrainingRecord(Numbered, Base):
    """One practised scenario, checked by the system step by step. Only ever added to."""

    __tablename__ = "training_records"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    scenario: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64))
    """Of the scenario as it was practised."""
    contact_number: Mapped[str] = mapped_column(String(32))
    """The contact in the practice room."""
    passed: Mapped[bool]
    checks: Mapped[list[Any]]
    """[{"asks": …, "met": true, "found": …}]"""
    began_at: Mapped[datetime]
    finished_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        Index(None, "person_id", "scenario", "finished_at"),
        Index(None, "finished_at", "id"),
        {"sqlite_autoincrement": True},
    )
