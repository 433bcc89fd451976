"""Changing the policy: a version is drafted, tried and published; the clocks follow. Facts stay. Decision 8.

Opening hours have tables of their own, so that a day can be closed at once: each change of them publishes a version
too, so that every clock can say by which hours it was counted. Every deed names the version it was read at, so that
the second of two people saving is told what the first one saved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from models import BusinessCalendar, CalendarDay, PolicyVersion, Recompute
from models.words import PolicyStatus
from portal.desk import (
    audit,
    calendars,
    hours,
    matrix,
    policy,
    policy_merging,
    policy_versions,
    recomputing,
)
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.holidays_of import holidays_of
from portal.desk.permissions import May
from portal.desk.saving import hold, hold_version
from portal.desk.work import Work

LONGEST_NOTE = 2000
LAST_CALENDAR = select(func.max(BusinessCalendar.id))


async def ensure_defaults(work: Work) -> int:
    """Publish version 1 where there is none: the numbers of the procedures and the calendars there are.

    Returns how many versions were published. A calendar that is no part of the version in force comes into force too.
    """
    work.require(May.EDIT_POLICY)
    newest = await policy_versions.newest(work)
    told = await calendars.as_documents(work)
    if newest is None:
        try:
            async with work.session.begin_nested():
                await _publish(work, policy_versions.shipped(told), "As it ships with Handrail.")
        except IntegrityError:  # another replica that starts at this moment was first
            policy_versions.forget(work)
            return 0
        return 1
    if newest.document.get("default_calendar") is None and told["default_calendar"] is not None:
        await _publish(work, {**newest.document, **told}, "The first calendar.")
        return 1
    return 0


async def draft(work: Work) -> PolicyVersion:
    """Begin a draft of the policy as it is in force now. S2-14.1"""
    work.require(May.EDIT_POLICY)
    newest = await policy_versions.newest(work)
    document = newest.document if newest else policy_versions.shipped(await calendars.as_documents(work))
    made = PolicyVersion(
        status=PolicyStatus.DRAFT,
        document=document,
        digest=policy_versions.digest_of(document),
        based_on_id=newest.id if newest else None,
        created_by_id=work.actor.person_id,
        created_at=work.now,
        changed_at=work.now,
    )
    work.session.add(made)
    await audit.record(work, "draft policy", made)
    return made


async def save(
    work: Work, version: PolicyVersion, expected_version: int, document: Mapping[str, Any]
) -> None:
    """Save a draft as it is now.

    Raises NotAccepted per row and field, Conflict when somebody saved first, WrongMoment for what is no draft any more.
    """
    work.require(May.EDIT_POLICY)
    await hold_version(work, version, expected_version, {"document": dict(document)})
    _refuse_finished(version)
    matrix.read(document)
    version.document, version.digest = dict(document), policy_versions.digest_of(document)
    version.changed_at = work.now
    await audit.record(work, "save policy", version)


async def drop(work: Work, version: PolicyVersion) -> None:
    """Put a draft away for good. Raises WrongMoment for one that is no draft any more."""
    work.require(May.EDIT_POLICY)
    await hold(work, version)
    _refuse_finished(version)
    version.status = PolicyStatus.DROPPED
    await audit.record(work, "drop policy", version)


async def publish(work: Work, version: PolicyVersion, note: str) -> Recompute:
    """Bring a draft into force, with a word on what changed and why; the clocks follow it. S2-14.1

    Raises NotAccepted without a note or for what no clock could follow, WrongMoment for one that is no draft any more
    or was begun before the version in force.
    """
    work.require(May.EDIT_POLICY)
    await hold(work, version)
    _refuse_finished(version)
    if not note.strip():
        raise NotAccepted(note="Say what changes and why, for those who look it up later.")
    if len(note) > LONGEST_NOTE:
        raise NotAccepted(note=f"At most {LONGEST_NOTE} letters.")
    refuse_card_numbers(note=note)
    newest = await policy_versions.newest(work, hold=True)
    if (newest.id if newest else None) != version.based_on_id:
        raise WrongMoment("Another version came into force meanwhile. Bring this draft up to date first.")
    matrix.read(version.document)
    await calendars.write(work, version.document, newest)
    return await _bring_into_force(work, version, note)


async def bring_up_to_date(work: Work, version: PolicyVersion) -> list[str]:
    """Take over what came into force since a draft was begun, wherever the draft has left that part as it was.

    Returns the parts that both changed, in which the draft's own stay: `targets`, `calendars Desk`.
    """
    work.require(May.EDIT_POLICY)
    await hold(work, version)
    _refuse_finished(version)
    newest = await policy_versions.newest(work)
    base = await work.session.get(PolicyVersion, version.based_on_id) if version.based_on_id else None
    if newest is None or base is None or newest.id == base.id:
        return []
    last: int | None = await work.session.scalar(LAST_CALENDAR)
    document, both = policy_merging.merged(base.document, version.document, newest.document, last or 0)
    version.document, version.digest = document, policy_versions.digest_of(document)
    version.based_on_id, version.changed_at = newest.id, work.now
    await audit.record(work, "bring policy up to date", version)
    return both


async def change_calendar(
    work: Work, calendar: BusinessCalendar, expected_version: int, **changes: object
) -> int:
    """Change a calendar's name, zone, hours, region or being the default; return how many clocks moved at once.

    Raises NotAccepted with the parser's words and its caret under the mistake (decision 12), Conflict as above,
    WrongMoment when no calendar would be the default, and for one that was taken out.
    """
    work.require(May.EDIT_POLICY)
    await _refuse_gone(work, calendar)
    await hold_version(work, calendar, expected_version, changes)
    was_default = calendar.is_default
    if was_default and not changes.get("is_default", True):
        raise WrongMoment("Make another calendar the default one; this one then gives it up.")
    await _refuse_name(work, str(changes.get("name", calendar.name)), calendar)
    for field in changes.keys() - {"name", "zone", "hours", "region", "is_default"}:
        raise NotAccepted.of({field: "This cannot be changed here."})
    for field, value in changes.items():
        setattr(calendar, field, value)
    days = await calendars.days_of(work, calendar)
    _read(calendar, {day.day: day.hours for day in days})
    calendar.changed_at = work.now
    if calendar.is_default and not was_default:
        others = select(BusinessCalendar).where(
            BusinessCalendar.is_default, BusinessCalendar.id != calendar.id
        )
        for other in await work.session.scalars(others):
            other.is_default = False
    await audit.record(work, "change calendar", calendar)
    return await _now(work, calendar, f"calendar changed: {calendar.name}")


async def add_calendar(
    work: Work, name: str, zone: str, hours_text: str, region: str = ""
) -> BusinessCalendar:
    """Add a calendar. The first one is the default. Raises NotAccepted with the parser's words."""
    work.require(May.EDIT_POLICY)
    await policy_versions.newest(work, hold=True)  # of two who add one, the second counts on from the first
    await _refuse_name(work, name)
    last: int | None = await work.session.scalar(LAST_CALENDAR)
    calendar = BusinessCalendar(
        id=1 + (last or 0),  # the database would count on from its own last one, and drafts number theirs
        name=name.strip(),
        zone=zone,
        hours=hours_text,
        region=region,
        is_default=last is None,
        changed_at=work.now,
    )
    _read(calendar, {})
    work.session.add(calendar)
    await audit.record(work, "add calendar", calendar)
    await _now(work, calendar, f"calendar added: {calendar.name}")
    return calendar


