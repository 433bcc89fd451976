"""The desk of these tests: see tests/cast.py."""

from pathlib import Path

import pytest

from tests.cast import clock, desk
from tests.harness.turns import take_turns_by_case

__all__ = ["clock", "desk"]
CASES_ON_BOTH = {
    "test_actions.py",
    "test_answers.py",
    "test_audit_seals.py",
    "test_case_words.py",
    "test_changes.py",
    "test_search.py",
    "test_unheard.py",
    "test_waiting_races.py",
}
"""Each case asks the database something else, or wants to come in between: words, figures, seals and races."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    take_turns_by_case(
        item for item in items if here in item.path.parents and item.path.name not in CASES_ON_BOTH
    )
