"""The calendars of a version: hours, exceptional days, the next windows, and who runs on which. S0-4, decision 12"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from starlette.responses import Response

from models import PolicyVersion
from models.words import PolicyStatus
from portal.desk import matrix, policy, policy_drafts, policy_telling, policy_versions, recomputing
from portal.desk.cards import REFUSAL, holds_card_number
from portal.desk.errors import Conflict, NotAccepted, NotFound, WrongMoment
from portal.desk.matrix import DeskCalendar
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.pages.policy.showing import GONE, NOTHING, Refused, first_line, version_in, writable
from portal.pages.policy.versions import detail
from portal.web import Visit, chosen

FIELDS = ("name", "zone", "hours", "region")
DAY = "Enter a day such as 2026-12-24."
Deed = Callable[[Work, PolicyVersion, Mapping[str, str]], Awaitable[str]]


async def new_calendar(visit: Visit) -> Response:
    """An empty form."""
    return await _page(visit, None)


async def add_calendar(visit: Visit) -> Response:
    """Add a calendar to a draft."""
    typed = await _typed(visit)
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            number = await policy_drafts.put_calendar(
                work, found, version_in(typed), _told(typed), default=typed.get("default") == "yes"
            )
    except NotAccepted as error:
        return await _page(visit, None, Refused("calendar", error.fields, typed))
    except Conflict as error:
        return await _page(visit, None, Refused("calendar", typed=typed, conflict=error))
    return visit.go(
        f"/policy/versions/{found.id}/calendars/{number}",
        said="The calendar is added. Below is when it opens next.",
    )


async def show_calendar(visit: Visit) -> Response:
    """One calendar of a version: in a draft to change, else to look at; and its next open windows."""
    return await _page(visit, visit.number("calendar_id"))


async def change_calendar(visit: Visit) -> Response:
    """Change name, zone, hours and region; then the next windows say what came of it."""

    async def deed(work: Work, found: PolicyVersion, typed: Mapping[str, str]) -> str:
        await policy_drafts.put_calendar(
            work,
            found,
            version_in(typed),
            _told(typed),
            visit.number("calendar_id"),
            default=typed.get("default") == "yes",
        )
        return "Saved in the draft. Below is when it opens next."

    return await _done(visit, "calendar", deed)


async def remove_calendar(visit: Visit) -> Response:
    """Take a calendar out of a draft, unless cases run on it."""
    typed, number = await _typed(visit), visit.number("calendar_id")
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            name = await policy_drafts.remove_calendar(work, found, version_in(typed), number)
            alone = policy_telling.alone(await recomputing.named_alone(work, found.document))
    except NotAccepted as error:
        return await _page(visit, number, Refused("removal", error.fields, typed))
    except Conflict as error:
        return await detail(visit, Refused(conflict=error))
    said = f"Taken out: {name}. What is in force still has it. {alone}".strip()
    return visit.go(f"/policy/versions/{found.id}#calendars", said=said)


async def put_day(visit: Visit) -> Response:
    """Make one date an exception."""

    async def deed(work: Work, found: PolicyVersion, typed: Mapping[str, str]) -> str:
        day = _day(typed.get("day", ""), typed.get("name", ""))
        hours_text = typed.get("hours", "") or "off"
        await policy_drafts.put_day(
            work,
            found,
            version_in(typed),
            visit.number("calendar_id"),
            day,
            hours_text,
            typed.get("name", ""),
        )
        return f"{day.isoformat()} is {policy_telling.day_of(hours_text, typed.get('name', ''))}."

    return await _done(visit, "day", deed)


async def remove_day(visit: Visit) -> Response:
    """Make an exceptional date an ordinary one again."""

    async def deed(work: Work, found: PolicyVersion, typed: Mapping[str, str]) -> str:
        day = _day(typed.get("day", ""))
        await policy_drafts.remove_day(work, found, version_in(typed), visit.number("calendar_id"), day)
        return f"{day.isoformat()} is an ordinary day again."

    return await _done(visit, "days", deed)


async def fill_holidays(visit: Visit) -> Response:
    """Close the calendar on the holidays of its region, this year and as many more as the policy says. S2-10.4"""

    async def deed(work: Work, found: PolicyVersion, typed: Mapping[str, str]) -> str:
        years = range(work.now.year, work.now.year + 1 + policy.HOLIDAY_YEARS_AHEAD)
        added = await policy_drafts.fill_holidays(
            work, found, version_in(typed), visit.number("calendar_id"), years
        )
        if not added:
            return "Nothing to fill in: every holiday stands there already, or no region is named."
        return f"{added} holidays are filled in, up to the end of {years[-1]}."

    return await _done(visit, "holidays", deed)


async def assign(visit: Visit) -> Response:
    """Let the cases of a team, a channel or a country run on a calendar."""
    typed = await _typed(visit)
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            await policy_drafts.assign(
                work,
                found,
                version_in(typed),
                number_in(typed.get("calendar", "")) or 0,
                team=typed.get("team", ""),
                channel=typed.get("channel", ""),
                country=typed.get("country", ""),
            )
    except NotAccepted as error:
        return await detail(visit, Refused("assign", error.fields, typed))
    except Conflict as error:
        return await detail(visit, Refused("assign", typed=typed, conflict=error))
    return visit.go(f"/policy/versions/{found.id}#calendars", said="These cases run on that calendar.")


async def unassign(visit: Visit) -> Response:
    """Let the cases of an assignment run on the calendar of all others again."""
    typed = await _typed(visit)
    place = number_in(typed.get("place", ""))
    if place is None:
        raise NotFound("There is no such assignment any more.")
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            await policy_drafts.unassign(work, found, version_in(typed), place)
    except Conflict as error:
        return await detail(visit, Refused(conflict=error))
    return visit.go(
        f"/policy/versions/{found.id}#calendars",
        said="Taken out. Such cases run on what is below, or on the default calendar.",
    )


async def move_assignment(visit: Visit) -> Response:
    """Move an assignment one place up or down; with htmx the part that changes comes back."""
    typed = await _typed(visit)
    place, way = number_in(typed.get("place", "")), typed.get("way", "")
    if place is None or way not in {"up", "down"}:
        raise NotFound("Say which assignment shall move where.")
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            now_at = await policy_drafts.move_assignment(
                work, found, version_in(typed), place, -1 if way == "up" else 1
            )
            runs = matrix.read(found.document).assignments
    except Conflict as error:
        return await detail(visit, Refused(conflict=error))
    said = f"Cases of {policy_telling.who_runs(runs[now_at])}: now place {now_at + 1} of {len(runs)}."
    if visit.is_htmx:
        return await detail(visit, moved=said)
    return visit.go(f"/policy/versions/{found.id}#runs", said=said)


async def _done(visit: Visit, form: str, deed: Deed) -> Response:
    """Do what a form of the calendar's page asks; refused, the page comes back with what was typed."""
    typed, number = await _typed(visit), visit.number("calendar_id")
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            said = await deed(work, found, typed)
    except NotAccepted as error:
        return await _page(visit, number, Refused(form, error.fields, typed))
    except Conflict as error:
        return await _page(visit, number, Refused(form, typed=typed, conflict=error))
    return visit.go(f"/policy/versions/{found.id}/calendars/{number}", said=said)


