"""The calendars of a draft of the policy come into force as they stand there, whatever they were called before. S0-4"""

from typing import Any

import pytest
from sqlalchemy import select

from models import BusinessCalendar, Case
from models.words import CaseKind
from portal.desk import closing, drift, explaining, policy_drafts, policy_versions, recomputing, rulebook
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA, SAM, Clock, berlin
from tests.desk import stories

GONE = "This calendar was taken out of the policy and does not change any more. Add another."


def calendar(number: int, name: str) -> dict[str, Any]:
    return {"id": number, "name": name, "zone": "UTC", "hours": "24/7", "region": "", "days": {}}


def has(**named: str) -> stories.Change:
    """Let the policy have these calendars beside the desk's own: `_2="North"`."""

    def change(document: dict[str, Any]) -> None:
        document["calendars"][1:] = [calendar(int(key[1:]), name) for key, name in named.items()]

    return change


async def names(desk: Desk) -> dict[int, str]:
    """What the calendars are called in their table; the policy in force says the same of those it has."""
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(select(BusinessCalendar.id, BusinessCalendar.name))
        found = {row.id: row.name for row in rows}
        in_force = (await policy_versions.in_force(work)).calendars
    assert {one.id: one.name for one in in_force.values()} == {key: found[key] for key in in_force}
    return found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"_2": "North", "_3": "South"}, {"_2": "South", "_3": "North"}, id="swapped"),
        pytest.param(
            {"_2": "North", "_3": "South", "_4": "West"},
            {"_2": "South", "_3": "West", "_4": "North"},
            id="in a ring",
        ),
        pytest.param({"_2": "North", "_3": "South"}, {"_2": "South", "_3": "East"}, id="to one given up"),
        pytest.param(
            {"_2": "North", "_3": "South"}, {"_2": "East", "_3": "North"}, id="to one given up above"
        ),
        pytest.param({"_2": "North"}, {"_2": "South", "_3": "North"}, id="a new one takes the name"),
    ],
)
async def test_a_calendar_may_have_the_name_that_another_one_had(
    desk: Desk, before: dict[str, str], after: dict[str, str]
) -> None:
    await stories.policy_changed(desk, has(**before))
    await stories.policy_changed(desk, has(**after))
    told = await names(desk)
    del told[1]
    assert told == {int(key[1:]): name for key, name in after.items()}


async def test_after_a_draft_added_a_calendar_the_table_adds_further_ones(desk: Desk) -> None:
    await stories.policy_changed(desk, has(_2="North"))
    async with desk.work(ADA) as work:
        assert (await rulebook.add_calendar(work, "South", "UTC", "24/7")).id == 3
    assert list((await names(desk)).items())[1:] == [(2, "North"), (3, "South")]


async def test_a_calendar_that_cases_run_on_is_not_taken_out(desk: Desk) -> None:
    def change(document: dict[str, Any]) -> None:
        has(_2="North", _3="South")(document)
        document["assignments"] = [
            {"calendar": 2, "team": "Nord", "channel": "phone"},
            {"calendar": 3, "team": "Sud"},
            {"calendar": 2, "country": "NO"},
        ]

    await stories.policy_changed(desk, change)
    refused = []
    async with desk.work(ADA) as work:
        version = await rulebook.draft(work)
        for number in (1, 2):
            with pytest.raises(NotAccepted) as refusal:
                await policy_drafts.remove_calendar(work, version, version.version, number)
            refused.append(refusal.value.fields)
        with pytest.raises(NotFound):
            await policy_drafts.remove_calendar(work, version, version.version, 9)
        for place in (2, 0):
            await policy_drafts.unassign(work, version, version.version, place)
        assert await policy_drafts.remove_calendar(work, version, version.version, 2) == "North"
        left = [one["id"] for one in version.document["calendars"]]
    assert refused == [
        {"calendar": "All other cases run on it. Make another calendar that of all other cases first."},
        {
            "calendar": "Cases of team Nord, by phone; country NO run on it."
            " Take that out first, or let them run on another calendar."
        },
    ]
    assert left == [1, 3]


async def test_the_row_of_a_calendar_that_is_out_stays_and_its_name_is_free(desk: Desk) -> None:
    """Until when it was in force is said of it, also where somebody has called another one so."""
    own = "North (until version 2)"
    await stories.policy_changed(desk, has(_2="North", _3=own))
    await stories.policy_changed(desk, has(_3=own))
    assert await names(desk) == {1: "Desk", 2: "North (until version 2) 2", 3: own}
    await stories.policy_changed(desk, has(_3=own, _4="North"))
    await stories.policy_changed(desk, has(_4="North (until version 2) 2"))
    assert await names(desk) == {
        1: "Desk",
        2: "North (until version 2) 2 (until version 4)",
        3: "North (until version 2) (until version 4)",
        4: "North (until version 2) 2",
    }
    async with desk.work(ADA) as work:  # a new one never gets the number of one there was
        version = await rulebook.draft(work)
        told = {"name": "West", "zone": "UTC", "hours": "24/7", "region": ""}
        assert await policy_drafts.put_calendar(work, version, version.version, told) == 5


