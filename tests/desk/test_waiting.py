"""Orders that wait for goods: agreed, promised in turn as goods come in, told once, and never beyond what is there.

S1-4.2.1a
"""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from jobs.serve_waiting import serve_waiting
from models import AuditEntry, FollowUp
from models.words import FollowUpKind, OrderStatus, PreferredChannel
from portal.database import Database
from portal.desk import backlog, customers, orders, queues, stock
from portal.desk.backlog import OrderQueue
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, FRED, Clock
from tests.desk.goods import LATER, amended, cancelled, counted, figures, letters, waiting_for, waits
from tests.house.counting import statements
from tests.shop import ADVICE, CHAIR, LAMP, of_lines, ordered, stocked


async def test_a_short_line_is_placed_only_once_the_customer_agreed_to_wait(desk: Desk) -> None:
    """S1-4.2.1a: what is there is reserved, the rest waits."""
    await stocked(desk)
    async with desk.look(CORA) as work:
        undecided = await orders.check(work, of_lines((CHAIR, 7), (LAMP, 1)))
        decided = await orders.check(work, waiting_for((CHAIR, 7), (LAMP, 1)))
    assert undecided.problems == {"line-1-quantity": "Only 5 left of Chair. Wait, replace it or drop it."}
    assert orders.fingerprint(undecided) == orders.fingerprint(decided)
    assert decided.problems == {}
    assert [(line.quantity, line.waiting, line.waits_until) for line in decided.lines] == [
        (7, 2, None),
        (1, 0, None),
    ]
    order = await ordered(desk, waiting_for((CHAIR, 7), (LAMP, 1)))
    assert (await figures(desk), await figures(desk, LAMP)) == ((5, 5, 2, 0), (1, 1, 0, 0))
    assert (await waits(desk, order.id), order.expected_on) == ([2, 0], None)
    async with desk.look(SYSTEM) as work:
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.deed == "place order"))
        assert entry is not None
        assert entry.changes["products/1"] == {"reserved": [0, 5], "waiting": [0, 2]}


async def test_what_comes_later_is_read_back_and_part_of_what_is_agreed(desk: Desk) -> None:
    """S0-3.1.4, decision 19"""
    await stocked(desk)
    async with desk.look(CORA) as work:
        some = await orders.check(work, waiting_for((CHAIR, 7), until=LATER))
        unknown = await orders.check(work, waiting_for((CHAIR, 7)))
        none = await orders.check(work, waiting_for((CHAIR, 5), until=LATER))
        past = await orders.check(work, waiting_for((CHAIR, 7), until=date(2026, 3, 1)))
    assert orders.read_aloud(some)[:2] == [
        "7 × Chair, piece at 49.90 EUR each: 349.30 EUR.",
        "2 of them come later: they are not in stock, and expected in on Friday, 20 March 2026.",
    ]
    assert orders.read_aloud(unknown)[1] == (
        "2 of them come later: they are not in stock, and we write as soon as everything is in."
    )
    async with desk.look(CORA) as work:
        for lines, words in (
            (
                ((CHAIR, 6),),
                "1 of them comes later: it is not in stock, and we write as soon as everything is in.",
            ),
            (
                ((CHAIR, 5), (CHAIR, 1)),
                "It comes later: it is not in stock, and we write as soon as everything is in.",
            ),
            (
                ((CHAIR, 5), (CHAIR, 2)),
                "All of it comes later: it is not in stock, and we write as soon as everything is in.",
            ),
        ):
            said = orders.read_aloud(await orders.check(work, waiting_for(*lines)))
            assert [one for one in said if "later" in one] == [words]
    assert orders.read_aloud(unknown)[-1] == (
        "Nothing leaves before all of it is there; we name the day then."
    )
    assert not any("later" in words for words in orders.read_aloud(none))
    assert past.problems == {"line-1-until": "This day has passed."}
    assert (unknown.expected_on, some.expected_on is not None and some.expected_on > LATER) == (None, True)
    assert len({orders.fingerprint(one) for one in (some, unknown, past)}) == 3
    async with desk.look(CORA) as work:
        plain = await orders.check(work, of_lines((CHAIR, 5)))
    assert orders.fingerprint(plain) == orders.fingerprint(none)


