"""For each clause: how often it was kept, left out with a reason, or missed; and in which contacts. S3-7.2.1b"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, tuple_, union_all
from sqlalchemy.orm import joinedload

from models import Contact, ContactStep, Person, ScriptVersion, StepCount
from models.words import Channel, StepState
from portal.desk import clauses
from portal.desk.evidence.counting import first_uncounted, within
from portal.desk.listing import PAGE, Rows, among, cursor, first, newest_first
from portal.desk.permissions import May
from portal.desk.rows import visible
from portal.desk.scripts import composing
from portal.desk.scripts.document import Document
from portal.desk.scripts.phrases import clauses_of, key_of, name_of, steps_of
from portal.desk.work import Work

NOT_DONE = (StepState.SKIPPED, StepState.MISSING)
MOST_ARMS = 200
"""Steps of versions that are looked through one by one; SQLite puts no more than 500 selects together."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which contacts a report is about. Days are in UTC, both ends within. S2-12.6"""

    since: date
    until: date
    script: str = ""
    channel: Channel | None = None
    team: str = ""


@dataclass(slots=True)
class Served:
    """One clause: how the steps that serve it went."""

    clause: str
    title: str
    steps: list[tuple[str, str]] = field(default_factory=list)
    """(script, step key) of each step that serves it."""
    states: Counter[StepState] = field(default_factory=Counter)

    @property
    def asked(self) -> int:
        """How often it was due."""
        return self.states[StepState.DONE] + sum(self.states[state] for state in NOT_DONE)

    @property
    def kept_percent(self) -> float | None:
        """The share of times it was done; None when it was never due."""
        return 100 * self.states[StepState.DONE] / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Lapse:
    """One step of one contact, for the lists of what was left out."""

    contact_id: int
    number: str
    script: str
    step: str
    name: str
    """The step's name as the desk reads it."""
    state: StepState
    required: bool
    reason: str
    who: str
    ended_at: datetime


async def compliance(work: Work, wanted: Filters) -> list[Served]:
    """Every clause that a step serves, in the order of the procedures. Reads counts, and rows of today alone."""
    work.require(May.SEE_EVIDENCE)
    counts = await _counts(work, wanted)
    versions = await _documents(work, {version for version, _, _ in counts}, wanted.script)
    served: dict[str, Served] = {}
    for version_id, document in versions.items():
        for clause, keys in clauses_of(document.told).items():
            one = served.setdefault(clause, Served(clause, clauses.title_of(clause)))
            for key in keys:
                if (document.script, key) not in one.steps:
                    one.steps.append((document.script, key))
                for state in StepState:
                    one.states[state] += counts.get((version_id, key, state), 0)
    return sorted(served.values(), key=lambda one: clauses.order_of(one.clause))


async def _counts(work: Work, wanted: Filters) -> dict[tuple[int, str, StepState], int]:
    """How often each step of each version went each way."""
    live_from = await first_uncounted(work)
    told: Counter[tuple[int, str, StepState]] = Counter()
    counted = select(StepCount.version_id, StepCount.step, StepCount.state, func.sum(StepCount.contacts))
    counted = counted.where(StepCount.day >= wanted.since, StepCount.day <= wanted.until)
    counted = _narrowed(counted, StepCount, wanted).group_by(
        StepCount.version_id, StepCount.step, StepCount.state
    )
    asked: list[Any] = [counted]
    if live_from is not None and live_from <= wanted.until:
        live = select(ContactStep.version_id, ContactStep.step, ContactStep.state, func.count())
        live = live.where(
            within(ContactStep.ended_at, max(live_from, wanted.since), wanted.until),
        )
        asked.append(
            _narrowed(live, ContactStep, wanted).group_by(
                ContactStep.version_id, ContactStep.step, ContactStep.state
            )
        )
    for statement in asked:
        for version_id, step, state, count in await work.session.execute(statement):
            told[version_id, step, state] += int(count)
    return told


def _narrowed(statement: Any, model: Any, wanted: Filters) -> Any:
    if wanted.channel is not None:
        statement = statement.where(model.channel == wanted.channel)
    if wanted.team:
        statement = statement.where(model.team == wanted.team)
    return statement


async def _documents(work: Work, version_ids: Iterable[int], script: str) -> dict[int, Document]:
    """The documents behind the counts, and those in force, so that a clause never due is shown as such."""
    in_force = await composing.in_force(work)
    wanted = {*version_ids, *(one.id for one in in_force.values())}
    return _of(script, await composing.published(work, wanted))


def _of(script: str, documents: dict[int, Document]) -> dict[int, Document]:
    """Those of one script; all of them where none is named."""
    return {number: one for number, one in documents.items() if script in ("", one.script)}


