"""Amending an order: a new version of exactly what was agreed. S1-4.6"""

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from models import Amendment, AuditEntry, ChannelRule, FollowUp, Message, Order
from models.words import (
    Channel,
    DeliveryMethod,
    FollowUpKind,
    OrderStatus,
    PaymentMethod,
    PreferredChannel,
    SpecialRequestStatus,
)
from portal.desk import audit, orders, payments, products
from portal.desk.cards import REFUSAL
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, WrongMoment
from portal.desk.orders import OrderDraft
from portal.desk.work import SYSTEM, Actor, Desk, Work
from tests.cast import ANA, CORA, FIN, FRED, MARA, SAM
from tests.shop import ADVICE, CHAIR, DRAFT, LAMP, led_to, of_lines, ordered


async def amended(work: Work, number: int, draft: OrderDraft, **told: object) -> Amendment:
    """Read an amendment back and make it."""
    order = await orders.load(work, number)
    agreed = orders.fingerprint(await orders.check_amendment(work, order, draft))
    given = {"fingerprint": agreed, "expected_amended": order.amended, "reason": "She counted again.", **told}
    return await orders.amend(work, order, draft, **given)  # type: ignore[arg-type]  # each story gives some


async def test_an_amendment_is_a_new_version_and_the_old_one_stays_readable(desk: Desk) -> None:
    """S1-4.6.2b, S1-4.6.3, S0-0.7"""
    number = await led_to(desk, OrderStatus.CONFIRMED)
    async with desk.work(MARA) as work:
        chair = await products.load(work, CHAIR)
        chair.price_minor = 5990
        await audit.record(work, "change price", chair)
    draft = replace(DRAFT, lines=((CHAIR, 3), (LAMP, 1)), note="", wanted_on=date(2026, 3, 20))
    async with desk.work(CORA) as work:
        await payments.charge(
            work, await orders.load(work, number), method=PaymentMethod.CASH, amount_minor=15980
        )
        made = await amended(work, number, draft, our_error=True)
        assert (made.number, made.our_error, made.made_by_id) == (2, True, CORA.person_id)
    async with desk.look(CORA) as work:
        order = await orders.load(work, number)
        chair, lamp = await products.load(work, CHAIR), await products.load(work, LAMP)
        assert (order.amended, order.total_minor, order.note, order.wanted_on, order.fingerprint) == (
            1, 16970, "", date(2026, 3, 20), made.fingerprint,
        )  # fmt: skip
        assert [(one.line_no, one.sku, one.quantity, one.unit_price_minor) for one in order.lines] == [
            (1, "CH-1", 3, 4990),  # the price of the order, not of today
            (2, "LA-1", 1, 2000),
        ]
        assert (chair.reserved, lamp.reserved) == (3, 1)
        assert await payments.balance(work, order) == 990
        kept = (await orders.versions(work, order))[0]
        assert (kept.number, kept.by, kept.our_error) == (2, "Cora", True)
        assert [one.words for one in kept.changes] == [
            "Chair: 3 × 49.90 EUR, before 2 × 49.90 EUR.",
            "Left out: Advice, 1 × 60.00 EUR.",
            "New: Lamp, 1 × 20.00 EUR.",
            "Wanted by: Friday, 20 March 2026, before none.",
            "Note: none, before Ring twice.",
            "Expected: Friday, 20 March 2026, before Thursday, 5 March 2026.",
            "Total: 169.70 EUR, before 159.80 EUR.",
        ]
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.deed == "amend order"))
        assert entry is not None
        assert entry.reason == "She counted again."
        assert entry.changes[f"orders/{number}"]["total_minor"] == [15980, 16970]
        assert entry.changes[f"products/{CHAIR}"]["reserved"] == [2, 3]
        letters = select(Message.once).where(Message.template == "order-amended")
        assert list(await work.session.scalars(letters)) == [f"order-amended/{order.number}/2"]


