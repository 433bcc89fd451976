"""The admin of an open desk, asked by the cast: see tests/cast.py and tests/visits.py."""

from pathlib import Path

import pytest

from tests.cast import clock, desk
from tests.harness.turns import take_turns
from tests.visits import app, visitor

__all__ = ["app", "clock", "desk", "visitor"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    take_turns(item for item in items if item.path.parent == here)
