"""The scenarios that ship with the product: who calls, what they say, and what has to come of it. S3-13

S3-13.1.1a, S3-13.1.1b, S3-13.2.1a
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from models.words import Channel
from portal.desk.errors import NotFound
from portal.desk.scripts.places import text_in

FOLDER = Path(__file__).resolve().parents[2] / "sop" / "scenarios"
TESTS = frozenset({"is", "has", "at_least", "at_most"})


@dataclass(frozen=True, slots=True)
class Line:
    """Something the caller says, and when."""

    when: str
    words: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the system looks at afterwards: a fact of the contact, and what it has to be."""

    asks: str
    fact: str
    test: str
    values: tuple[str, ...]
    clause: str = ""

    def met(self, facts: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether the fact is one of the values (`is`), holds them all (`has`), or counts so many."""
        found = facts.get(self.fact, ())
        match self.test:
            case "is":
                return bool(set(found) & set(self.values))
            case "has":
                return set(self.values) <= set(found)
            case _:
                number, limit = sum(int(one) for one in found if one.isdigit()), int(self.values[0])
                return number >= limit if self.test == "at_least" else number <= limit


@dataclass(frozen=True, slots=True)
class Scenario:
    """A contact to practise."""

    key: str
    title: str
    about: str
    channel: Channel
    caller: str
    """Which of the invented customers calls."""
    knows: tuple[str, ...]
    """What the caller can tell when asked: names of facts about them."""
    says: tuple[Line, ...]
    checks: tuple[Check, ...]
    clauses: tuple[str, ...]
    digest: str


@cache
def scenarios(language: str = "en", folder: Path = FOLDER) -> Mapping[str, Scenario]:
    """Every scenario by its key, in one language. Raises ValueError for a file that cannot be played."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        text = path.read_bytes()
        told = tomllib.loads(text.decode("utf-8"))
        found[path.stem] = _read(path.stem, told, language, hashlib.sha256(text).hexdigest())
    return MappingProxyType(dict(sorted(found.items(), key=lambda one: one[1].title)))


def scenario(key: str, language: str = "en") -> Scenario:
    """Give one scenario. Raises NotFound."""
    if key not in scenarios(language):
        raise NotFound("There is no such scenario.")
    return scenarios(language)[key]


def _read(key: str, told: Mapping[str, Any], language: str, digest: str) -> Scenario:
    checks = tuple(
        Check(
            text_in(one["asks"], language),
            one["fact"],
            one["test"],
            tuple(one["values"]),
            one.get("clause", ""),
        )
        for one in told["checks"]
    )
    if strange := {one.test for one in checks} - TESTS:
        raise ValueError(f"{key}: there is no test called {min(strange)}")
    return Scenario(
        key=key,
        title=text_in(told["title"], language),
        about=text_in(told["about"], language),
        channel=Channel(told.get("channel", "phone")),
        caller=told["caller"],
        knows=tuple(told.get("knows", ())),
        says=tuple(
            Line(text_in(one["when"], language), text_in(one["words"], language))
            for one in told.get("says", ())
        ),
        checks=checks,
        clauses=tuple(told.get("clauses", ())),
        digest=digest,
    )
