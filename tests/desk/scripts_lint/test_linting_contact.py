"""The linter beyond one script: the whole contact, the other scripts in force, and the people behind the clocks."""

import pytest

from models.words import CaseKind, Role
from tests.desk.scripts_lint.small_house import (
    CLAUSES,
    PACK,
    Document,
    asks_if,
    findings,
    plain,
    script,
    step,
    texts,
    told,
)


def test_a_closing_without_a_goodbye_is_a_dead_end() -> None:
    closing = script("closing")
    closing["steps"].pop()
    closing["steps"][0]["clauses"] = ["S2-10.2"]
    assert told(findings(closing)) == [
        (
            True,
            "",
            "steps",
            "No way through it comes to a goodbye: neither it nor the closing has a step of the kind close.",
        )
    ]


def test_a_goodbye_that_may_be_jumped_over_is_a_dead_end() -> None:
    closing = script("closing")
    past = "From here a contact can end without a goodbye: a way leads past every step of the kind close."
    step(closing, "summary")["next"] = [{"to": "end", "when": [asks_if("summary", "summary", "x")]}]
    assert told(findings(closing)) == [(True, "summary", "next", past)]


@pytest.mark.parametrize(("second", "stopped"), [("no", False), ("yes", True)])
def test_goodbyes_with_conditions_have_to_cover_every_answer(second: str, stopped: bool) -> None:  # noqa: FBT001 - a case
    closing = script("closing")
    step(closing, "summary")["ask"] = [
        {"name": "glad", "kind": "yes_no", "label": texts("Glad?"), "required": texts("Ask.")}
    ]
    step(closing, "close")["when"] = [asks_if("summary", "glad", "yes")]
    closing["steps"].append(plain("close_sad", "close", when=[asks_if("summary", "glad", second)]))
    assert [one.field for one in findings(closing)] == (["next"] if stopped else [])


def test_an_opening_may_not_lose_a_step_that_others_rest_on() -> None:
    opening = script("opening")
    opening["steps"].pop()
    assert told(findings(opening)) == [
        (
            True,
            "",
            "steps",
            "“Handle a complaint” rests on the step “about” at “Listen”, and it is gone here.",
        )
    ]


def test_a_clause_may_move_to_another_script() -> None:
    document = script("complaint")
    step(document, "settle")["clauses"] = []
    closing = script("closing")
    step(closing, "summary")["clauses"] = ["S3-4.1.4"]
    assert findings(document, documents={**PACK, "closing": closing}) == []


def test_a_clause_that_the_desk_has_added_itself_may_go_again() -> None:
    now = script("complaint")
    step(now, "photo")["clauses"] = ["S2-9.1"]
    known = CLAUSES | {"S2-9.1"}
    assert findings(script("complaint"), documents={**PACK, "complaint": now}, clauses=known) == []


def test_a_clock_needs_people_it_can_call_on() -> None:
    found = findings(script("complaint"), staffed=frozenset({Role.REPRESENTATIVE, Role.SUPERVISOR}))
    assert told(found) == [
        (
            True,
            "",
            "clock",
            (
                "Nobody is there whom the clocks call on: the group manager has no active person"
                " (case: complaint, order error, payment issue)."
            ),
        )
    ]
    assert findings(script("opening"), staffed=frozenset()) == []
    none_called = dict.fromkeys(CaseKind, ())
    nobody = findings(script("complaint"), staffed=frozenset({Role.REPRESENTATIVE}), called=none_called)
    assert told(nobody) == [(True, "", "clock", nobody[0].words)]
    assert "the group supervisor" in nobody[0].words


def test_an_escalation_needs_people_in_its_group() -> None:
    document = script("complaint")
    step(document, "settle")["options"] = {"to_role": "finance"}
    found = findings(document, staffed=frozenset(Role) - {Role.FINANCE})
    assert told(found) == [
        (True, "settle", "options.to_role", "It hands on to an empty group: finance has no active person.")
    ]


def test_support_begins_with_the_serial_number() -> None:
    support: Document = {
        "script": "support",
        "title": texts("Product support"),
        "steps": [
            plain("hello", "say"),
            plain("first", "need", options={"case_kind": "support"}),
            plain("piece", "serial"),
        ],
    }
    found = findings(support)
    assert [(one.step, one.field) for one in found] == [("piece", "kind")]
    assert "“First” comes before it." in found[0].words
    support["steps"].insert(0, support["steps"].pop())
    assert findings(support) == []