async def test_fewer_than_were_read_back_are_not_placed(desk: Desk) -> None:
    """Somebody else took one meanwhile: more would wait than the customer agreed to."""
    await stocked(desk)
    draft = waiting_for((CHAIR, 7))
    async with desk.look(CORA) as work:
        agreed = orders.fingerprint(await orders.check(work, draft))
    await ordered(desk, of_lines((CHAIR, 1)))
    with pytest.raises(WrongMoment, match="no longer what was read back"):
        async with desk.work(CORA) as work:
            await orders.place(work, draft, fingerprint=agreed)
    assert await figures(desk) == (5, 1, 0, 4)


async def test_what_comes_in_is_promised_in_turn_and_told_once(desk: Desk, clock: Clock) -> None:
    """S0-3.6.2, S1-3.1b"""
    first = await ordered(desk, waiting_for((LAMP, 3)))
    clock.forward(minutes=1)
    second = await ordered(desk, waiting_for((LAMP, 1)))
    assert await serve_waiting(desk) == 0
    await counted(desk, LAMP, 2)
    assert await figures(desk, LAMP) == (2, 1, 3, 0)  # what came in is nobody else's
    with pytest.raises(NotAccepted):
        await ordered(desk, of_lines((LAMP, 1)))
    assert await serve_waiting(desk) == 1
    assert (await waits(desk, first.id), await waits(desk, second.id)) == ([1], [1])
    assert await letters(desk, "goods-in", "goods-in-notice") == []
    await counted(desk, LAMP, 10)
    assert (await serve_waiting(desk), await serve_waiting(desk)) == (2, 0)
    assert (await waits(desk, first.id), await waits(desk, second.id)) == ([0], [0])
    assert await figures(desk, LAMP) == (10, 4, 0, 6)
    assert await letters(desk, "goods-in", "goods-in-notice") == [
        ("goods-in-notice", first.number, "Cora"),
        ("goods-in", first.number, "Ana Example"),
        ("goods-in-notice", second.number, "Cora"),
        ("goods-in", second.number, "Ana Example"),
    ]
    async with desk.look(CORA) as work:
        assert (await orders.load(work, first.id)).expected_on is not None


async def test_an_order_that_waits_is_neither_offered_nor_handed_over(desk: Desk) -> None:
    """S1-3.3c"""
    order = await ordered(desk, waiting_for((LAMP, 2)))
    ready = await ordered(desk, of_lines((CHAIR, 1)))

    async def listed(queue: OrderQueue) -> list[int]:
        async with desk.look(FRED) as work:
            return [one.id for one in (await queues.orders(work, queue)).rows]

    assert await listed(OrderQueue.TO_PREPARE) == [ready.id]
    assert await listed(OrderQueue.WAITING) == [order.id]
    async with desk.look(FRED) as work:
        assert (await backlog.order_counts(work))[OrderQueue.WAITING] == 1
    with pytest.raises(WrongMoment, match="waits for goods"):
        async with desk.work(CORA) as work:
            await orders.hand_over(work, await orders.load(work, order.id))
    await counted(desk, LAMP, 2)
    await serve_waiting(desk)
    assert (await listed(OrderQueue.TO_PREPARE), await listed(OrderQueue.WAITING)) == (
        [order.id, ready.id],
        [],
    )
    async with desk.work(CORA) as work:
        await orders.hand_over(work, await orders.load(work, order.id))


