"""Answers in words: short, long, an address, a serial number; ways to reach somebody."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar

from portal.desk import emails, phones
from portal.desk.fields.base import (
    LONGEST,
    PLAIN,
    SHORT,
    FieldKind,
    Option,
    Question,
    Terms,
    plain_digits,
    whole_option,
)
from portal.desk.fields.purposes import PURPOSES

_SERIAL = re.compile(r"[A-Z0-9][A-Z0-9./-]*")
MOST_LINES = 10


def _lengths(most: int) -> tuple[Option, ...]:
    return (
        Option("min", "whole", "At least", "Characters.", 1, most),
        Option("max", "whole", "At most", f"Characters; {most} without it.", 1, most),
    )


def _upside_down(options: Mapping[str, Any]) -> list[str]:
    """Whether the least is more than the most."""
    least, most = options.get("min"), options.get("max")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        return ["“At least” is more than “at most”."]
    return []


class Words(FieldKind):
    """What answers in words share: a length."""

    longest: ClassVar[int] = SHORT

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        most, least = (
            whole_option(question.options, "max", self.longest),
            whole_option(question.options, "min", 0),
        )
        if len(given) > most:
            return f"At most {most} characters; these are {len(given)}."
        if len(given) < least:
            return f"At least {least} characters; these are {len(given)}."
        return ""

    def wrong_options(self, options: Mapping[str, Any]) -> list[str]:
        return _upside_down(options)


class Text(Words):
    """A few words on one line."""

    name, label, help = "text", "Short text", "A few words on one line."
    options = _lengths(SHORT)

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        return " ".join(part.strip() for part in given.splitlines() if part.strip())


class Long(Words):
    """As many lines as it takes."""

    name, label, help = "long", "Long text", "As many lines as it takes."
    paper = "lines"
    longest = LONGEST
    options = (
        *_lengths(LONGEST),
        Option("rows", "whole", "Lines shown", "Of the box, before it scrolls.", 2, 20),
    )

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        return given.replace("\r\n", "\n").replace("\r", "\n")


class Address(FieldKind):
    """A postal address in lines."""

    purpose = PURPOSES["street"]

    name, label, help = "address", "Address", "A postal address in lines."
    paper = "lines"

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        lines = [line for line in given.splitlines() if line.strip()]
        if len(given) > SHORT * 2:
            return f"At most {SHORT * 2} characters; these are {len(given)}."
        if not 2 <= len(lines) <= MOST_LINES:  # noqa: PLR2004  street and town
            return f"Enter the address in 2 to {MOST_LINES} lines: street, then town."
        return ""

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        return "\n".join(line.strip() for line in given.splitlines() if line.strip())

    def cell(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return ", ".join(value.splitlines())


class Serial(FieldKind):
    """A serial number, by its form alone. S4-5.3"""

    name, label, help = "serial", "Serial number", "Letters, digits, dashes, dots and slashes."
    paper = "squares"
    options = (
        Option("min", "whole", "At least", "Signs; 4 without it.", 1, 40),
        Option("max", "whole", "At most", "Signs; 40 without it.", 1, 40),
    )

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        least, most = whole_option(question.options, "min", 4), whole_option(question.options, "max", 40)
        plain = _serial(given)
        if not _SERIAL.fullmatch(plain):
            return "A serial number has letters, digits, dashes, dots and slashes only."
        if not least <= len(plain) <= most:
            return f"A serial number here has {least} to {most} signs; these are {len(plain)}."
        return ""

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        plain = _serial(given)
        return plain if _SERIAL.fullmatch(plain) else given

    def wrong_options(self, options: Mapping[str, Any]) -> list[str]:
        return _upside_down(options)


def _serial(given: str) -> str:
    plain = plain_digits(unicodedata.normalize("NFKC", given)).upper()
    return "".join(plain.split())


class Phone(FieldKind):
    """A phone number, kept as every system dials it. Decision 21"""

    purpose = PURPOSES["phone"]

    name, label, help = "phone", "Phone number", "Kept with its country."
    options = (Option("country", "code", "Country", "Of numbers without one, such as DE or Germany.", 2, 60),)

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        if phones.read_phone(given, self._country(question, terms)) is None:
            return "Enter a phone number with its country, such as +49 30 901820."
        return ""

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        return phones.kept(given, self._country(question, terms))

    def wrong_options(self, options: Mapping[str, Any]) -> list[str]:
        told = options.get("country")
        if isinstance(told, str) and phones.region_of(told) is None:
            return [f"There is no country called {told}."]
        return []

    def _country(self, question: Question, terms: Terms) -> str:
        told = question.options.get("country")
        return terms.country or (told if isinstance(told, str) else "")


class Email(FieldKind):
    """An e-mail address, by its form alone."""

    purpose = PURPOSES["email"]

    name, label, help = "email", "E-mail address", "Checked by its form; nobody outside is asked."

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        return "Enter an e-mail address such as ana@example.com." if emails.wrong_with(given) else ""
