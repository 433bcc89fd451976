"""One deed is one transaction: who does it, when, on which session. Decision 1 of docs/architecture.md"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from models.words import Role
from portal.desk import case_words, changes
from portal.desk.errors import NotAllowed
from portal.desk.permissions import GRANTS, PRACTICE, May, granted

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from portal.desk.mailbox import Mailbox


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does a deed: a person, the desk itself (a job, an import), or a customer through a signed link."""

    name: str
    person_id: int | None = None
    roles: tuple[str, ...] = ()
    permissions: frozenset[May] = frozenset()
    zone: str = "UTC"
    practice: bool = False
    """Whether everything this person does now happens in the practice room. S2-0.3"""

    @classmethod
    def person(
        cls, person_id: int, name: str, roles: tuple[str, ...], zone: str = "UTC", *, practice: bool = False
    ) -> Actor:
        """A colleague with what the roles allow; in the practice room with no more than a representative's."""
        allowed = granted(roles) & PRACTICE if practice else granted(roles)
        return cls(
            name=name, person_id=person_id, roles=roles, permissions=allowed, zone=zone, practice=practice
        )

    def may(self, permission: May) -> bool:
        return permission in self.permissions


SYSTEM = Actor(name="Handrail", permissions=frozenset(May))
"""The desk itself: jobs, imports, the demo. Allowed everything, never a person."""

AS_SUPERVISOR = replace(SYSTEM, permissions=GRANTS[Role.SUPERVISOR])
"""The desk, where it looks as those who lead do: legal and regulatory cases are in no figure and no sample. S3-5.1.2"""

CUSTOMER = Actor(name="customer")
"""Somebody who came by a signed link. Allowed nothing but what the link is for."""


class Database(Protocol):
    """What the desk needs of a database: a session to write with and one to read with."""

    is_sqlite: bool
    """One writer at a time, so that long jobs take small steps."""

    def writing(self) -> AsyncSession: ...
    def reading(self) -> AsyncSession: ...
    async def written_by(self, session: AsyncSession) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as rendered: what the customer or colleague will read."""

    subject: str
    text: str
    html: str


class Writer(Protocol):
    """Renders a message template in a language. The rules know its name and its facts, not how it is written."""

    def __call__(self, template: str, language: str, facts: Mapping[str, Any]) -> Letter: ...


def plain_letter(template: str, language: str, facts: Mapping[str, Any]) -> Letter:
    """The writer of a desk that was given none: names the template and lists the facts."""
    told = "\n".join(f"{key}: {value}" for key, value in facts.items())
    return Letter(subject=f"{template} ({language})", text=told, html="")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rules need to know of the installation, and nothing else of the settings."""

    company: str = "Handrail Demo Company"
    address: str = "http://127.0.0.1:8000"
    """The portal's public address, without a slash at the end: for links in messages."""
    mail_from: str = "desk@example.com"
    currency: str = "EUR"
    language: str = "en"
    """In which the desk itself works: titles, questions and help of its scripts."""
    secret: bytes = b""
    """Signs links for customers. At least 32 bytes."""


@dataclass(slots=True)
class Work:
    """The first argument of every deed: session, person and moment. Commits by itself when the block ends."""

    session: AsyncSession
    actor: Actor
    now: datetime
    terms: Terms
    write: Writer = plain_letter
    request_id: str = ""
    job: str = ""
    """Which job of the desk this is part of; empty for what a person does. S0-0.2"""
    remembered: dict[str, Any] = field(default_factory=dict)
    """What one transaction, or one sweep of many, reads once: the policy in force, the default calendar."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What this process keeps of this database as long as it runs: published scripts, which never change."""
    fresh: dict[str, Any] = field(default_factory=dict)
    """What is kept in its place once this transaction is committed, and forgotten when it is not."""

    def may(self, permission: May) -> bool:
        return self.actor.may(permission)

    @property
    def caused_by(self) -> str:
        """Who is behind what happens here, by name: a person, a customer, or the desk with the job it is at. S0-0.2"""
        return f"{self.actor.name} ({self.job.replace('_', ' ')})" if self.job else self.actor.name

    def require(self, *permissions: May) -> None:
        """Raises NotAllowed unless the actor has every one of them."""
        if not all(self.actor.may(permission) for permission in permissions):
            raise NotAllowed


def wall_clock() -> datetime:
    return datetime.now(UTC)


class Desk:
    """The desk that is open: its database, its clock, its terms. Doors ask it for a `Work`."""

    def __init__(
        self,
        database: Database,
        terms: Terms,
        clock: Callable[[], datetime] = wall_clock,
        writer: Writer = plain_letter,
        mailbox: Mailbox | None = None,
    ) -> None:
        """`mailbox` is where mail comes in; None where none is read."""
        self.database = database
        self.terms = terms
        self.clock = clock
        self.writer = writer
        self.mailbox = mailbox
        self.kept: dict[str, Any] = {}
        self.job = ""

    def at(self, job: str) -> Desk:
        """The same desk, at one of its jobs: what it writes names the job. S0-0.2"""
        working = copy(self)  # database, terms and what is kept stay the same ones
        working.job = job
        return working

    @asynccontextmanager
    async def work(
        self, actor: Actor, request_id: str = "", *, remembered: dict[str, Any] | None = None
    ) -> AsyncIterator[Work]:
        """A transaction that may write. Commits at the end, rolls back on any exception.

        `remembered` is handed from batch to batch by a job that reads the policy and the people once.
        Raises changes.Unrecorded when business rows changed and no audit entry says why.
        """
        async with self.database.writing() as session:
            known = {} if remembered is None else remembered
            work = Work(
                session,
                actor,
                self.clock(),
                self.terms,
                self.writer,
                request_id,
                self.job,
                known,
                self.kept,
            )
            yield work
            await case_words.keep(session)
            await changes.seal(session)
            await session.commit()
            self.kept.update(work.fresh)

    @asynccontextmanager
    async def look(self, actor: Actor, *, remembered: dict[str, Any] | None = None) -> AsyncIterator[Work]:
        """A transaction that only reads. `remembered` hands on what the deed just before it has read."""
        async with self.database.reading() as session:
            known = {} if remembered is None else remembered
            yield Work(
                session, actor, self.clock(), self.terms, self.writer, remembered=known, kept=self.kept
            )
