"""The pages that come from the code are as the code is."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("docs_tool", ROOT / "tools" / "docs.py")
assert _spec is not None
assert _spec.loader is not None
docs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(docs)


@pytest.mark.parametrize("name", list(docs.PAGES))
def test_a_written_page_is_current(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == docs.PAGES[name](), (
        "run: .venv/bin/python tools/docs.py"
    )


def test_what_is_missing_is_missing_of_a_clause_that_is_served_in_part() -> None:
    told = {"clauses": docs.clauses.titles(), "missing": docs.clauses.missing()}
    cited = docs.citations((*docs.RULES, *docs.SCREENS, "jobs"))
    steps, jobs = docs.steps_of_the_pack(), docs.jobs_of()
    missing = told["missing"]
    assert [clause for clause in missing if clause not in told["clauses"]] == []
    nothing = [
        clause for clause in missing if not (cited.get(clause) or steps.get(clause) or jobs.get(clause))
    ]
    assert nothing == [], "drop them: of what nothing serves nothing is missing in part"
    assert [clause for clause, words in missing.items() if not words.endswith(".")] == []


def test_a_clause_that_is_served_whole_is_shown_by_a_test() -> None:
    told = {"clauses": docs.clauses.titles(), "missing": docs.clauses.missing()}
    cited = docs.citations((*docs.RULES, *docs.SCREENS, "jobs"))
    steps, jobs, tests = docs.steps_of_the_pack(), docs.jobs_of(), docs.citations((docs.TESTS,))
    whole = [
        clause
        for clause in told["clauses"]
        if clause not in told["missing"] and (cited.get(clause) or steps.get(clause) or jobs.get(clause))
    ]
    assert [clause for clause in whole if clause not in tests] == []
