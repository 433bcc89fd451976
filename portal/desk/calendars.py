"""The tables of calendars: the hours that are in force, to look at and to change. The clocks read them in the policy."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import BusinessCalendar
from portal.desk import audit, policy
from portal.desk.permissions import May
from portal.desk.work import Work

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
