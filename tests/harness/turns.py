"""Taking turns: what the everyday run tries in one of two ways, the full run tries in both.

A page asks the rules, and the rules are tried on both databases every time; which of them lies beneath matters to few
pages. So each page's test takes one of the two, by its name: all are tried every time, and half of them on each. The
cases of one rule ask the database the same with other values: each case takes one, and so the rule is tried on both.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable

import pytest

DATABASES = ("sqlite", "postgresql")


def take_turns(items: Iterable[pytest.Item]) -> None:
    """Leave each of these tests on one database and mark the other for the full run."""
    for item in items:
        if (database := database_of(item)) and database != _turn_of(item.nodeid.replace(database, "")):
            item.add_marker(pytest.mark.full)


def take_turns_by_case(items: Iterable[pytest.Item]) -> None:
    """Of a test with several cases, leave half of them on each database; a test with one case stays on both."""
    tests: dict[str, dict[str, list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        if database := database_of(item):
            tests[item.nodeid.partition("[")[0]][item.nodeid.replace(database, "")].append(item)
    for cases in tests.values():
        shuffled = sorted(cases, key=_number_of)  # the last of several parameters is not tied to one database
        for at, case in enumerate(shuffled if len(cases) > 1 else ()):
            only_on(DATABASES[at % len(DATABASES)], cases[case])


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
    return DATABASES[_number_of(name) % len(DATABASES)]


def _number_of(name: str) -> int:
    return zlib.crc32(name.encode())
