"""Paying for an order. S0-3.5"""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from models import Message, Order, PaymentEntry
from models.words import Channel, OrderStatus, PaymentMethod
from portal.desk import audit, orders, payments
from portal.desk.cards import REFUSAL
from portal.desk.errors import DeskError, NotAccepted, NotAllowed, WrongMoment
from portal.desk.money import in_words, read_amount
from portal.desk.work import Desk
from tests.cast import CORA, FIN, FRED, SAM
from tests.desk.test_cards import NINE_SPELLINGS
from tests.shop import CHAIR, led_to, of_lines, ordered

CASH, TERMINAL, TRANSFER = PaymentMethod.CASH, PaymentMethod.TERMINAL, PaymentMethod.TRANSFER


async def test_each_payment_has_its_receipt_and_lessens_what_is_owed(desk: Desk) -> None:
    """S0-0.4, S0-3.5.3, S4-4.3, S2-8.4"""
    placed = await ordered(desk)
    async with desk.work(CORA) as work:
        order = await orders.load(work, placed.id)
        assert await payments.balance(work, order) == 15980
        first = await payments.charge(work, order, method=CASH, amount_minor=5000, note="In coins.")
        assert await payments.balance(work, order) == 10980
        second = await payments.charge(
            work, order, method=TERMINAL, amount_minor=10980, reference=" slip 0047 "
        )
        assert (first.receipt_number, second.receipt_number) == ("HB-26-000001-9", "HB-26-000002-4")
        with pytest.raises(WrongMoment, match="Nothing is owed"):
            await payments.charge(work, order, method=CASH, amount_minor=1)
    async with desk.look(FIN) as work:
        order = await orders.load(work, placed.id)
        entries = await payments.entries(work, order)
        assert [
            (one.amount_minor, one.method, one.reference, one.taken_by and one.taken_by.name)
            for one in entries
        ] == [
            (5000, CASH, "", "Cora"),
            (10980, TERMINAL, "slip 0047", "Cora"),
        ]
        assert await payments.balance(work, order) == 0
        receipts = await work.session.execute(
            select(Message.once, Message.to_address, Message.reference)
            .where(Message.template == "payment-receipt")
            .order_by(Message.id)
        )
        assert list(receipts) == [
            ("payment-receipt/HB-26-000001-9", "ana@example.com", placed.number),
            ("payment-receipt/HB-26-000002-4", "ana@example.com", placed.number),
        ]


@pytest.mark.parametrize("amount", [0, -1, 15981, 10**15])
async def test_an_amount_is_more_than_nothing_and_at_most_what_is_owed(desk: Desk, amount: int) -> None:
    placed = await ordered(desk)
    async with desk.work(CORA) as work:
        with pytest.raises(NotAccepted) as refused:
            await payments.charge(work, await orders.load(work, placed.id), method=CASH, amount_minor=amount)
    assert refused.value.fields == {"amount": "Between 0.01 and 159.80 EUR."}


@pytest.mark.parametrize("method", [TERMINAL, TRANSFER])
async def test_what_is_found_elsewhere_needs_its_reference(desk: Desk, method: PaymentMethod) -> None:
    """S0-3.5.1b"""
    placed = await ordered(desk)
    async with desk.work(CORA) as work:
        with pytest.raises(NotAccepted) as refused:
            await payments.charge(work, await orders.load(work, placed.id), method=method, amount_minor=1)
    assert refused.value.fields == {"reference": "Enter the reference of the slip or the statement."}


async def test_a_card_number_is_refused_in_every_spelling(desk: Desk) -> None:
    placed = await ordered(desk)
    async with desk.work(CORA) as work:
        order = await orders.load(work, placed.id)
        for spelling in NINE_SPELLINGS:
            for field in ("reference", "note"):
                told: dict[str, Any] = {"reference": "slip 1", field: f"paid with {spelling}"}
                with pytest.raises(NotAccepted) as refused:
                    await payments.charge(work, order, method=TERMINAL, amount_minor=1, **told)
                assert refused.value.fields == {field: REFUSAL}
    async with desk.look(FIN) as work:
        assert list(await work.session.scalars(select(PaymentEntry))) == []


async def test_a_cancelled_order_is_not_paid(desk: Desk) -> None:
    placed = await ordered(desk)
    async with desk.work(CORA) as work:
        order = await orders.load(work, placed.id)
        await orders.cancel(work, order, "Ordered twice.")
        with pytest.raises(WrongMoment, match="not confirmed"):
            await payments.charge(work, order, method=CASH, amount_minor=1)
        draft = Order(number="HR-26-000009-9", channel=Channel.PHONE, placed_at=work.now)
        work.session.add(draft)
        await audit.record(work, "begin", draft)
        with pytest.raises(WrongMoment, match="not confirmed"):
            await payments.charge(work, draft, method=CASH, amount_minor=1)


async def test_two_who_take_the_same_payment_take_it_once(desk: Desk) -> None:
    """S0-3.5.3"""
    number = await led_to(desk, OrderStatus.CONFIRMED, of_lines((CHAIR, 1)))

    async def take() -> object:
        try:
            async with desk.work(CORA) as work:
                order = await orders.load(work, number)
                return (await payments.charge(work, order, method=CASH, amount_minor=4990)).receipt_number
        except DeskError as refused:
            return type(refused)

    assert sorted(map(str, await asyncio.gather(take(), take()))) == sorted(
        ["HB-26-000001-9", str(WrongMoment)]
    )
    async with desk.look(SAM) as work:
        assert list(await work.session.scalars(select(PaymentEntry.amount_minor))) == [4990]


async def test_finance_looks_and_records_nothing(desk: Desk) -> None:
    placed = await ordered(desk)
    for actor in (FIN, FRED):
        async with desk.work(actor) as work:
            with pytest.raises(NotAllowed):
                await payments.charge(work, await orders.load(work, placed.id), method=CASH, amount_minor=1)
    async with desk.look(CORA) as work:
        with pytest.raises(NotAllowed):
            await payments.entries(work, placed)


def test_money_is_said_and_read_in_the_places_of_its_currency() -> None:
    assert [in_words(123450, "EUR"), in_words(5, "EUR"), in_words(1234, "JPY"), in_words(-1001, "KWD")] == [
        "1234.50 EUR",
        "0.05 EUR",
        "1234 JPY",
        "-1.001 KWD",
    ]
    typed = ["12", "12.5", "12,50", " 12.50 EUR", "0.01", "12.345", "-3", "", "1.234,50", "١٢"]
    assert [read_amount(text, "EUR") for text in typed] == [
        1200,
        1250,
        1250,
        1250,
        1,
        None,
        None,
        None,
        None,
        1200,
    ]
    assert [read_amount("12", "JPY"), read_amount("12.5", "JPY")] == [12, None]
