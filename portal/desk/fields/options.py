"""What an author can tell a kind of answer: described for a form, checked for the linter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.desk.fields.base import FieldKind, Option, decimal_of
from portal.desk.fields.counting import MOST_PLACES, TODAY, day_of
from portal.desk.fields.registry import FIELDS


def described() -> list[FieldKind]:
    """Every kind with its label, its help and its options, in the order to offer them in."""
    return list(FIELDS.values())


def spoken_options(kind: str) -> frozenset[str]:
    """The names of the options that are words and may be told by language."""
    known = FIELDS.get(kind)
    return frozenset(one.name for one in known.options if one.type == "words") if known else frozenset()


def problems_of_options(kind: str, options: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with the options of a question, a sentence each; nothing when they can be used."""
    known = FIELDS.get(kind)
    if known is None:
        return [f"There is no kind of answer called {kind}."]
    offered = {one.name: one for one in known.options}
    found = [f"{known.label} has no option {name}." for name in options if name not in offered]
    for name, told in options.items():
        if name in offered and (words := _CHECKS[offered[name].type](offered[name], told)):
            found.append(f"{offered[name].label}: {words}")
    return found or known.wrong_options(options)


def _whole(option: Option, told: Any) -> str:
    if isinstance(told, bool) or not isinstance(told, int):
        return "a whole number is needed."
    return "" if option.least <= told <= option.most else f"between {option.least} and {option.most}."


def _decimal(option: Option, told: Any) -> str:
    readable = not isinstance(told, bool) and decimal_of(str(told), MOST_PLACES) is not None
    return "" if readable else "a number is needed."


def _day(option: Option, told: Any) -> str:
    return "" if told == TODAY or day_of(str(told)) else "a day such as 2026-03-14 is needed, or today."


def _code(option: Option, told: Any) -> str:
    if not isinstance(told, str) or not told.strip():
        return "a text is needed."
    return "" if len(told) <= option.most else f"at most {option.most} characters."


def _words(option: Option, told: Any) -> str:
    by_language = told.values() if isinstance(told, Mapping) else [told]
    return next((wrong for one in by_language if (wrong := _code(option, one))), "")


def _several(option: Option, told: Any) -> str:
    if isinstance(told, list | tuple) and told and all(one in option.among for one in told):
        return ""
    return f"some of {', '.join(option.among)}."


_CHECKS = {
    "whole": _whole,
    "decimal": _decimal,
    "day": _day,
    "code": _code,
    "words": _words,
    "several": _several,
}
