"""The procedures as versioned data, and the evidence that they were followed. S1-6.2, S4-1.3"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.contacts import Contact
from models.people import Person
from models.words import Channel, Role, ScriptStatus, StepState


class ScriptVersion(Numbered, Versioned, Base):
    """One version of one script: a document of typed steps. Once published the document never changes."""

    __tablename__ = "script_versions"

    script: Mapped[str] = mapped_column(String(60))
    """The key of the script: `opening`, a situation, `difficult` or `closing`."""
    number: Mapped[int]
    """1, 2, 3 … within the script."""
    status: Mapped[ScriptStatus] = mapped_column(
        word(ScriptStatus, "script_status"), default=ScriptStatus.DRAFT
    )
    document: Mapped[dict[str, Any]]
    """As `portal/desk/scripts/document.py` reads it."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the document: the same content is the same digest."""
    note: Mapped[str] = mapped_column(Text, default="")
    """What changed and why, in the author's words."""
    of_the_product: Mapped[bool] = mapped_column(default=False)
    """Whether the document came with the product and nobody on the desk has changed it."""
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("script_versions.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    changed_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    approved_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    in_force_from: Mapped[datetime | None]
    """From when contacts begin with it; the latest one that has come is in force."""
    retired_at: Mapped[datetime | None]

    created_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[created_by_id])
    changed_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[changed_by_id])
    approved_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[approved_by_id])
    published_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[published_by_id])

    __table_args__ = (
        UniqueConstraint("script", "number"),
        CheckConstraint("status <> 'published' OR in_force_from IS NOT NULL", name="published_has_a_start"),
        Index(None, "status", "script", "in_force_from"),
        {"sqlite_autoincrement": True},
    )

    def __str__(self) -> str:
        return f"{self.script} {self.number}"


class ScriptOwner(Numbered, Versioned, Base):
    """Who answers for a script: one colleague or one role. S4-1.1"""

    __tablename__ = "script_owners"

    script: Mapped[str] = mapped_column(String(60), unique=True)
    role: Mapped[Role | None] = mapped_column(word(Role, "role"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)

    person: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("(role IS NULL) <> (person_id IS NULL)", name="one_owner"),
        {"sqlite_autoincrement": True},
    )


class ScriptComment(Numbered, Base):
    """What a colleague says about a version, or about one step of it."""

    __tablename__ = "script_comments"

    version_id: Mapped[int] = mapped_column(ForeignKey("script_versions.id"), index=True)
    step: Mapped[str] = mapped_column(String(60), default="")
    words: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")


class ContactStep(Numbered, Base):
    """How one step of one ended contact went: the evidence. Written once, when the contact ends. S1-3.4c"""

    __tablename__ = "contact_steps"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("script_versions.id"))
    step: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(40))
    place: Mapped[int]
    """Its place in the walk of this contact, from 1."""
    state: Mapped[StepState] = mapped_column(word(StepState, "step_state"))
    required: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    at: Mapped[datetime | None]
    """When it was done or skipped."""
    ended_at: Mapped[datetime]
    """When the contact ended: reports run over it."""
    channel: Mapped[Channel] = mapped_column(word(Channel, "channel"))
    team: Mapped[str] = mapped_column(String(60), default="")

    contact: Mapped[Contact] = relationship(lazy="raise")
    version: Mapped[ScriptVersion] = relationship(lazy="raise")
    person: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("contact_id", "step"),
        Index(None, "ended_at", "version_id", "step", "state"),
        Index(None, "version_id", "step", "state", "ended_at", "id"),
        Index(
            "ix_contact_steps_not_done",
            "ended_at",
            "id",
            sqlite_where=text("state IN ('skipped', 'missing')"),
            postgresql_where=text("state IN ('skipped', 'missing')"),
        ),
        {"sqlite_autoincrement": True},
    )


class StepCount(Base):
    """How often a step went one way on one day: counted once the day is over, so that reports need no evidence row."""

    __tablename__ = "step_counts"

    day: Mapped[date] = mapped_column(primary_key=True)
    """In UTC."""
    version_id: Mapped[int] = mapped_column(ForeignKey("script_versions.id"), primary_key=True, index=True)
    step: Mapped[str] = mapped_column(String(60), primary_key=True)
    channel: Mapped[Channel] = mapped_column(word(Channel, "channel"), primary_key=True)
    team: Mapped[str] = mapped_column(String(60), primary_key=True)
    state: Mapped[StepState] = mapped_column(word(StepState, "step_state"), primary_key=True)
    contacts: Mapped[int]

    __table_args__ = ({"sqlite_with_rowid": False},)


class ContactAnswer(Numbered, Base):
    """An answer to one of the desk's own questions, kept so that it can be searched and counted."""

    __tablename__ = "contact_answers"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("script_versions.id"), index=True)
    script: Mapped[str] = mapped_column(String(60))
    step: Mapped[str] = mapped_column(String(60))
    field: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(Text)
    """As its kind stores it; `portal/desk/fields` reads it."""
    number: Mapped[int | None] = mapped_column(BigInteger)
    """Where the kind counts: a number, minor units, a place on a scale, 1 for yes."""
    day: Mapped[date | None]
    ended_at: Mapped[datetime]

    contact: Mapped[Contact] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("contact_id", "step", "field"),
        Index(None, "script", "step", "field", "ended_at"),
        Index(None, "ended_at", "id"),
        {"sqlite_autoincrement": True},
    )
