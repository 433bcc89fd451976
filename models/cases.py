"""Cases, the clocks that run on them, and their escalations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.contacts import Contact
from models.customers import Customer
from models.orders import Order
from models.people import Person
from models.policy import BusinessCalendar
from models.words import (
    CaseKind,
    CaseStatus,
    Channel,
    ClockEventKind,
    DeadlineKind,
    DeadlineStatus,
    EscalationStatus,
    NoteKind,
    ResolutionCode,
    Role,
    Severity,
    TargetKind,
    Tier,
)


def _only(name: str, *columns: str, where: str) -> Index:
    """An index of the rows that meet a condition, on both databases."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


_OPEN = "status IN ('open', 'waiting')"
_OVER = "('resolved', 'closed', 'cancelled', 'merged')"
_MAILED = "answered_at IS NULL AND mailed_at IS NOT NULL"
_ACTIVE = "status IN ('raised', 'accepted')"


class Case(Numbered, Versioned, Base):
    """Something a customer is owed an answer or a remedy for. S0-3.3, S0-3.4"""

    __tablename__ = "cases"

    number: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[CaseKind] = mapped_column(word(CaseKind, "kind"))
    severity: Mapped[Severity] = mapped_column(word(Severity, "severity"), default=Severity.NORMAL)
    status: Mapped[CaseStatus] = mapped_column(word(CaseStatus, "status"), default=CaseStatus.OPEN)
    channel: Mapped[Channel] = mapped_column(word(Channel, "channel"))
    own_channel: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """The name of a channel of the desk's own, which behaves like the one above; empty for that one itself. S0-1.2b"""
    subject: Mapped[str] = mapped_column(String(300))
    statement: Mapped[str] = mapped_column(Text, default="")
    """The concern in the customer's own words. S0-3.2.2b"""
    restated: Mapped[str] = mapped_column(Text, default="")
    apology: Mapped[str] = mapped_column(Text, default="")
    """Given, or why it did not apply. S0-3.4.2a"""
    options: Mapped[str] = mapped_column(Text, default="")
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    tier: Mapped[Tier] = mapped_column(
        word(Tier, "tier"), default=Tier.STANDARD, server_default=Tier.STANDARD.value
    )
    """The customer's when it was opened, until somebody reclassifies the case."""
    team: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """Of who opened it; with channel and country it says on which calendar the clocks run."""
    country: Mapped[str] = mapped_column(String(100), default="", server_default="")
    """The customer's when it was opened."""
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey("calendars.id"), index=True)
    """A calendar named for this case alone; without one, or once it was taken out, the policy says which."""
    held_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    held_by_role: Mapped[Role] = mapped_column(word(Role, "held_by_role"), default=Role.REPRESENTATIVE)
    """The group that holds the case; moves up with an escalation."""
    escalation_level: Mapped[int] = mapped_column(default=0)
    paused_for: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """The set reason for which its clocks stand still, by its name in the policy; an open question is a status."""
    serial: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """The serial number a support case is about. S4-5.3"""
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True)
    legal: Mapped[bool] = mapped_column(default=False)
    regulatory: Mapped[bool] = mapped_column(default=False)
    """Legal or regulatory: seen by managers and administrators alone. S3-5.1.2"""
    cycle: Mapped[int] = mapped_column(default=1)
    """Grows by one with each reopening."""
    resolution_code: Mapped[ResolutionCode | None] = mapped_column(word(ResolutionCode, "resolution_code"))
    resolution: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """When the first clock of this cycle is due that somebody has to act on; empty while all stand still.
    A projection of the clocks, as theirs are of the facts: it moves with them, and `version` does not."""
    mailed_at: Mapped[datetime | None]
    """When the mail arrived that it was opened from by itself; None for every other case. S2-12.2"""
    acknowledged_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """When the customer said that the solution holds, or nobody could be asked. S3-4.2.1c"""
    closed_because: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why nobody could be asked; empty where the follow-up has a result."""

    customer: Mapped[Customer | None] = relationship(lazy="raise")
    order: Mapped[Order | None] = relationship(lazy="raise")
    contact: Mapped[Contact | None] = relationship(lazy="raise")
    held_by: Mapped[Person | None] = relationship(lazy="raise")
    calendar: Mapped[BusinessCalendar | None] = relationship(lazy="raise")
    deadlines: Mapped[list[Deadline]] = relationship(
        lazy="raise", back_populates="case", order_by="Deadline.due_at"
    )

    __table_args__ = (
        CheckConstraint(
            "(status IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)", name="resolved_has_a_time"
        ),
        CheckConstraint(
            "status NOT IN ('resolved', 'closed') OR resolution_code IS NOT NULL", name="resolved_has_a_code"
        ),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_has_a_time"),
        CheckConstraint("closed_because = '' OR closed_at IS NOT NULL", name="closed_because_it_is_closed"),
        CheckConstraint(f"paused_for = '' OR {_OPEN}", name="paused_while_open"),
        Index(None, "opened_at", "id"),
        Index(None, "status", "opened_at", "id"),
        Index(None, "kind", "opened_at", "id"),
        _only("ix_cases_due", "due_at", "id", where=_OPEN),
        _only("ix_cases_due_held", "held_by_id", "due_at", "id", where=_OPEN),
        _only("ix_cases_due_group", "held_by_role", "due_at", "id", where=f"{_OPEN} AND held_by_id IS NULL"),
        _only("ix_cases_due_kind", "kind", "due_at", "id", where=_OPEN),
        _only("ix_cases_due_escalated", "due_at", "id", where=f"{_OPEN} AND escalation_level > 0"),
        _only("ix_cases_due_waiting", "due_at", "id", where="status = 'waiting'"),
        _only("ix_cases_closed", "opened_at", "id", where=f"status IN {_OVER}"),
        _only("ix_cases_unanswered", "status", "mailed_at", "id", where=_MAILED),
        Index(
            "ix_cases_restricted",
            "opened_at",
            "id",
            sqlite_where=text("legal = 1 OR regulatory = 1"),
            postgresql_where=text("legal OR regulatory"),
        ),
        Index(
            "ix_cases_resolved_at",
            "resolved_at",
            sqlite_where=text("resolved_at IS NOT NULL"),
            postgresql_where=text("resolved_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    @property
    def restricted(self) -> bool:
        return self.legal or self.regulatory

    @property
    def came_by(self) -> str:
        """The channel as it is called: the desk's own one, else the usual one."""
        return self.own_channel or self.channel.value

    def __str__(self) -> str:
        return self.number


