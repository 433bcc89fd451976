"""The rota and what follows from it: who would be told, at each level, and the shifts of a week. S0-4, S3-5.2.2

Who is on duty is worked out in `rota`, here as for every notice. A rota is changed by whoever changes the policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CompoundSelect, String, exists, false, literal, or_, select, type_coerce, union_all
from sqlalchemy.orm import joinedload

from models import OnDuty, Person
from models.words import CaseKind, Role
from portal.desk import audit, hours, policy, policy_versions, quiet, turns
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.hours import telling
from portal.desk.hours.book import YEARS
from portal.desk.matrix import Classified
from portal.desk.permissions import May
from portal.desk.rota import Reach, Shift, Told, forget, on_duty, people_to_tell, shifts, told
from portal.desk.saving import hold_version
from portal.desk.work import Work

__all__ = ["Reach", "Told", "on_duty", "people_to_tell", "told", "who_would_be_told"]

CHANNEL = "e-mail"
"""How a colleague is told; there is no other way yet."""
MOST = 500
"""Entries and people on one page."""
WIDE = 1008
"""How wide the picture of a week is, in units of its own."""
LONGEST_NOTE, LONGEST_HOURS, LONGEST_ZONE = 300, 500, 64
CHANGEABLE = frozenset({"role", "person_id", "hours", "zone", "valid_from", "valid_until", "note"})
_DAYS = 7


@dataclass(frozen=True, slots=True)
class Step:
    """One level of a kind of case, and who would be told of it."""

    level: int
    to_role: Role
    within: str
    """`2 business hours`; empty for a level that is reached by hand alone."""
    clause: str
    from_when: datetime | None
    """When a case opened at the moment asked about goes up to it by itself."""
    now: Told
    """Who is told when it is handed up at the moment asked about."""
    then: Told | None
    """Who is told when it goes up by itself."""
    next_level: int | None
    """Who is called when nobody accepts it; None above the top."""
    channel: str = CHANNEL
    turn_minutes: int = 0
    """How long each has before the next one is told; 0 where all are told together."""
    in_turn: tuple[turns.Turn, ...] = ()
    """One after the other: who would be told when, if it is handed up at the moment asked about. S2-13.2"""
    in_turn_then: tuple[turns.Turn, ...] = ()
    """The same if it goes up by itself."""
    quiet: tuple[tuple[str, str, datetime | None], ...] = ()
    """Who of those told has quiet hours: name, the hours, and until when a reminder written then would wait."""


async def who_would_be_told(work: Work, case_kind: CaseKind, at: datetime, reached: int = 0) -> list[Step]:
    """Say level by level who would be told of a case of this kind, above the level it has reached. S0-4, S2-13.5

    The levels of the matrix, each at the moment asked about and at its own for a case opened then; above the top, as
    handing up by hand does, the supervisor and the manager. Raises WrongMoment when no calendar is the default.
    """
    work.require(May.SEE_POLICY)
    in_force = await policy_versions.in_force(work)
    calendar = in_force.calendar().opening
    levels = [
        (
            one.level,
            one.to_role,
            policy.in_words(one.target),
            one.clause,
            _due(calendar, at, one.target),
            one.turn_minutes,
        )
        for one in in_force.levels_of(Classified(case_kind))
        if one.level > reached
    ]
    top, held_by = (levels[-1][0], levels[-1][1]) if levels else (reached, None)
    if top == 0:
        top, held_by = 1, Role.SUPERVISOR
        levels.append((top, held_by, "", "S2-13.1", None, 0))
    if held_by is not Role.MANAGER:
        levels.append((top + 1, Role.MANAGER, "", "S2-13.1", None, 0))
    following = [*(one[0] for one in levels[1:]), None]
    return [
        Step(
            level,
            to_role,
            within,
            clause,
            due,
            now := await told(work, to_role, at),
            await told(work, to_role, due) if due else None,
            next_level,
            turn_minutes=minutes,
            in_turn=await _in_turn(work, to_role, at, minutes),
            in_turn_then=await _in_turn(work, to_role, due, minutes),
            quiet=tuple(
                (one.name, one.quiet_hours, quiet.until(one, at)) for one in now.people if one.quiet_hours
            ),
        )
        for (level, to_role, within, clause, due, minutes), next_level in zip(levels, following, strict=True)
    ]


async def _in_turn(work: Work, role: Role, at: datetime | None, minutes: int) -> tuple[turns.Turn, ...]:
    return tuple(await turns.foreseen(work, role, at, minutes)) if at and minutes else ()


def _due(calendar: hours.Calendar, at: datetime, target: hours.Target) -> datetime | None:
    try:
        return hours.due(calendar, at, target)
    except hours.HoursError:  # the calendar does not open for more than a year
        return None


async def nobody_holds(work: Work) -> CompoundSelect[Any]:
    """The roles that some level of the policy in force calls and no active person holds, to be counted with others."""
    held = literal(",") + type_coerce(Person.roles, String) + ","
    called = policy_versions.roles_called(await policy_versions.in_force(work))
    looks = [
        select(literal(role.value).label("role")).where(
            ~exists().where(Person.active, held.contains(f",{role.value},"))
        )
        for role in Role
        if role in called
    ]
    return union_all(select(literal("").label("role")).where(false()), *looks)


async def roles_with_nobody(work: Work) -> list[Role]:
    """Give the roles that some level of the policy calls and nobody holds. An empty group is a finding. S0-4"""
    work.require(May.SEE_POLICY)
    return [Role(role) for role in await work.session.scalars(await nobody_holds(work))]


async def teams_without_supervisor(work: Work) -> list[str]:
    """Give the teams of active people in which nobody supervises: what is handed up of them goes to all. S0-4.1b

    A desk on which no team has a supervisor has no teams to hand up in, and none is told.
    """
    work.require(May.SEE_POLICY)
    rows = (
        await work.session.execute(
            select(Person.team, Person.roles).where(Person.active, Person.team != "").order_by(Person.team)
        )
    ).all()
    led = {row.team for row in rows if Role.SUPERVISOR.value in row.roles}
    takes = {row.team for row in rows if Role.REPRESENTATIVE.value in row.roles}
    return sorted(takes - led) if led else []


@dataclass(frozen=True, slots=True)
class Band:
    """One shift as it is drawn: from where and how wide, of `WIDE`."""

    begins: float
    width: float


@dataclass(slots=True)
class Line:
    """One entry in a week: its shifts, drawn and in words, or why there are none to tell."""

    entry: OnDuty
    bands: list[Band] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    wrong: str = ""


@dataclass(slots=True)
class Week:
    """The rota of seven days, Monday to Sunday, on the reader's own clock."""

    monday: date
    begins: datetime
    ends: datetime
    days: list[tuple[date, float]]
    """Each day and where it begins in the picture."""
    mark: float | None
    """Where the moment asked about lies."""
    roles: dict[Role, list[Line]]


