"""What every kind of answer is: what it takes, how it is kept, how it reads, what it counts as."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Protocol

LONGEST = 10_000
"""Characters of one answer."""
SHORT = 300
DIGITS = 15
"""Digits before the point: a column has room for eighteen with three behind it."""


class Choice(Protocol):
    """One answer to choose."""

    @property
    def value(self) -> str: ...
    @property
    def label(self) -> str: ...


class Question(Protocol):
    """One of a script's own questions, in one language."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def required(self) -> str: ...
    @property
    def choices(self) -> Sequence[Choice]: ...
    @property
    def options(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What an answer is read with besides its question."""

    currency: str = "EUR"
    country: str = ""
    """Of the customer: for phone numbers without a country."""
    today: date | None = None
    zone: str = "UTC"
    """In which moments are told."""
    announced: str = ""
    """The key of what the law of the customer's region wants said."""


PLAIN = Terms()


@dataclass(frozen=True, slots=True)
class Option:
    """One thing an author can tell a kind of answer."""

    name: str
    type: str
    """`whole`, `decimal`, `day`, `code` (a short plain text), `words` (text, by language), `several` of `among`."""
    label: str
    help: str = ""
    least: int = 0
    most: int = LONGEST
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """What an answer counts as in reports."""

    number: int | None = None
    """Minor units of money, thousandths of a number, a place on a scale, 1 and 0 for yes and no."""
    day: date | None = None


NOT_COUNTED = Counted()


class FieldKind:
    """A kind of answer. Its control is `templates/intake/fields/<name>.html`."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    help: ClassVar[str] = ""
    purpose: ClassVar[str] = ""
    """What such an answer is asked for, where it is a personal detail and its author says nothing. S2-2.2"""
    options: ClassVar[tuple[Option, ...]] = ()
    paper: ClassVar[str] = "line"
    """How it stands on a form to fill in by pen: `templates/print/fields/<paper>.html`."""
    has_choices: ClassVar[bool] = False
    several: ClassVar[bool] = False
    """Whether it is posted as several values of one name."""
    by_files: ClassVar[bool] = False
    """Whether its answer is set by adding a file, never by a form."""
    summed: ClassVar[str] = ""
    """What a report does with it: `choices`, `numbers`, `yes_no`, `days`, or only its latest words."""

    def problem(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        """Say what is wrong with an answer, as a sentence; empty when nothing is. Never raises."""
        given = value.strip()
        if not given:
            return question.required
        if len(given) > LONGEST:
            return f"At most {LONGEST} characters; these are {len(given)}."
        return self.wrong(question, given, terms)

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        """Say what is wrong with something that was given."""
        return ""

    def kept(self, question: Question, values: Iterable[str], terms: Terms = PLAIN) -> str:
        """Give the one text that is stored for what was given; what cannot be read stays as it was typed."""
        given = [value.strip() for value in values]
        return self.canonical(question, given[-1], terms) if given and given[-1] else ""

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        return given

    def shown(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        """Give the answer as a person reads it."""
        return value

    def cell(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        """Give the answer as it stands in an exported table."""
        return self.shown(question, value, terms)

    def recorded(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        """Give the answer as the evidence keeps it, readable without the desk's settings of that day."""
        return value

    def counted(self, question: Question, value: str, terms: Terms = PLAIN) -> Counted:
        """Give what a report counts it as."""
        return NOT_COUNTED

    def boxes(self, question: Question) -> list[str]:
        """Give what stands behind the boxes to tick by pen."""
        return []

    def wrong_options(self, options: Mapping[str, Any]) -> list[str]:
        """Say what is wrong with options that are right each by itself."""
        return []


def plain_digits(text: str) -> str:
    """The text with digits of every script as 0 to 9, and every minus as `-`."""
    found = (unicodedata.decimal(sign, None) for sign in text)
    plain = "".join(sign if digit is None else str(digit) for sign, digit in zip(text, found, strict=True))
    return plain.replace("\N{MINUS SIGN}", "-")


def decimal_of(text: str, places: int) -> Decimal | None:
    """The number that was typed (`12`, `-1.5`, `1,5`); None when it cannot be read for certain."""
    plain = plain_digits(text.strip()).replace(",", ".")
    whole, _, behind = plain.removeprefix("-").removeprefix("+").partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= DIGITS) or plain.endswith("."):
        return None
    if behind and not (behind.isascii() and behind.isdigit() and len(behind) <= places):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def number_option(options: Mapping[str, Any], name: str) -> Decimal | None:
    """A bound as the author told it; None when there is none, or none that can be read."""
    told = options.get(name)
    return None if told is None or isinstance(told, bool) else decimal_of(str(told), 3)


def whole_option(options: Mapping[str, Any], name: str, default: int) -> int:
    told = options.get(name)
    return told if isinstance(told, int) and not isinstance(told, bool) else default


def words_option(options: Mapping[str, Any], name: str) -> str:
    told = options.get(name)
    return told.strip() if isinstance(told, str) else ""


def label_of(question: Question, value: str) -> str:
    """What a choice is called; the value itself where it is none of them any more."""
    return next((one.label for one in question.choices if one.value == value), value)
