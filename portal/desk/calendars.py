"""The tables of calendars: the hours that are in force, to look at and to change. The clocks read them in the policy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import BusinessCalendar, CalendarDay, PolicyVersion
from portal.desk import audit, policy
from portal.desk.permissions import May
from portal.desk.work import Work

LONGEST_NAME = 120
_ALL = select(BusinessCalendar).options(joinedload(BusinessCalendar.days)).order_by(BusinessCalendar.id)
"""Every calendar with its exceptional days: a few rows of each, so one statement."""


async def as_documents(work: Work) -> dict[str, Any]:
    """Give the part of a policy's document that the tables say: `calendars` and `default_calendar`."""
    found = (await work.session.scalars(_ALL, execution_options={"populate_existing": True})).unique().all()
    return {
        "calendars": [as_document(row) for row in found],
        "default_calendar": next((row.id for row in found if row.is_default), None),
    }


def as_document(row: BusinessCalendar) -> dict[str, Any]:
    """One calendar as a policy's document holds it. Its days have to be loaded."""
    days = {day.day.isoformat(): {"hours": day.hours, "name": day.name} for day in row.days}
    return {
        "id": row.id,
        "name": row.name,
        "zone": row.zone,
        "hours": row.hours,
        "region": row.region,
        "days": dict(sorted(days.items())),
    }


async def ensure_default(work: Work, zone: str = policy.CALENDAR_ZONE) -> bool:
    """Write the default calendar if no calendar is the default; tell whether one was written. Edits stay.

    It comes into force with the version of the policy that is published next.
    """
    work.require(May.EDIT_POLICY)
    if await work.session.scalar(select(BusinessCalendar.id).where(BusinessCalendar.is_default)) is not None:
        return False
    calendar = BusinessCalendar(
        name=policy.CALENDAR_NAME,
        zone=zone,
        hours=policy.CALENDAR_HOURS,
        region=policy.CALENDAR_REGION,
        is_default=True,
        changed_at=work.now,
    )
    work.session.add(calendar)
    await audit.record(work, "write default calendar", calendar)
    return True


async def days_of(work: Work, calendar: BusinessCalendar) -> list[CalendarDay]:
    """The exceptional days of a calendar as its table has them."""
    return list(await work.session.scalars(select(CalendarDay).where(CalendarDay.calendar_id == calendar.id)))


def numbers_in(document: Mapping[str, Any]) -> set[int]:
    """The numbers of the calendars that a document of the policy has."""
    return {one["id"] for one in document["calendars"]}


async def write(work: Work, document: Mapping[str, Any], before: PolicyVersion | None) -> None:
    """Let the tables say what a document of the policy does, which takes the place of the version before it.

    A calendar that it leaves out keeps its row, since cases and the clocks of earlier versions may name it; what it was
    called is free for another one.
    """
    rows = {row.id: row for row in await work.session.scalars(select(BusinessCalendar))}
    _set_aside(work, rows.values(), document, before)
    await _let_go_of_names(work, rows.values(), {told["id"]: told["name"] for told in document["calendars"]})
    default = document.get("default_calendar")
    for told in document["calendars"]:
        row = rows.get(told["id"])
        if row is None:
            row = BusinessCalendar(id=told["id"], changed_at=work.now)
            work.session.add(row)
        row.name, row.zone, row.hours = told["name"], told["zone"], told["hours"]
        row.region, row.is_default = told.get("region", ""), row.id == default
        if work.session.is_modified(row):
            row.changed_at = work.now
        await work.session.flush()
        await _write_days(work, row, told.get("days", {}))
    await work.session.flush()


def _set_aside(
    work: Work, rows: Iterable[BusinessCalendar], document: Mapping[str, Any], before: PolicyVersion | None
) -> None:
    """Say on the row of a calendar that is in force no more until when it was: `North (until version 4)`."""
    wanted, left = numbers_in(document), numbers_in(before.document) if before else set()
    taken = {told["name"] for told in document["calendars"]}
    names = taken | {row.name for row in rows}
    for row in rows:
        if row.id in wanted or not (row.id in left or row.name in taken):
            continue
        row.name = _until(row.name, before.number if before else 0, names)
        names.add(row.name)
        row.is_default, row.changed_at = False, work.now


def _until(name: str, number: int | None, names: Collection[str]) -> str:
    """What a calendar is called that was in force up to a version, other than all these names."""
    until = f" (until version {number})"
    words = (until, *(f"{until} {further}" for further in range(2, len(names) + 2)))
    return next(told for one in words if (told := f"{name[: LONGEST_NAME - len(one)]}{one}") not in names)


async def _let_go_of_names(work: Work, rows: Iterable[BusinessCalendar], wanted: Mapping[int, str]) -> None:
    """Take every name that another calendar shall have from the one that has it, so that two may swap theirs.

    What such a one is called meanwhile begins with a blank, as no name does that somebody gave.
    """
    for row in rows:
        if any(name == row.name and key != row.id for key, name in wanted.items()):
            row.name = f" {row.id}"
    await work.session.flush()


async def _write_days(work: Work, calendar: BusinessCalendar, told: Mapping[str, Any]) -> None:
    days = {day.day.isoformat(): day for day in await days_of(work, calendar)}
    for day, one in told.items():
        kept = days.pop(day, None) or CalendarDay(calendar_id=calendar.id, day=date.fromisoformat(day))
        kept.hours, kept.name = one["hours"], one.get("name", "")
        work.session.add(kept)
    for gone in days.values():
        await work.session.delete(gone)
