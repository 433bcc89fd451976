"""What the desk remembers of itself: the audit trail, job slots, number sequences, used keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Numbered

ACCESS_DEEDS = (
    "reveal customer",
    "verify caller",
    "verify caller by code",
    "verify caller by call back",
    "show number to call back",
    "send one-time code",
    "fail verification",
    "fail one-time code",
    "fail call back",
    "lock customer",
    "unlock customer",
    "lock caller",
    "change customer",
)
"""What the access log is made of: who saw or verified whom. S2-2.4"""
_ACCESS = text("deed IN ({})".format(", ".join(f"'{deed}'" for deed in ACCESS_DEEDS)))


class AuditEntry(Numbered, Base):
    """One deed: who, when, what, old and new. Append-only by the database. S2-15.5b"""

    __tablename__ = "audit_entries"

    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    who: Mapped[str] = mapped_column(String(200))
    deed: Mapped[str] = mapped_column(String(80))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(64))
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """{"orders/12": {"status": [old, new]}}; values as text-safe JSON."""
    reason: Mapped[str] = mapped_column(String(500), default="")
    request_id: Mapped[str] = mapped_column(String(40), default="")

    __table_args__ = (
        Index(None, "at", "id"),
        Index(None, "subject_kind", "subject_id", "id"),
        Index(None, "person_id", "id"),
        Index("ix_audit_entries_access", "at", "id", sqlite_where=_ACCESS, postgresql_where=_ACCESS),
        {"sqlite_autoincrement": True},
    )


class AuditSeal(Numbered, Base):
    """A stretch of the audit trail, what each of its entries said, and the seal before it. Append-only. S2-8.7

    Numbered from 1 without a gap: a chain, in which nothing can be changed, left out or put in unseen.
    """

    __tablename__ = "audit_seals"

    first_id: Mapped[int]
    """The first id of the stretch, which is that behind the one before; ids nobody has used are in it as well."""
    last_id: Mapped[int]
    entries: Mapped[list[Any]]
    """[[id, digest of the entry]] of the stretch."""
    late: Mapped[list[Any]]
    """The same of entries of earlier stretches, whose transactions ended only after those were sealed."""
    gaps: Mapped[list[Any]]
    """[[from, to]] of the ids of the stretch that held no entry when it was sealed."""
    previous: Mapped[str] = mapped_column(String(64))
    """The digest of the seal before; empty for the first."""
    digest: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime]

    __table_args__ = (Index(None, "sealed_at", "id"), {"sqlite_autoincrement": True})


class JobSlot(Base):
    """One run of one job in one slot of time; whoever inserts the row runs it. Decision 23"""

    __tablename__ = "job_slots"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    acted: Mapped[int | None]
    error: Mapped[str] = mapped_column(String(300), default="")

    __table_args__ = (Index(None, "started_at"),)


class NumberSequence(Base):
    """The last number given out of one sequence in one year."""

    __tablename__ = "number_sequences"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class IdempotencyKey(Base):
    """A submit that took effect: the same key gives the same answer and no second effect."""

    __tablename__ = "idempotency_keys"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    content: Mapped[str] = mapped_column(String(64))
    """Hash of what was submitted: the same key with other content is refused."""
    location: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(index=True)
