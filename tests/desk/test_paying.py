"""Each channel says which ways to pay it offers, and with which words. S0-3.5.1b"""

import asyncio

import pytest
from sqlalchemy import select

from models import PaymentEntry, PaymentWay
from models.words import Channel, PaymentMethod
from portal.desk import orders, paying, payments
from portal.desk.errors import NotAccepted, NotAllowed
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CORA, FIN, MARA, SAM
from tests.desk.test_channels import change as approve
from tests.shop import ordered

CASH, TRANSFER, TERMINAL = PaymentMethod.CASH, PaymentMethod.TRANSFER, PaymentMethod.TERMINAL
STAYS = {"offered": "Orders are taken on this channel: one way to pay has to stay."}


async def change(
    desk: Desk, channel: Channel, method: PaymentMethod, actor: Actor = MARA, **changes: object
) -> None:
    async with desk.work(SYSTEM) as work:
        await paying.ensure_defaults(work)
    async with desk.work(actor) as work:
        here = PaymentWay.channel == channel, PaymentWay.method == method
        row = (await work.session.scalars(select(PaymentWay).where(*here))).one()
        await paying.change(work, row, row.version, **changes)


async def offered(desk: Desk, channel: Channel | None = None) -> list[PaymentMethod]:
    async with desk.look(CORA) as work:
        return [one.method for one in await paying.offered(work, channel)]


async def test_every_way_is_offered_until_somebody_switches_it_off(desk: Desk) -> None:
    async with desk.look(CORA) as work:
        before = await paying.ways(work)
    assert {(one.channel, one.method, one.offered) for one in before.values()} == {
        (channel, method, method is not CASH or channel is Channel.IN_PERSON)
        for channel in Channel
        for method in PaymentMethod
    }
    async with desk.work(MARA) as work:
        assert await paying.ensure_defaults(work) == 18
    async with desk.work(MARA) as work:
        assert await paying.ensure_defaults(work) == 0
    async with desk.look(CORA) as work:
        assert await paying.ways(work) == before


async def test_a_way_that_is_switched_off_is_gone_and_refused_on_that_channel_alone(desk: Desk) -> None:
    placed = await ordered(desk)
    await change(desk, Channel.PHONE, CASH, offered=False)
    assert await offered(desk, Channel.PHONE) == [TRANSFER, TERMINAL]
    assert await offered(desk, Channel.IN_PERSON) == [CASH, TRANSFER, TERMINAL]
    async with desk.work(CORA) as work:
        order = await orders.load(work, placed.id)
        with pytest.raises(NotAccepted) as refused:
            await payments.charge(work, order, method=CASH, amount_minor=100, channel=Channel.PHONE)
        assert refused.value.fields == {"method": "This way of paying is not offered."}
        taken = await payments.charge(work, order, method=CASH, amount_minor=100, channel=Channel.IN_PERSON)
    async with desk.look(FIN) as work:
        assert [one.id for one in await work.session.scalars(select(PaymentEntry))] == [taken.id]


async def test_outside_of_a_contact_what_any_approved_channel_offers_is_taken(desk: Desk) -> None:
    placed = await ordered(desk)
    for channel in Channel:
        if channel not in {Channel.SOCIAL, Channel.IN_PERSON}:
            await change(desk, channel, CASH, offered=False)
    assert await offered(desk) == [CASH, TRANSFER, TERMINAL]
    await change(desk, Channel.IN_PERSON, CASH, offered=False)
    assert await offered(desk) == [TRANSFER, TERMINAL]  # on social media nothing is approved
    async with desk.work(CORA) as work:
        with pytest.raises(NotAccepted) as refused:
            await payments.charge(work, await orders.load(work, placed.id), method=CASH, amount_minor=100)
    assert refused.value.fields == {"method": "This way of paying is not offered."}


async def test_the_last_way_of_an_approved_channel_stays(desk: Desk) -> None:
    await change(desk, Channel.CHAT, CASH, offered=False)
    await change(desk, Channel.CHAT, TRANSFER, offered=False)
    with pytest.raises(NotAccepted) as refused:
        await change(desk, Channel.CHAT, TERMINAL, offered=False)
    assert refused.value.fields == STAYS
    for method in PaymentMethod:
        await change(desk, Channel.SOCIAL, method, offered=False)
    assert (await offered(desk, Channel.CHAT), await offered(desk, Channel.SOCIAL)) == ([TERMINAL], [])
    with pytest.raises(NotAccepted) as unpaid:
        await approve(desk, Channel.SOCIAL, approved=True)
    assert unpaid.value.fields == {"approved": "No way to pay is offered on this channel. Offer one first."}


async def test_two_who_switch_off_the_last_two_leave_one(desk: Desk) -> None:
    await change(desk, Channel.CHAT, CASH, offered=False)

    async def off(method: PaymentMethod) -> dict[str, str]:
        try:
            await change(desk, Channel.CHAT, method, offered=False)
        except NotAccepted as refused:
            return refused.fields
        return {}

    found = await asyncio.gather(off(TRANSFER), off(TERMINAL))
    assert sorted(found, key=len) == [{}, STAYS]
    assert len(await offered(desk, Channel.CHAT)) == 1


async def test_each_way_has_its_words_in_both_languages(desk: Desk) -> None:
    with pytest.raises(NotAccepted) as refused:
        await change(desk, Channel.CHAT, CASH, words_en=" ", words_de="x" * (paying.LONGEST_WORDS + 1))
    assert refused.value.fields == {"words_en": "Write it in English.", "words_de": "At most 300 characters."}
    with pytest.raises(NotAccepted) as card:
        await change(desk, Channel.CHAT, CASH, words_en="To 4111 1111 1111 1111")
    assert set(card.value.fields) == {"words_en"}
    with pytest.raises(NotAccepted) as other:
        await change(desk, Channel.CHAT, CASH, version=7)
    assert other.value.fields == {"version": "This cannot be changed here."}
    await change(desk, Channel.CHAT, CASH, words_en=" In the shop. ", words_de="Im Laden.")
    async with desk.look(CORA) as work:
        way = (await paying.ways(work))[Channel.CHAT, CASH]
    assert [way.told(language) for language in ("en", "de", "fr")] == [
        "In the shop.",
        "Im Laden.",
        "In the shop.",
    ]


@pytest.mark.parametrize("who", [CORA, SAM, FIN], ids=lambda who: who.name)
async def test_only_who_edits_the_policy_changes_them(desk: Desk, who: Actor) -> None:
    with pytest.raises(NotAllowed):
        await change(desk, Channel.CHAT, CASH, who, offered=False)
