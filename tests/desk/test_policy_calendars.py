"""The calendars of a draft of the policy come into force as they stand there, whatever they were called before. S0-4"""

from typing import Any

import pytest
from sqlalchemy import select

from models import BusinessCalendar
from portal.desk import policy_versions, rulebook
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA
from tests.desk import stories


def calendar(number: int, name: str) -> dict[str, Any]:
    return {"id": number, "name": name, "zone": "UTC", "hours": "24/7", "region": "", "days": {}}


def has(**named: str) -> stories.Change:
    """Let the policy have these calendars beside the desk's own: `_2="North"`."""

    def change(document: dict[str, Any]) -> None:
        document["calendars"][1:] = [calendar(int(key[1:]), name) for key, name in named.items()]

    return change


async def names(desk: Desk) -> dict[int, str]:
    """What the calendars are called in their table; the policy in force says the same."""
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(select(BusinessCalendar.id, BusinessCalendar.name))
        found = {row.id: row.name for row in rows}
        in_force = await policy_versions.in_force(work)
    assert {one.id: one.name for one in in_force.calendars.values()} == found
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
