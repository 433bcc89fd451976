"""Changing the policy: targets, the escalation matrix, opening hours, holidays. Facts stay, due times move. Decision 8.

Every deed here names the version it was read at, so that the second of two people saving is told what the first
one saved; and every deed recomputes the running clocks it touches in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from models import BusinessCalendar, CalendarDay, DeadlineRule, EscalationRule
from models.words import CaseKind, Role, TargetKind
from portal.desk import audit, calendars, deadlines, hours, policy
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.holidays_of import holidays_of
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

LONGEST_MINUTES = 60 * 24 * 366
AnyRow = DeadlineRule | EscalationRule | BusinessCalendar


async def change_deadline_rule(
    work: Work, rule: DeadlineRule, expected_version: int, **changes: object
) -> int:
    """Change how long one kind of case may take to one target; return how many running clocks moved.

    Takes `target_kind`, `amount` (minutes, or days), `warn_percent`, `active`, `clause`. Raises NotAccepted per
    field, Conflict when somebody saved first. S2-14.1
    """
    work.require(May.EDIT_POLICY)
    await hold_version(work, rule, expected_version, changes)
    _set(rule, changes, {"target_kind", "amount", "warn_percent", "active", "clause"})
    _check_target(rule.target_kind, rule.amount)
    if not 1 <= rule.warn_percent <= 100:  # noqa: PLR2004 - per cent
        raise NotAccepted(warn_percent="Between 1 and 100 per cent of the time.")
    await audit.record(work, "change deadline rule", rule)
    return await _recompute(work, f"rule changed: {rule.deadline.value} {rule.case_kind.value}")


async def change_escalation_rule(
    work: Work, rule: EscalationRule, expected_version: int, **changes: object
) -> int:
    """Change one row of the escalation matrix; return how many running clocks moved. S0-4.

    Takes `to_role`, `target_kind`, `amount` (minutes, or days), `active`, `clause`. Raises as above.
    """
    work.require(May.EDIT_POLICY)
    await hold_version(work, rule, expected_version, changes)
    _set(rule, changes, {"to_role", "target_kind", "amount", "active", "clause"})
    _check_target(rule.target_kind, rule.amount)
    await audit.record(work, "change escalation rule", rule)
    return await _recompute(work, f"matrix changed: {rule.case_kind.value} level {rule.level}")


async def add_escalation_rule(
    work: Work, case_kind: CaseKind, to_role: Role, target_kind: TargetKind, amount: int, clause: str = ""
) -> EscalationRule:
    """Add the next level for a kind of case; running cases get its clock. S0-4, S2-13.5."""
    work.require(May.EDIT_POLICY)
    _check_target(target_kind, amount)
    known = (await policy.in_force(work)).matrix[case_kind]
    rows = select(EscalationRule.level).where(EscalationRule.case_kind == case_kind)
    level = 1 + max([step.level for step in known] + list(await work.session.scalars(rows)), default=0)
    rule = EscalationRule(
        case_kind=case_kind,
        level=level,
        to_role=to_role,
        target_kind=target_kind,
        amount=amount,
        clause=clause,
    )
    work.session.add(rule)
    await audit.record(work, "add escalation rule", rule)
    await _recompute(work, f"matrix changed: {case_kind.value} level {level}")
    return rule


async def change_calendar(
    work: Work, calendar: BusinessCalendar, expected_version: int, **changes: object
) -> int:
    """Change a calendar's name, zone, hours, region or being the default; return how many running clocks moved.

    Raises NotAccepted with the parser's words and its caret under the mistake (decision 12), Conflict as above,
    WrongMoment when no calendar would be the default.
    """
    work.require(May.EDIT_POLICY)
    await hold_version(work, calendar, expected_version, changes)
    was_default = calendar.is_default
    if was_default and not changes.get("is_default", True):
        raise WrongMoment("Make another calendar the default one; this one then gives it up.")
    await _refuse_name(work, str(changes.get("name", calendar.name)), calendar)
    _set(calendar, changes, {"name", "zone", "hours", "region", "is_default"})
    days = await _days(work, calendar)
    _read(calendar, {day.day: day.hours for day in days})
    calendar.changed_at = work.now
    if calendar.is_default and not was_default:
        others = select(BusinessCalendar).where(
            BusinessCalendar.is_default, BusinessCalendar.id != calendar.id
        )
        for other in await work.session.scalars(others):
            other.is_default = False
    await audit.record(work, "change calendar", calendar)
    return await _recompute_on(work, calendar, everywhere=was_default is not calendar.is_default)


async def add_calendar(
    work: Work, name: str, zone: str, hours_text: str, region: str = ""
) -> BusinessCalendar:
    """Add a calendar. The first one is the default. Raises NotAccepted with the parser's words."""
    work.require(May.EDIT_POLICY)
    await _refuse_name(work, name)
    first = await work.session.scalar(select(BusinessCalendar.id).limit(1)) is None
    calendar = BusinessCalendar(
        name=name.strip(), zone=zone, hours=hours_text, region=region, is_default=first, changed_at=work.now
    )
    _read(calendar, {})
    work.session.add(calendar)
    calendars.forget(work)
    await audit.record(work, "add calendar", calendar)
    return calendar


