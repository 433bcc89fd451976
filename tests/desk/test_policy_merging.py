"""A draft takes over what came into force since it was begun: calendars that were taken out and added among them."""

from copy import deepcopy
from typing import Any

import pytest

from portal.desk.errors import NotAccepted
from portal.desk.policy_merging import merged

Document = dict[str, Any]


def calendar(number: int, name: str, **told: object) -> Document:
    return {"id": number, "name": name, "zone": "UTC", "hours": "24/7", "region": "", "days": {}, **told}


DESK, PARIS = calendar(1, "Desk"), calendar(2, "Paris")
BASE: Document = {
    "targets": [],
    "levels": [],
    "calendars": [DESK, PARIS],
    "default_calendar": 1,
    "assignments": [],
}


def of(*calendars: Document, **told: object) -> Document:
    return {**deepcopy(BASE), "calendars": list(calendars), **told}


def put_together(mine: Document, theirs: Document, last: int = 2) -> tuple[list[str], list[str]]:
    """The calendars of both as `number name`, and what both changed."""
    found, both = merged(BASE, mine, theirs, last)
    return [f"{one['id']} {one['name']}" for one in found["calendars"]], both


def test_what_one_side_took_out_is_out() -> None:
    assert put_together(of(DESK), of(DESK, PARIS)) == (["1 Desk"], [])
    assert put_together(of(DESK, PARIS), of(DESK)) == (["1 Desk"], [])
    assert put_together(of(DESK), of(DESK)) == (["1 Desk"], [])


def test_where_one_took_out_what_the_other_changed_the_draft_stays_and_it_is_told() -> None:
    lyon = calendar(2, "Lyon")
    assert put_together(of(DESK), of(DESK, lyon)) == (["1 Desk"], ["calendar Lyon"])
    assert put_together(of(DESK, lyon), of(DESK)) == (["1 Desk", "2 Lyon"], ["calendar Lyon"])


@pytest.mark.parametrize("runs", [{"assignments": [{"calendar": 2, "team": "Sud"}]}, {"default_calendar": 2}])
def test_what_cases_still_run_on_comes_back(runs: Document) -> None:
    back = (["1 Desk", "2 Paris"], ["calendar Paris (back again: cases run on it)"])
    assert put_together(of(DESK), of(DESK, PARIS, **runs)) == back
    assert put_together(of(DESK, PARIS, **runs), of(DESK)) == back


def test_two_calendars_that_got_the_same_number_are_both_kept() -> None:
    """The draft numbered its own before the other one came into force."""
    mine = of(DESK, PARIS, calendar(3, "Oslo"), calendar(4, "Rome"), default_calendar=4)
    mine["assignments"] = [{"calendar": 3, "country": "NO"}, {"calendar": 2, "country": "FR"}]
    found, both = merged(BASE, mine, of(DESK, PARIS, calendar(3, "Bonn")), 3)
    assert [f"{one['id']} {one['name']}" for one in found["calendars"]] == [
        "1 Desk",
        "2 Paris",
        "3 Bonn",
        "4 Rome",
        "5 Oslo",
    ]
    assert (found["default_calendar"], both) == (4, [])
    assert found["assignments"] == [{"calendar": 5, "country": "NO"}, {"calendar": 2, "country": "FR"}]


def test_a_number_that_was_given_and_taken_out_again_is_not_given_twice() -> None:
    assert put_together(of(DESK, PARIS, calendar(3, "Oslo")), of(DESK, PARIS), last=3) == (
        ["1 Desk", "2 Paris", "4 Oslo"],
        [],
    )


def test_the_same_name_twice_is_refused() -> None:
    with pytest.raises(NotAccepted) as refusal:
        put_together(of(DESK, PARIS, calendar(3, "Oslo")), of(DESK, PARIS, calendar(3, "Oslo")), last=3)
    assert refusal.value.fields == {"calendars.3.name": "Another calendar has this name."}
