"""From a draft to a confirmed order. S0-3.1, S1-4.1 to S1-4.4"""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models import AuditEntry, Customer, FollowUp, Message, Order, OrderLine, Product, SpecialRequest
from models.words import Channel, DeliveryMethod, FollowUpKind, FollowUpStatus, OrderStatus, PreferredChannel
from portal.desk import customers, followups, orders, products
from portal.desk.cards import REFUSAL
from portal.desk.customers import CustomerDetails
from portal.desk.errors import DeskError, NotAccepted, NotAllowed, WrongMoment
from portal.desk.orders import CheckedLine, OrderDraft
from portal.desk.work import Desk
from tests.cast import ANA, CEM, CORA, FIN, MARA, berlin
from tests.shop import ADVICE, CHAIR, DRAFT, LAMP, of_lines, ordered, stocked


async def checked(desk: Desk, draft: OrderDraft) -> orders.CheckedDraft:
    await stocked(desk)
    async with desk.look(CORA) as work:
        return await orders.check(work, draft)


async def test_a_draft_is_checked_with_fresh_prices(desk: Desk) -> None:
    found = await checked(desk, DRAFT)
    assert found.lines == (
        CheckedLine(CHAIR, "CH-1", "Chair", "piece", 2, 4990, 5, list_price_minor=4990),
        CheckedLine(ADVICE, "AD-1", "Advice", "hour", 1, 6000, None, list_price_minor=6000),
    )
    assert (found.problems, found.total_minor, found.currency) == ({}, 15980, "EUR")
    assert found.expected_on == date(2026, 3, 5)  # ordered on Monday, sent on Tuesday, two days on the way


async def test_it_is_read_back_in_words(desk: Desk) -> None:
    draft = replace(DRAFT, wanted_on=date(2026, 3, 12), requests=("Blue cushions", " "))
    assert orders.read_aloud(await checked(desk, draft)) == [
        "2 × Chair, piece at 49.90 EUR each: 99.80 EUR.",
        "1 × Advice, hour: 60.00 EUR.",
        "In total 159.80 EUR.",
        "Delivered to Ana Example, Example Street 1, 10115 Berlin.",
        "Wanted by Thursday, 12 March 2026.",
        "Special request: Blue cushions",
        "Note: Ring twice.",
        "Expected on Thursday, 12 March 2026.",
    ]
    pickup = OrderDraft(customer_id=ANA, lines=((LAMP, 1),), delivery_method=DeliveryMethod.PICKUP)
    assert orders.read_aloud(await checked(desk, pickup)) == [
        "1 × Lamp, piece: 20.00 EUR.",
        "In total 20.00 EUR.",
        "Ana Example picks it up.",
        "Ready on Tuesday, 3 March 2026.",
    ]


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"customer_id": None}, {"customer": "Find or create the customer first."}),
        ({"lines": ()}, {"lines": "Add at least one product."}),
        ({"lines": ((99, 1),)}, {"line-1-product": "This product is not on sale."}),
        ({"lines": ((CHAIR, 1), (LAMP, 0))}, {"line-2-quantity": "A whole number from 1 to 1,000,000."}),
        ({"lines": ((CHAIR, 6),)}, {"line-1-quantity": "Only 5 left of Chair. Wait, replace it or drop it."}),
        (
            {"lines": ((CHAIR, 3), (CHAIR, 3))},
            {"line-2-quantity": "Only 5 left of Chair. Wait, replace it or drop it."},
        ),
        ({"delivery_method": None}, {"delivery_method": "Choose delivery or pick-up."}),
        ({"ship_address": "\n "}, {"ship_address": "Enter where it is to be delivered."}),
        ({"wanted_on": date(2026, 3, 1)}, {"wanted_on": "This day has passed."}),
        ({"wanted_on": date(2026, 3, 2)}, {}),
        ({"note": "4111-1111-1111-1111"}, {"note": REFUSAL}),
        ({"requests": ("Blue", "4111 1111 1111 1111")}, {"request-2": REFUSAL}),
        (
            {"channel": Channel.SOCIAL},
            {"channel": "Orders are not taken this way. Ask the customer to call or write."},
        ),
        ({"delivery_method": DeliveryMethod.PICKUP, "ship_address": ""}, {}),
    ],
)
async def test_every_problem_is_named_by_its_field(
    desk: Desk, changes: dict[str, Any], problems: dict[str, str]
) -> None:
    """S0-0.1, S0-3.1.2b, S0-3.1.2c, S1-4.1.2c, S1-4.3.1"""
    assert (await checked(desk, replace(DRAFT, **changes))).problems == problems


