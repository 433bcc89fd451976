"""Every clause of the procedures with what serves it: steps in force, rules, jobs, screens and tests. S1-3.4c, S4-1.1

The steps are read from the scripts in force, the rest from `portal/sop/served.json`, which `tools/docs.py` writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from portal.desk import clauses, policy
from portal.desk.permissions import May
from portal.desk.scripts import composing
from portal.desk.scripts.phrases import clauses_of
from portal.desk.work import Work

FILE = Path(__file__).resolve().parent.parent / "sop" / "served.json"


@dataclass(frozen=True, slots=True)
class ServedClause:
    """One clause and everything that serves it. Places are paths within the product."""

    clause: str
    title: str
    steps: tuple[tuple[str, str], ...]
    """(script, step key) in force."""
    numbers: tuple[tuple[str, str], ...]
    """(what it is called, what it says) of the policy."""
    jobs: tuple[str, ...]
    rules: tuple[str, ...]
    screens: tuple[str, ...]
    tests: tuple[str, ...]
    missing: str = ""
    """What is not done yet, where only a part is."""

    @property
    def begun(self) -> bool:
        """Whether the product keeps at least a part of it."""
        return bool(self.steps or self.numbers or self.jobs or self.rules or self.screens)

    @property
    def served(self) -> bool:
        """Whether the product keeps all of it."""
        return self.begun and not self.missing


@dataclass(frozen=True, slots=True)
class Procedure:
    """One of the five written procedures."""

    key: str
    title: str
    clauses: tuple[ServedClause, ...]

    @property
    def kept(self) -> int:
        return sum(one.served for one in self.clauses)

    @property
    def in_part(self) -> int:
        return sum(one.begun and not one.served for one in self.clauses)


async def served(work: Work) -> list[Procedure]:
    """Every clause with what serves it, by procedure. One statement."""
    work.require(May.SEE_LIBRARY)
    steps = await _steps(work)
    return [
        Procedure(
            key,
            title,
            tuple(
                _clause(clause, asks, steps.get(clause, ()))
                for clause, asks in clauses.titles().items()
                if clause.startswith(f"{key}-")
            ),
        )
        for key, title in clauses.procedures().items()
    ]


def _clause(clause: str, title: str, steps: Sequence[tuple[str, str]]) -> ServedClause:
    places = _places().get(clause, {})
    return ServedClause(
        clause,
        title,
        tuple(steps),
        tuple((rule.name, rule.value) for rule in policy.DEFAULTS if rule.clause == clause),
        jobs=tuple(places.get("jobs", ())),
        rules=tuple(places.get("rules", ())),
        screens=tuple(places.get("screens", ())),
        tests=tuple(places.get("tests", ())),
        missing=clauses.missing().get(clause, ""),
    )


async def _steps(work: Work) -> dict[str, list[tuple[str, str]]]:
    """Which steps in force serve each clause."""
    found: dict[str, list[tuple[str, str]]] = {}
    for script, document in (await composing.documents_in_force(work)).items():
        for clause, keys in clauses_of(document.told).items():
            found.setdefault(clause, []).extend((script, key) for key in keys)
    return found


@cache
def _places() -> Mapping[str, Mapping[str, Sequence[str]]]:
    told: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    places: Mapping[str, Mapping[str, Sequence[str]]] = told["clauses"]
    return places
