"""The open portal, for the tests that walk every door of it."""

import pytest

from tests.cast import clock, desk
from tests.harness.turns import take_turns
from tests.visits import app, visitor

__all__ = ["app", "clock", "desk", "visitor"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who may open what is the same on both databases, and the demo's story is told by the deeds of the desk."""
    take_turns(item for item in items if item.path.name in {"test_doors.py", "test_demo.py"})
