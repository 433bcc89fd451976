"""Everything that is known of a person, and taking it out of texts and documents that have to stay. Decision 28"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from portal.desk import tokens
from portal.desk.erasing.fates import ERASED, PERSONAL_KEYS
from portal.desk.phones import national

SHORTEST = 3
"""Letters of a word of a name that is looked for: shorter ones stand in too many other words."""
SHORTEST_NUMBER = 6
_BETWEEN = r"[\s/().-]*"


class Known:
    """What is known of one person: names, addresses, numbers, as they ever were written down."""

    def __init__(self) -> None:
        self._texts: set[str] = set()
        self._numbers: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, text: str) -> None:
        """A mail address, a street, a name of a house: looked for as it stands, line by line."""
        self._texts |= {line.strip() for line in text.splitlines() if len(line.strip()) >= SHORTEST}
        self._pattern = None

    def add_name(self, name: str) -> None:
        """A name: as it stands, and each of its words."""
        self.add(name)
        for word in re.split(r"[\s,;]+", name):
            self.add(word)

    def add_phone(self, phone: str) -> None:
        """A number: its digits, with or without what stands between them."""
        digits = (national(phone) or tokens.digits(phone)).lstrip("0")
        if len(digits) >= SHORTEST_NUMBER:
            self._numbers.add(digits)
        self._pattern = None

    def add_handle(self, handle: str) -> None:
        """What somebody came by: a number, a mail address or a name."""
        if "@" in handle:
            self.add(handle)
        elif len(tokens.digits(handle)) >= SHORTEST_NUMBER:
            self.add_phone(handle)
        else:
            self.add_name(handle)

    def without(self, text: str) -> str:
        """The text with `ERASED` for everything that is known."""
        if self._pattern is None:
            self._pattern = self._compiled()
        return self._pattern.sub(ERASED, text)

    def _compiled(self) -> re.Pattern[str]:
        texts = [rf"(?<!\w){re.escape(one)}(?!\w)" for one in _longest_first(self._texts)]
        numbers = [
            rf"(?<!\d)\+?\(?(?:\d{_BETWEEN}){{0,4}}?{_BETWEEN.join(one)}(?!\d)"
            for one in _longest_first(self._numbers)
        ]
        return re.compile("|".join([*texts, *numbers]) or r"(?!)", re.IGNORECASE)

    def out_of(self, told: Any, key: str = "") -> Any:
        """A document, or a text, without what is known; under `PERSONAL_KEYS` without any words."""
        match told:
            case str() if key in PERSONAL_KEYS:
                return ERASED if told else ""
            case str():
                return self.without(told)
            case dict():
                return {self.without(name): self.out_of(one, name) for name, one in told.items()}
            case list():
                return [self.out_of(one, key) for one in told]
            case _:
                return told


def wordless(told: Any) -> Any:
    """A document in which every text is `ERASED`."""
    match told:
        case str():
            return ERASED if told else ""
        case dict():
            return {name: wordless(one) for name, one in told.items()}
        case list():
            return [wordless(one) for one in told]
        case _:
            return told


def marks(told: Any) -> Any:
    """Of what was done in a contact the moments and numbers, without the words."""
    return {
        step: {
            name: one if name == "at" else wordless(one)
            for name, one in mark.items()
            if name == "at" or isinstance(one, int | float | str)
        }
        for step, mark in told.items()
        if isinstance(mark, dict)
    }


def _longest_first(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=lambda one: (-len(one), one))
