"""Until when a customer may withdraw from an order, and until when we take it back: by country, as data. S3-14.2.1a

Both run from the day after the goods arrived, on the clock of the desk. A last day on which nobody works – a Saturday, a
Sunday, a holiday of the desk's calendar – moves to the next day on which people do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models import Order, ReturnPeriod
from portal.desk import audit, hours, policy_versions
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.phones import NO_COUNTRY, place_of
from portal.desk.saving import hold_version
from portal.desk.work import Work

LONGEST = 3650
"""Days: a mistyped year is no period."""
WITHDRAWAL_DAYS, RETURN_DAYS = 14, 30
"""What a fresh desk begins with, for everywhere."""
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Until:
    """The last days of one order, the reader's today for comparison; None where nothing is promised."""

    withdrawal: date | None
    returns: date | None
    today: date

    @property
    def over(self) -> bool:
        """Whether every period there is has ended."""
        ends = [day for day in (self.withdrawal, self.returns) if day is not None]
        return bool(ends) and max(ends) < self.today


async def of_order(work: Work, order: Order) -> Until | None:
    """The last days for an order that has arrived; None before, and where no country and no default say any."""
    if order.delivered_at is None:
        return None
    found = await _of_country(work, order.customer.country if order.customer else "")
    if found is None:
        return None
    opening = (await policy_versions.in_force(work)).calendar().opening
    zone = ZoneInfo(opening.zone)
    arrived = order.delivered_at.astimezone(zone).date()
    return Until(
        _last_day(opening, arrived, found.withdrawal_days),
        _last_day(opening, arrived, found.return_days),
        work.now.astimezone(zone).date(),
    )


async def _of_country(work: Work, country: str) -> ReturnPeriod | None:
    """The row of this country, else the one of everywhere else."""
    code = place_of(country)
    rows = await work.session.scalars(select(ReturnPeriod).where(ReturnPeriod.country.in_([code or "", ""])))
    return max(rows, key=lambda row: len(row.country), default=None)


def _last_day(opening: hours.Calendar, arrived: date, days: int | None) -> date | None:
    if days is None:
        return None
    last, closed = arrived + timedelta(days=days), {day for day, told in opening.days if told == "off"}
    while last.weekday() >= _SATURDAY or last in closed:
        last += timedelta(days=1)
    return last


async def ensure_defaults(work: Work) -> None:
    """Write the row of everywhere where there is none at all."""
    work.require(May.EDIT_POLICY)
    if await work.session.scalar(select(ReturnPeriod.id).limit(1)) is None:
        row = ReturnPeriod(country="", withdrawal_days=WITHDRAWAL_DAYS, return_days=RETURN_DAYS)
        work.session.add(row)
        await audit.record(work, "write return periods", row)


async def add(work: Work, country: str, **told: Any) -> ReturnPeriod:
    """Say what holds in a country. Raises NotAccepted with a message per field."""
    work.require(May.EDIT_POLICY)
    code = place_of(country)
    refused = _wrong(told)
    if code is None:
        refused["country"] = NO_COUNTRY
    elif await work.session.scalar(select(ReturnPeriod.id).where(ReturnPeriod.country == code)) is not None:
        refused["country"] = "There is a row for it already."
    if refused:
        raise NotAccepted.of(refused)
    row = ReturnPeriod(country=code or "", **told)
    work.session.add(row)
    await audit.record(work, "write return periods", row)
    return row


async def change(work: Work, row: ReturnPeriod, expected_version: int, **told: Any) -> None:
    """Change what holds in a country from now on, also for what has arrived already. Raises NotAccepted, Conflict."""
    work.require(May.EDIT_POLICY)
    await hold_version(work, row, expected_version, told)
    if refused := _wrong(told):
        raise NotAccepted.of(refused)
    for name, value in told.items():
        setattr(row, name, value)
    await audit.record(work, "change return periods", row)


def _wrong(told: dict[str, Any]) -> dict[str, str]:
    return {
        name: f"Between 0 and {LONGEST} days; empty where nothing is promised."
        for name, days in told.items()
        if days is not None and not 0 <= days <= LONGEST
    }