async def week(work: Work, at: datetime, zone: str) -> Week:
    """Lay out the rota of the week that holds a moment, in a reader's zone; the length of its days is the real one."""
    work.require(May.SEE_POLICY)
    place = ZoneInfo(zone)
    today = at.astimezone(place).date()
    monday = today - timedelta(days=today.weekday())
    midnights = [
        datetime.combine(monday + timedelta(days=count), time(), place).astimezone(UTC)
        for count in range(_DAYS + 1)
    ]
    begins, ends = midnights[0], midnights[-1]
    scale = WIDE / (ends - begins).total_seconds()

    def x(moment: datetime) -> float:
        return round((moment - begins).total_seconds() * scale, 1)

    found = Week(
        monday,
        begins,
        ends,
        [(monday + timedelta(days=count), x(midnights[count])) for count in range(_DAYS)],
        x(at),
        {},
    )
    for entry in await entries(work, begins):
        line = Line(entry)
        try:
            for shift in shifts(entry, begins, ends):
                line.bands.append(Band(x(shift.begins), round(x(shift.ends) - x(shift.begins), 1)))
                line.words.append(_words(shift, place))
        except hours.HoursError as error:
            line.wrong = error.message
        found.roles.setdefault(entry.role, []).append(line)
    return found


def _words(shift: Shift, place: ZoneInfo) -> str:
    begins, ends = shift.begins.astimezone(place), shift.ends.astimezone(place)
    day = begins.date()
    return f"{telling.day_words(day)}, {telling.face(begins)} to {telling.face(ends, day)}"


async def entries(work: Work, since: datetime) -> list[OnDuty]:
    """Give the entries that have not ended before a moment, by role and then as they were written, with their people."""
    work.require(May.SEE_POLICY)
    last = (since - timedelta(days=2)).date()
    found = await work.session.scalars(
        select(OnDuty)
        .where(or_(OnDuty.valid_until.is_(None), OnDuty.valid_until >= last))
        .options(joinedload(OnDuty.person))
        .order_by(OnDuty.id)
        .limit(MOST)
    )
    order = list(Role)
    return sorted(found, key=lambda one: order.index(one.role))


