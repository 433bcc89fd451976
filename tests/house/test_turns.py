"""What the everyday run leaves to the full one is a second try of the same, never the only one."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.harness.sharing_out import makes_once
from tests.harness.turns import DATABASES, take_turns_by_case

HERE = Path(__file__).parent


class Case(pytest.Item):
    """A case of a test as pytest collects it, which nobody runs."""

    def runtest(self) -> None:
        raise AssertionError("Only marked.")

    @classmethod
    def on(cls, database: str, name: str, session: pytest.Session) -> "Case":
        made: Case = cls.from_parent(session, name=name)
        made.callspec = SimpleNamespace(params={"database": database})  # type: ignore[attr-defined] # as pytest's own have
        return made


@pytest.mark.parametrize("cases", [1, 2, 5, 14])
def test_every_case_is_tried_every_time_and_both_databases_are(
    request: pytest.FixtureRequest, cases: int
) -> None:
    items = {
        (database, case): Case.on(database, f"test_a_rule[{database}-{case}]", request.session)
        for database in DATABASES
        for case in range(cases)
    }
    take_turns_by_case(items.values())
    everyday = [key for key, item in items.items() if not item.get_closest_marker("full")]
    assert sorted({case for _, case in everyday}) == list(range(cases))
    assert {database for database, _ in everyday} == set(DATABASES)
    assert len(everyday) == max(cases, len(DATABASES))


def test_a_file_that_makes_something_once_goes_to_one_worker() -> None:
    """Found by what it says, so that a new one need not be listed."""
    found = sorted(file.name for file in HERE.glob("test_*.py") if makes_once(file))
    assert found == ["test_counters.py", "test_desk_lists.py", "test_large_pages.py"]