async def test_what_is_off_sale_or_in_another_currency_is_named(desk: Desk) -> None:
    await stocked(desk)
    async with desk.work(MARA) as work:
        lamp, chair = await products.load(work, LAMP), await products.load(work, CHAIR)
        await products.change(work, lamp, 1, active=False)
        await products.change(work, chair, 1, currency="GBP")
    assert (await checked(desk, of_lines((LAMP, 1), (CHAIR, 1), (ADVICE, 1)))).problems == {
        "line-1-product": "Lamp is not on sale.",
        "lines": "One order is in one currency; these are in EUR, GBP.",
    }


async def test_any_change_is_another_fingerprint(desk: Desk) -> None:
    others: list[dict[str, Any]] = [
        {},
        {"lines": ((CHAIR, 3), (ADVICE, 1))},
        {"lines": ((ADVICE, 1), (CHAIR, 2))},
        {"delivery_method": DeliveryMethod.PICKUP},
        {"ship_name": "Bea Example"},
        {"ship_address": "Example Street 2\n10115 Berlin"},
        {"wanted_on": date(2026, 3, 12)},
        {"note": "Ring once."},
        {"requests": ("Blue",)},
        {"customer_id": None},
    ]
    drafts = [await checked(desk, replace(DRAFT, **other)) for other in others]
    assert len({orders.fingerprint(draft) for draft in drafts}) == len(others)
    again = await checked(desk, replace(DRAFT, requests=("", " ")))
    assert orders.fingerprint(again) == orders.fingerprint(drafts[0])


async def test_a_placed_order_holds_what_was_agreed(desk: Desk) -> None:
    """S0-3.1.3, S1-4.4.1a, S1-4.4.1b"""
    placed = await ordered(desk, replace(DRAFT, requests=("Blue cushions",)))
    async with desk.look(CORA) as work:
        order = await orders.load(work, placed.id)
        assert (order.number, order.status, order.total_minor, order.currency) == (
            "HR-26-000001-9",
            OrderStatus.CONFIRMED,
            15980,
            "EUR",
        )
        assert order.customer is not None
        assert order.taken_by is not None
        assert (order.customer.name, order.taken_by.name, order.ship_address) == (
            "Ana Example",
            "Cora",
            DRAFT.ship_address,
        )
        assert [
            (line.line_no, line.sku, line.quantity, line.unit_price_minor, line.total_minor)
            for line in order.lines
        ] == [(1, "CH-1", 2, 4990, 9980), (2, "AD-1", 1, 6000, 6000)]
        assert [(request.wish, request.status.value) for request in order.requests] == [
            ("Blue cushions", "new")
        ]
        chair, advice = await products.load(work, CHAIR), await products.load(work, ADVICE)
        assert (chair.reserved, chair.available, advice.reserved) == (2, 3, 0)
        message = (await work.session.scalars(select(Message).where(Message.customer_id.is_not(None)))).one()
        assert (message.template, message.to_address, message.reference, message.order_id) == (
            "order-confirmation",
            "ana@example.com",
            order.number,
            order.id,
        )
        for told in ("15980", "Blue cushions", "2026-03-05", "Chair"):
            assert told in message.body_text
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.deed == "place order"))
        assert entry is not None
        assert (entry.who, entry.changes["products/1"]) == ("Cora", {"reserved": [0, 2]})


