"""The closing-time sheet: what will be due before or just after the next opening. S0-4, S2-6.3

Half an hour before a calendar closes for the day, every supervisor gets it once; the page shows it at any time.
Follow-ups and calls for help name no calendar: they stand on the sheet of the default one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from models import Case, Deadline, FollowUp, HelpCall, Message, Person
from models.words import DeadlineKind, DeadlineStatus, FollowUpStatus, Role
from portal.desk import audit, due, hours, notices, policy_versions
from portal.desk.listing import LIMIT, among, first
from portal.desk.matrix import DeskCalendar
from portal.desk.notices import Notice
from portal.desk.permissions import May, granted
from portal.desk.rows import narrowed
from portal.desk.work import Actor, Work

AHEAD = timedelta(minutes=30)
"""How long before closing the supervisors are told."""
AFTER_OPENING = timedelta(hours=1)
"""What is due this soon after the next opening cannot wait for it."""
MOST_WINDOWS = 8
"""Windows that touch without an end: more of them are a desk that never closes."""

SUPERVISOR = Actor(name="Handrail", permissions=granted((Role.SUPERVISOR.value,)))
"""Through whose eyes the sheet that is sent is written: no legal or regulatory case is on it. S3-5.1.2"""


@dataclass(frozen=True, slots=True)
class Closing:
    """When the desk closes for the day, and opens again; `closes_at` is None while it is closed."""

    closes_at: datetime | None
    opens_at: datetime


@dataclass(slots=True)
class Sheet:
    """What one calendar's desk leaves behind if it closes now."""

    calendar: str
    closing: Closing
    clocks: list[tuple[Deadline, Case]] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    help_calls: list[HelpCall] = field(default_factory=list)

    @property
    def until(self) -> datetime:
        return self.closing.opens_at + AFTER_OPENING

    @property
    def is_empty(self) -> bool:
        return not (self.clocks or self.follow_ups or self.help_calls)

    @property
    def more(self) -> bool:
        """Whether one of the lists goes on."""
        return max(len(self.clocks), len(self.follow_ups), len(self.help_calls)) >= LIMIT


def closing_at(calendar: hours.Calendar, now: datetime) -> Closing | None:
    """The end of the day that is under way, a break in its middle left out; None for a desk that never closes."""
    try:
        windows = calendar.book.windows_after(now)
        last = next(windows)
        if now < last.opens:
            return Closing(None, last.opens)
        for _ in range(MOST_WINDOWS):
            following = next(windows)
            if following.opens > last.closes and following.day != last.day:
                return Closing(last.closes, following.opens)
            last = following
    except (hours.HoursError, StopIteration):
        pass
    return None


async def sheets(work: Work) -> list[Sheet]:
    """The sheet of every calendar that closes, the default one first; as far as the actor may see. S0-4"""
    work.require(May.SEE_TEAM)
    in_force = await policy_versions.in_force(work)
    return [
        await _sheet(work, work.actor, row, closing)
        for row in sorted(in_force.calendars.values(), key=lambda one: one.id != in_force.default_calendar)
        if (closing := closing_at(row.opening, work.now)) is not None
    ]


async def tell_supervisors(work: Work) -> int:
    """Send every supervisor the sheet of each calendar about to close; return how many were told now. S0-4

    Every manager where nobody supervises. Once for a calendar and a closing, by the message's key; nothing when there
    is nothing to say.
    """
    work.require(May.SEE_TEAM)
    told = 0
    for row in (await policy_versions.in_force(work)).calendars.values():
        closing = closing_at(row.opening, work.now)
        if closing is None or closing.closes_at is None or closing.closes_at - work.now > AHEAD:
            continue
        readers = await _untold(work, f"closing-sheet/{row.id}/{closing.closes_at.isoformat()}")
        sheet = await _sheet(work, SUPERVISOR, row, closing) if readers else None
        if sheet is None or sheet.is_empty:
            continue
        facts = _facts(work, sheet)
        written = await notices.write_all(
            work, [Notice("closing-sheet", person, once, facts=facts) for once, person in readers.items()]
        )
        told_of = {f"calendars/{row.id}": {"closing_sheets": [0, written]}}
        await audit.record(work, "send closing sheet", changes=told_of)
        told += written
    return told


