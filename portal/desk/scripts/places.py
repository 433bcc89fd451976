"""A place within a document: reads what stands there, and says where it is when it has to refuse."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from portal.desk.notices import LANGUAGES
from portal.desk.saving import UNSTORABLE
from portal.desk.scripts.steps import BrokenScript

LARGEST = 512 * 1024
"""Bytes of a document as JSON."""
MOST_STEPS = 200
MOST_ASKED = 60
"""Questions of one step."""
MOST_CHOICES = 200
DEEPEST = 12
LONGEST_KEY = 60
LARGEST_NUMBER = 2**53
"""Beyond it not every reader of JSON counts right."""
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
Told = Mapping[str, Any]
Path = tuple[str | int, ...]


def text_in(told: object, language: str) -> str:
    """A text in a language, else in the first language that it has; plain text is the same in all."""
    if isinstance(told, str):
        return told.strip()
    if not isinstance(told, Mapping):
        return ""
    for one in (language, *LANGUAGES):
        if words := str(told.get(one, "")).strip():
            return words
    return ""


@dataclass(frozen=True)
class Place:
    """A place within a document: reads what stands there, and says where it is when it has to refuse."""

    where: str
    path: Path = ()
    step: str = ""

    def under(self, *more: str | int) -> Place:
        return Place(self.where, (*self.path, *more), self.step)

    def called(self, what: str) -> Place:
        return Place(self.where, self.path, f"{self.step}, {what}")

    def refuse(self, why: str) -> NoReturn:
        raise BrokenScript(self.where, why, step=self.step[:300], path=self.path)

    def only(self, told: Told, known: frozenset[str] | set[str]) -> None:
        strange = sorted(set(told) - known)
        if strange:
            self.under(strange[0]).refuse(f"nothing is called {strange[0][:LONGEST_KEY]} here")

    def text(self, told: Told, name: str, *, needed: bool = False) -> str:
        value = told.get(name, "")
        if not isinstance(value, str):
            self.under(name).refuse(f"{name} has to be text")
        if needed and not value.strip():
            self.under(name).refuse(f"{name} is missing")
        return str(value).strip()

    def key(self, told: Told, name: str) -> str:
        value = self.text(told, name, needed=True)
        if value != told[name] or not NAME.match(value) or len(value) > LONGEST_KEY:
            self.under(name).refuse(
                f"{name} has to begin with a letter, then letters, digits, - and _, at most {LONGEST_KEY}"
            )
        return value

    def words(self, told: Told, name: str, *, needed: bool = False) -> None:
        """A text for people: plain, or a table by language."""
        value = told.get(name, "")
        here = self.under(name)
        if isinstance(value, Mapping):
            for language, text in value.items():
                if language not in LANGUAGES:
                    here.refuse(f"{name} is in {language}; the desk speaks {', '.join(LANGUAGES)}")
                if not isinstance(text, str):
                    here.under(language).refuse(f"{name} has to be text")
        elif not isinstance(value, str):
            here.refuse(f"{name} has to be text, or a table by language")
        if needed and not text_in(value, LANGUAGES[0]):
            here.refuse(f"{name} is missing")

    def truth(self, told: Told, name: str) -> None:
        if not isinstance(told.get(name, True), bool):
            self.under(name).refuse(f"{name} has to be true or false")

    def texts(self, told: Told, name: str) -> list[str]:
        value = told.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.under(name).refuse(f"{name} has to be a list of texts")
        if len(value) > MOST_CHOICES:
            self.under(name).refuse(f"{name} has more than {MOST_CHOICES} entries")
        return list(value)

    def table(self, told: Told, name: str) -> None:
        if not isinstance(told.get(name, {}), Mapping):
            self.under(name).refuse(f"{name} has to be a table")

    def tables(self, told: Told, name: str, most: int) -> list[Told]:
        value = told.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
            self.under(name).refuse(f"{name} has to be a list of tables")
        if len(value) > most:
            self.under(name).refuse(f"{name} has {len(value)} entries; at most {most} can be walked")
        return list(value)


def refuse_unstorable(told: object, where: str) -> None:
    """Refuse what cannot be kept as JSON on every database, and what is too large, before looking any further."""
    size = 0
    waiting: list[tuple[object, Path]] = [(told, ())]
    while waiting:
        one, path = waiting.pop()
        at = Place(where, path[:6])
        if len(path) > DEEPEST:
            at.refuse("it is nested too deeply")
        if isinstance(one, Mapping):
            size += 2
            for key, value in one.items():
                if not isinstance(key, str) or UNSTORABLE.search(key):
                    at.refuse("every name has to be text that can be stored")
                size += len(key.encode()) + 4
                waiting.append((value, (*path, key)))
        elif isinstance(one, list):
            size += 2 + 2 * len(one)
            waiting.extend((value, (*path, place)) for place, value in enumerate(one))
        else:
            size += _size(at, one)
        if size > LARGEST:
            raise BrokenScript(where, f"it is larger than {LARGEST // 1024} KiB")


def _size(at: Place, one: object) -> int:
    if isinstance(one, str):
        if UNSTORABLE.search(one):
            at.refuse("it holds a sign that cannot be stored")
        return len(one.encode()) + 2
    if isinstance(one, bool):
        return 5
    if isinstance(one, int):
        if abs(one) > LARGEST_NUMBER:
            at.refuse("a number is too large")
        return 12
    if not isinstance(one, float):
        at.refuse(f"a {type(one).__name__} cannot be kept here; write it as text in quotes")
    if not math.isfinite(one):
        at.refuse("a number has to be one that can be counted with, not inf or nan")
    return 20
