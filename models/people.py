"""The people of the desk and their signed-in sessions. Decision 16."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, Words


class Person(Numbered, Versioned, Base):
    """A colleague, known by (issuer, subject) and never by e-mail address. S0-1.1"""

    __tablename__ = "people"

    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(320))
    roles: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    zone: Mapped[str] = mapped_column(String(64), default="Europe/Berlin")
    team: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """The team a person works in; reports count by it."""
    quiet_hours: Mapped[str] = mapped_column(String(120), default="", server_default="")
    """When reminders wait, as opening hours are written, on the person's own clock. Decision 15"""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_signed_in_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        CheckConstraint("subject <> ''", name="subject_given"),
        Index(None, "name"),
        Index(None, "last_signed_in_at"),
        {"sqlite_autoincrement": True},
    )

    def __str__(self) -> str:
        return self.name


class SignInSession(Base):
    """One signed-in browser. The cookie holds the secret, this row its hash, so a leak of the table opens nothing."""

    __tablename__ = "sessions"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    idp_session: Mapped[str | None] = mapped_column(String(300), index=True)
    id_token: Mapped[str | None] = mapped_column(String(8000))
    practice: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether this browser is in the practice room. S2-0.3"""

    person: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "ix_sessions_live",
            "person_id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class SignInAttempt(Base):
    """How often one key (an address, a link) was tried in one window. Shared by all replicas."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
