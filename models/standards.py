"""What the house promises itself about every service, and who answers for it. S3-1.1"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Numbered, Versioned, word
from models.words import Role


class ServiceStandard(Numbered, Versioned, Base):
    """One standard. How far it is kept follows from the clauses it rests on. Out of use it is kept for what was."""

    __tablename__ = "service_standards"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    words: Mapped[str] = mapped_column(Text, default="")
    """What it asks, for everybody."""
    clauses: Mapped[list[Any]]
    """Ids of the clauses by which it is measured, such as "S0-3.1.4"."""
    owner: Mapped[Role] = mapped_column(word(Role, "owner"))
    active: Mapped[bool] = mapped_column(default=True, server_default=true())

    __table_args__ = (
        CheckConstraint("name <> ''", name="name_given"),
        {"sqlite_autoincrement": True},
    )
