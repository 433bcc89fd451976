"""Writing a draft of the policy row by row: rows of the matrix, calendars with their days, who runs on which. S2-14.1

Every deed here changes the document and saves it as a whole, so that what is refused is told beside its field and
nothing half done is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

from models import PolicyVersion
from portal.desk import matrix, policy, rulebook
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.matrix import Policy
from portal.desk.policy_telling import who_runs
from portal.desk.work import Work

PARTS = ("targets", "levels")
Document = dict[str, Any]


async def put_row(
    work: Work,
    version: PolicyVersion,
    expected_version: int,
    part: str,
    told: Mapping[str, Any],
    key: str = "",
) -> str:
    """Put a row in the place of the one called `key`, or a new one above all others: the first that holds wins.

    Returns what the row is called; a new one without a name gets one from what it says. Raises NotAccepted with the
    fields by their own names, NotFound when there is no such row.
    """
    document = _of(version)
    rows = document[part]
    place = _place(rows, key) if key else 0
    row = {name: value for name, value in told.items() if value is not False and value not in ("", None)}
    row["key"] = key or row.get("key") or _free_key(document, part, row)
    refuse_card_numbers(clause=str(row.get("clause", "")), **_words_in(row))
    if key:
        rows[place] = row
    else:
        rows.insert(place, row)
    await _save(work, version, expected_version, document, f"{part}.{place}.")
    return str(row["key"])


async def remove_row(work: Work, version: PolicyVersion, expected_version: int, part: str, key: str) -> None:
    """Take a row out. Raises NotFound."""
    document = _of(version)
    del document[part][_place(document[part], key)]
    await _save(work, version, expected_version, document)


async def move_row(
    work: Work, version: PolicyVersion, expected_version: int, part: str, key: str, by: int
) -> None:
    """Move a row up (by -1) or down (by 1) among its kind; at the end it stays where it is. Raises NotFound."""
    document = _of(version)
    rows = document[part]
    place = _place(rows, key)
    row = rows.pop(place)
    rows.insert(min(max(place + by, 0), len(rows)), row)
    await _save(work, version, expected_version, document)


async def put_time(
    work: Work, version: PolicyVersion, expected_version: int, key: str, told: Mapping[str, Any]
) -> None:
    """Say how long something may take that is no case's, and on which calendar: counts, amount, calendar.

    One that is as it ships is not written down. Raises NotAccepted with the fields by their own names, NotFound for a key
    that is none. S1-4.7.1, S1-4.5.2
    """
    if key not in policy.TIMES:
        raise NotFound("There is no such time.")
    document = _of(version)
    times = [one for one in document["times"] if one.get("key") != key]
    shipped = policy.TIMES[key][1]
    row = {"key": key, **{name: value for name, value in told.items() if value is not None}}
    if row != {"key": key, "counts": shipped.kind.value, "amount": policy.written(shipped)}:
        times.append(row)
    document["times"] = times
    await _save(work, version, expected_version, document, f"times.{len(times) - 1}.")


async def put_calendar(
    work: Work,
    version: PolicyVersion,
    expected_version: int,
    told: Mapping[str, str],
    calendar_id: int | None = None,
    *,
    default: bool = False,
) -> int:
    """Change a calendar of the draft, or add one; return its number. Its exceptional days stay.

    `told` is name, zone, hours and region. Raises NotAccepted with the parser's words and its caret (decision 12).
    """
    refuse_card_numbers(name=told["name"], region=told["region"])
    document = _of(version)
    place = _calendar_place(document, calendar_id) if calendar_id is not None else len(document["calendars"])
    if calendar_id is None:
        calendar_id = await _free_number(work, document)
        document["calendars"].append({"id": calendar_id, "days": {}})
    document["calendars"][place] |= {name: told[name].strip() for name in ("name", "zone", "hours", "region")}
    if default or document.get("default_calendar") is None:
        document["default_calendar"] = calendar_id
    await _save(work, version, expected_version, document, f"calendars.{place}.")
    return calendar_id


def needed_for(found: Policy, calendar_id: int) -> str:
    """Say which cases run on a calendar, so that it cannot be taken out; empty where none does but by its own name."""
    if calendar_id == found.default_calendar:
        return "All other cases run on it. Make another calendar that of all other cases first."
    counted = [one.words for one in found.times.values() if one.calendar == calendar_id]
    if counted:
        return f"It is what this is counted on: {'; '.join(counted)}. Let that run on another calendar first."
    named = [who_runs(one) for one in found.assignments if one.calendar == calendar_id]
    if not named:
        return ""
    return f"Cases of {'; '.join(named)} run on it. Take that out first, or let them run on another calendar."


async def remove_calendar(work: Work, version: PolicyVersion, expected_version: int, calendar_id: int) -> str:
    """Take a calendar out of the draft; return what it was called. What was counted on it goes on naming it.

    Raises NotAccepted, saying why, for one that cases of the draft run on, NotFound for one that is not there.
    """
    document = _of(version)
    place = _calendar_place(document, calendar_id)
    if words := needed_for(matrix.read(document), calendar_id):
        raise NotAccepted(calendar=words)
    gone = document["calendars"].pop(place)
    await _save(work, version, expected_version, document)
    return str(gone["name"])


async def put_day(
    work: Work,
    version: PolicyVersion,
    expected_version: int,
    calendar_id: int,
    day: date,
    hours_text: str,
    name: str = "",
) -> None:
    """Make one date of a calendar an exception: `off`, or hours of its own. Raises NotAccepted as `put_calendar`."""
    refuse_card_numbers(name=name)
    document = _of(version)
    place = _calendar_place(document, calendar_id)
    days = document["calendars"][place].setdefault("days", {})
    days[day.isoformat()] = {"hours": hours_text.strip(), "name": name.strip()[:200]}
    document["calendars"][place]["days"] = dict(sorted(days.items()))
    await _save(work, version, expected_version, document, f"calendars.{place}.")


async def remove_day(
    work: Work, version: PolicyVersion, expected_version: int, calendar_id: int, day: date
) -> None:
    """Make an exceptional date of a calendar an ordinary one again. Raises NotAccepted when it is none."""
    document = _of(version)
    place = _calendar_place(document, calendar_id)
    if document["calendars"][place].get("days", {}).pop(day.isoformat(), None) is None:
        raise NotAccepted(day=f"{day.isoformat()} is no exceptional day of this calendar.")
    await _save(work, version, expected_version, document, f"calendars.{place}.")


async def fill_holidays(
    work: Work, version: PolicyVersion, expected_version: int, calendar_id: int, years: range
) -> int:
    """Close a calendar of the draft on the holidays of its region; return how many days that adds. S2-10.4"""
    document = _of(version)
    told = document["calendars"][_calendar_place(document, calendar_id)]
    days = told.setdefault("days", {})
    found = await rulebook.holidays_in(told.get("region", ""), years)
    added = {day.isoformat(): name for day, name in found.items() if day.isoformat() not in days}
    days |= {day: {"hours": "off", "name": name[:200]} for day, name in added.items()}
    told["days"] = dict(sorted(days.items()))
    await _save(work, version, expected_version, document)
    return len(added)


async def assign(
    work: Work,
    version: PolicyVersion,
    expected_version: int,
    calendar_id: int,
    *,
    team: str = "",
    channel: str = "",
    country: str = "",
) -> None:
    """Let the cases of a team, a channel or a country run on a calendar; the first assignment that holds wins."""
    refuse_card_numbers(team=team, country=country)
    document = _of(version)
    told = {"calendar": calendar_id, "team": team.strip(), "channel": channel, "country": country.strip()}
    document.setdefault("assignments", []).insert(0, told)
    await _save(work, version, expected_version, document, "assignments.0.")


async def unassign(work: Work, version: PolicyVersion, expected_version: int, place: int) -> None:
    """Take an assignment out, by its place from 0. Raises NotFound."""
    document = _of(version)
    if not 0 <= place < len(document.get("assignments", [])):
        raise NotFound("There is no such assignment any more.")
    del document["assignments"][place]
    await _save(work, version, expected_version, document)


async def move_assignment(
    work: Work, version: PolicyVersion, expected_version: int, place: int, by: int
) -> int:
    """Move an assignment up (by -1) or down (by 1), as `move_row`; return its place from 0. Raises NotFound."""
    document = _of(version)
    assignments = document["assignments"]
    if not 0 <= place < len(assignments):
        raise NotFound("There is no such assignment any more.")
    moved = assignments.pop(place)
    now_at = min(max(place + by, 0), len(assignments))
    assignments.insert(now_at, moved)
    await _save(work, version, expected_version, document)
    return now_at


async def _save(
    work: Work, version: PolicyVersion, expected_version: int, document: Document, field_of: str = ""
) -> None:
    """Save, and tell what is refused by the name of the field alone where it is the one that was sent."""
    try:
        await rulebook.save(work, version, expected_version, document)
    except NotAccepted as refused:
        own = {
            name.removeprefix(field_of) if field_of else name: words for name, words in refused.fields.items()
        }
        raise NotAccepted.of(own) from None


def _of(version: PolicyVersion) -> Document:
    document: Document = deepcopy(version.document)
    for part in (*PARTS, "calendars", "assignments", "times"):
        document.setdefault(part, [])
    return document


def _place(rows: list[Any], key: str) -> int:
    place = next((at for at, row in enumerate(rows) if row.get("key") == key), None)
    if place is None:
        raise NotFound("This row is not there any more.")
    return place


def _free_key(document: Document, part: str, row: Mapping[str, Any]) -> str:
    """What a new row is called, as clocks will name it: `answer-complaint-urgent`, with a number where it is taken."""
    what = f"level-{row.get('level', '')}" if part == "levels" else str(row.get("to", ""))
    words = "-".join([what, *(str(row[name]) for name in matrix.CONDITIONS if row.get(name))])
    wanted = words.replace("_", "-")[: matrix.LONGEST_KEY - 5] or "row"
    taken = {one.get("key") for rows in (document["targets"], document["levels"]) for one in rows}
    further = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (wanted, *further) if name not in taken)


def _words_in(row: Mapping[str, Any]) -> dict[str, str]:
    """What a row writes by itself, by the moment."""
    return {
        moment: " ".join(str(one.get("words", "")) for one in row.get(moment, ()))
        for moment in matrix.MOMENTS
    }


def _calendar_place(document: Document, calendar_id: int) -> int:
    place = next((at for at, one in enumerate(document["calendars"]) if one["id"] == calendar_id), None)
    if place is None:
        raise NotFound("This calendar is not there any more.")
    return place


async def _free_number(work: Work, document: Document) -> int:
    """A number no calendar of this desk has or has had: clocks may name it."""
    last: int | None = await work.session.scalar(rulebook.LAST_CALENDAR)
    return 1 + max(last or 0, *(int(one["id"]) for one in document["calendars"]), 0)
