"""Who was given data of customers. S4-3.3"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, word
from models.customers import Customer
from models.words import DisclosureGround


class Disclosure(Numbered, Base):
    """Somebody was given data of one customer or of many: by an export, or as a colleague noted it. Append-only. S4-3.3"""

    __tablename__ = "disclosures"

    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    who: Mapped[str] = mapped_column(String(200))
    """Who gave it out."""
    recipient: Mapped[str] = mapped_column(String(300))
    what: Mapped[str] = mapped_column(String(500))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    """Whose it is, where it is of one alone."""
    ground: Mapped[DisclosureGround] = mapped_column(word(DisclosureGround, "ground"))
    reason: Mapped[str] = mapped_column(String(500))
    exported: Mapped[int | None]
    """How many rows, where a table was taken away; None where somebody noted it."""

    customer: Mapped[Customer | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("recipient <> '' AND what <> '' AND reason <> ''", name="says_who_what_and_why"),
        Index(None, "at", "id"),
        {"sqlite_autoincrement": True},
    )
