"""Finding people by their role: those on duty, else everybody who holds it, else the managers. S0-4, S3-5.2.2

The one place that does, for notices, sweeps, calls for help and the page that asks who would be told. However many
notices a transaction or a sweep writes, it reads the rota once, and the people of each role once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from sqlalchemy import String, or_, select, type_coerce

from models import OnDuty, Person
from models.words import Role
from portal.desk import hours
from portal.desk.work import Work

_INSTANT = timedelta(microseconds=1)
_LONGEST_AGO = timedelta(days=3)
"""A shift that is on began on a local date at most so much before the moment's UTC date."""
_TABLE: Any = OnDuty.__table__
_COLUMNS = [_TABLE.c[name] for name in ("role", "person_id", "hours", "zone", "valid_from", "valid_until")]


class Entry(Protocol):
    """What a shift is worked out from."""

    hours: str
    zone: str
    valid_from: date
    valid_until: date | None


class Shift(NamedTuple):
    """From when to when somebody is on duty, in UTC."""

    begins: datetime
    ends: datetime


class Reach(StrEnum):
    """Why these people are the ones who are told."""

    ON_DUTY = "on duty"
    EVERYBODY = "nobody is on duty"
    NO_ROTA = "no rota"
    MANAGERS = "nobody holds the role"
    NOBODY = "nobody at all"


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a notice to a role reaches at one moment."""

    people: tuple[Person, ...]
    reach: Reach

    @property
    def finding(self) -> bool:
        """Whether nobody holds the role, so that somebody has to see to it."""
        return self.reach in {Reach.MANAGERS, Reach.NOBODY}


async def holding(work: Work, role: Role) -> list[Person]:
    """Give the active people who hold a role, oldest first. Read once in a transaction."""
    remembered: dict[Role, list[Person]] = work.remembered.setdefault("people by role", {})
    if role not in remembered:
        wanted = select(Person).where(Person.active, type_coerce(Person.roles, String).contains(role.value))
        found = await work.session.scalars(wanted.order_by(Person.id))
        remembered[role] = [person for person in found if role in person.roles]
    return remembered[role]


async def on_duty(work: Work, role: Role, at: datetime) -> list[Person]:
    """Give the active people who hold a role and have a shift at this moment, oldest first."""
    on = {one.person_id for one in await _in_force(work, at) if one.role == role and _covers(one, at)}
    return [person for person in await holding(work, role) if person.id in on]


async def told(work: Work, role: Role, at: datetime) -> Told:
    """Say whom a notice to a role reaches at a moment, and why them. S3-5.2.2

    Who is on duty; where nobody is, or no rota is written, everybody who holds the role; where nobody holds it, the
    managers. What was found is remembered as long as the moment is the same.
    """
    moment, known = work.remembered.get("told", (None, {}))
    if moment != at:
        known = {}
        work.remembered["told"] = at, known
    if role not in known:
        known[role] = await _told(work, role, at)
    found: Told = known[role]
    return found


async def told_of(work: Work, role: Role, team: str, at: datetime) -> Told:
    """Say whom a notice to a role reaches about something of one team. S0-4.1b

    Supervisors look after their own team: those of it who are on duty, and where no supervisor at all is, all of the
    team's. All supervisors are asked only while none of the team's can be: it has none, or the rota names others now.
    """
    everybody = await told(work, role, at)
    if role is not Role.SUPERVISOR or not team:
        return everybody
    mine = tuple(person for person in everybody.people if person.team == team and role in person.roles)
    return Told(mine, everybody.reach) if mine else everybody


async def people_to_tell(work: Work, role: Role, at: datetime, team: str = "") -> list[Person]:
    """Give the people a notice to a role reaches at a moment; nobody only where there are no managers either."""
    return list((await told_of(work, role, team, at)).people)


async def in_order(work: Work, role: Role, at: datetime, team: str = "") -> list[Person]:
    """Give the people a notice to a role reaches at a moment in the order of the rota: as its shifts were written.

    Where nobody is on duty, oldest first. S2-13.2
    """
    people = await people_to_tell(work, role, at, team)
    places: dict[int, int] = {}
    for place, one in enumerate(await _in_force(work, at)):
        if one.role == role and _covers(one, at):
            places.setdefault(one.person_id, place)
    return sorted(people, key=lambda person: (places.get(person.id, len(places)), person.id))


def shifts(entry: Entry, begins: datetime, ends: datetime) -> list[Shift]:
    """Give the shifts of an entry between two moments, cut to that stretch.

    One that begins on its last day runs to its end. Raises hours.HoursError for hours that cannot be read.
    """
    found = []
    for year in hours.parse(entry.zone, entry.hours).book.years(begins, ends):
        for index in range(bisect_right(year.closes, begins), bisect_left(year.opens, ends)):
            day = year.days[index]
            if entry.valid_from <= day and (entry.valid_until is None or day <= entry.valid_until):
                found.append(Shift(max(year.opens[index], begins), min(year.closes[index], ends)))
    return found


def forget(work: Work) -> None:
    """Read the rota anew after a change in this transaction."""
    work.remembered.pop("rota", None)
    work.remembered.pop("told", None)


async def _told(work: Work, role: Role, at: datetime) -> Told:
    if on := await on_duty(work, role, at):
        return Told(tuple(on), Reach.ON_DUTY)
    if everybody := await holding(work, role):
        written = any(one.role == role for one in await _in_force(work, at))
        return Told(tuple(everybody), Reach.EVERYBODY if written else Reach.NO_ROTA)
    managers = await on_duty(work, Role.MANAGER, at) or await holding(work, Role.MANAGER)
    return Told(tuple(managers), Reach.MANAGERS if managers else Reach.NOBODY)


def _covers(entry: Entry, at: datetime) -> bool:
    try:
        return bool(shifts(entry, at, at + _INSTANT))
    except (
        hours.HoursError
    ):  # refused when it was written: its zone has gone since, and everybody is told instead
        return False


async def _in_force(work: Work, at: datetime) -> Sequence[Any]:
    """The entries that may have a shift at this moment or later; read anew only for an earlier moment."""
    since = (at - _LONGEST_AGO).date()
    known_since, rows = work.remembered.get("rota", (None, ()))
    if known_since is None or since < known_since:
        wanted = select(*_COLUMNS).where(or_(_TABLE.c.valid_until.is_(None), _TABLE.c.valid_until >= since))
        rows = (await work.session.execute(wanted.order_by(_TABLE.c.id))).all()
        work.remembered["rota"] = since, rows
    found: Sequence[Any] = [
        one
        for one in rows
        if one.valid_from <= (at + _LONGEST_AGO).date()
        and (one.valid_until is None or one.valid_until >= since)
    ]
    return found