async def test_an_order_is_placed_only_as_it_was_read_back(desk: Desk) -> None:
    agreed = orders.fingerprint(await checked(desk, DRAFT))
    async with desk.work(CORA) as work:
        for other in (of_lines((CHAIR, 3), (ADVICE, 1)), replace(DRAFT, note="Ring once.")):
            with pytest.raises(WrongMoment):
                await orders.place(work, other, fingerprint=agreed)
        with pytest.raises(WrongMoment):
            await orders.place(work, DRAFT, fingerprint="")
    async with desk.work(MARA) as work:
        await products.change(work, await products.load(work, CHAIR), 1, price_minor=4991)
    async with desk.work(CORA) as work:
        with pytest.raises(WrongMoment):
            await orders.place(work, DRAFT, fingerprint=agreed)
    async with desk.look(CORA) as work:
        assert list(await work.session.scalars(select(Order))) == []
        assert (await products.load(work, CHAIR)).reserved == 0


async def test_a_later_price_leaves_the_order_as_it_was(desk: Desk) -> None:
    """S1-4.2.1b"""
    placed = await ordered(desk)
    async with desk.work(MARA) as work:
        chair = await products.load(work, CHAIR)
        await products.change(work, chair, chair.version, price_minor=9990, name="Throne")
    async with desk.look(CORA) as work:
        lines = (await orders.load(work, placed.id)).lines
        assert [(line.description, line.unit_price_minor) for line in lines] == [
            ("Chair", 4990),
            ("Advice", 6000),
        ]


async def test_the_last_unit_goes_to_one_of_two(desk: Desk) -> None:
    """S1-3.2b, S1-4.2.1a"""
    draft = of_lines((LAMP, 1), (CHAIR, 1))
    agreed = orders.fingerprint(await checked(desk, draft))
    together = asyncio.Event()

    async def take() -> str:
        async with desk.work(CORA) as work:
            seen = await orders.check(work, draft)
            assert seen.complete
            if work.session.get_bind().dialect.name == "postgresql":
                waiting.append(work)
                if len(waiting) == 2:
                    together.set()
                await together.wait()
            return (await orders.place(work, draft, fingerprint=agreed)).number

    waiting: list[object] = []
    async with desk.look(CORA) as work:
        alone = work.session.get_bind().dialect.name == "sqlite"
    if alone:  # one writer at a time: the second only gets to look when the first is done
        first = await take()
        async with desk.work(CORA) as work:
            with pytest.raises(NotAccepted):
                await orders.place(work, draft, fingerprint=agreed)
        ended: list[object] = [first]
    else:
        ended = list(await asyncio.gather(take(), take(), return_exceptions=True))
        refused = [one for one in ended if isinstance(one, DeskError)]
        assert len(refused) == 1
    async with desk.look(CORA) as work:
        assert [one for one in ended if isinstance(one, str)] == list(
            await work.session.scalars(select(Order.number))
        )
        rows = await work.session.execute(select(Product.id, Product.reserved).order_by(Product.id))
        assert list(rows) == [(CHAIR, 1), (LAMP, 1), (ADVICE, 0)]


async def test_a_customer_who_prefers_a_call_is_called(desk: Desk) -> None:
    """S0-3.6.1, S1-4.4.1d"""
    async with desk.work(CORA) as work:
        ana = await customers.load(work, ANA)
        await customers.change(work, ana, ana.version, preferred_channel=PreferredChannel.CALL)
        mute = await customers.create(work, CustomerDetails(name="Mute", phone="030 7654321", country="DE"))
    for customer_id in (ANA, mute.id):
        await ordered(desk, replace(DRAFT, customer_id=customer_id, lines=((CHAIR, 1),)))
    async with desk.look(CORA) as work:
        assert list(await work.session.scalars(select(Message))) == []
        planned = list(await work.session.scalars(select(FollowUp).order_by(FollowUp.id)))
        assert [(one.kind, one.owner_id, one.customer_id, one.due_at) for one in planned] == [
            (FollowUpKind.CONFIRMATION_CALL, CORA.person_id, ANA, berlin("2026-03-02 14:00")),
            (FollowUpKind.CONFIRMATION_CALL, CORA.person_id, mute.id, berlin("2026-03-02 14:00")),
        ]


