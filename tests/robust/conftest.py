"""The desk and the portal of these tests: see tests/cast.py and tests/visits.py."""

from collections import defaultdict

import pytest

from tests.cast import clock, desk
from tests.harness.turns import only_on, take_turns
from tests.robust.town import town
from tests.visits import app, visitor

__all__ = ["app", "clock", "desk", "town", "visitor"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """How a text is written on a page is the same on both databases; what is sent broken breaks PostgreSQL sooner."""
    by_file = defaultdict(list)
    for item in items:
        by_file[item.path.name].append(item)
    only_on("sqlite", by_file["test_escaping.py"])
    for name in ("test_malformed.py", "test_malformed_requests.py", "test_broken_scripts.py"):
        only_on("postgresql", by_file[name])
    for name in ("test_restricted.py", "test_secrets.py", "test_wrong_order.py", "test_covered.py"):
        take_turns(by_file[name])
