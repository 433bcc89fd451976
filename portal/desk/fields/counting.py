"""Answers that count: numbers, money, days, open times, places on a scale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from portal.desk.fields.base import (
    NOT_COUNTED,
    PLAIN,
    Counted,
    FieldKind,
    Option,
    Question,
    Terms,
    decimal_of,
    number_option,
    plain_digits,
    whole_option,
    words_option,
)
from portal.desk.money import in_words, read_amount

MOST_PLACES = 3
THOUSAND = 1000
TODAY = "today"
SLOTS = 16
LONGEST_SCALE = 11


def _bounds(unit: str) -> tuple[Option, ...]:
    return Option("min", "decimal", "At least", unit), Option("max", "decimal", "At most", unit)


def _upside_down(options: Mapping[str, Any]) -> list[str]:
    least, most = number_option(options, "min"), number_option(options, "max")
    if least is not None and most is not None and least > most:
        return ["“At least” is more than “at most”."]
    return []


def _outside(found: Decimal, options: Mapping[str, Any], unit: str) -> str:
    """Say in a sentence that a number is too small or too large; empty when it is neither."""
    least, most = number_option(options, "min"), number_option(options, "max")
    behind = f" {unit}" if unit else ""
    if least is not None and found < least:
        return f"At least {_plain(least)}{behind}."
    if most is not None and found > most:
        return f"At most {_plain(most)}{behind}."
    return ""


def _plain(number: Decimal) -> str:
    """A number without needless zeros: `12.5`, `0`."""
    told = f"{number:f}"
    if "." in told:
        told = told.rstrip("0").rstrip(".")
    return "0" if told in {"-0", ""} else told


class Number(FieldKind):
    """A number, whole or with a few places."""

    name, label, help = "number", "Number", "Digits of every script are taken."
    summed = "numbers"
    options = (
        *_bounds(""),
        Option("places", "whole", "Places behind the point", "None without it.", 0, MOST_PLACES),
        Option("unit", "words", "Unit", "Such as km or hours.", 1, 30),
    )

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        places = whole_option(question.options, "places", 0)
        found = decimal_of(given, places)
        if found is None and places:
            return f"Enter a number with at most {places} places behind the point, such as 12.5."
        if found is None:
            return "Enter a whole number."
        return _outside(found, question.options, words_option(question.options, "unit"))

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        found = decimal_of(given, whole_option(question.options, "places", 0))
        return given if found is None else _plain(found)

    def shown(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return f"{value} {words_option(question.options, 'unit')}".strip()

    def cell(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return value

    def counted(self, question: Question, value: str, terms: Terms = PLAIN) -> Counted:
        """Thousandths, so that numbers with and without places add up."""
        found = decimal_of(value, MOST_PLACES)
        return NOT_COUNTED if found is None else Counted(number=int(found * THOUSAND))


class Money(FieldKind):
    """An amount in the desk's currency. Decision 21"""

    name, label, help = "money", "Amount of money", "In the desk's currency."
    summed = "numbers"
    options = _bounds("In the desk's currency.")

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        minor = read_amount(given, terms.currency)
        if minor is None:
            return f"Enter an amount such as {in_words(1250, terms.currency)}."
        return _outside(Decimal(in_words(minor, terms.currency).split()[0]), question.options, terms.currency)

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        minor = read_amount(given, terms.currency)
        return given if minor is None else in_words(minor, terms.currency).split()[0]

    def shown(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        minor = read_amount(value, terms.currency)
        return value if minor is None else in_words(minor, terms.currency)

    def cell(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return value

    def recorded(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return self.shown(question, value, terms)

    def counted(self, question: Question, value: str, terms: Terms = PLAIN) -> Counted:
        return Counted(number=read_amount(value, terms.currency))

    def wrong_options(self, options: Mapping[str, Any]) -> list[str]:
        return _upside_down(options)


class Day(FieldKind):
    """A day of the calendar."""

    name, label, help = "date", "Date", "Typed as 2026-03-14 or chosen."
    summed = "days"
    options = (
        Option("min", "day", "Not before", "A day such as 2026-03-14, or today."),
        Option("max", "day", "Not after", "A day such as 2026-03-14, or today."),
    )

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        found = day_of(given)
        if found is None:
            return "Enter a day such as 2026-03-14."
        least, most = (self.bound(question, name, terms) for name in ("min", "max"))
        if least and found < least:
            return f"Not before {least}."
        if most and found > most:
            return f"Not after {most}."
        return ""

    def bound(self, question: Question, name: str, terms: Terms) -> date | None:
        """The first or last day that is taken; None where there is none."""
        told = str(question.options.get(name, ""))
        return terms.today if told == TODAY else day_of(told)

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        found = day_of(given)
        return given if found is None else found.isoformat()

    def shown(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        found = day_of(value)
        return value if found is None else spoken_day(found)

    def cell(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return value

    def counted(self, question: Question, value: str, terms: Terms = PLAIN) -> Counted:
        return Counted(day=day_of(value))

    def wrong_options(self, options: Mapping[str, Any]) -> list[str]:
        least, most = (day_of(str(options.get(name, ""))) for name in ("min", "max"))
        return ["“Not before” is behind “not after”."] if least and most and least > most else []


class Slot(FieldKind):
    """A date and time out of the calendar's open half-hours. S2-10.4"""

    name, label, help = "slot", "Open time of the calendar", "The next open half-hours are offered."
    summed = "days"
    options = (Option("count", "whole", "Times offered", f"{SLOTS} without it.", 1, 60),)

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        return "" if moment_of(given) else "Choose one of the open times offered."

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        found = moment_of(given)
        return given if found is None else found.isoformat()

    def shown(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        found = moment_of(value)
        if found is None:
            return value
        local = found.astimezone(ZoneInfo(terms.zone))
        return f"{local:%A}, {local.day} {local:%B %Y, %H:%M}"

    def cell(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return value

    def counted(self, question: Question, value: str, terms: Terms = PLAIN) -> Counted:
        found = moment_of(value)
        return Counted(day=found.date() if found else None)


class Scale(FieldKind):
    """A place between two ends."""

    name, label, help = "scale", "Scale", "A place between two ends, such as 1 to 5."
    paper, summed = "boxes", "numbers"
    options = (
        Option("min", "whole", "Lowest", "1 without it.", 0, 10),
        Option("max", "whole", "Highest", "5 without it.", 1, 10),
        Option("low", "words", "What the lowest means", "Such as very bad.", 1, 60),
        Option("high", "words", "What the highest means", "Such as very good.", 1, 60),
    )

    def places(self, question: Question) -> range:
        """Every place of the scale."""
        low = whole_option(question.options, "min", 1)
        return range(low, min(whole_option(question.options, "max", 5), low + LONGEST_SCALE - 1) + 1)

    def offered(self, question: Question) -> list[tuple[str, str]]:
        """Every place with what it is called."""
        places = self.places(question)
        ends = {places.start: "low", places.stop - 1: "high"}
        return [
            (str(one), f"{one} {words_option(question.options, ends.get(one, ''))}".strip()) for one in places
        ]

    def boxes(self, question: Question) -> list[str]:
        return [label for _, label in self.offered(question)]

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        places = self.places(question)
        found = decimal_of(given, 0)
        if found is None or int(found) not in places:
            return f"Choose a number from {places.start} to {places.stop - 1}."
        return ""

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        found = decimal_of(given, 0)
        return given if found is None else _plain(found)

    def shown(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        places = self.places(question)
        if not value:
            return ""
        ends = {str(places.start): "low", str(places.stop - 1): "high"}
        meant = words_option(question.options, ends.get(value, ""))
        return f"{value} of {places.stop - 1}{f' ({meant})' if meant else ''}"

    def cell(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return value

    def counted(self, question: Question, value: str, terms: Terms = PLAIN) -> Counted:
        found = decimal_of(value, 0)
        return NOT_COUNTED if found is None else Counted(number=int(found))

    def wrong_options(self, options: Mapping[str, Any]) -> list[str]:
        low, high = whole_option(options, "min", 1), whole_option(options, "max", 5)
        return [] if low < high else ["The lowest has to be below the highest."]


SOONEST, LATEST = 2000, 2100
"""Years that a day or a moment may be typed of: beyond them a zone may carry it out of what can be counted."""


def spoken_day(day: date) -> str:
    """`Thursday, 5 March 2026`"""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def day_of(text: str) -> date | None:
    """The day that was typed; None when it is none."""
    try:
        return date.fromisoformat(plain_digits(text.strip()))
    except ValueError:
        return None


def moment_of(text: str) -> datetime | None:
    """The moment that was typed, with its zone; None when it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
