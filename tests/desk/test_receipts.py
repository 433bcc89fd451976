"""Receipts that are sent again. S0-3.5.3"""

import asyncio

import pytest
from sqlalchemy import select

from models import AuditEntry, Customer, Message, Order
from models.words import PaymentMethod
from portal.desk import audit, orders, payments, receipts
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.receipts import MOST_COPIES
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, FIN, FRED
from tests.shop import ordered

NUMBER = "HB-26-000001-9"


async def paid(desk: Desk) -> Order:
    """An order of which 100.00 is paid and 59.80 is owed."""
    order = await ordered(desk)
    async with desk.work(CORA) as work:
        entry = await payments.charge(
            work, await orders.load(work, order.id), method=PaymentMethod.CASH, amount_minor=10_000
        )
        assert entry.receipt_number == NUMBER
    return order


async def again(desk: Desk, order: Order, copies: int, number: str = NUMBER) -> None:
    async with desk.work(CORA) as work:
        await receipts.send_again(work, await orders.load(work, order.id), number, copies=copies)


async def letters(desk: Desk) -> list[tuple[str, str]]:
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(Message.once, Message.to_address)
            .where(Message.template == "receipt-copy")
            .order_by(Message.id)
        )
        return [(once, to) for once, to in rows]


async def test_a_copy_keeps_the_number_and_goes_to_the_address_of_now(desk: Desk) -> None:
    """S0-3.5.3, S2-8.4"""
    order = await paid(desk)
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.email = "ana.new@example.com"
        await audit.record(work, "move Ana", ana)
    await again(desk, order, 0)
    assert await letters(desk) == [(f"receipt-copy/{NUMBER}/1", "ana.new@example.com")]
    async with desk.look(CORA) as work:
        entry = await work.session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
        assert entry is not None
        assert (entry.who, entry.deed, entry.subject_kind) == (
            "Cora",
            "send receipt again",
            "payment_entries",
        )
        body = await work.session.scalar(select(Message.body_text).where(Message.template == "receipt-copy"))
        told = [
            line for line in (body or "").splitlines() if line.startswith(("receipt", "amount", "balance"))
        ]
        assert told == [f"receipt_number: {NUMBER}", "amount_minor: 10000", "balance_minor: 5980"]
        shown = await receipts.of_order(work, await orders.load(work, order.id))
        assert [(one.number, one.copies) for one in shown] == [(NUMBER, 1)]


async def test_two_clicks_send_one_copy(desk: Desk) -> None:
    """S0-3.5.3"""
    order = await paid(desk)
    await asyncio.gather(*(again(desk, order, 0) for _ in range(4)))
    assert [once for once, _ in await letters(desk)] == [f"receipt-copy/{NUMBER}/1"]
    await again(desk, order, 1)
    assert [once for once, _ in await letters(desk)] == [
        f"receipt-copy/{NUMBER}/1",
        f"receipt-copy/{NUMBER}/2",
    ]


async def test_one_receipt_is_not_sent_again_without_end(desk: Desk) -> None:
    order = await paid(desk)
    for copies in range(MOST_COPIES):
        await again(desk, order, copies)
    with pytest.raises(WrongMoment, match="Look why it does not arrive"):
        await again(desk, order, MOST_COPIES)
    assert len(await letters(desk)) == MOST_COPIES


async def test_a_number_of_nothing_or_of_another_order_sends_nothing(desk: Desk) -> None:
    order = await paid(desk)
    other = await ordered(desk)
    for wanted, number in ((other, NUMBER), (order, "HB-26-000009-9"), (order, "")):
        with pytest.raises(NotFound):
            await again(desk, wanted, 0, number)
    async with desk.look(CORA) as work:
        assert await receipts.of_order(work, await orders.load(work, other.id)) == []
    assert await letters(desk) == []


async def test_without_an_address_nothing_is_sent_and_it_is_said(desk: Desk) -> None:
    order = await paid(desk)
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.email = ""
        await audit.record(work, "lose the address", ana)
    with pytest.raises(NotAccepted) as refused:
        await again(desk, order, 0)
    assert refused.value.fields == {"receipt": "There is no e-mail address to send it to."}


async def test_who_records_no_payments_sends_no_receipts(desk: Desk) -> None:
    order = await paid(desk)
    for who in (FIN, FRED):
        async with desk.work(who) as work:
            with pytest.raises(NotAllowed):
                await receipts.send_again(work, await orders.load(work, order.id), NUMBER, copies=0)


async def test_a_copy_of_a_cancelled_order_owes_nothing(desk: Desk) -> None:
    order = await paid(desk)
    async with desk.work(CORA) as work:
        await orders.cancel(work, await orders.load(work, order.id), "Not wanted.")
    await again(desk, order, 0)
    async with desk.look(CORA) as work:
        body = await work.session.scalar(select(Message.body_text).where(Message.template == "receipt-copy"))
        assert "balance_minor: -10000" in (body or "").splitlines()