class CaseLink(Numbered, Base):
    """Two cases that belong together: the second came of the first, and each names the other. S3-4.1.3d"""

    __tablename__ = "case_links"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    led_to_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    linked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    linked_at: Mapped[datetime]
    cause: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the first is the cause of the second, which is told of together with all others under it. S2-4.5"""

    __table_args__ = (
        UniqueConstraint("case_id", "led_to_id"),
        Index(
            "ix_case_links_cause",
            "led_to_id",
            unique=True,
            sqlite_where=text("cause = 1"),
            postgresql_where=text("cause"),
        ),
        CheckConstraint("case_id <> led_to_id", name="not_to_itself"),
        {"sqlite_autoincrement": True},
    )


class CaseNote(Numbered, Base):
    """A note, an action taken, or what the customer was asked, told or said. Only added to. S3-4.2.1b"""

    __tablename__ = "case_notes"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[NoteKind] = mapped_column(word(NoteKind, "kind"))
    words: Mapped[str] = mapped_column(Text)
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    written_at: Mapped[datetime]
    """The server's time; nobody can set it."""
    happened_at: Mapped[datetime | None]
    """When it happened, where that was before it was written down. S2-15.2"""
    happened_why: Mapped[str] = mapped_column(String(300), default="", server_default="")
    """Why it was written down later."""

    written_by: Mapped[Person | None] = relationship(lazy="raise")


