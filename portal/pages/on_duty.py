"""Who would be told, level by level, and the rota: reading it, putting somebody on it, ending an entry. S0-4"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from models.words import CaseKind, Role
from portal.desk import duty, notices
from portal.desk.errors import Conflict, NotAccepted
from portal.desk.plain_numbers import number_in
from portal.forms import moment_on
from portal.showing import word
from portal.web import Visit, chosen

FIELDS = ("role", "person_id", "hours", "zone", "valid_from", "valid_until", "note")
AT = "Enter a moment such as 2026-03-14T09:30."
DAY = "Enter a day such as 2026-03-14."


async def show(visit: Visit) -> Response:
    """Each level of one kind of case with whom it reaches at a moment, and the week around it as a picture and a list."""
    wrong: dict[str, str] = {}
    told = {one.value: one for one in CaseKind}
    kind = told.get(visit.asked("kind", CaseKind.COMPLAINT.value))
    if kind is None:
        wrong["kind"], kind = "Choose a kind of case.", CaseKind.COMPLAINT
    place = ZoneInfo(visit.person.zone)
    now = visit.desk.clock()
    at = now
    if typed := visit.asked("at").strip():
        try:
            at = moment_on(typed, place)
        except ValueError:
            wrong["at"] = AT
    async with visit.look() as work:
        steps = await duty.who_would_be_told(work, kind, at)
        week = await duty.week(work, at, visit.person.zone)
        nobody = await duty.roles_with_nobody(work)
        alone = await duty.teams_without_supervisor(work)
    return visit.page(
        "on_duty/show.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        errors=wrong,
        kind=kind,
        kinds=[(one.value, word(one)) for one in CaseKind],
        asked=typed or _wall(at, place),
        at=at,
        at_now=at == now,
        steps=steps,
        week=week,
        before=_wall(at - timedelta(days=7), place),
        after=_wall(at + timedelta(days=7), place),
        nobody=nobody,
        alone=alone,
        wide=duty.WIDE,
        address_of=notices.address_of,
    )


async def new(visit: Visit) -> Response:
    """An empty form."""
    return await _form(visit, {"zone": visit.person.zone, "valid_from": _today(visit).isoformat()})


async def add(visit: Visit) -> Response:
    """Put somebody on duty."""
    typed = await _typed(visit)
    try:
        async with visit.work() as work:
            given = _given(typed)
            await duty.put_on(
                work,
                given["role"],
                given["person_id"],
                given["hours"],
                given["zone"],
                given["valid_from"],
                given["valid_until"],
                given["note"],
            )
    except NotAccepted as refused:
        return await _form(visit, typed, errors=refused.fields)
    return visit.go("/on-duty", "On the rota. Notices go by it from now on.")


async def edit(visit: Visit) -> Response:
    """One entry, to change or to end it."""
    return await _entry(visit)


async def change(visit: Visit) -> Response:
    """Change an entry; the second of two who do is shown what the first one saved."""
    typed = await _typed(visit)
    try:
        async with visit.work() as work:
            given = _given(typed)
            entry = await duty.load(work, visit.number("entry_id"))
            await duty.change(work, entry, _version(typed), **given)
    except NotAccepted as refused:
        return await _entry(visit, typed, errors=refused.fields)
    except Conflict as error:
        return await _entry(visit, typed, conflict=error)
    return visit.go("/on-duty", "Changed. Notices go by it from now on.")


async def end(visit: Visit) -> Response:
    """Let an entry end."""
    form = await visit.form()
    typed = {name: chosen(form, name) for name in ("last_day", "version")}
    try:
        async with visit.work() as work:
            last_day = _needed_day(typed["last_day"])
            entry = await duty.load(work, visit.number("entry_id"))
            await duty.end(work, entry, _version(typed), last_day)
    except NotAccepted as refused:
        return await _entry(visit, {"last_day": typed["last_day"]}, errors=refused.fields)
    except Conflict as error:
        return await _entry(visit, {"last_day": typed["last_day"]}, conflict=error)
    return visit.go("/on-duty", "It ends. What was on the rota until then stays on record.")


async def _entry(
    visit: Visit,
    typed: Mapping[str, str] | None = None,
    *,
    errors: dict[str, str] | None = None,
    conflict: Conflict | None = None,
) -> Response:
    async with visit.look() as work:
        entry = await duty.load(work, visit.number("entry_id"))
    stands = {
        "role": entry.role.value,
        "person_id": str(entry.person_id),
        "hours": entry.hours,
        "zone": entry.zone,
        "valid_from": entry.valid_from.isoformat(),
        "valid_until": entry.valid_until.isoformat() if entry.valid_until else "",
        "note": entry.note,
        "last_day": _today(visit).isoformat(),
    }
    told = {**stands, **(typed or {})}
    if conflict is not None or "version" not in told:  # sent again, it is laid over what was just shown
        told["version"] = str(entry.version)
    return await _form(visit, told, entry=entry, errors=errors, conflict=conflict)


async def _form(
    visit: Visit,
    typed: Mapping[str, str],
    *,
    entry: Any = None,
    errors: dict[str, str] | None = None,
    conflict: Conflict | None = None,
) -> Response:
    async with visit.look() as work:
        people = await duty.people_with_a_role(work)
    offered = [(str(one.id), f"{one.name} ({', '.join(one.roles)})") for one in people]
    if entry is not None and str(entry.person_id) not in {key for key, _ in offered}:
        offered.append((str(entry.person_id), f"{entry.person.name} (not here any more)"))
    told = dict(errors or {})
    words, _, marked = told.get("hours", "").partition("\n")
    if words:
        told["hours"] = words
    status = HTTPStatus.UNPROCESSABLE_ENTITY if told else HTTPStatus.OK
    return visit.page(
        "on_duty/edit.html",
        status=HTTPStatus.CONFLICT if conflict else status,
        entry=entry,
        typed=dict.fromkeys((*FIELDS, "last_day", "version"), "") | dict(typed),
        errors=told,
        marked=marked,
        conflict=conflict,
        roles=[(one.value, word(one)) for one in Role],
        people=offered,
    )


async def _typed(visit: Visit) -> dict[str, str]:
    form = await visit.form()
    return {name: chosen(form, name) for name in (*FIELDS, "version")}


def _given(typed: Mapping[str, str]) -> dict[str, Any]:
    """Read the form. Raises NotAccepted for what cannot be read."""
    wrong: dict[str, str] = {}
    found: dict[str, Any] = {name: typed[name] for name in ("hours", "zone", "note")}
    if typed["role"] in {one.value for one in Role}:
        found["role"] = Role(typed["role"])
    else:
        wrong["role"] = "Choose a role."
    found["person_id"] = number_in(typed["person_id"])
    if found["person_id"] is None:
        wrong["person_id"] = "Choose a colleague."
    for name in ("valid_from", "valid_until"):
        try:
            found[name] = _day(typed[name], name)
        except NotAccepted as refused:
            wrong |= refused.fields
    if "valid_from" in found and found["valid_from"] is None:
        wrong["valid_from"] = DAY
    if wrong:
        raise NotAccepted.of(wrong)
    return found


def _needed_day(text: str) -> date:
    day = _day(text)
    if day is None:
        raise NotAccepted(last_day=DAY)
    return day


def _day(text: str, name: str = "last_day") -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotAccepted.of({name: DAY}) from None


def _today(visit: Visit) -> date:
    return visit.desk.clock().astimezone(ZoneInfo(visit.person.zone)).date()


def _wall(moment: datetime, place: ZoneInfo) -> str:
    return moment.astimezone(place).strftime("%Y-%m-%dT%H:%M")


def _version(typed: Mapping[str, str]) -> int:
    return number_in(typed.get("version", "")) or 0
