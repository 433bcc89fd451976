"""What differs between two versions of the policy is said in words. S2-14.1"""

from copy import deepcopy
from typing import Any

from portal.desk.policy_changes import MOST_DAYS, Change, differences

DESK = {"id": 1, "name": "Desk", "zone": "UTC", "hours": "Mo-Fr 09:00-17:00", "region": "", "days": {}}
PARIS = {"id": 2, "name": "Paris", "zone": "Europe/Paris", "hours": "Mo-Fr 10:00-16:00", "region": "FR"}
OLD: dict[str, Any] = {
    "targets": [
        {"key": "a", "to": "answer", "kind": "complaint", "counts": "elapsed", "amount": 30, "clause": "S0-3.3.1"},
        {"key": "b", "to": "answer", "counts": "business", "amount": 60},
        {"key": "c", "to": "resolve", "counts": "elapsed", "amount": 1440},
    ],
    "levels": [
        {"key": "l", "kind": "complaint", "level": 1, "to_role": "manager", "counts": "elapsed", "amount": 60}
    ],
    "calendars": [DESK, PARIS],
    "default_calendar": 1,
    "assignments": [{"calendar": 2, "country": "FR"}],
}  # fmt: skip


def test_nothing_differs_from_itself() -> None:
    assert differences(OLD, deepcopy(OLD)) == []


def test_rows_added_changed_moved_and_removed() -> None:
    new = deepcopy(OLD)
    a, b, _ = new["targets"]
    vip = {"key": "vip", "to": "answer", "tier": "priority", "channel": "email", "off": True}
    new["targets"] = [b, vip, {**a, "severity": "urgent", "on_missed": [{"do": "raise"}]}]
    new["levels"][0]["to_role"] = "supervisor"
    assert differences(OLD, new) == [
        Change("targets", "moved", "Answer, every case, from row 2 to row 1"),
        Change("targets", "added", "Answer, by e-mail, priority customers, as row 2", after="switched off"),
        Change(
            "targets",
            "changed",
            "Answer, complaint, urgent",
            "Answer, complaint: 30 minutes, warned at 75 %, by S0-3.3.1",
            "Answer, complaint, urgent: 30 minutes, warned at 75 %, by S0-3.3.1, when it is missed: hand the case up",
        ),
        Change("targets", "removed", "Resolve, every case", before="24 hours, warned at 75 %"),
        Change(
            "levels",
            "changed",
            "Level 1, complaint",
            "to the manager after 1 hour",
            "to the supervisor after 1 hour",
        ),
    ]


def test_calendars_days_and_who_runs_on_which() -> None:
    new = deepcopy(OLD)
    new["calendars"] = [
        {**DESK, "hours": "24/7", "days": {"2026-12-25": {"hours": "off", "name": "Christmas"}}}
    ]
    new["calendars"].append({**PARIS, "id": 3, "name": "Lyon"})
    new["default_calendar"] = 3
    new["assignments"] = [{"calendar": 3, "team": "Sud", "channel": "phone"}]
    assert differences(OLD, new) == [
        Change("calendars", "changed", "Desk, opening hours", "Mo-Fr 09:00-17:00", "24/7"),
        Change("calendars", "added", "Desk, Fri 25 Dec 2026", "", "closed (Christmas)"),
        Change("calendars", "added", "Lyon", after="Mo-Fr 10:00-16:00 (Europe/Paris)"),
        Change("calendars", "removed", "Paris", before="Mo-Fr 10:00-16:00 (Europe/Paris)"),
        Change("calendars", "changed", "The calendar of all other cases", "Desk", "Lyon"),
        Change("calendars", "added", "Cases of team Sud, by phone", after="run on Lyon"),
        Change("calendars", "removed", "Cases of country FR", before="run on Paris"),
    ]


def test_who_runs_on_which_in_another_order() -> None:
    old, new = deepcopy(OLD), deepcopy(OLD)
    by_mail, sud, france = (
        {"calendar": 2, **one} for one in ({"channel": "email"}, {"team": "Sud"}, {"country": "FR"})
    )
    old["assignments"], new["assignments"] = (
        [by_mail, sud, france],
        [france, {"calendar": 1, "team": "Nord"}, by_mail, sud],
    )
    assert differences(OLD | old, new) == [
        Change("calendars", "added", "Cases of team Nord", after="run on Desk"),
        Change("calendars", "moved", "Cases of country FR, from place 3 to place 1"),
    ]


def test_many_days_are_told_as_a_number() -> None:
    new = deepcopy(OLD)
    new["calendars"][0]["days"] = {f"2026-05-{day:02}": {"hours": "off"} for day in range(1, MOST_DAYS + 2)}
    assert differences(OLD, new) == [
        Change("calendars", "changed", f"Desk, {MOST_DAYS + 1} exceptional days")
    ]
