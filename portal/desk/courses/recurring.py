"""How long a pass holds: months of the calendar, forward for who reads and back for who counts. S2-7.3"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_TWELVE = 12
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def runs_out(passed_at: datetime, months: int) -> datetime:
    """When a pass no longer holds. Where the month has no such day, with the beginning of the next."""
    year, month = _moved(passed_at, months)
    try:
        return passed_at.replace(year=year, month=month)
    except ValueError:
        return _first_of_next(passed_at, year, month)


def holding_since(now: datetime, months: int) -> datetime:
    """The moment after which one has to have passed for it to hold now: just what `runs_out` says, looked at from there."""
    if not months:
        return LONG_AGO
    year, month = _moved(now, -months)
    try:
        return now.replace(year=year, month=month)
    except ValueError:
        return _first_of_next(now, year, month) - timedelta(microseconds=1)


def _moved(moment: datetime, months: int) -> tuple[int, int]:
    year, month = divmod(moment.year * _TWELVE + moment.month - 1 + months, _TWELVE)
    return year, month + 1


def _first_of_next(moment: datetime, year: int, month: int) -> datetime:
    """Only asked of months shorter than 31 days, of which December is none."""
    return moment.replace(year=year, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
