"""How the orders of a month went: time in each state, what they lack, their taking. S1-0.2, S1-6.1a, S1-1.1, S1-1.2"""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from models import Contact, Order
from models.words import Channel, DeliveryMethod
from portal import importing
from portal.desk import audit, intake, order_figures, orders
from portal.desk.errors import NotAllowed
from portal.desk.imports import COLUMNS
from portal.desk.order_figures import Lack, State
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, FRED, SAM, Clock
from tests.shop import ADVICE, CHAIR, DRAFT, of_lines, ordered
from tests.visits import Visitor

SINCE, UNTIL = date(2026, 3, 1), date(2026, 3, 31)
HOUR = timedelta(hours=1)


async def went(desk: Desk, clock: Clock, hours: int, *, picked_up: bool = False) -> int:
    """An order that stays so many hours in its first state, twice as many in the next, and so on."""
    method = DeliveryMethod.PICKUP if picked_up else DeliveryMethod.DELIVERY
    order_id = (await ordered(desk, replace(of_lines((ADVICE, 1)), delivery_method=method))).id
    steps = (
        ["hand over", "prepare", "deliver"] if picked_up else ["hand over", "prepare", "dispatch", "deliver"]
    )
    for number, step in enumerate(steps, 1):
        clock.forward(hours=hours * number)
        async with desk.work(CORA if step == "hand over" else FRED) as work:
            order = await orders.load(work, order_id)
            match step:
                case "hand over":
                    await orders.hand_over(work, order)
                case "prepare":
                    await orders.prepare(work, order)
                case "dispatch":
                    await orders.dispatch(work, order, carrier="Bicycle", tracking="T")
                case _:
                    await orders.deliver(work, order)
    return order_id


async def told(desk: Desk) -> list[tuple[State, int, timedelta | None, timedelta | None, int]]:
    async with desk.look(SAM) as work:
        found = await order_figures.in_states(work, SINCE, UNTIL)
        return [(one.state, one.left, one.median, one.slow, one.still) for one in found]


async def test_the_bottleneck_is_told_from_the_times_that_went_by(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    assert await told(desk) == [(one, 0, None, None, 0) for one in State]
    for hours in (1, 2, 3):
        await went(desk, clock, hours)
    await went(desk, clock, 4, picked_up=True)
    await ordered(desk, of_lines((CHAIR, 1)))
    clock.forward(days=30)  # the next month: none of it
    await ordered(desk, of_lines((CHAIR, 1)))
    assert await told(desk) == [
        (State.HELD, 0, None, None, 0),
        (State.CONFIRMED, 4, 2 * HOUR, 4 * HOUR, 1),
        (State.HANDED_OVER, 4, 4 * HOUR, 8 * HOUR, 0),
        (State.PREPARED, 4, 6 * HOUR, 12 * HOUR, 0),
        (State.ON_THE_WAY, 3, 8 * HOUR, 12 * HOUR, 0),
    ]
    sam = await visitor(SAM)
    page = (await sam.get("/orders/figures?month=2026-03")).text
    rows = re.findall(r'<th scope="row" data-label="State">(.*?)</tr>', page, re.DOTALL)
    plain = [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in rows]
    assert plain == [
        "Somebody has to agree 0 – – 0",
        "Confirmed, not handed over 4 2 h 4 h 1",
        "With fulfilment, to prepare 4 4 h 8 h 0",
        "Prepared, to dispatch or hand out 4 6 h 12 h 0",
        "On the way takes longest 3 8 h 12 h 0",
    ]
    assert page.count("<rect") == 8
    assert ((await (await visitor(CORA)).get("/orders/figures")).status_code) == 403
    assert (await sam.get("/orders/figures?month=never&before=x")).status_code == 200


async def test_orders_that_lack_a_step_of_their_taking_are_listed(
    desk: Desk, clock: Clock, tmp_path: Path, visitor: Visitor
) -> None:
    """S1-1.1: one that was brought in without a confirmation is listed."""
    placed = [(await ordered(desk, of_lines((ADVICE, one)))).id for one in (1, 2)]
    async with desk.work(CORA) as work:
        begun = await intake.begin(work, Channel.PHONE)
    clock.forward(minutes=7)
    async with desk.work(SYSTEM) as work:
        first = {"closed_at": work.now, "status": "closed", "outcome": "order_placed", "verified_strength": 1}
        options = {"audited": True}
        await work.session.execute(update(Contact).values(**first), execution_options=options)
        whole = update(Order).where(Order.id == placed[0]).values(contact_id=1)
        await work.session.execute(whole, execution_options=options)
        await audit.record(work, "end the contact")
        assert begun == 1
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([",".join(COLUMNS["orders"]), "1,W-1,,2026-03-02,,,,open,,,,,,,,,", ""]))
    path.with_name("order_line.csv").write_text(",".join(COLUMNS["lines"]))
    await importing.run(desk, "orders", path, source="shop")
    async with desk.look(SAM) as work:
        found = await order_figures.lacking(work, SINCE, UNTIL)
        assert [(one.order.source, one.order.id, one.lacks) for one in found.rows] == [
            (None, placed[1], (Lack.RECEIVED, Lack.VERIFIED)),
            ("shop", placed[1] + 1, tuple(Lack)),
        ]
        page = await order_figures.lacking(work, SINCE, UNTIL, limit=1)
        rest = await order_figures.lacking(work, SINCE, UNTIL, before=page.older, limit=1)
        assert ([one.order.id for one in rest.rows], rest.older) == ([placed[1] + 1], "")
    shown = (await (await visitor(SAM)).get("/orders/figures?month=2026-03")).text
    assert ("not confirmed" in shown, "brought in from shop" in shown) == (True, True)


async def test_handling_time_and_corrections_match_what_was_done(desk: Desk, clock: Clock) -> None:
    """S1-1.2"""
    for minutes in (4, 10, 6):  # the last one is amended
        order = await ordered(desk, of_lines((ADVICE, 2)))
        async with desk.work(CORA) as work:
            contact_id = (await work.session.get_one(Contact, await intake.begin(work, Channel.PHONE))).id
        clock.forward(minutes=minutes)
        async with desk.work(SYSTEM) as work:
            options = {"audited": True}
            ended = {"closed_at": work.now, "status": "closed", "outcome": "order_placed"}
            await work.session.execute(
                update(Contact).where(Contact.id == contact_id).values(**ended), execution_options=options
            )
            of_it = update(Order).where(Order.id == order.id).values(contact_id=contact_id)
            await work.session.execute(of_it, execution_options=options)
            await audit.record(work, "end the contact")
    async with desk.work(CORA) as work:
        last = await orders.load(work, 3)
        draft = replace(orders.draft_of(last), lines=((ADVICE, 1),))
        agreed = orders.fingerprint(await orders.check_amendment(work, last, draft))
        await orders.amend(work, last, draft, fingerprint=agreed, expected_amended=0, reason="One will do.")
    await ordered(desk, replace(DRAFT, channel=Channel.CHAT))
    async with desk.look(SAM) as work:
        found = await order_figures.taking(work, SINCE, UNTIL)
        assert [
            (one.channel, one.orders, one.median, one.slow, one.corrected, one.share) for one in found
        ] == [
            (Channel.PHONE, 3, timedelta(minutes=6), timedelta(minutes=10), 1, 33),
            (Channel.CHAT, 1, None, None, 0, 0),
        ]
    for read in (order_figures.taking, order_figures.in_states, order_figures.lacking):
        with pytest.raises(NotAllowed):
            async with desk.look(CORA) as work:
                await read(work, SINCE, UNTIL)