async def test_what_was_not_read_back_is_refused(desk: Desk) -> None:
    """S1-4.6.2a, decision 19"""
    number = await led_to(desk, OrderStatus.CONFIRMED)
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        three = orders.fingerprint(await orders.check_amendment(work, order, of_lines((CHAIR, 3))))
        for agreed in ("", order.fingerprint, three):
            with pytest.raises(WrongMoment, match="no longer what was read back"):
                await amended(work, number, of_lines((CHAIR, 4)), fingerprint=agreed)
        with pytest.raises(NotAccepted) as refused:
            await amended(work, number, DRAFT)
        assert refused.value.fields == {"order": f"Nothing differs from {order.number} as it is."}
        with pytest.raises(NotAccepted, match="Say why"):
            await amended(work, number, of_lines((CHAIR, 3)), reason=" ")
        with pytest.raises(NotAccepted) as card:
            await amended(work, number, of_lines((CHAIR, 3)), reason="Pays with 4111 1111 1111 1111")
        assert card.value.fields == {"reason": REFUSAL}
    async with desk.look(CORA) as work:
        assert (await orders.load(work, number)).amended == 0


async def test_the_units_of_the_order_count_as_its_own(desk: Desk) -> None:
    """S1-4.2.1a: five chairs, two of them promised to this order already."""
    number = await led_to(desk, OrderStatus.CONFIRMED)
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        assert (await orders.check_amendment(work, order, of_lines((CHAIR, 5)))).problems == {}
        checked = await orders.check_amendment(work, order, of_lines((CHAIR, 6)))
        assert checked.problems == {"line-1-quantity": "Only 5 left of Chair. Wait, replace it or drop it."}
    async with desk.work(MARA) as work:
        chair = await products.load(work, CHAIR)
        chair.active = False
        await audit.record(work, "take off sale", chair)
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        assert (await orders.check_amendment(work, order, of_lines((CHAIR, 1)))).problems == {}
        checked = await orders.check_amendment(work, order, of_lines((CHAIR, 3)))
        assert checked.problems == {"line-1-quantity": "Chair is no longer on sale: at most 2."}
        await amended(work, number, of_lines((CHAIR, 1)))
    async with desk.look(CORA) as work:
        assert (await products.load(work, CHAIR)).reserved == 1


async def test_two_amendments_at_once_and_the_second_is_told_of_the_first(desk: Desk) -> None:
    """S1-4.6.2b"""
    number = await led_to(desk, OrderStatus.CONFIRMED)

    async def take(by: Actor, quantity: int) -> str:
        try:
            async with desk.work(by) as work:
                await amended(work, number, of_lines((CHAIR, quantity)), expected_amended=0)
        except Conflict as refused:
            return f"{refused.saved_by}: {refused.yours} {refused.theirs['version'].split()[0]}"
        return "made"

    told = sorted(await asyncio.gather(take(CORA, 3), take(SAM, 4)))
    async with desk.look(CORA) as work:
        order = await orders.load(work, number)
        made = await orders.versions(work, order)
        assert [one.number for one in made] == [2]
        winner = made[0].by
        assert told == [f"{winner}: {{'version': '1'}} 2.", "made"]
        assert (await products.load(work, CHAIR)).reserved == order.lines[0].quantity


async def test_each_version_is_confirmed_once_and_by_a_call_where_that_is_wished(desk: Desk) -> None:
    number = await led_to(desk, OrderStatus.CONFIRMED)
    async with desk.work(CORA) as work:
        await amended(work, number, of_lines((CHAIR, 3)))
        await amended(work, number, of_lines((CHAIR, 4)))
    async with desk.work(SYSTEM) as work:
        order = await orders.load(work, number)
        assert order.customer is not None
        order.customer.preferred_channel = PreferredChannel.CALL
        await audit.record(work, "change customer", order.customer)
    async with desk.work(CORA) as work:
        await amended(work, number, of_lines((CHAIR, 1)))
    async with desk.look(CORA) as work:
        letters = select(Message.once).where(Message.template == "order-amended").order_by(Message.id)
        written = [f"order-amended/{order.number}/{version}" for version in (2, 3)]
        assert list(await work.session.scalars(letters)) == written
        call = (await work.session.scalars(select(FollowUp))).one()
        assert (call.kind, call.customer_id, call.words) == (
            FollowUpKind.CONFIRMATION_CALL, ANA, f"Call Ana Example and confirm version 4 of {order.number}.",
        )  # fmt: skip


@pytest.mark.parametrize("status", [OrderStatus.DISPATCHED, OrderStatus.DELIVERED])
async def test_what_left_the_house_is_a_return(desk: Desk, status: OrderStatus) -> None:
    """S4-4.4"""
    number = await led_to(desk, status)
    async with desk.work(CORA) as work:
        with pytest.raises(WrongMoment, match="has left the house: take it as a return"):
            await amended(work, number, of_lines((CHAIR, 1)))


