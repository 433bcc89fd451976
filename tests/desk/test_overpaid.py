"""More than is owed was paid: recorded once somebody looked at it, and given back by another. S0-0.4"""

import asyncio

import pytest
from sqlalchemy import select

from models import Message, Order, RefundRequest
from models.words import PaymentMethod, RefundStatus
from portal.desk import orders, payments, refunds, ways_back
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, FIN, FRED, SAM
from tests.shop import ordered

CASH = PaymentMethod.CASH
TOTAL, PAID, TOO_MUCH = 15_980, 20_000, 4_020


async def overpaid(desk: Desk) -> Order:
    """An order of 159.80 on which 200.00 was paid in cash."""
    order = await ordered(desk)
    async with desk.work(CORA) as work:
        await payments.charge(
            work, await orders.load(work, order.id), method=CASH, amount_minor=PAID, over=True
        )
    return order


async def asked(desk: Desk, order: Order, amount: int) -> RefundRequest:
    async with desk.work(CORA) as work:
        loaded = await orders.load(work, order.id)
        draft = await ways_back.excess_draft(work, loaded, amount, "Paid too much.")
        return await refunds.ask_excess(
            work, loaded, amount_minor=amount, reason="Paid too much.", fingerprint=draft.fingerprint
        )


async def test_an_overpayment_is_recorded_and_the_balance_follows(desk: Desk) -> None:
    """S0-0.4"""
    order = await overpaid(desk)
    async with desk.look(CORA) as work:
        loaded = await orders.load(work, order.id)
        assert (await payments.balance(work, loaded), await refunds.too_much(work, loaded)) == (
            -TOO_MUCH,
            TOO_MUCH,
        )
        receipt = await work.session.scalar(
            select(Message.body_text).where(Message.template == "payment-receipt")
        )
        assert f"balance_minor: {-TOO_MUCH}" in (receipt or "").splitlines()


async def test_unless_somebody_confirms_it_more_than_is_owed_is_refused(desk: Desk) -> None:
    order = await ordered(desk)
    for amount, over, words in (
        (TOTAL + 1, False, "Between 0.01 and 159.80 EUR."),
        (10 * TOTAL + 1, True, "Between 0.01 and 1598.00 EUR."),
        (0, True, "Between 0.01 and 1598.00 EUR."),
    ):
        async with desk.work(CORA) as work:
            with pytest.raises(NotAccepted) as refused:
                await payments.charge(
                    work, await orders.load(work, order.id), method=CASH, amount_minor=amount, over=over
                )
            assert refused.value.fields == {"amount": words}


async def test_what_is_paid_twice_is_recorded_once_it_is_confirmed(desk: Desk) -> None:
    order = await overpaid(desk)
    async with desk.work(CORA) as work:
        loaded = await orders.load(work, order.id)
        with pytest.raises(WrongMoment, match="Nothing is owed"):
            await payments.charge(work, loaded, method=CASH, amount_minor=TOTAL)
        await payments.charge(work, loaded, method=CASH, amount_minor=TOTAL, over=True)
        assert await refunds.too_much(work, loaded) == TOO_MUCH + TOTAL


async def test_what_is_too_much_is_asked_back_once_and_decided_by_another(desk: Desk) -> None:
    """S0-0.4, S4-4.5: also when two ask at once."""
    order = await overpaid(desk)
    results = await asyncio.gather(*(asked(desk, order, TOO_MUCH) for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["NotAccepted", "NotAccepted", "RefundRequest"]
    async with desk.look(CORA) as work:
        assert await refunds.too_much(work, await orders.load(work, order.id)) == 0
        request = (await work.session.scalars(select(RefundRequest))).one()
        assert (request.amount_minor, request.status, request.contact_id) == (
            TOO_MUCH,
            RefundStatus.ASKED,
            None,
        )
    async with desk.work(FIN) as work:
        entry = await refunds.approve(work, await refunds.load(work, request.id))
        assert (entry.amount_minor, entry.method) == (-TOO_MUCH, CASH)
    async with desk.look(SYSTEM) as work:
        assert await payments.balance(work, await orders.load(work, order.id)) == 0


async def test_no_more_than_is_too_much_goes_back_this_way(desk: Desk) -> None:
    order = await overpaid(desk)
    with pytest.raises(NotAccepted) as refused:
        await asked(desk, order, TOO_MUCH + 1)
    assert refused.value.fields == {"amount": "At most what is too much: 40.20 EUR."}
    for who in (FIN, FRED):
        async with desk.work(who) as work:
            with pytest.raises(NotAllowed):
                await refunds.ask_excess(
                    work, await orders.load(work, order.id), amount_minor=1, reason="x", fingerprint=""
                )


async def test_all_that_was_paid_on_a_cancelled_order_is_too_much(desk: Desk) -> None:
    order = await overpaid(desk)
    async with desk.work(SAM) as work:
        await orders.cancel(work, await orders.load(work, order.id), "Not wanted.")
        assert await refunds.too_much(work, await orders.load(work, order.id)) == PAID
