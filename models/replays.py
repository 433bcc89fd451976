"""What a draft of the policy would have meant: past and open cases run over it before it is published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, word
from models.people import Person
from models.policy import PolicyVersion
from models.words import DeadlineKind, ReplayStatus


class Replay(Numbered, Base):
    """One draft over the cases of a period and the open ones: how far it has come, and what was counted. S2-14.1

    The newest of a version is the only one: asking again replaces it.
    """

    __tablename__ = "replays"

    policy_id: Mapped[int] = mapped_column(ForeignKey("policy_versions.id"), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    """Of the draft as it was then: a draft of another digest needs another replay."""
    against: Mapped[int]
    """The number of the policy that was in force, with which the draft is compared."""
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    """Of the ended cases those opened from `since` on and before `until` count; of the open ones all do."""
    status: Mapped[ReplayStatus] = mapped_column(
        word(ReplayStatus, "replay_status"), default=ReplayStatus.RUNNING
    )
    words: Mapped[str] = mapped_column(String(300), default="")
    """Why it was given up."""
    expected: Mapped[int] = mapped_column(default=0)
    """Cases when it began, counted up to a limit."""
    cases: Mapped[int] = mapped_column(default=0)
    last_case_id: Mapped[int] = mapped_column(default=0)
    """The cases up to this id are counted."""
    up_to_case_id: Mapped[int] = mapped_column(default=0)
    """The last case there was: what is opened meanwhile stays out."""
    figures: Mapped[dict[str, Any]]
    """As `portal/desk/replay/figures.py` writes them: no longer for a million cases than for a hundred."""
    asked_at: Mapped[datetime]
    """Also the moment as of which a clock counts as run out."""
    finished_at: Mapped[datetime | None]

    policy: Mapped[PolicyVersion] = relationship(lazy="raise")
    asked_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "ix_replays_running",
            "id",
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
        {"sqlite_autoincrement": True},
    )


class ReplayMove(Numbered, Base):
    """One running clock of an open case that a draft would move, begin or stop; the first so many are kept."""

    __tablename__ = "replay_moves"

    replay_id: Mapped[int] = mapped_column(ForeignKey("replays.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[DeadlineKind] = mapped_column(word(DeadlineKind, "kind"))
    level: Mapped[int] = mapped_column(default=0)
    due_before: Mapped[datetime | None]
    """Empty where the draft begins a clock, and while one stands still."""
    due_after: Mapped[datetime | None]
    """Empty where the draft stops a clock, and while one stands still."""

    __table_args__ = (Index(None, "replay_id", "id"), {"sqlite_autoincrement": True})