async def set_calendar_day(
    work: Work, calendar: BusinessCalendar, day: date, hours_text: str, name: str = ""
) -> CalendarDay:
    """Make one date an exception: `off`, or hours of its own. Running clocks move with it.

    Raises NotAccepted with the parser's words.
    """
    work.require(May.EDIT_POLICY)
    await _refuse_gone(work, calendar)
    days = {one.day: one for one in await calendars.days_of(work, calendar)}
    _read(calendar, {one.day: one.hours for one in days.values()} | {day: hours_text.strip()})
    row = days.get(day) or CalendarDay(calendar_id=calendar.id, day=day)
    row.hours, row.name = hours_text.strip(), name.strip()
    calendar.changed_at = work.now
    work.session.add(row)
    await audit.record(work, "set calendar day", calendar)
    await _now(work, calendar, f"calendar changed: {calendar.name}, {day.isoformat()}")
    return row


async def remove_calendar_day(work: Work, calendar: BusinessCalendar, day: date) -> None:
    """Make an exceptional date an ordinary one again. Raises NotAccepted when it is none, or would overlap."""
    work.require(May.EDIT_POLICY)
    await _refuse_gone(work, calendar)
    days = {one.day: one for one in await calendars.days_of(work, calendar)}
    row = days.pop(day, None)
    if row is None:
        raise NotAccepted(day=f"{day.isoformat()} is no exceptional day of this calendar.")
    _read(calendar, {one.day: one.hours for one in days.values()})
    calendar.changed_at = work.now
    await work.session.delete(row)
    await audit.record(work, "remove calendar day", calendar)
    await _now(work, calendar, f"calendar changed: {calendar.name}, {day.isoformat()}")