class Deadline(Numbered, Base):
    """One running clock of one case. `due_at` and `warn_at` are projections; facts are the clock events. Decision 8"""

    __tablename__ = "deadlines"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[DeadlineKind] = mapped_column(word(DeadlineKind, "kind"))
    level: Mapped[int] = mapped_column(default=0)
    """The level for `escalate`; the how many-th of its cycle for `next_answer` and `update`, from 1; else 0."""
    cycle: Mapped[int] = mapped_column(default=1)
    target_kind: Mapped[TargetKind] = mapped_column(word(TargetKind, "target_kind"))
    target_amount: Mapped[int]
    """Seconds for elapsed and business time, days for business days, 0 for the same business day."""
    warn_percent: Mapped[int] = mapped_column(default=75)
    source: Mapped[str] = mapped_column(String(60), default="")
    """The clause this target comes from."""
    policy: Mapped[int] = mapped_column(default=0, server_default="0")
    """The number of the policy version it was projected by, and missed under; 0 where none was published yet."""
    calendar: Mapped[int] = mapped_column(default=0, server_default="0")
    """The calendar of that policy it was counted on; 0 for that of the case."""
    rule: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """The row of that policy that it follows: it says what happens when it warns, runs out or is met."""
    status: Mapped[DeadlineStatus] = mapped_column(
        word(DeadlineStatus, "status"), default=DeadlineStatus.RUNNING
    )
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    """When a sweep has to look at it again; empty when nothing is left to do."""
    warned_at: Mapped[datetime | None]
    missed_at: Mapped[datetime | None]
    """The exact moment it ran out, whenever the sweep came by."""
    met_at: Mapped[datetime | None]
    put_off: Mapped[int] = mapped_column(default=0)
    """How often acting on it failed and was put off."""

    case: Mapped[Case] = relationship(lazy="raise", back_populates="deadlines")

    __table_args__ = (
        UniqueConstraint("case_id", "kind", "level", "cycle"),
        CheckConstraint("target_amount >= 0", name="amount_not_negative"),
        CheckConstraint("warn_percent BETWEEN 1 AND 100", name="warn_is_a_share"),
        Index(
            "ix_deadlines_next",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(None, "due_at", "id"),
        _only("ix_deadlines_unfinished", "policy", "case_id", where="status IN ('running', 'paused')"),
        {"sqlite_autoincrement": True},
    )


class ClockEvent(Numbered, Base):
    """A fact that moves the clocks of a case. Append-only. Decision 8"""

    __tablename__ = "clock_events"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[ClockEventKind] = mapped_column(word(ClockEventKind, "kind"))
    cycle: Mapped[int] = mapped_column(default=1)
    at: Mapped[datetime]
    """From when it counts."""
    noted_at: Mapped[datetime | None]
    """When it was written down, where that was later. S2-15.2"""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    reason: Mapped[str] = mapped_column(String(300), default="")


class Escalation(Numbered, Versioned, Base):
    """A case handed up. One per (case, target, level, cycle), by the database. Decision 15"""

    __tablename__ = "escalations"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    target: Mapped[str] = mapped_column(String(32))
    """The deadline kind that ran out, or `asked` when a person handed it up, or `legal` / `regulatory`."""
    level: Mapped[int] = mapped_column(default=1)
    cycle: Mapped[int] = mapped_column(default=1)
    to_role: Mapped[Role] = mapped_column(word(Role, "to_role"))
    status: Mapped[EscalationStatus] = mapped_column(
        word(EscalationStatus, "status"), default=EscalationStatus.RAISED
    )
    reason: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(60), default="")
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    raised_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    turn_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    """How long each has before the next one is told; 0 where all are told together. S2-13.2"""
    next_at: Mapped[datetime | None]
    """When the next one is to be told while nobody has accepted; empty when nobody is left, or all were told."""
    put_off: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often telling the next one failed and was put off."""

    case: Mapped[Case] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("case_id", "target", "level", "cycle"),
        Index(None, "status", "raised_at", "id"),
        _only("ix_escalations_active", "raised_at", "id", where=_ACTIVE),
        _only("ix_escalations_raised", "to_role", "raised_at", "id", where="status = 'raised'"),
        _only("ix_escalations_mine", "accepted_by_id", "raised_at", "id", where=_ACTIVE),
        _only("ix_escalations_next", "next_at", where="next_at IS NOT NULL"),
        CheckConstraint("turn_minutes >= 0", name="turn_not_negative"),
        CheckConstraint("next_at IS NULL OR turn_minutes > 0", name="next_one_has_a_turn"),
        {"sqlite_autoincrement": True},
    )


class EscalationTurn(Numbered, Base):
    """Somebody was told of an escalation when it was their turn: once each, by the database. S2-13.2"""

    __tablename__ = "escalation_turns"

    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    told_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("escalation_id", "person_id"), {"sqlite_autoincrement": True})
