"""Two changes of one policy put together: what a draft changed, and what came into force meanwhile. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.desk import matrix

Document = Mapping[str, Any]
_WHOLE = ("targets", "levels", "assignments", "default_calendar", "times")
"""Parts of which one or the other is taken, never some of both."""


def merged(
    base: Document, mine: Document, theirs: Document, last_calendar: int
) -> tuple[dict[str, Any], list[str]]:
    """Put two changes of one document together, part by part, and calendar by calendar; mine where both changed.

    Returns the document and the parts that both changed. A calendar of mine with a number that was given otherwise
    meanwhile, up to `last_calendar`, gets another one. Raises NotAccepted for what no clock could follow.
    """
    mine = _numbered_anew(base, mine, last_calendar)
    found, both = dict(theirs), []
    for part in _WHOLE:
        if mine.get(part) != base.get(part):
            found[part] = mine.get(part)
            both += [part] if theirs.get(part) not in (base.get(part), mine.get(part)) else []
    found["calendars"], clashes = _calendars(base, mine, theirs, _needed(found))
    matrix.read(found)
    return found, both + clashes


def _calendars(
    base: Document, mine: Document, theirs: Document, needed: set[Any]
) -> tuple[list[Any], list[str]]:
    """The calendars of both. One that only one side took out is out, unless cases still run on it."""
    known, own, others = _by_number(base), _by_number(mine), _by_number(theirs)
    found, clashes = [], []
    for key in sorted(known.keys() | own.keys() | others.keys()):
        was, here, there = known.get(key), own.get(key), others.get(key)
        changed = here != was
        kept = here if changed else there
        named = next(one["name"] for one in (here, there, was) if one is not None)
        if kept is None and key in needed:
            kept = there or here
            clashes.append(f"calendar {named} (back again: cases run on it)")
        elif changed and there not in (was, here):
            clashes.append(f"calendar {named}")
        found += [kept] if kept is not None else []
    return found, clashes


def _needed(document: Document) -> set[Any]:
    """The numbers of the calendars that cases run on by this document."""
    named = [*(document.get("assignments") or ()), *(document.get("times") or ())]
    return {document.get("default_calendar"), *(one.get("calendar") for one in named)}


def _numbered_anew(base: Document, mine: Document, last: int) -> Document:
    """Give the calendars that a draft added numbers that no other one has got since it was begun."""
    own = _by_number(mine)
    taken = [key for key in own if key not in _by_number(base) and key <= last]
    following = 1 + max(last, *own)
    new: dict[Any, int] = {key: following + place for place, key in enumerate(taken)}
    if not new:
        return mine
    assignments = mine.get("assignments") or ()
    times = [
        {**one, "calendar": new.get(one["calendar"], one["calendar"])} if "calendar" in one else one
        for one in mine.get("times") or ()
    ]
    return {
        **mine,
        **({"times": times} if times else {}),
        "calendars": [{**one, "id": new.get(one["id"], one["id"])} for one in mine["calendars"]],
        "assignments": [
            {**one, "calendar": new.get(one["calendar"], one["calendar"])} for one in assignments
        ],
        "default_calendar": new.get(mine.get("default_calendar"), mine.get("default_calendar")),
    }


def _by_number(document: Document) -> dict[int, Any]:
    return {one["id"]: one for one in document.get("calendars") or ()}