async def load(work: Work, entry_id: int) -> OnDuty:
    """Give one entry with its person. Raises NotFound."""
    work.require(May.SEE_POLICY)
    found: OnDuty | None = await work.session.scalar(
        select(OnDuty).where(OnDuty.id == entry_id).options(joinedload(OnDuty.person))
    )
    if found is None:
        raise NotFound
    return found


async def people_with_a_role(work: Work) -> list[Person]:
    """Give the people who may be put on duty, by name."""
    work.require(May.EDIT_POLICY)
    found = select(Person).where(Person.active, Person.roles != ()).order_by(Person.name, Person.id)
    return list(await work.session.scalars(found.limit(MOST)))


async def put_on(
    work: Work,
    role: Role,
    person_id: int,
    hours_text: str,
    zone: str,
    valid_from: date,
    valid_until: date | None = None,
    note: str = "",
) -> OnDuty:
    """Put somebody on duty for a role they hold. Raises NotAccepted per field, with a caret under mistaken hours."""
    work.require(May.EDIT_POLICY)
    entry = OnDuty(
        role=role,
        person_id=person_id,
        hours=hours_text.strip(),
        zone=zone.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
        note=note.strip(),
    )
    await _check(work, entry)
    work.session.add(entry)
    forget(work)
    await audit.record(work, "put on duty", entry)
    return entry


async def change(work: Work, entry: OnDuty, expected_version: int, **changes: object) -> None:
    """Change an entry of the rota. Raises NotAccepted as above, Conflict when somebody saved first. S2-14.1"""
    work.require(May.EDIT_POLICY)
    changes = {
        name: one.strip() if isinstance(one, str) and name != "role" else one for name, one in changes.items()
    }
    await hold_version(work, entry, expected_version, changes)
    for name in changes.keys() - CHANGEABLE:
        raise NotAccepted.of({name: "This cannot be changed here."})
    with work.session.no_autoflush:
        for name, value in changes.items():
            setattr(entry, name, value)
        await _check(work, entry)
    forget(work)
    await audit.record(work, "change duty", entry)


async def end(work: Work, entry: OnDuty, expected_version: int, last_day: date) -> None:
    """Let an entry end with the shift that begins on this day; a day before its first takes it back.

    Raises NotAccepted for a day later than it ends anyway, Conflict when somebody saved first.
    """
    work.require(May.EDIT_POLICY)
    await hold_version(work, entry, expected_version, {"valid_until": last_day})
    if entry.valid_until is not None and last_day > entry.valid_until:
        raise NotAccepted(last_day=f"It ends on {telling.day_words(entry.valid_until)} already.")
    if last_day.year not in YEARS:
        raise NotAccepted(last_day="Enter a day such as 2026-03-14.")
    entry.valid_until = max(last_day, entry.valid_from - timedelta(days=1))
    forget(work)
    await audit.record(work, "end duty", entry)


async def _check(work: Work, entry: OnDuty) -> None:
    wrong = dict(_wrong(entry))
    person = await work.session.get(Person, entry.person_id)
    if person is None or not person.active:
        wrong["person_id"] = "Choose a colleague who is here."
    elif entry.role.value not in person.roles:
        wrong["person_id"] = (
            f"{person.name} is no {entry.role.value}: nothing of that role may be told to them."
        )
    if wrong:
        raise NotAccepted.of(wrong)
    refuse_card_numbers(note=entry.note)


def _wrong(entry: OnDuty) -> Iterator[tuple[str, str]]:
    try:
        if len(entry.hours) > LONGEST_HOURS:
            yield "hours", f"At most {LONGEST_HOURS} letters."
        elif len(entry.zone) > LONGEST_ZONE:
            yield "zone", f"At most {LONGEST_ZONE} letters."
        else:
            hours.parse(entry.zone, entry.hours)
    except hours.HoursError as error:
        yield "zone" if "time zone" in error.message else "hours", error.message
    for name, day in (("valid_from", entry.valid_from), ("valid_until", entry.valid_until)):
        if day is not None and day.year not in YEARS:
            yield name, "Enter a day such as 2026-03-14."
    if entry.valid_until is not None and entry.valid_until < entry.valid_from:
        yield "valid_until", "The last day is before the first."
    if len(entry.note) > LONGEST_NOTE:
        yield "note", f"At most {LONGEST_NOTE} letters."