async def _untold(work: Work, once: str) -> dict[str, Person]:
    role = Role.SUPERVISOR if await notices.people_in(work, Role.SUPERVISOR) else Role.MANAGER
    readers = {f"{once}/{person.id}": person for person in await notices.people_in(work, role)}
    had = set(await work.session.scalars(select(Message.once).where(Message.once.in_(readers))))
    return {key: person for key, person in readers.items() if key not in had}


async def _sheet(work: Work, reader: Actor, row: DeskCalendar, closing: Closing) -> Sheet:
    sheet = Sheet(row.name, closing)
    in_force = await policy_versions.in_force(work)
    here = policy_versions.runs_on(in_force, row)
    late = first(
        narrowed(reader, Case, select(Case.id))
        .where(due.is_open(), here, Case.due_at <= sheet.until)
        .order_by(Case.due_at, Case.id),
        LIMIT,
    )
    going_up = first(
        narrowed(reader, Case, select(Deadline.id).join(Case, Case.id == Deadline.case_id))
        .where(
            due.is_open(),
            here,
            Deadline.next_at <= sheet.until,
            Deadline.due_at <= sheet.until,
            Deadline.kind == DeadlineKind.ESCALATE,
            Deadline.status == DeadlineStatus.RUNNING,
            Deadline.cycle == Case.cycle,
        )
        .order_by(Deadline.due_at, Deadline.id),
        LIMIT,
    )
    own = (Deadline.kind != DeadlineKind.ESCALATE) & due.still_to_do() & (Deadline.cycle == Case.cycle)
    found = await work.session.execute(
        select(Deadline, Case)
        .join(Case, Case.id == Deadline.case_id)
        .where(
            Deadline.due_at <= sheet.until,
            or_(own & Deadline.case_id.in_(late), Deadline.id.in_(going_up)),
        )
        .options(joinedload(Case.held_by))
        .order_by(Deadline.due_at, Deadline.id)
        .limit(LIMIT)
    )
    sheet.clocks = [(clock, case) for clock, case in found]
    if row.id == in_force.default_calendar:
        sheet.follow_ups = await _follow_ups(work, reader, sheet.until)
        sheet.help_calls = list(
            await work.session.scalars(
                select(HelpCall)
                .where(HelpCall.ended_at.is_(None))
                .options(joinedload(HelpCall.called_by))
                .order_by(HelpCall.called_at, HelpCall.id)
                .limit(LIMIT)
            )
        )
    return sheet


async def _follow_ups(work: Work, reader: Actor, until: datetime) -> list[FollowUp]:
    """Open ones, promises among them: each promise is a follow-up until it is kept or broken."""
    found = await work.session.scalars(
        narrowed(reader, FollowUp, select(FollowUp))
        .where(among(FollowUp.status, [FollowUpStatus.OPEN]), FollowUp.due_at <= until)
        .options(joinedload(FollowUp.owner))
        .order_by(FollowUp.due_at, FollowUp.id)
        .limit(LIMIT)
    )
    return list(found)


def _facts(work: Work, sheet: Sheet) -> dict[str, Any]:
    address = work.terms.address
    clocks: Sequence[Any] = [
        (case.number, case.subject, clock.kind, clock.due_at, f"{address}/cases/{case.id}")
        for clock, case in sheet.clocks
    ]
    return {
        "closes_at": sheet.closing.closes_at,
        "opens_at": sheet.closing.opens_at,
        "until": sheet.until,
        "clocks": clocks,
        "follow_ups": [(one.told_as, one.words, one.owner.name, one.due_at) for one in sheet.follow_ups],
        "help_calls": [(one.called_by.name, one.called_at) for one in sheet.help_calls],
        "more": sheet.more,
        "link": f"{address}/closing-sheet",
    }
