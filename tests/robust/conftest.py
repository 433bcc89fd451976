"""The desk and the portal of these tests: see tests/cast.py and tests/visits.py."""

import pytest

from tests.cast import clock, desk
from tests.robust.town import town
from tests.visits import app, visitor

__all__ = ["app", "clock", "desk", "town", "visitor"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """How a text is written on a page is the same on both databases: on PostgreSQL it is tried in the full run."""
    for item in items:
        if item.path.name == "test_escaping.py" and "postgresql" in item.name:
            item.add_marker(pytest.mark.full)