async def test_those_who_pack_it_are_told_and_pack_it_anew(desk: Desk) -> None:
    """S1-4.7.1"""
    number = await led_to(desk, OrderStatus.PREPARED)
    async with desk.work(CORA) as work:
        await amended(work, number, of_lines((CHAIR, 1)))
    async with desk.look(SYSTEM) as work:
        order = await orders.load(work, number)
        assert (order.status, order.prepared_at) == (OrderStatus.HANDED_OVER, None)
        told = await work.session.scalars(
            select(Message.to_name)
            .where(Message.template == "order-changed-notice")
            .order_by(Message.to_name)
        )
        assert list(told) == ["Fred", "Ina"]
    async with desk.work(CORA) as work:
        await amended(work, number, replace(of_lines((CHAIR, 1)), requests=("Wrap it as a present",)))
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        assert order.status is OrderStatus.CONFIRMED  # S1-4.4.2b: it waits for the decision
        with pytest.raises(WrongMoment, match="nobody has decided yet"):
            await orders.hand_over(work, order)
    async with desk.work(FRED) as work:
        await orders.decide_request(work, (await orders.load(work, number)).requests[0], feasible=True)
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        await orders.hand_over(work, order)
        await orders.cancel(work, order, "She has one already.")
    async with desk.look(SYSTEM) as work:
        told = await work.session.scalars(
            select(Message.to_name).where(
                Message.once.startswith(f"order-changed-notice/{order.number}/cancelled")
            )
        )
        assert sorted(told) == ["Fred", "Ina"]


async def test_a_wish_that_stays_keeps_its_decision(desk: Desk) -> None:
    """S1-4.5.1b"""
    placed = await ordered(desk, replace(DRAFT, requests=("Blue cushions", "No box")))
    async with desk.work(FRED) as work:
        order = await orders.load(work, placed.id)
        await orders.decide_request(work, order.requests[0], feasible=True)
    async with desk.work(CORA) as work:
        await amended(work, placed.id, replace(DRAFT, requests=("Blue  cushions", "Ring the bell")))
    async with desk.look(CORA) as work:
        order = await orders.load(work, placed.id)
        assert [(one.wish, one.status) for one in order.requests] == [
            ("Blue cushions", SpecialRequestStatus.FEASIBLE),
            ("Ring the bell", SpecialRequestStatus.NEW),
        ]


async def test_an_order_becomes_a_pick_up(desk: Desk) -> None:
    number = await led_to(desk, OrderStatus.HANDED_OVER)
    draft = replace(DRAFT, delivery_method=DeliveryMethod.PICKUP, ship_address="")
    async with desk.work(CORA) as work:
        await amended(work, number, draft)
    async with desk.look(CORA) as work:
        order = await orders.load(work, number)
        assert (order.delivery_method, order.ship_address, order.status) == (
            DeliveryMethod.PICKUP, "", OrderStatus.HANDED_OVER,
        )  # fmt: skip


async def test_only_on_channels_that_are_approved_for_it(desk: Desk) -> None:
    """S1-4.6.1"""
    number = await led_to(desk, OrderStatus.CONFIRMED)
    async with desk.work(SYSTEM) as work:
        rule = await work.session.scalar(select(ChannelRule).where(ChannelRule.channel == Channel.CHAT))
        rule = rule or ChannelRule(channel=Channel.CHAT, approved=True)
        rule.amendments, rule.redirect = False, "Write to desk@example.com."
        work.session.add(rule)
        await audit.record(work, "change channel rule", rule)
    async with desk.work(CORA) as work:
        with pytest.raises(
            WrongMoment, match=r"not amended or cancelled on this channel.*Write to desk@example.com\."
        ):
            await amended(work, number, replace(of_lines((CHAIR, 3)), channel=Channel.CHAT))
        await amended(work, number, replace(of_lines((CHAIR, 3)), channel=Channel.PHONE))


async def test_only_the_desk_amends(desk: Desk) -> None:
    number = await led_to(desk, OrderStatus.CONFIRMED)
    for actor in (FIN, FRED):
        async with desk.work(actor) as work:
            order = await orders.load(work, number)
            with pytest.raises(NotAllowed):
                await orders.amend(
                    work, order, of_lines((ADVICE, 2)), fingerprint="", expected_amended=0, reason="No."
                )
    async with desk.look(SYSTEM) as work:
        assert list(await work.session.scalars(select(Order.amended))) == [0]
