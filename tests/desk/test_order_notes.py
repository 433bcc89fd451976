"""What the teams write to each other on an order: whom it tells, who has read it, and that no customer does. S1-4.7.2"""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from models import Message, OrderNoteCall
from models.words import Audience, OrderStatus, PaymentMethod
from portal.desk import orders, payments
from portal.desk.cards import REFUSAL
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.orders import notes
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ADA, CORA, FIN, FRED, INA, MARA, SAM, Clock
from tests.shop import CHAIR, led_to, ordered


async def noted(desk: Desk, order_id: int, who: Actor, words: str, asked: str = "") -> int:
    async with desk.work(who) as work:
        return (await notes.write(work, await orders.load(work, order_id), words, asked)).id


async def asked_of(desk: Desk, who: Actor) -> list[str]:
    """What stands on somebody's desk."""
    async with desk.look(who) as work:
        return [one.words for one in await notes.waiting(work, 8)]


async def test_whoever_is_named_or_asked_is_told_once_until_it_is_read(desk: Desk, clock: Clock) -> None:
    order_id = (await ordered(desk)).id
    both = "@Ina, is the chair there? @ina and @Fred: by two, please. Write to bo@example.com."
    await noted(desk, order_id, CORA, both, "inventory")
    clock.forward(minutes=1)
    await noted(desk, order_id, FIN, "Paid by transfer.")
    assert [await asked_of(desk, one) for one in (CORA, SAM, FIN, INA, FRED)] == [[], [], [], [both], [both]]
    async with desk.look(INA) as work:
        found = await notes.thread(work, await orders.load(work, order_id))
        assert [(one.note.words, one.note.asked_role, one.called, one.unread) for one in found.notes] == [
            ("Paid by transfer.", None, (), False),
            (both, "inventory", ("Ina", "Fred"), True),
        ]
        assert (found.unread, found.older) == (1, "")
    async with desk.work(FRED) as work:
        await notes.have_read(work, await orders.load(work, order_id))
    with pytest.raises(WrongMoment, match="read everything"):
        async with desk.work(FRED) as work:
            await notes.have_read(work, await orders.load(work, order_id))
    await noted(desk, order_id, INA, "Two are there, @Cora.")  # who answers has read it
    assert [await asked_of(desk, one) for one in (CORA, INA, FRED)] == [["Two are there, @Cora."], [], []]
    async with desk.look(SYSTEM) as work:
        told = await work.session.scalar(select(func.count()).where(Message.template.contains("note")))
        calls = list(await work.session.scalars(select(OrderNoteCall.person_id).order_by(OrderNoteCall.id)))
    assert (told, calls) == (0, [INA.person_id, FRED.person_id, CORA.person_id])  # on the desk, not by mail


async def test_what_cannot_be_written_is_refused_and_the_thread_is_paged(desk: Desk, clock: Clock) -> None:
    order_id = (await ordered(desk)).id
    for words, asked, wrong in (
        (" ", "", {"words": "Between 1 and 4000 characters."}),
        ("x" * 4001, "kitchen", {"words": "Between 1 and 4000 characters.", "asked": "Choose one of the departments."}),
        ("Ask @Bo.", "", {"words": "Nobody here is called “Bo”: name a colleague, or leave out the @."}),
        ("Ask @Ada.", "", {"words": "Ada sees no orders."}),
        ("Card 4111 1111 1111 1111", "", {"words": REFUSAL}),
    ):  # fmt: skip
        with pytest.raises(NotAccepted) as refused:
            await noted(desk, order_id, CORA, words, asked)
        assert refused.value.fields == wrong
    with pytest.raises(NotAllowed):
        await noted(desk, order_id, ADA, "Hello.")
    for number in range(notes.SHOWN + 2):
        clock.forward(seconds=1)
        await noted(desk, order_id, MARA, f"Note {number}.")
    async with desk.look(CORA) as work:
        order = await orders.load(work, order_id)
        newest = await notes.thread(work, order)
        older = await notes.thread(work, order, before=newest.older)
        made_up = await notes.thread(work, order, before="yesterday")
    assert [one.note.words for one in newest.notes] == [f"Note {number}." for number in range(11, 1, -1)]
    assert ([one.note.words for one in older.notes], older.older) == (["Note 1.", "Note 0."], "")
    assert made_up == newest


async def test_no_letter_to_a_customer_ever_holds_a_note(desk: Desk) -> None:
    """S1-4.7.2: from the confirmation to the receipt and the cancellation of another."""
    going, gone = (await ordered(desk)).id, (await ordered(desk)).id
    for order_id in (going, gone):
        await noted(desk, order_id, INA, "Zebra: the last two have a scratch.", "representative")
    async with desk.work(CORA) as work:
        order = await orders.load(work, going)
        draft = replace(orders.draft_of(order), lines=((CHAIR, 1),))
        agreed = orders.fingerprint(await orders.check_amendment(work, order, draft))
        await orders.amend(work, order, draft, fingerprint=agreed, expected_amended=0, reason="One will do.")
        await payments.charge(work, order, method=PaymentMethod.CASH, amount_minor=100)
        await orders.cancel(work, await orders.load(work, gone), "Not wanted.")
    await led_to(desk, OrderStatus.DELIVERED)
    async with desk.work(CORA) as work:
        await orders.hand_over(work, await orders.load(work, going))
    async with desk.work(FRED) as work:
        await orders.prepare(work, await orders.load(work, going))
        await orders.dispatch(work, await orders.load(work, going), carrier="Bicycle", tracking="T")
    async with desk.look(SYSTEM) as work:
        of_these = select(Message).where(
            Message.audience == Audience.CUSTOMER, Message.order_id.in_([going, gone])
        )
        letters = list(await work.session.scalars(of_these))
    assert sorted({one.template for one in letters}) == [
        "delivery-update", "order-amended", "order-confirmation", "payment-receipt"
    ]  # fmt: skip
    assert [one.template for one in letters if "Zebra" in one.subject + one.body_text + one.body_html] == []
