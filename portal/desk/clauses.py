"""The clauses of the five procedures, by their ids: what they ask, and their order."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_FILE = Path(__file__).resolve().parent.parent / "sop" / "clauses.toml"
_PARTS = re.compile(r"\d+|[a-z]+|[A-Z]+")


@cache
def procedures() -> Mapping[str, str]:
    """The five procedures: {"S0": title}."""
    return MappingProxyType(_told()["procedures"])


@cache
def titles() -> Mapping[str, str]:
    """What each clause asks, in our words: {id: title}, in the order of the procedures."""
    return MappingProxyType(_told()["clauses"])


@cache
def missing() -> Mapping[str, str]:
    """What is not done yet of clauses that are served in part: {clause: what is missing}."""
    return MappingProxyType(_told()["missing"])


def title_of(clause: str) -> str:
    """What a clause asks; empty for one that does not exist."""
    return titles().get(clause, "")


def order_of(clause: str) -> tuple[tuple[int, int | str], ...]:
    """By what clauses are sorted: numbers count as numbers, so that the tenth comes after the ninth."""
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in _PARTS.findall(clause))


def _told() -> dict[str, dict[str, str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