async def _page(visit: Visit, calendar_id: int | None, refused: Refused = NOTHING) -> Response:
    async with visit.look() as work:
        found = await policy_versions.load(work, visit.number("policy_id"))
        now = work.now
        alone = await recomputing.named_alone(work, _without(found, calendar_id))
    read = matrix.read(found.document)
    calendar = read.calendars.get(calendar_id) if calendar_id is not None else None
    if calendar_id is not None and calendar is None:
        raise NotFound("This calendar is not there any more.")
    if calendar is None and found.status is not PolicyStatus.DRAFT and not refused.typed:
        raise WrongMoment("A version that was published never changes. Begin a draft to change the policy.")
    errors, marked = first_line(refused.errors)
    stands = _fields(calendar, read.default_calendar)
    own = {**stands, "default": "", **refused.typed} if refused.form == "calendar" else stands
    today = now.astimezone(calendar.opening.book.zone).date() if calendar else now.date()
    days = sorted(calendar.days.items()) if calendar else []
    return visit.page(
        "policy/calendar.html",
        status=refused.status,
        version=found,
        editable=writable(visit, found),
        calendar=calendar,
        is_default=calendar is not None and calendar.id == read.default_calendar,
        stands=stands,
        typed=defaultdict(str, own),
        typed_day=defaultdict(str, refused.typed if refused.form == "day" else {}),
        at=str(found.version)
        if refused.conflict or "version" not in refused.typed
        else refused.typed["version"],
        form=refused.form,
        errors=errors,
        marked=marked,
        conflict=refused.conflict,
        gone=GONE if refused.typed and found.status is not PolicyStatus.DRAFT else "",
        needed=policy_drafts.needed_for(read, calendar.id) if calendar else "",
        alone=policy_telling.alone([one for one in alone if one[0].id == calendar_id]),
        windows=policy_telling.next_windows(calendar, now) if calendar else [],
        to_come=[one for one in days if one[0] >= today],
        past=[one for one in days if one[0] < today],
        last_year=now.year + policy.HOLIDAY_YEARS_AHEAD,
        runs=[one for one in read.assignments if calendar and one.calendar == calendar.id],
        tell=policy_telling,
    )


def _without(found: PolicyVersion, calendar_id: int | None) -> dict[str, Any]:
    """What a draft would say without this calendar, as far as calendars go."""
    return {"calendars": [one for one in found.document["calendars"] if one["id"] != calendar_id]}


def _fields(calendar: DeskCalendar | None, default: int | None) -> dict[str, str]:
    if calendar is None:
        return {**dict.fromkeys(FIELDS, ""), "default": "", "zone": policy.CALENDAR_ZONE}
    return {name: str(getattr(calendar, name)) for name in FIELDS} | {
        "default": "yes" if calendar.id == default else ""
    }


def _told(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: typed.get(name, "") for name in FIELDS}


def _day(text: str, name: str = "") -> date:
    """The day that was typed. Raises NotAccepted, also for what cannot be its name: both are told together."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong = {"day": DAY, **({"name": REFUSAL} if holds_card_number(name) else {})}
        raise NotAccepted.of(wrong) from None


async def _typed(visit: Visit) -> dict[str, str]:
    form = await visit.form()
    return {name: chosen(form, name) for name in form}