async def test_whoever_cannot_be_written_to_is_called(desk: Desk) -> None:
    """S0-3.6.1"""
    await stocked(desk)
    async with desk.work(CORA) as work:
        ana = await customers.load(work, ANA)
        await customers.change(work, ana, ana.version, preferred_channel=PreferredChannel.CALL)
    order = await ordered(desk, waiting_for((LAMP, 2)))
    await counted(desk, LAMP, 2)
    assert await serve_waiting(desk) == 1
    async with desk.look(SYSTEM) as work:
        planned = (await work.session.scalars(select(FollowUp).order_by(FollowUp.id.desc()).limit(1))).one()
        assert (planned.kind, planned.owner_id, planned.words) == (
            FollowUpKind.CONFIRMATION_CALL,
            CORA.person_id,
            f"Call Ana Example: everything for {order.number} is there now.",
        )


async def test_cancelling_gives_back_only_what_was_reserved(desk: Desk, clock: Clock) -> None:
    order = await ordered(desk, waiting_for((CHAIR, 7), (ADVICE, 2)))
    clock.forward(minutes=1)
    next_one = await ordered(desk, waiting_for((CHAIR, 3)))
    assert await figures(desk) == (5, 5, 5, 0)
    await cancelled(desk, order.id)
    assert (await figures(desk), await waits(desk, order.id)) == ((5, 0, 3, 2), [0, 0])
    assert await serve_waiting(desk) == 1
    assert (await figures(desk), await waits(desk, next_one.id)) == ((5, 3, 0, 2), [0])


async def test_amending_moves_what_waits_and_keeps_its_place(desk: Desk, clock: Clock) -> None:
    order = await ordered(desk, waiting_for((CHAIR, 7), until=LATER))
    clock.forward(minutes=1)
    behind = await ordered(desk, waiting_for((CHAIR, 1)))
    async with desk.look(CORA) as work:
        draft = orders.draft_of(await orders.load(work, order.id))
    assert draft.waits == ((CHAIR, LATER),)
    await amended(desk, order.id, replace(draft, lines=((CHAIR, 8),)))
    assert (await waits(desk, order.id), await figures(desk)) == ([3], (5, 5, 4, 0))
    await counted(desk, CHAIR, 8)
    await serve_waiting(desk)
    assert (await waits(desk, order.id), await waits(desk, behind.id)) == ([0], [1])
    await amended(desk, order.id, of_lines((CHAIR, 6)))
    assert await figures(desk) == (8, 6, 1, 1)
    await serve_waiting(desk)
    await amended(desk, order.id, of_lines((CHAIR, 7)))
    assert (await waits(desk, behind.id), await figures(desk)) == ([0], (8, 8, 0, 0))


async def test_an_amendment_that_takes_back_the_yes_to_wait_is_refused(desk: Desk) -> None:
    order = await ordered(desk, waiting_for((CHAIR, 7)))
    async with desk.look(CORA) as work:
        loaded = await orders.load(work, order.id)
        checked = await orders.check_amendment(work, loaded, of_lines((CHAIR, 6)))
    assert checked.problems == {"line-1-quantity": "Only 5 left of Chair. Wait, replace it or drop it."}


async def test_goods_that_did_not_come_on_their_day_keep_nobody_from_amending(
    desk: Desk, clock: Clock
) -> None:
    order = await ordered(desk, waiting_for((LAMP, 2), until=LATER))
    assert order.expected_on is not None
    clock.forward(days=30)
    async with desk.look(CORA) as work:
        loaded = await orders.load(work, order.id)
        elsewhere = replace(orders.draft_of(loaded), ship_address="Elsewhere 5\nPotsdam")
        sooner = replace(elsewhere, wanted_on=date(2026, 6, 1))
        kept, unknown = [await orders.check_amendment(work, loaded, one) for one in (elsewhere, sooner)]
    assert (kept.problems, kept.expected_on) == ({}, order.expected_on)
    assert (unknown.problems, unknown.expected_on) == ({}, None)


async def test_what_was_packed_and_waits_for_more_goes_back(desk: Desk) -> None:
    """S1-3.3c, S1-4.7.1"""
    order = await ordered(desk, of_lines((CHAIR, 2)))
    async with desk.work(CORA) as work:
        await orders.hand_over(work, await orders.load(work, order.id))
    await amended(desk, order.id, waiting_for((CHAIR, 9)))
    async with desk.look(CORA) as work:
        now = await orders.load(work, order.id)
        assert (now.status, [line.waiting for line in now.lines]) == (OrderStatus.CONFIRMED, [4])


