"""What customers agreed to, in which words; and the offers written to those who did. S4-3.1"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, word
from models.contacts import Contact
from models.customers import Customer
from models.people import Person
from models.words import ConsentPurpose, ConsentSource


class ConsentWording(Numbered, Base):
    """The words in which customers are asked for one purpose, numbered; never changed, the newest is said. S4-3.1"""

    __tablename__ = "consent_wordings"

    purpose: Mapped[ConsentPurpose] = mapped_column(word(ConsentPurpose, "purpose"))
    number: Mapped[int]
    words_en: Mapped[str] = mapped_column(Text)
    words_de: Mapped[str] = mapped_column(Text)
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """None for what came with the product."""
    written_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("purpose", "number"), {"sqlite_autoincrement": True})


class Consent(Numbered, Base):
    """A customer agreed to one purpose, or took it back: when, by what way, in which words. S4-3.1

    Rows are only added; merging two records of one customer alone moves them.
    """

    __tablename__ = "consents"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    purpose: Mapped[ConsentPurpose] = mapped_column(word(ConsentPurpose, "purpose"))
    agreed: Mapped[bool]
    """False when it was taken back."""
    wording_id: Mapped[int | None] = mapped_column(ForeignKey("consent_wordings.id"), index=True)
    """The words that were said; None when it was taken back."""
    source: Mapped[ConsentSource] = mapped_column(word(ConsentSource, "source"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """None where the customer did it by a link."""
    at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")
    wording: Mapped[ConsentWording | None] = relationship(lazy="raise")
    contact: Mapped[Contact | None] = relationship(lazy="raise")
    noted_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("NOT agreed OR wording_id IS NOT NULL", name="agreed_to_words"),
        Index(None, "customer_id", "id"),
        {"sqlite_autoincrement": True},
    )


class Offer(Numbered, Base):
    """Advertising for those who agreed to it: a letter each, written in batches. S4-3.1"""

    __tablename__ = "offers"

    subject: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(Text)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    made_at: Mapped[datetime]
    last_customer_id: Mapped[int] = mapped_column(default=0)
    """How far it is written: customers in the order of their ids."""
    letters: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]

    made_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (Index(None, "made_at", "id"), {"sqlite_autoincrement": True})


class ResearchList(Numbered, Base):
    """Customers whose name and address a research partner is given: those who agreed, until a day. S4-3.4"""

    __tablename__ = "research_lists"

    partner: Mapped[str] = mapped_column(String(300))
    reason: Mapped[str] = mapped_column(String(500))
    """What they do with it."""
    until: Mapped[date]
    """The last day on which they may have it."""
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    made_at: Mapped[datetime]

    made_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("partner <> '' AND reason <> ''", name="says_who_and_why"),
        Index(None, "made_at", "id"),
        {"sqlite_autoincrement": True},
    )


class ResearchRow(Numbered, Base):
    """A customer on one of these lists. Who takes the consent back is recalled. S4-3.4"""

    __tablename__ = "research_rows"

    list_id: Mapped[int] = mapped_column(ForeignKey("research_lists.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)

    __table_args__ = (Index(None, "list_id", "customer_id"), {"sqlite_autoincrement": True})
