"""What is kept of the answers when a contact ends, and how a contact's answers read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.desk.fields import FIELDS, Terms
from portal.desk.fields.counting import spoken_day
from portal.desk.kinds import KINDS, Run
from portal.desk.scripts import Step

COVERED = "••••"
PERSONAL_STEPS = frozenset({"customer", "verify", "delivery"})
"""Kinds of steps whose own answers tell who the customer is."""
PERSONAL_FIELDS = frozenset({"phone", "email", "address"})
_NOT_TOLD = ("product-", "fingerprint", "choice", "look", "same")
"""Answers of kinds that are ids or what was looked for: they say nothing to a reader."""
_WAY = frozenset({"path", "place", "answer"})
"""The way through a tree as numbers: a step that was done remembers it in words."""
_CHOSEN = frozenset({"situation", "how", "method", "when", "code", "settled", "proof", "tree"})
"""Answers out of a list that no kind declares."""
_PLAIN = {"yes": "Yes", "no": "No"}


def rows_of(run: Run, currency: str = "") -> list[dict[str, Any]]:
    """Give a row for each answer to a question of the desk's own, and for what a finished step found out besides.

    `currency` is the desk's. Contact and moment are put in by who writes the rows.
    """
    terms = Terms(currency=currency or run.currency)
    rows: list[dict[str, Any]] = []
    for step in run.script.walked(run.answers):
        mark = run.done.get(step.key)
        if mark is None or "skipped" in mark:
            continue
        typed = run.typed(step.key)
        for one in step.asks(run.answers):
            value = typed.get(one.name, "").strip()
            if not value:
                continue
            kind = FIELDS[one.kind]
            counted = kind.counted(one, value, terms)
            rows.append(
                {
                    "version_id": step.version_id,
                    "script": step.script,
                    "step": step.key,
                    "field": one.name,
                    "kind": one.kind,
                    "value": kind.recorded(one, value, terms),
                    "number": counted.number,
                    "day": counted.day,
                }
            )
        rows += [
            {
                "version_id": step.version_id,
                "script": step.script,
                "step": step.key,
                "field": name,
                "kind": "yes_no",
                "value": "yes" if helped else "no",
                "number": int(helped),
                "day": None,
            }
            for name, helped in KINDS[step.kind].found_out(run, step)
        ]
    return rows


@dataclass(frozen=True, slots=True)
class Pointed:
    """What answers point to by a number, in words, and the zone in which moments are read."""

    people: Mapping[int, str] = field(default_factory=dict)
    articles: Mapping[int, str] = field(default_factory=dict)
    zone: str = "UTC"


NOTHING_POINTED = Pointed()


def pointed_at(run: Run) -> tuple[set[int], set[int]]:
    """The ids of the people, and of the versions of articles, that the answers of a contact name."""
    people: set[int] = set()
    articles: set[int] = set()
    for typed in run.answers.values():
        for name, value in typed.items():
            if name == "owner" or name.startswith("who-"):
                people.update(_number(value))
            elif name.startswith("cite-"):
                articles.update(_number(name.removeprefix("cite-")))
    return people, articles


def _number(text: str) -> tuple[int, ...]:
    return (int(text),) if text.isascii() and text.isdigit() else ()


def shown(
    run: Run, step: Step, *, covered: bool = False, pointed: Pointed = NOTHING_POINTED
) -> list[tuple[str, str]]:
    """Give the answers of one step as a person reads them: (what was asked, what was answered).

    `covered` hides what tells who the customer is. Decision 18
    """
    terms = Terms(currency=run.currency, zone=pointed.zone)
    typed = dict(run.typed(step.key))
    told: list[tuple[str, str]] = []
    for one in step.asks(run.answers):
        if value := typed.get(one.name, "").strip():
            words = FIELDS[one.kind].shown(one, value, terms)
            told.append((one.label, COVERED if covered and one.kind in PERSONAL_FIELDS else words))
    kind, own = KINDS[step.kind], {one.name for one in step.ask}
    way = run.done.get(step.key, {}).get("path")
    for name, value in typed.items():
        if name in own or not value.strip() or name.startswith(_NOT_TOLD) or _of_no_promise(name, typed):
            continue
        if isinstance(way, list) and name in _WAY:
            continue
        label = kind.labels.get(name) or name.replace("_", " ").replace("-", " ").capitalize()
        hidden = covered and step.kind in PERSONAL_STEPS
        listed = name in _CHOSEN or value in kind.values.get(name, ())
        words = COVERED if hidden else _read(name, value, pointed, listed=listed)
        told.append(("It rests on" if name.startswith("cite-") else label, words))
    if isinstance(way, list) and way:
        told.append(("Tried", "\n".join(map(str, way))))
    return told


def _of_no_promise(name: str, typed: Mapping[str, str]) -> bool:
    """Whether this is by whom or by when of a promise that was not made: the lists of empty rows have a choice too."""
    part, _, number = name.partition("-")
    return bool(number) and part in {"who", "due", "at"} and not typed.get(f"promise-{number}", "").strip()


def _read(name: str, value: str, pointed: Pointed, *, listed: bool) -> str:
    """One answer of a kind in words: who, when, or which of a list. What was written stays as it was written."""
    part, _, number = name.partition("-")
    if part == "cite":
        return next((pointed.articles.get(one, value) for one in _number(number)), value)
    if part in {"owner", "who"}:
        return next((pointed.people.get(one, value) for one in _number(value)), value)
    if part in {"due", "at"}:
        return _moment(value, pointed.zone)
    if listed and value not in _PLAIN:
        return value.replace("_", " ").capitalize()
    return _PLAIN.get(value, value)


def _moment(value: str, zone: str) -> str:
    """A moment as it was chosen or typed, on the reader's clock."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    local = at.astimezone(ZoneInfo(zone)) if at.tzinfo else at
    return f"{spoken_day(local.date())}, {local:%H:%M}"
