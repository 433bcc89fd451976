"""The filters a list offers: fixed words, yes or no, a span of days. Never a look through the whole table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from sqlalchemy import ColumnElement

from admin_views.columns import Look
from portal import showing
from portal.desk.errors import DeskError
from portal.desk.permissions import May

Condition = ColumnElement[bool]


class BadQuestion(DeskError):
    """An address that asks for something a list does not know."""

    status: ClassVar[int] = 400

    def __init__(self, message: str = "This list does not know what the address asks for.") -> None:
        super().__init__(message)


class Filter(Protocol):
    """One filter: which names it takes from the address, and the condition it makes of them."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def kind(self) -> str: ...
    def condition(self, given: Mapping[str, str], look: Look) -> Condition | None: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """One of our words. Anything else is refused before the database sees it."""

    name: str
    label: str
    column: Any
    words: type[StrEnum]
    kind: ClassVar[str] = "choice"

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def options(self) -> Sequence[tuple[str, str]]:
        return [(one.value, showing.word(one)) for one in self.words]

    def condition(self, given: Mapping[str, str], look: Look) -> Condition | None:
        del look
        asked = given.get(self.name, "")
        if not asked:
            return None
        for one in self.words:
            if one.value == asked:
                found: Condition = self.column == one
                return found
        raise BadQuestion


@dataclass(frozen=True, slots=True)
class YesNo:
    """Whether a condition holds."""

    name: str
    label: str
    holds: Condition
    kind: ClassVar[str] = "choice"

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def options(self) -> Sequence[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def condition(self, given: Mapping[str, str], look: Look) -> Condition | None:
        del look
        match given.get(self.name, ""):
            case "":
                return None
            case "yes":
                return self.holds
            case "no":
                return ~self.holds
            case _:
                raise BadQuestion


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both included, as the reader's own zone counts them."""

    name: str
    label: str
    column: Any
    kind: ClassVar[str] = "days"

    @property
    def names(self) -> tuple[str, ...]:
        return f"{self.name}_from", f"{self.name}_to"

    def condition(self, given: Mapping[str, str], look: Look) -> Condition | None:
        zone = showing.zone_of(look.zone)
        first, last = (_day(given.get(name, "")) for name in self.names)
        found: Condition | None = None
        if first is not None:
            found = self.column >= datetime.combine(first, time(), zone)
        if last is not None:
            until = self.column < datetime.combine(last + timedelta(days=1), time(), zone)
            found = until if found is None else found & until
        return found


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadQuestion("A day is written like 2026-03-02.") from None
    if not date(1900, 1, 1) <= day <= date(9000, 1, 1):
        raise BadQuestion("That day is too far away.")
    return day


@dataclass(frozen=True, slots=True)
class Saved:
    """A view of a list that one role often needs, as a link."""

    name: str
    label: str
    condition: Callable[[Look], Condition]
    needs: May | None = None
