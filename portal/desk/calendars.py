"""The calendars the clocks run on, read once in a transaction. Changing them is done in `rulebook`."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import BusinessCalendar
from portal.desk import audit, hours, policy
from portal.desk.errors import WrongMoment
from portal.desk.permissions import May
from portal.desk.work import Work

_ALL = (
    select(BusinessCalendar)
    .options(joinedload(BusinessCalendar.days))
    .order_by(BusinessCalendar.is_default, BusinessCalendar.id)
)
"""Every calendar with its exceptional days: a few rows of each, so one statement."""


async def known(work: Work) -> dict[int | None, tuple[BusinessCalendar, hours.Calendar]]:
    """Give every calendar by its id, and the default one under None.

    Raises WrongMoment when none is the default.
    """
    found: dict[int | None, tuple[BusinessCalendar, hours.Calendar]] | None = work.remembered.get("calendars")
    if found is None:
        rows = (await work.session.scalars(_ALL)).unique()
        found = {row.id: (row, read(row)) for row in rows}
        for row, calendar in list(found.values()):
            if row.is_default:
                found[None] = row, calendar
        work.remembered["calendars"] = found
    if None not in found:
        raise WrongMoment("No calendar is marked as the default one, so no deadline can be counted.")
    return found


async def default_calendar(work: Work) -> tuple[BusinessCalendar, hours.Calendar]:
    """Give the calendar of every case that names none. Raises WrongMoment when no calendar is the default."""
    return (await known(work))[None]


async def of_case(work: Work, calendar_id: int | None) -> hours.Calendar:
    """Give the calendar a case names, or the default one."""
    return (await known(work))[calendar_id][1]


def read(row: BusinessCalendar) -> hours.Calendar:
    """Read a row with its exceptional days. Raises hours.HoursError."""
    return hours.parse(row.zone, row.hours, {day.day: day.hours for day in row.days}, row.name)


def forget(work: Work) -> None:
    """Read the calendars anew after a change in this transaction."""
    work.remembered.pop("calendars", None)


async def ensure_default(work: Work, zone: str = policy.CALENDAR_ZONE) -> bool:
    """Write the default calendar if no calendar is the default; tell whether one was written. Edits stay."""
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
    forget(work)
    await audit.record(work, "write default calendar", calendar)
    return True