async def fill_holidays(work: Work, calendar: BusinessCalendar, years: Iterable[int]) -> int:
    """Close the desk on the public holidays of the calendar's region; return how many days were added.

    A date that is written in the calendar stays as somebody wrote it. Raises NotAccepted for an unknown region.
    """
    work.require(May.EDIT_POLICY)
    await _refuse_gone(work, calendar)
    found = await holidays_in(calendar.region, years)
    known = {one.day for one in await calendars.days_of(work, calendar)}
    added = {day: name for day, name in found.items() if day not in known}
    if not added:
        return 0
    work.session.add_all(
        CalendarDay(calendar_id=calendar.id, day=day, hours="off", name=name[:200])
        for day, name in added.items()
    )
    calendar.changed_at = work.now
    await audit.record(work, "fill holidays", calendar)
    await _now(work, calendar, f"holidays filled in: {calendar.name}")
    return len(added)


async def fill_all_holidays(work: Work) -> int:
    """Fill the holidays of every calendar in force with a region, for this year and those the policy says."""
    years = range(work.now.year, work.now.year + 1 + policy.HOLIDAY_YEARS_AHEAD)
    known = (await policy_versions.in_force(work)).calendars
    rows = (
        select(BusinessCalendar)
        .where(BusinessCalendar.region != "", BusinessCalendar.id.in_(list(known)))
        .order_by(BusinessCalendar.id)
    )
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


async def _now(work: Work, calendar: BusinessCalendar, reason: str) -> int:
    """Bring what the tables say of a calendar now into force; return how many clocks moved at once.

    One that a version took out stays out, though its row is there.
    """
    newest = await policy_versions.newest(work, hold=True)
    told = await calendars.as_documents(work)
    document = {**(newest.document if newest else policy_versions.shipped({})), **told}
    if newest is not None:
        known = {calendar.id, told["default_calendar"], *calendars.numbers_in(newest.document)}
        document["calendars"] = [one for one in told["calendars"] if one["id"] in known]
    named = calendars.numbers_in(document)
    document["assignments"] = [one for one in document["assignments"] if one["calendar"] in named]
    if document.get("times"):
        document["times"] = [_on_known(one, named) for one in document["times"]]
    return (await _publish(work, document, f"{reason[:1].upper()}{reason[1:]}.")).clocks


def _on_known(time: Mapping[str, Any], calendars: Collection[int]) -> dict[str, Any]:
    """A time of the desk, on the calendar of all other cases where its own is none any more."""
    gone = time.get("calendar") not in calendars
    return {name: value for name, value in time.items() if name != "calendar" or not gone}


async def _publish(work: Work, document: Mapping[str, Any], note: str) -> Recompute:
    newest = await policy_versions.newest(work)
    version = PolicyVersion(
        status=PolicyStatus.DRAFT,
        document=dict(document),
        digest=policy_versions.digest_of(document),
        based_on_id=newest.id if newest else None,
        created_by_id=work.actor.person_id,
        created_at=work.now,
        changed_at=work.now,
    )
    work.session.add(version)
    return await _bring_into_force(work, version, note)


async def _bring_into_force(work: Work, version: PolicyVersion, note: str) -> Recompute:
    """Give the version the next number. Whoever calls holds the newest one, so that nobody else takes it."""
    last = await work.session.scalar(select(func.max(PolicyVersion.number)))
    version.number = (last or 0) + 1
    version.status, version.in_force_from = PolicyStatus.PUBLISHED, work.now
    version.published_by_id, version.note = work.actor.person_id, note.strip()
    await work.session.flush()
    policy_versions.forget(work)
    await audit.record(work, "publish policy", version)
    return await recomputing.begin(work, version, note.strip())


def _refuse_finished(version: PolicyVersion) -> None:
    if version.status is not PolicyStatus.DRAFT:
        raise WrongMoment(f"This version of the policy is {version.status.value} already.")


async def _refuse_gone(work: Work, calendar: BusinessCalendar) -> None:
    """Raise WrongMoment for a calendar that the version in force does not have: its row only tells what it was."""
    newest = await policy_versions.newest(work, hold=True)  # before the calendar, as publishing takes the two
    if newest is not None and calendar.id not in calendars.numbers_in(newest.document):
        raise WrongMoment(
            "This calendar was taken out of the policy and does not change any more. Add another."
        )


async def _refuse_name(work: Work, name: str, of: BusinessCalendar | None = None) -> None:
    if not name.strip():
        raise NotAccepted(name="Give the calendar a name.")
    same = select(BusinessCalendar.id).where(BusinessCalendar.name == name.strip())
    if (await work.session.scalar(same)) not in {None, of.id if of else None}:
        raise NotAccepted(name="Another calendar has this name.")


def _read(calendar: BusinessCalendar, days: dict[date, str]) -> None:
    """Raise NotAccepted, beside the field, for what the calendar's own reader refuses. Decision 12."""
    try:
        hours.parse(calendar.zone, calendar.hours, days, calendar.name)
    except hours.HoursError as error:
        field = "zone" if "time zone" in error.message else "hours"
        raise NotAccepted.of({field: error.message}) from None
