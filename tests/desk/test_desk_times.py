"""How long departments have for what is no case's: rows of the policy, on a calendar of their own. S1-4.7.1, S1-4.5.2"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from models import HandOver, SpecialRequest
from models.words import OrderStatus
from portal.desk import (
    matrix,
    policy,
    policy_changes,
    policy_drafts,
    policy_merging,
    policy_versions,
    rulebook,
)
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.hours import Target, business
from portal.desk.policy_changes import Change
from portal.desk.work import SYSTEM, Desk
from tests.cast import MARA, berlin
from tests.shop import ADVICE, led_to, of_lines

CALENDARS = [
    {"id": 1, "name": "Desk", "zone": "Europe/Berlin", "hours": "Mo-Fr 09:00-17:00"},
    {"id": 2, "name": "Night", "zone": "Europe/Berlin", "hours": "Mo-Su 20:00-24:00"},
]
BASE: dict[str, Any] = {"targets": [], "levels": [], "calendars": CALENDARS, "default_calendar": 1}
NIGHT = {"key": "receive-order", "counts": "business", "amount": 45, "calendar": 2}


def times(document: dict[str, Any]) -> dict[str, tuple[Target, int | None]]:
    return {key: (one.target, one.calendar) for key, one in matrix.read(document).times.items()}


def test_what_a_document_leaves_out_is_as_it_ships() -> None:
    shipped = {key: (target, None) for key, (_, target, _) in policy.TIMES.items()}
    assert times(BASE) == shipped
    assert times({**BASE, "times": [NIGHT]}) == {**shipped, "receive-order": (business(minutes=45), 2)}


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        ({**NIGHT, "key": "resolve"}, {"times.0.key": "Choose one of the list."}),
        ({**NIGHT, "calendar": 3}, {"times.0.calendar": "Choose one of the calendars."}),
        ({**NIGHT, "amount": -1}, {"times.0.amount": "Between 0 and a year."}),
        ({**NIGHT, "counts": "moons"}, {"times.0.counts": "Choose one of the list."}),
        ("45 minutes", {"times.0.key": "Choose one of the list."}),
    ],
)
def test_what_cannot_be_counted_is_refused(row: object, refused: dict[str, str]) -> None:
    with pytest.raises(NotAccepted) as found:
        matrix.read({**BASE, "times": [row]})
    assert dict(found.value.fields) == refused


def test_drafts_that_change_times_are_told_apart_and_put_together() -> None:
    mine = {**BASE, "times": [NIGHT]}
    assert policy_changes.differences(BASE, mine) == [
        Change(
            "times",
            "changed",
            "Tick a new or changed order",
            "30 business minutes",
            "45 business minutes, on Night",
        )
    ]
    theirs = {
        **BASE,
        "levels": [{"key": "up", "level": 1, "to_role": "manager", "counts": "elapsed", "amount": 60}],
    }
    document, both = policy_merging.merged(BASE, mine, theirs, 2)
    assert (times(document)["receive-order"], both) == ((business(minutes=45), 2), [])
    without = {**BASE, "calendars": CALENDARS[:1]}
    document, both = policy_merging.merged(BASE, mine, without, 2)
    assert (times(document)["receive-order"][1], both) == (
        2,
        ["calendar Night (back again: cases run on it)"],
    )


async def test_departments_have_the_time_that_the_policy_in_force_gives(desk: Desk) -> None:
    """S1-4.7.1, S1-4.5.2: as before until a manager says otherwise; what was told already keeps its time."""
    plain = of_lines((ADVICE, 1))
    order = replace(plain, requests=("Blue cushions",))

    async def asked() -> tuple[datetime | None, datetime | None]:
        await led_to(desk, OrderStatus.CONFIRMED, order)
        await led_to(desk, OrderStatus.HANDED_OVER, plain)
        async with desk.look(SYSTEM) as work:
            decide = select(SpecialRequest.due_at).order_by(SpecialRequest.id.desc()).limit(1)
            tick = select(HandOver.due_at).order_by(HandOver.id.desc()).limit(1)
            return await work.session.scalar(decide), await work.session.scalar(tick)

    async with desk.work(SYSTEM) as work:
        await rulebook.ensure_defaults(work)
    assert await asked() == (berlin("2026-03-02 14:00"), berlin("2026-03-02 10:30"))
    async with desk.work(MARA) as work:
        version = await rulebook.draft(work)
        told = {"name": "Night", "zone": "Europe/Berlin", "hours": "Mo-Su 20:00-24:00", "region": ""}
        night = await policy_drafts.put_calendar(work, version, version.version, told)
        when = {"counts": "business", "amount": 45, "calendar": night}
        await policy_drafts.put_time(work, version, version.version, "receive-order", when)
        await policy_drafts.put_time(
            work, version, version.version, "decide-request", {"counts": "elapsed", "amount": 90}
        )
        with pytest.raises(NotFound):
            await policy_drafts.put_time(work, version, version.version, "resolve", when)
        with pytest.raises(NotAccepted) as refused:
            await policy_drafts.put_time(
                work, version, version.version, "late-request", {**when, "calendar": 99}
            )
        assert dict(refused.value.fields) == {"calendar": "Choose one of the calendars."}
        with pytest.raises(NotAccepted, match="Tick a new or changed order"):
            await policy_drafts.remove_calendar(work, version, version.version, night)
        await rulebook.publish(work, version, "The night shift ticks.")
    assert await asked() == (berlin("2026-03-02 11:30"), berlin("2026-03-02 20:45"))
    async with desk.look(MARA) as work:
        changed = policy_versions.edited(await policy_versions.in_force(work))
    assert [(one.name, one.value) for one in changed] == [
        ("tick a new or changed order", "45 business minutes"),
        ("decide on a special request", "90 minutes"),
    ]
    async with desk.work(MARA) as work:
        version = await rulebook.draft(work)
        shipped = {"counts": "elapsed", "amount": 90, "calendar": None}
        await policy_drafts.put_time(work, version, version.version, "decide-request", shipped)
        usual = {"counts": "business", "amount": 240, "calendar": None}
        await policy_drafts.put_time(work, version, version.version, "decide-request", usual)
        assert [one["key"] for one in version.document["times"]] == ["receive-order"]