async def contacts_of(
    work: Work, clause: str, wanted: Filters, state: StepState | None, *, before: str = "", limit: int = PAGE
) -> Rows[Lapse]:
    """The contacts behind one clause's numbers, newest first; of one state, or of all."""
    work.require(May.SEE_EVIDENCE)
    versions = _of(wanted.script, await composing.published(work, await _versions_of(work)))
    pairs = {
        (version_id, key)
        for version_id, document in versions.items()
        for key in clauses_of(document.told).get(clause, ())
    }
    states = [state] if state else [one for one in StepState if one is not StepState.NEEDLESS]
    went = [
        (version_id, step, how)
        for (version_id, step, how), times in (await _counts(work, wanted)).items()
        if times and how in states and (version_id, step) in pairs
    ]
    if not went:
        return Rows([])
    return await _page(work, _of_places(work, wanted, went, before, limit), versions, before, limit)


def _of_places(
    work: Work, wanted: Filters, went: list[tuple[int, str, StepState]], before: str, limit: int
) -> Select[Any]:
    """The latest rows of some steps that went some way: the latest of each, which an index knows, then of them all."""
    statement = _lapses(work, wanted)
    if len(went) > MOST_ARMS:
        return statement.where(tuple_(ContactStep.version_id, ContactStep.step, ContactStep.state).in_(went))
    ids = statement.with_only_columns(ContactStep.id, maintain_column_froms=True).options()
    arms = [
        newest_first(
            ids.where(
                ContactStep.version_id == version_id, ContactStep.step == step, ContactStep.state == state
            ),
            ContactStep.ended_at,
            ContactStep.id,
            before,
        )
        for version_id, step, state in went
    ]
    latest = union_all(*(select(first(arm, limit + 1).subquery()) for arm in arms)).subquery()
    return statement.where(ContactStep.id.in_(select(latest.c.id)))


async def lapses(
    work: Work, wanted: Filters, *, required: bool = False, before: str = "", limit: int = PAGE
) -> Rows[Lapse]:
    """Steps that were skipped or are missing, newest first: a supervisor sees them the same day. S1-3.4c

    `required` leaves out those that may be skipped with a reason.
    """
    work.require(May.SEE_EVIDENCE)
    statement = _lapses(work, wanted).where(among(ContactStep.state, NOT_DONE))
    if required:
        statement = statement.where(ContactStep.required)
    return await _page(work, statement, None, before, limit)


def left_out_today(work: Work) -> Select[Any]:
    """The ids of the steps that were skipped or missed in contacts that ended today."""
    wanted = Filters(today(work), today(work))
    return (
        _lapses(work, wanted)
        .with_only_columns(ContactStep.id, maintain_column_froms=True)
        .options()
        .where(among(ContactStep.state, NOT_DONE))  # as its index says it
    )


def _lapses(work: Work, wanted: Filters) -> Select[Any]:
    statement = (
        select(ContactStep)
        .join(ContactStep.contact)
        .where(
            within(ContactStep.ended_at, wanted.since, wanted.until),
        )
        .options(joinedload(ContactStep.contact).joinedload(Contact.taken_by), joinedload(ContactStep.person))
    )
    rule = visible(work.actor, Contact)
    narrowed: Select[Any] = _narrowed(
        statement if rule is None else statement.where(rule), ContactStep, wanted
    )
    return narrowed


async def _page(
    work: Work,
    statement: Select[Any],
    versions: Mapping[int, Document] | None,
    before: str,
    limit: int,
) -> Rows[Lapse]:
    ordered = first(newest_first(statement, ContactStep.ended_at, ContactStep.id, before), limit + 1)
    found: Sequence[ContactStep] = (await work.session.scalars(ordered)).all()
    rows = found[:limit]
    known = versions or await composing.published(work, {row.version_id for row in rows})
    return Rows(
        [_lapse(work, row, known) for row in rows],
        cursor(rows[-1].ended_at, rows[-1].id) if len(found) > limit else "",
    )


def _lapse(work: Work, row: ContactStep, versions: Mapping[int, Document]) -> Lapse:
    document = versions[row.version_id]
    language = work.terms.language
    names = (name_of(step, language) for step in steps_of(document.told) if key_of(step) == row.step)
    return Lapse(
        row.contact_id,
        row.contact.number,
        document.script,
        row.step,
        next(names, row.step),
        row.state,
        row.required,
        row.reason,
        (row.person or row.contact.taken_by).name,  # what nobody did, whoever took the contact can tell of
        row.ended_at,
    )


async def _versions_of(work: Work) -> list[int]:
    """Every version that a contact may have followed: they are few, drafts are not among them."""
    return list(
        await work.session.scalars(select(ScriptVersion.id).where(ScriptVersion.in_force_from.is_not(None)))
    )


async def teams(work: Work) -> list[str]:
    """The teams people work in, for a filter."""
    found = await work.session.scalars(
        select(Person.team).where(Person.team != "").distinct().order_by(Person.team)
    )
    return list(found)


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of a month."""
    start = day.replace(day=1)
    return start, (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def today(work: Work) -> date:
    """The day it is in UTC, as the counts know days."""
    return work.now.astimezone(UTC).date()