async def test_a_customer_who_prefers_a_message_gets_one_by_hand(desk: Desk) -> None:
    """S1-4.4.1d: each of the three ways leaves a record; this one a task with its text and its outcome."""
    async with desk.work(CORA) as work:
        ana = await customers.load(work, ANA)
        await customers.change(work, ana, ana.version, preferred_channel=PreferredChannel.MESSAGE)
    order = await ordered(desk, of_lines((CHAIR, 1)))
    async with desk.work(CORA) as work:
        assert list(await work.session.scalars(select(Message))) == []
        one = (await work.session.scalars(select(FollowUp))).one()
        assert (one.told_as, one.words, one.owner_id, one.due_at) == (
            "confirmation_message",
            f"Send Ana Example a message that confirms {order.number}.",
            CORA.person_id,
            berlin("2026-03-02 14:00"),
        )
        text, phone = await followups.open_message(work, one)
        assert (text, phone) == (one.message, "+49301234567")
        assert all(said in text for said in (order.number, "Ana Example", "Chair"))
    async with desk.work(CEM) as work:
        with pytest.raises(NotAllowed):
            await followups.open_message(work, await work.session.get_one(FollowUp, one.id))
    async with desk.work(CORA) as work:
        one = await work.session.get_one(FollowUp, one.id)
        await followups.done(work, one, "Sent at ten; she wrote back: thank you.")
        seen = await work.session.scalars(
            select(AuditEntry.reason).where(AuditEntry.deed == "reveal customer")
        )
        assert list(seen) == [one.words]
    async with desk.look(CORA) as work:
        one = await work.session.get_one(FollowUp, one.id)
        assert (one.status, one.result) == (FollowUpStatus.DONE, "Sent at ten; she wrote back: thank you.")


async def test_what_is_unlike_the_last_orders_is_pointed_out(desk: Desk) -> None:
    """S1-4.2.2"""
    await ordered(desk, of_lines((CHAIR, 1)))
    new = replace(DRAFT, lines=((CHAIR, 3), (LAMP, 1)), ship_address="Elsewhere 5\nPotsdam")
    found = await checked(desk, new)
    async with desk.look(CORA) as work:
        last = await orders.last_orders(work, ANA)
        assert [(one.field, one.words) for one in orders.differences(found, last)] == [
            ("ship_address", "Last time it went to Example Street 1, 10115 Berlin."),
            ("line-1-quantity", "3 × Chair; before it was 1 at most."),
            ("line-2-product", "Lamp is new to this customer."),
        ]
        assert orders.differences(await orders.check(work, of_lines((CHAIR, 2))), last) == []
        assert orders.differences(found, []) == []
        assert await orders.last_orders(work, 999) == []


async def test_only_those_who_take_orders_place_them(desk: Desk) -> None:
    agreed = orders.fingerprint(await checked(desk, DRAFT))
    async with desk.work(FIN) as work:
        with pytest.raises(NotAllowed):
            await orders.place(work, DRAFT, fingerprint=agreed)


async def test_a_failed_placing_leaves_nothing(desk: Desk) -> None:
    await stocked(desk)

    async def break_off() -> None:
        async with desk.work(CORA) as work:
            agreed = orders.fingerprint(await orders.check(work, DRAFT))
            await orders.place(work, replace(DRAFT), fingerprint=agreed)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await break_off()
    async with desk.look(CORA) as work:
        for table in (Order, OrderLine, SpecialRequest, Message):
            assert list(await work.session.scalars(select(table))) == []
        assert (await products.load(work, CHAIR)).reserved == 0
        assert await work.session.get(Customer, ANA) is not None
