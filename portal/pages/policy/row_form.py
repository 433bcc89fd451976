"""The form of one row: a row of the document as fields, and the fields as a row again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.words import Role, Severity, TargetKind
from portal.desk.cards import REFUSAL, holds_card_number
from portal.desk.errors import NotAccepted
from portal.desk.matrix import CONDITIONS, MOMENTS
from portal.desk.plain_numbers import number_in
from portal.desk.policy_telling import DEEDS

UNITS: Mapping[str, tuple[str, TargetKind, int]] = {
    "minutes": ("minutes, open or closed", TargetKind.ELAPSED, 1),
    "hours": ("hours, open or closed", TargetKind.ELAPSED, 60),
    "business-minutes": ("minutes of opening time", TargetKind.BUSINESS, 1),
    "business-hours": ("hours of opening time", TargetKind.BUSINESS, 60),
    "business-days": ("business days", TargetKind.BUSINESS_DAYS, 1),
    "same-business-day": ("until the same business day closes", TargetKind.SAME_BUSINESS_DAY, 1),
}
"""What a person counts in: the words, the kind of target, and how many of its own units one is."""
LEAST_SLOTS = 3
"""Things that may happen by themselves at one moment, as far as the form goes; a row that has more shows them."""
LONGEST_WORDS = 300
WHOLE = "Write a whole number."
TELLING = {"together": "all together", "in-turn": "one after the other"}
"""How those of a level are told. S2-13.2"""


def fields_of(row: Mapping[str, Any]) -> dict[str, str]:
    """A row of the document as the fields of its form."""
    found = {name: str(row.get(name) or "") for name in (*CONDITIONS, "to", "level", "to_role", "clause")}
    amount, kind = row.get("amount", 0), row.get("counts", "")
    fitting = [
        (unit, size)
        for unit, (_, counts, size) in UNITS.items()
        if counts.value == kind and amount % size == 0 and (amount or size == 1)
    ]
    unit, size = max(fitting, key=lambda one: one[1], default=("", 1))
    found |= {
        "counts": unit,
        "amount": str(amount // size) if unit and unit != "same-business-day" else "",
        "warn": str(row.get("warn", 75)),
        "off": "yes" if row.get("off") else "",
        "telling": "in-turn" if row.get("turn_minutes") else "together",
        "turn_minutes": str(row.get("turn_minutes") or ""),
    }
    for moment in MOMENTS:
        for place, action in enumerate(row.get(moment) or (), 1):
            for name in ("do", "to", "severity", "words"):
                found[f"{moment}-{place}-{name}"] = str(action.get(name) or "")
    return found


def time_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """The time of something that is no case's, as its fields say it: counts, amount, calendar. Raises NotAccepted."""
    wrong: dict[str, str] = {}
    row: dict[str, Any] = {}
    _time(typed, "times", row, wrong)
    calendar = number_in(typed.get("calendar", ""))
    if typed.get("calendar") and calendar is None:
        wrong["calendar"] = "Choose one of the calendars."
    if wrong:
        raise NotAccepted.of(wrong)
    return {**row, "calendar": calendar}


def slots_of(typed: Mapping[str, str], moment: str) -> list[int]:
    """The places for things that happen by themselves at a moment: three, or as many as there are."""
    told = [number_in(name.split("-")[1]) or 0 for name in typed if name.startswith(f"{moment}-")]
    return list(range(1, max([LEAST_SLOTS, *(one for one in told if one < 10)]) + 1))  # noqa: PLR2004 - more than a row may have


def row_of(typed: Mapping[str, str], part: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """The row that the fields make, laid over the one it changes. Raises NotAccepted per field.

    Only what the form itself has to know is looked at here; what a clock could not follow is refused at the save.
    """
    wrong: dict[str, str] = {}
    row = dict(before) | {name: typed.get(name, "") for name in (*CONDITIONS, "clause")}
    row["off"] = typed.get("off") == "yes"
    if part == "levels":
        level = number_in(typed.get("level", ""))
        row |= {"level": level, "to_role": typed.get("to_role", "")}
        if level is None:
            wrong["level"] = WHOLE
        _telling(typed, row, wrong)
    else:
        row["to"] = typed.get("to", "")
        row |= {moment: _actions(typed, moment, wrong) for moment in MOMENTS}
    if row["off"]:  # what stands in the fields is not used, and refused all the same where it is no number
        told = {name: typed.get(name, "") for name in ("amount", "warn")}
        wrong |= {name: WHOLE for name, text in told.items() if text and number_in(text) is None}
    else:
        _time(typed, part, row, wrong)
    wrong |= {name: REFUSAL for name, text in typed.items() if _has_words(name) and holds_card_number(text)}
    if wrong:
        raise NotAccepted.of(wrong)
    return {name: value for name, value in row.items() if value != []}


def _telling(typed: Mapping[str, str], row: dict[str, Any], wrong: dict[str, str]) -> None:
    """All together, or one after the other with so many minutes each; a level that says nothing tells all together."""
    row.pop("turn_minutes", None)
    if typed.get("telling", "together") not in TELLING:
        wrong["telling"] = "Choose one of the list."
    elif typed.get("telling") == "in-turn":
        minutes = number_in(typed.get("turn_minutes", ""))
        if not minutes:
            wrong["turn_minutes"] = "Say how many minutes each has before the next one is told."
        row["turn_minutes"] = minutes


def _has_words(name: str) -> bool:
    return name == "clause" or name.endswith("-words")


def _time(typed: Mapping[str, str], part: str, row: dict[str, Any], wrong: dict[str, str]) -> None:
    _, kind, size = UNITS.get(typed.get("counts", ""), ("", None, 1))
    row["counts"] = kind.value if kind else ""
    told = typed.get("amount", "")
    amount = 0 if kind is TargetKind.SAME_BUSINESS_DAY and not told else number_in(told)
    if kind is None:
        wrong["counts"] = "Choose what is counted."
    if amount is None:
        wrong["amount"] = WHOLE
    else:
        row["amount"] = amount * size
    if part == "targets":
        warn = number_in(typed.get("warn", ""))
        row["warn"] = warn
        if warn is None:
            wrong["warn"] = WHOLE


def _actions(typed: Mapping[str, str], moment: str, wrong: dict[str, str]) -> list[dict[str, str]]:
    found = []
    for place in slots_of(typed, moment):
        at = f"{moment}-{place}-"
        do, to, severity, words = (typed.get(f"{at}{name}", "") for name in ("do", "to", "severity", "words"))
        if not do:
            if words:
                wrong[f"{at}do"] = "Say what shall happen, or take the words away."
            continue
        if do not in DEEDS:
            wrong[f"{at}do"] = "Choose one of the list."
        if do in {"notify", "task"} and to not in {"holder", *map(str, Role)}:
            wrong[f"{at}to"] = "Choose for whom."
        if do == "severity" and severity not in set(map(str, Severity)):
            wrong[f"{at}severity"] = "Choose which one."
        if len(words) > LONGEST_WORDS:
            wrong[f"{at}words"] = f"At most {LONGEST_WORDS} letters."
        action = {"do": do, "words": words}
        if do in {"notify", "task"}:
            action["to"] = to
        if do == "severity":
            action["severity"] = severity
        found.append({name: value for name, value in action.items() if value})
    return found