async def set_calendar_day(
    work: Work, calendar: BusinessCalendar, day: date, hours_text: str, name: str = ""
) -> CalendarDay:
    """Make one date an exception: `off`, or hours of its own. Running clocks move with it.

    Raises NotAccepted with the parser's words.
    """
    work.require(May.EDIT_POLICY)
    days = {one.day: one for one in await _days(work, calendar)}
    _read(calendar, {one.day: one.hours for one in days.values()} | {day: hours_text.strip()})
    row = days.get(day) or CalendarDay(calendar_id=calendar.id, day=day)
    row.hours, row.name = hours_text.strip(), name.strip()
    calendar.changed_at = work.now
    work.session.add(row)
    await audit.record(work, "set calendar day", calendar)
    await _recompute_on(work, calendar)
    return row


async def remove_calendar_day(work: Work, calendar: BusinessCalendar, day: date) -> None:
    """Make an exceptional date an ordinary one again. Raises NotAccepted when it is none, or would overlap."""
    work.require(May.EDIT_POLICY)
    days = {one.day: one for one in await _days(work, calendar)}
    row = days.pop(day, None)
    if row is None:
        raise NotAccepted(day=f"{day.isoformat()} is no exceptional day of this calendar.")
    _read(calendar, {one.day: one.hours for one in days.values()})
    calendar.changed_at = work.now
    await work.session.delete(row)
    await audit.record(work, "remove calendar day", calendar)
    await _recompute_on(work, calendar)


async def fill_holidays(work: Work, calendar: BusinessCalendar, years: Iterable[int]) -> int:
    """Close the desk on the public holidays of the calendar's region; return how many days were added.

    A date that is written in the calendar stays as somebody wrote it. Raises NotAccepted for an unknown region.
    """
    work.require(May.EDIT_POLICY)
    found = await holidays_in(calendar.region, years)
    known = {one.day for one in await _days(work, calendar)}
    added = {day: name for day, name in found.items() if day not in known}
    if not added:
        return 0
    work.session.add_all(
        CalendarDay(calendar_id=calendar.id, day=day, hours="off", name=name[:200])
        for day, name in added.items()
    )
    calendar.changed_at = work.now
    await audit.record(work, "fill holidays", calendar)
    await _recompute_on(work, calendar)
    return len(added)


async def fill_all_holidays(work: Work) -> int:
    """Fill the holidays of every calendar with a region, for this year and those the policy says."""
    years = range(work.now.year, work.now.year + 1 + policy.HOLIDAY_YEARS_AHEAD)
    rows = select(BusinessCalendar).where(BusinessCalendar.region != "").order_by(BusinessCalendar.id)
    return sum([await fill_holidays(work, row, years) for row in (await work.session.scalars(rows)).all()])


async def holidays_in(region: str, years: Iterable[int]) -> dict[date, str]:
    """Give the public holidays of a country, or of a part of it such as `DE-BE`. Raises NotAccepted if unknown."""
    country, _, part = region.strip().upper().partition("-")
    if not country:
        return {}
    found = await holidays_of(country, part, years)
    if found is None:
        raise NotAccepted(region=f"No holidays are known for {region!r}. Write DE, or DE-BE.")
    return found


async def _recompute(work: Work, reason: str) -> int:
    work.remembered.pop("policy", None)
    return await deadlines.recompute(work, await deadlines.open_case_ids(work), reason)


async def _recompute_on(work: Work, calendar: BusinessCalendar, *, everywhere: bool = False) -> int:
    calendars.forget(work)
    work.session.expire(calendar, ["days"])
    on = None if everywhere else calendar.id
    touched = await deadlines.open_case_ids(work, calendar_id=on, default=calendar.is_default)
    return await deadlines.recompute(work, touched, f"calendar changed: {calendar.name}")


async def _refuse_name(work: Work, name: str, of: BusinessCalendar | None = None) -> None:
    if not name.strip():
        raise NotAccepted(name="Give the calendar a name.")
    same = select(BusinessCalendar.id).where(BusinessCalendar.name == name.strip())
    if (await work.session.scalar(same)) not in {None, of.id if of else None}:
        raise NotAccepted(name="Another calendar has this name.")


async def _days(work: Work, calendar: BusinessCalendar) -> list[CalendarDay]:
    return list(await work.session.scalars(select(CalendarDay).where(CalendarDay.calendar_id == calendar.id)))


def _read(calendar: BusinessCalendar, days: dict[date, str]) -> None:
    """Raise NotAccepted, beside the field, for what the calendar's own reader refuses. Decision 12."""
    try:
        hours.parse(calendar.zone, calendar.hours, days, calendar.name)
    except hours.HoursError as error:
        field = "zone" if "time zone" in error.message else "hours"
        raise NotAccepted.of({field: error.message}) from None


def _check_target(kind: TargetKind, amount: int) -> None:
    if kind is TargetKind.SAME_BUSINESS_DAY and amount:
        raise NotAccepted(amount="The same business day takes no amount: leave it at 0.")
    if not 0 <= amount <= LONGEST_MINUTES:
        raise NotAccepted(amount="Between 0 and a year.")


def _set(row: AnyRow, changes: dict[str, object], allowed: set[str]) -> None:
    for field in changes.keys() - allowed:
        raise NotAccepted.of({field: "This cannot be changed here."})
    for field, value in changes.items():
        setattr(row, field, value)
