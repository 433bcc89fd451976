"""What a form of a step offers to choose from: the answers given before it, and the steps behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.desk.scripts.kind_facts import KIND_FACTS
from portal.desk.scripts.phrases import Told, key_of, name_of, parts, steps_of, values_of
from portal.desk.scripts.places import text_in
from portal.desk.scripts.steps import CLOSING, END, OPENING, STEP_KINDS


def asked_before(
    document: Told, key: str, others: Mapping[str, Told], language: str
) -> list[tuple[str, str, str]]:
    """Every answer that a condition of a step may ask about: (`step.field`, words, what it may be)."""
    script = str(document.get("script", ""))
    before: list[Told] = []
    if script != OPENING:
        before += steps_of(others.get(OPENING, {}))
    mine = steps_of(document)
    keys = [key_of(step) for step in mine]
    before += mine[: keys.index(key)] if key in keys else mine
    return [one for step in before for one in _answers(step, language)]


def _answers(step: Told, language: str) -> list[tuple[str, str, str]]:
    key, name, kind = key_of(step), name_of(step, language), str(step.get("kind", ""))
    facts = KIND_FACTS.get(kind)
    found = [
        (
            f"{key}.{brought}",
            f"{name}: {(facts.labels.get(brought) if facts else '') or brought.replace('_', ' ')}",
            " | ".join(facts.values.get(brought, ())) if facts else "",
        )
        for brought in STEP_KINDS.get(kind, ())
    ]
    for asked in parts(step, "ask"):
        values: Sequence[str] = [str(one.get("value")) for one in parts(asked, "choices")]
        if asked.get("kind") in {"tick", "yes_no"}:
            values = ["yes", "no"] if asked.get("kind") == "yes_no" else ["yes"]
        found.append(
            (
                f"{key}.{asked.get('name')}",
                f"{name}: {text_in(asked.get('label'), language)}",
                " | ".join(values),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Deciding:
    """An answer that some condition asks about: other answers change nothing about where a contact goes."""

    step: str
    field: str
    words: str
    values: tuple[str, ...]
    """What it may be; empty when anything may be typed."""

    @property
    def name(self) -> str:
        return f"{self.step}.{self.field}"


def deciding(document: Told, others: Mapping[str, Told], language: str) -> list[Deciding]:
    """Every answer that decides which steps of a script come, in the order in which they are given."""
    script = str(document.get("script", ""))
    around = [] if script == OPENING else steps_of(others.get(OPENING, {}))
    after = [] if script == CLOSING else steps_of(others.get(CLOSING, {}))
    walked = [*around, *steps_of(document), *after]
    wanted: dict[str, list[str]] = {}
    for condition in (one for step in walked for one in _conditions(step)):
        wanted.setdefault(f"{condition.get('step')}.{condition.get('field')}", []).extend(
            values_of(condition)
        )
    found = []
    for name, words, told in (one for step in walked for one in _answers(step, language)):
        if name in wanted:
            step_key, _, asked = name.partition(".")
            values = tuple(dict.fromkeys([*told.split(" | "), *wanted[name]])) if told else ()
            found.append(Deciding(step_key, asked, words, values))
    return found


def _conditions(step: Told) -> Iterator[Told]:
    yield from parts(step, "when")
    for asked in (*parts(step, "ask"), *parts(step, "next")):
        yield from parts(asked, "when")


def targets(document: Told, key: str, language: str) -> list[tuple[str, str]]:
    """Where a jump from a step may lead: any step behind it, and the end."""
    steps = steps_of(document)
    keys = [key_of(step) for step in steps]
    behind: Any = steps[keys.index(key) + 1 :] if key in keys else []
    return [*((key_of(step), name_of(step, language)) for step in behind), (END, "The end of this script")]