async def test_an_amendment_read_back_before_goods_came_in_is_read_back_again(desk: Desk) -> None:
    order = await ordered(desk, waiting_for((LAMP, 3)))
    draft = waiting_for((LAMP, 2))
    async with desk.look(CORA) as work:
        checked = await orders.check_amendment(work, await orders.load(work, order.id), draft)
    assert [line.waiting for line in checked.lines] == [1]
    await counted(desk, LAMP, 3)
    await serve_waiting(desk)
    with pytest.raises(WrongMoment, match="no longer what was read back"):
        async with desk.work(CORA) as work:
            await orders.amend(
                work,
                await orders.load(work, order.id),
                draft,
                fingerprint=orders.fingerprint(checked),
                expected_amended=0,
                reason="Two will do.",
            )
    assert (await figures(desk, LAMP), await waits(desk, order.id)) == ((3, 3, 0, 0), [0])


async def test_goods_that_came_in_while_an_amendment_was_looked_at_are_given_back_as_well(desk: Desk) -> None:
    """The lines that were loaded before the order was held are not those it has."""
    order = await ordered(desk, waiting_for((LAMP, 3)))
    async with desk.work(CORA) as work:
        loaded = await orders.load(work, order.id)
        checked = await orders.check_amendment(work, loaded, of_lines((LAMP, 1)))
        await work.session.commit()  # the page was shown
        await counted(desk, LAMP, 3)
        assert await serve_waiting(desk) == 1
        await orders.amend(
            work,
            loaded,
            of_lines((LAMP, 1)),
            fingerprint=orders.fingerprint(checked),
            expected_amended=0,
            reason="One will do.",
        )
    assert (await figures(desk, LAMP), await waits(desk, order.id)) == ((3, 1, 0, 2), [0])


async def test_what_others_wait_longer_for_is_neither_served_nor_promised_anew(
    desk: Desk, clock: Clock
) -> None:
    first = await ordered(desk, waiting_for((LAMP, 2)))
    clock.forward(minutes=1)
    second = await ordered(desk, waiting_for((LAMP, 1)))
    await counted(desk, LAMP, 2)
    with pytest.raises(WrongMoment, match="Lamp: only 0 left"):
        async with desk.work(CORA) as work:
            await stock.reserve(work, {LAMP: 1})
    async with desk.work(SYSTEM) as work:
        assert await orders.come_in(work) == [first.id]
        assert await orders.serve(work, second.id) is False
    async with desk.work(SYSTEM) as work:
        assert await orders.serve(work, first.id) is True
        assert await orders.serve(work, first.id) is False
    assert await figures(desk, LAMP) == (2, 2, 1, 0)


async def test_stock_that_is_counted_no_longer_is_there(desk: Desk) -> None:
    order = await ordered(desk, waiting_for((LAMP, 3)))
    await counted(desk, LAMP, None)
    assert await serve_waiting(desk) == 1
    assert (await waits(desk, order.id), await figures(desk, LAMP)) == ([0], (None, 0, 0, None))


async def test_an_order_in_lines_of_one_product_shares_what_there_is(desk: Desk) -> None:
    order = await ordered(desk, waiting_for((CHAIR, 4), (CHAIR, 3)))
    assert (await waits(desk, order.id), await figures(desk)) == ([0, 2], (5, 5, 2, 0))
    await counted(desk, CHAIR, 6)
    await serve_waiting(desk)
    assert (await waits(desk, order.id), await figures(desk)) == ([0, 1], (6, 6, 1, 0))


async def test_nothing_that_waits_costs_one_statement_and_much_that_waits_no_more(desk: Desk) -> None:
    assert isinstance(desk.database, Database)
    await stocked(desk)
    for _ in range(3):
        await ordered(desk, waiting_for((LAMP, 2)))
    with statements(desk.database) as said:
        assert await serve_waiting(desk) == 0
    assert len(said) == 1