@pytest.mark.parametrize("assigned", [[], [{"calendar": 1, "team": "Nord"}]], ids=["", "with assignments"])
async def test_what_names_a_calendar_that_is_out_runs_on_what_the_policy_says(
    desk: Desk, clock: Clock, assigned: list[dict[str, Any]]
) -> None:
    """What was counted on it stays, and is explained by it. Decisions 8 and 14"""
    await stories.policy_changed(desk, has(_2="North"))
    alone = await stories.opened(desk, CaseKind.INQUIRY, calendar_id=2)
    done = await stories.opened(desk, CaseKind.INQUIRY, calendar_id=2)
    await stories.resolved(desk, done)
    clock.at("2026-03-02 16:40")
    late = await stories.opened(desk, CaseKind.INQUIRY, calendar_id=2)
    assert (await stories.clocks(desk, late))["answer"] == ("running", berlin("2026-03-02 17:40"))
    async with desk.look(ADA) as work:
        in_force = (await policy_versions.in_force(work)).calendars
        document = {"calendars": [calendar(1, "Desk")]}
        assert await recomputing.named_alone(work, document) == [(in_force[2], 2)]
        assert (
            await recomputing.named_alone(work, {"calendars": [calendar(2, "South"), *document["calendars"]]})
            == []
        )
    await stories.policy_changed(
        desk, lambda told: told.update(calendars=told["calendars"][:1], assignments=assigned)
    )
    assert (await stories.clocks(desk, late))["answer"] == ("running", berlin("2026-03-03 09:40"))
    async with desk.look(SAM) as work:
        assert (await work.session.get_one(Case, late)).calendar_id == 2
        explained = await explaining.explain(work, await stories.the_case(work, done))
        assert {(one.calendar, one.policy) for one in explained} == {("North: 24/7 (UTC)", 2)}
        explained = await explaining.explain(work, await stories.the_case(work, late))
        told = {one.clock.kind.value: (one.calendar, one.policy) for one in explained}
        assert told["acknowledge"] == ("North: 24/7 (UTC)", 2)  # met before it was out
        assert told["answer"] == ("Desk: Mo-Fr 09:00-17:00 (Europe/Berlin)", 3)
        (sheet,) = await closing.sheets(work)
        assert {case.id for _, case in sheet.clocks} == {alone, late}
    assert [one async for batch in drift.verify(desk, everything=True) for one in batch.drifts] == []


async def test_what_is_out_stays_out_whatever_else_changes(desk: Desk) -> None:
    def change(document: dict[str, Any]) -> None:
        has(_2="North", _3="South")(document)
        document["calendars"][1]["region"] = "NO"

    await stories.policy_changed(desk, change)
    await stories.policy_changed(desk, has(_3="South"))
    async with desk.work(ADA) as work:
        north = await work.session.get_one(BusinessCalendar, 2)
        for deed in (
            rulebook.change_calendar(work, north, north.version, hours="Mo-Fr 09:00-12:00"),
            rulebook.set_calendar_day(work, north, berlin("2026-03-04 12:00").date(), "off"),
            rulebook.remove_calendar_day(work, north, berlin("2026-03-04 12:00").date()),
            rulebook.fill_holidays(work, north, [2026]),
        ):
            with pytest.raises(WrongMoment, match=GONE):
                await deed
    async with desk.work(ADA) as work:
        assert await rulebook.fill_all_holidays(work) == 0
        south = await work.session.get_one(BusinessCalendar, 3)
        await rulebook.change_calendar(work, south, south.version, name="North")
        await rulebook.add_calendar(work, "South", "UTC", "24/7")
    assert await names(desk) == {1: "Desk", 2: "North (until version 2)", 3: "North", 4: "South"}
    async with desk.look(SYSTEM) as work:
        assert list((await policy_versions.in_force(work)).calendars) == [1, 3, 4]


async def test_an_assignment_is_moved_and_stays_at_the_ends(desk: Desk) -> None:
    def change(document: dict[str, Any]) -> None:
        document["assignments"] = [{"calendar": 1, "team": team} for team in "ABC"]

    await stories.policy_changed(desk, change)
    seen = []
    async with desk.work(ADA) as work:
        version = await rulebook.draft(work)
        for place, by in ((0, 1), (1, 1), (2, 1), (1, -1), (0, -1)):
            now_at = await policy_drafts.move_assignment(work, version, version.version, place, by)
            seen.append((now_at, "".join(one["team"] for one in version.document["assignments"])))
        for place in (-1, 3):
            with pytest.raises(NotFound):
                await policy_drafts.move_assignment(work, version, version.version, place, 1)
    assert seen == [(1, "BAC"), (2, "BCA"), (2, "BCA"), (0, "CBA"), (0, "CBA")]
