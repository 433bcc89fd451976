"""Which version of the policy is in force, and every version there was. Changing it is done in `rulebook`.

Published documents never change, so a process reads each from the database once; which one is in force is one
statement a transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, literal, or_, select, type_coerce
from sqlalchemy.orm import defer, joinedload, undefer

from models import Case, PolicyVersion
from models.words import CaseKind, DeadlineKind, PolicyStatus, Role
from portal.desk import calendars, hours, matrix, policy
from portal.desk.errors import NotFound
from portal.desk.matrix import DeskCalendar, Policy, Row
from portal.desk.permissions import May
from portal.desk.policy import Limit, Rule, in_words, written
from portal.desk.work import Work

SHELF = "policies"
"""Under which a process keeps what it read of one database."""
_NEWEST = (
    select(PolicyVersion.number, PolicyVersion.digest)
    .where(PolicyVersion.status == PolicyStatus.PUBLISHED)
    .order_by(PolicyVersion.number.desc())
    .limit(1)
)
MOST_LISTED = 200
MOST_KEPT = 50
"""Versions that a process keeps read."""


async def in_force(work: Work) -> Policy:
    """Give the policy in force; read once in a transaction. What ships with the product, until one is published."""
    remembered: Policy | None = work.remembered.get("policy")
    if remembered is None:
        newest = (await work.session.execute(_NEWEST)).one_or_none()
        if newest is None:
            remembered = await as_shipped(work)
        else:
            shelf: dict[tuple[int, str], Policy] = work.kept.setdefault(SHELF, {})
            key = (newest.number, newest.digest)
            if key not in shelf:
                if len(shelf) >= MOST_KEPT:
                    shelf.clear()
                shelf[key] = (await _read(work, [newest.number]))[newest.number]
            remembered = shelf[key]
        work.remembered["policy"] = remembered
    return remembered


async def due(work: Work, key: str) -> datetime:
    """Say when something that begins now has to be done, by the time of this key: one of `policy.TIMES`."""
    now = await in_force(work)
    time = now.times[key]
    return hours.due(now.calendar(time.calendar).opening, work.now, time.target)


async def as_shipped(work: Work) -> Policy:
    """What ships with the product, which is number 0, on the calendars of this desk."""
    return matrix.read(shipped(await calendars.as_documents(work)))


async def of_numbers(work: Work, numbers: Iterable[int]) -> dict[int, Policy]:
    """Give the policies that clocks name. Left out are numbers nobody published, such as 0 once somebody has.

    One that came into force after this transaction read the policy is read anew.
    """
    wanted, now = set(numbers), await in_force(work)
    if max(wanted, default=0) > now.number:
        forget(work)
        now = await in_force(work)
    found = {now.number: now} if now.number in wanted else {}
    shelf: dict[tuple[int, str], Policy] = work.kept.setdefault(SHELF, {})
    known = {number: one for (number, _), one in shelf.items() if number < now.number}
    found |= {number: known[number] for number in wanted & known.keys()}
    if missing := wanted - found.keys():
        found |= await _read(work, missing)
    return found


async def _read(work: Work, numbers: Collection[int]) -> dict[int, Policy]:
    rows = await work.session.execute(
        select(PolicyVersion.number, PolicyVersion.document, PolicyVersion.in_force_from).where(
            PolicyVersion.number.in_(numbers)
        )
    )
    return {row.number: matrix.read(row.document, row.number, row.in_force_from) for row in rows}


def forget(work: Work) -> None:
    """Read the policy anew after a change in this transaction."""
    work.remembered.pop("policy", None)


def shipped(told: Mapping[str, Any]) -> dict[str, Any]:
    """The document that the desk begins with: the numbers of the procedures, and these calendars. S0-3.3.1, S0-4"""
    return {
        "targets": [
            *({**_target(one.key, one.to, one.limit), **one.conditions} for one in policy.SPECIALS),
            *(_target(kind.value.replace("_", "-"), kind, one) for kind, one in policy.LIMITS.items()),
        ],
        "levels": [
            {
                "key": f"level-{step.level}-{kind.value}".replace("_", "-"),
                "kind": kind.value,
                "level": step.level,
                "to_role": step.to_role.value,
                "counts": step.target.kind.value,
                "amount": written(step.target),
                "clause": step.clause,
            }
            for kind, step in policy.MATRIX
        ],
        "assignments": [],
        **told,
    }


def _target(key: str, to: DeadlineKind, limit: Limit) -> dict[str, Any]:
    return {
        "key": key,
        "to": to.value,
        "counts": limit.target.kind.value,
        "amount": written(limit.target),
        "warn": limit.warn_percent,
        "clause": limit.clause,
    }


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document: the same for the same content, however it was written down."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Listed:
    """One version in the list of all."""

    version: PolicyVersion
    in_force: bool


async def listed(work: Work) -> list[Listed]:
    """Every draft, and every version published, the newest first. Without their documents."""
    work.require(May.SEE_POLICY)
    number = (await in_force(work)).number
    rows = await work.session.scalars(
        select(PolicyVersion)
        .where(PolicyVersion.status != PolicyStatus.DROPPED)
        .options(
            defer(PolicyVersion.document, raiseload=True),
            joinedload(PolicyVersion.created_by),
            joinedload(PolicyVersion.published_by),
        )
        .order_by(PolicyVersion.number.is_not(None), PolicyVersion.number.desc(), PolicyVersion.id.desc())
        .limit(MOST_LISTED)
    )
    return [Listed(row, row.number == number) for row in rows]


async def load(work: Work, version_id: int) -> PolicyVersion:
    """Give one version with who wrote and published it. Raises NotFound."""
    work.require(May.SEE_POLICY)
    found: PolicyVersion | None = await work.session.scalar(
        select(PolicyVersion)
        .where(PolicyVersion.id == version_id)
        .options(
            joinedload(PolicyVersion.created_by),
            joinedload(PolicyVersion.published_by),
            undefer(PolicyVersion.document),
        )
    )
    if found is None or found.status is PolicyStatus.DROPPED:
        raise NotFound("There is no such version of the policy.")
    return found


async def newest(work: Work, *, hold: bool = False) -> PolicyVersion | None:
    """Give the version in force as a row; None as long as nothing was published.

    `hold` lets nobody else publish until this transaction ends: of two who do, the second sees the first one's.
    """
    if hold:
        await work.session.execute(_NEWEST.with_only_columns(PolicyVersion.id).with_for_update())
    found: PolicyVersion | None = await work.session.scalar(
        select(PolicyVersion)
        .where(PolicyVersion.status == PolicyStatus.PUBLISHED)
        .order_by(PolicyVersion.number.desc())
        .limit(1)
    )
    return found


def runs_on(found: Policy, calendar: DeskCalendar) -> ColumnElement[bool]:
    """The cases that run on a calendar: those that name it, those an assignment gives it, or all the others.

    One that names a calendar which was taken out is as one that names none: `Policy.calendar_id` in the database.
    """
    default = calendar.id == found.default_calendar
    there = list(found.calendars)
    if not found.assignments:
        named: ColumnElement[bool] = Case.calendar_id == calendar.id
        if not default:
            return named
        return or_(named, Case.calendar_id.is_(None), Case.calendar_id.not_in(there))
    cases: Any = Case.__table__
    arms: list[Any] = [(cases.c.calendar_id.in_(there), cases.c.calendar_id)]
    for one in found.assignments:
        asked = [
            type_coerce(cases.c[name], cases.c[name].type) == value
            for name, value in (("team", one.team), _by(one.channel), ("country", one.country))
            if value
        ]
        arms.append((and_(*asked), literal(one.calendar, Integer)))
    on: ColumnElement[bool] = case(*arms, else_=literal(found.default_calendar, Integer)) == calendar.id
    return on


def _by(channel: str) -> tuple[str, str]:
    """The column of a case that says it came by this channel, and what stands in it."""
    if channel.startswith(matrix.OWN_CHANNEL):
        return "own_channel", channel.removeprefix(matrix.OWN_CHANNEL)
    return "channel", channel


def edited(found: Policy, word: str = "") -> list[Rule]:
    """List what managers changed: every row that is not as it shipped, and every shipped one that is gone."""
    usual = matrix.read(shipped({}))
    changed = [row for key, row in found.rows.items() if usual.rows.get(key) != row]
    gone = [row for key, row in usual.rows.items() if key not in found.rows]
    told = [
        Rule(name_of(row), _said(row), row.limit.clause if row.limit else "", "edited") for row in changed
    ]
    told += [
        Rule(name_of(row), "switched off", row.limit.clause if row.limit else "", "edited") for row in gone
    ]
    told += [
        Rule(time.words.lower(), in_words(time.target), time.clause, "edited")
        for key, time in found.times.items()
        if time != usual.times[key]
    ]
    wanted = word.lower()
    return [rule for rule in told if wanted in f"{rule.name} {rule.value} {rule.clause}".lower()]


def name_of(row: Row) -> str:
    """Say what a row is about: `answer every case`, `escalate complaint, urgent, level 2`."""
    conditions = dict(row.conditions)
    kind = conditions.pop("kind", "every case").replace("_", " ")
    spoken = (value.removeprefix(matrix.OWN_CHANNEL).replace("_", " ") for value in conditions.values())
    narrower = "".join(f", {value}" for value in spoken)
    level = f", level {row.level}" if row.to is DeadlineKind.ESCALATE else ""
    return f"{row.to.value.replace('_', ' ')} {kind}{narrower}{level}"


def _said(row: Row) -> str:
    if row.limit is None:
        return "switched off"
    if row.to_role is not None:
        turn = f", {row.turn_minutes} minutes each in turn" if row.turn_minutes else ""
        return f"to {row.to_role.value} after {in_words(row.limit.target)}{turn}"
    return f"{in_words(row.limit.target)}, warned at {row.limit.warn_percent} %"


def roles_called(found: Policy) -> set[Role]:
    """The roles that some level of the policy calls."""
    return {role for kind in CaseKind for role in found.roles_called(kind)}


def kinds_without(found: Policy) -> list[CaseKind]:
    """The kinds of case that no row gives any target, which is a clock nobody keeps."""
    return [kind for kind in CaseKind if not found.limits_of(matrix.Classified(kind))]
