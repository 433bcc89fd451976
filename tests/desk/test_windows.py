"""The hours between which an order is wanted on its day. S1-4.1.2d"""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import select

from models import AuditEntry, Message
from models.words import DeliveryMethod
from portal.desk import orders
from portal.desk.orders import windows
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA
from tests.shop import DRAFT, ordered, stocked

THURSDAY = date(2026, 3, 12)
MORNING = replace(DRAFT, wanted_on=THURSDAY, wanted_from=time(9), wanted_until=time(12, 30))
PICKUP = {"delivery_method": DeliveryMethod.PICKUP, "ship_address": ""}
CLOSED = {"wanted_on": "We are closed on this day, so nothing can be picked up."}
OPEN = {"wanted_from": "We are open 09:00 to 17:00 on this day."}


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, {}),
        ({"wanted_from": time(6), "wanted_until": time(23, 59)}, {}),  # a carrier comes when we are closed
        ({"wanted_from": None}, {"wanted_from": "Say from when, or leave both hours empty."}),
        ({"wanted_until": None}, {"wanted_until": "Say until when, or leave both hours empty."}),
        ({"wanted_on": None}, {"wanted_on": "Choose the day that the hours are of."}),
        ({"wanted_until": time(9)}, {"wanted_until": "This is not after the hour before it."}),
        ({"wanted_from": time(13)}, {"wanted_until": "This is not after the hour before it."}),
        ({"wanted_on": date(9999, 12, 31)}, {"wanted_on": "Look at the year."}),
        (PICKUP, {}),
        ({**PICKUP, "wanted_until": time(17)}, {}),
        ({**PICKUP, "wanted_until": time(17, 1)}, OPEN),
        ({**PICKUP, "wanted_from": time(8, 59)}, OPEN),
        ({**PICKUP, "wanted_on": date(2026, 3, 14)}, CLOSED),
        ({**PICKUP, "wanted_on": date(9999, 12, 31)}, {"wanted_on": "Look at the year."}),
    ],
)
async def test_hours_are_of_a_day_in_their_order_and_of_a_pick_up_while_we_are_open(
    desk: Desk, changes: dict[str, Any], problems: dict[str, str]
) -> None:
    """S1-4.1.2d"""
    await stocked(desk)
    async with desk.look(CORA) as work:
        assert (await orders.check(work, replace(MORNING, **changes))).problems == problems


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("09:00", time(9)), (" 9:30 ", time(9, 30)), ("09:00:00", time(9)), ("٠٩:٣٠", time(9, 30)),
        ("24:00", None), ("9", None), ("0900", None), ("9:0", None), ("09:00+01:00", None), ("", None), ("x", None),
    ],
)  # fmt: skip
def test_a_time_of_day_as_it_is_typed(typed: str, meant: time | None) -> None:
    assert windows.time_of(typed) == meant
    wrong = {} if meant or not typed else {"wanted_from": "Enter a time such as 09:00."}
    assert windows.mistyped({"wanted_from": typed}) == wrong


async def test_they_are_read_back_agreed_and_stand_in_the_letter(desk: Desk) -> None:
    """S0-3.1.4, S1-4.1.2d, S1-4.4.1a"""
    await stocked(desk)
    async with desk.look(CORA) as work:
        found = [await orders.check(work, one) for one in (MORNING, replace(MORNING, wanted_until=time(12)))]
        assert "Wanted on Thursday, 12 March 2026, between 09:00 and 12:30." in orders.read_aloud(found[0])
        assert orders.fingerprint(found[0]) != orders.fingerprint(found[1])
    placed = await ordered(desk, MORNING)
    async with desk.look(SYSTEM) as work:
        order = await orders.load(work, placed.id)
        assert (order.wanted_from, order.wanted_until, order.wanted_hours) == (
            time(9),
            time(12, 30),
            "09:00–12:30",
        )
        told = (await work.session.scalars(select(Message.body_text))).one()
        assert [line for line in told.splitlines() if line.startswith("wanted")] == [
            "wanted_on: 2026-03-12",
            "wanted_hours: 09:00–12:30",
        ]
        entry = select(AuditEntry.changes).where(AuditEntry.deed == "place order")
        changed = (await work.session.scalars(entry)).one()
        assert changed[f"orders/{placed.id}"]["wanted_from"] == [None, "09:00:00"]


async def test_an_amendment_keeps_moves_and_drops_them(desk: Desk) -> None:
    """S1-4.6.2a"""
    placed = await ordered(desk, MORNING)
    steps: tuple[tuple[dict[str, Any], str], ...] = (
        ({"wanted_from": time(10)}, "Between: 10:00–12:30, before 09:00–12:30."),
        ({"wanted_from": None, "wanted_until": None}, "Between: none, before 10:00–12:30."),
    )
    for place, (changes, words) in enumerate(steps):
        async with desk.work(CORA) as work:
            order = await orders.load(work, placed.id)
            draft = replace(orders.draft_of(order), **changes)
            checked = await orders.check_amendment(work, order, draft)
            made = await orders.amend(
                work,
                order,
                draft,
                fingerprint=orders.fingerprint(checked),
                expected_amended=place,
                reason="Asked.",
            )
            assert [one.words for one in orders.changes_between(made.before, made.after)] == [words]


async def test_versions_of_before_hold_no_hours(desk: Desk) -> None:
    placed = await ordered(desk, MORNING)
    async with desk.look(CORA) as work:
        now = orders.content_of(await orders.load(work, placed.id))
        before = {name: value for name, value in now.items() if name != "wanted_hours"}
        assert [one.words for one in orders.changes_between(before, now)] == [
            "Between: 09:00–12:30, before none."
        ]
        assert orders.changes_between(before, before) == []
