"""Taking turns: what the everyday run tries in one of two ways, the full run tries in both.

A page asks the rules, and the rules are tried on both databases every time; which of them lies beneath matters to few
pages. So each page's test takes one of the two, by its name: all are tried every time, and half of them on each.
"""

import zlib
from collections.abc import Iterable

import pytest

DATABASES = ("sqlite", "postgresql")


def take_turns(items: Iterable[pytest.Item]) -> None:
    """Leave each of these tests on one database and mark the other for the full run."""
    for item in items:
        if (database := database_of(item)) and database != _turn_of(item.nodeid.replace(database, "")):
            item.add_marker(pytest.mark.full)


def only_on(database: str, items: Iterable[pytest.Item]) -> None:
    """Leave these tests on that database and mark the others for the full run."""
    for item in items:
        if database_of(item) not in {database, ""}:
            item.add_marker(pytest.mark.full)


def database_of(item: pytest.Item) -> str:
    """On which database a test runs; "" when it asks for none."""
    params: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    return str(params.get("database", ""))


def _turn_of(name: str) -> str:
    return DATABASES[zlib.crc32(name.encode()) % len(DATABASES)]
