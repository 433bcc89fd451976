"""The desk of these stories: see tests/cast.py and tests/visits.py."""

import pytest

from tests.cast import clock, desk
from tests.harness.turns import take_turns
from tests.visits import app, visitor

__all__ = ["app", "clock", "desk", "visitor"]
LONG = {"test_scenarios.py", "test_names_in_the_wizard.py"}
"""Whole walks through the pages: which database lies beneath matters to few of their steps."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    take_turns(item for item in items if item.path.name in LONG)
