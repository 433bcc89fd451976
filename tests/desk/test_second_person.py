"""Large orders are checked by somebody else than their author before they are confirmed. S1-4.3.2a"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from models import Message, Order, OrderApproval, OrderRules, Product
from models.words import ApprovalCause, ApprovalStatus, OrderStatus
from portal.desk import order_rules, orders, products
from portal.desk.errors import DeskError, NotAccepted, NotAllowed, WrongMoment
from portal.desk.orders import OrderDraft, OwnPrice
from portal.desk.work import SYSTEM, Actor, Desk, Work
from tests.cast import CEM, CORA, FRED, MARA, SAM
from tests.shop import ADVICE, CHAIR, DRAFT, of_lines, ordered, stocked

Decide = Callable[[Work, OrderApproval, str], Awaitable[None]]


async def limited(desk: Desk, above: int | None) -> None:
    """From now on a second person checks orders of more than this."""
    await stocked(desk)
    async with desk.work(MARA) as work:
        await order_rules.ensure_defaults(work)
        row = (await work.session.scalars(select(OrderRules))).one()
        await order_rules.change(work, row, row.version, second_above_minor=above)


async def causes(desk: Desk, draft: OrderDraft) -> tuple[ApprovalCause, ...]:
    async with desk.look(CORA) as work:
        return (await orders.check(work, draft)).causes


async def decide(desk: Desk, actor: Actor, deed: Decide, words: str = "") -> None:
    """Decide on what was asked for last."""
    async with desk.work(actor) as work:
        newest = await work.session.scalar(
            select(OrderApproval.id).order_by(OrderApproval.id.desc()).limit(1)
        )
        await deed(work, await orders.load_approval(work, newest or 0), words)


async def amended(desk: Desk, order_id: int, draft: OrderDraft, actor: Actor = CORA) -> Order:
    async with desk.work(actor) as work:
        order = await orders.load(work, order_id)
        agreed = orders.fingerprint(await orders.check_amendment(work, order, draft))
        await orders.amend(
            work, order, draft, fingerprint=agreed, expected_amended=order.amended, reason="Put right."
        )
        return order


async def written(desk: Desk) -> list[str]:
    async with desk.look(SYSTEM) as work:
        found = select(Message.template).where(Message.template != "order-waits-notice").order_by(Message.id)
        return list(await work.session.scalars(found))


async def told(desk: Desk) -> list[tuple[str, str]]:
    """Who was told that which order waits."""
    async with desk.look(SYSTEM) as work:
        found = select(Message.to_name, Message.reference).where(Message.template == "order-waits-notice")
        return [(name, number) for name, number in await work.session.execute(found.order_by(Message.id))]


async def test_only_what_is_more_than_the_limit_needs_a_second_person(desk: Desk) -> None:
    await stocked(desk)
    assert await causes(desk, DRAFT) == ()  # 159.80, and nobody has said anything
    found = []
    for above in (159_81, 159_80, 159_79, 0, None):
        await limited(desk, above)
        found.append(await causes(desk, DRAFT))
    assert found == [(), (), (ApprovalCause.VALUE,), (ApprovalCause.VALUE,), ()]
    await limited(desk, 10**9)
    async with desk.work(MARA) as work:
        advice = await products.load(work, ADVICE)
        await products.change(work, advice, advice.version, currency="CHF")
    assert await causes(desk, of_lines((ADVICE, 1))) == (
        ApprovalCause.VALUE,
    )  # nobody can say how much that is
    with pytest.raises(NotAccepted) as refused:
        await limited(desk, -1)
    assert refused.value.fields == {"second_above_minor": "Nothing or more."}


@pytest.mark.parametrize(
    ("by", "actor", "units", "made"),
    [
        (CORA, CORA, 3, False),  # nobody makes of a small order a large one on their own
        (SAM, SAM, 3, False),
        (CORA, CEM, 3, False),
        (CORA, SAM, 3, True),
        (CORA, CORA, 1, True),
    ],
)
async def test_an_amendment_beyond_the_limit_has_two_people(
    desk: Desk, by: Actor, actor: Actor, units: int, *, made: bool
) -> None:
    """S0-2.1a, S1-4.3.2a"""
    order = await ordered(desk, of_lines((CHAIR, 2)), by=by)
    await limited(desk, 120_00)
    draft = of_lines((CHAIR, units))
    if made:
        assert (await amended(desk, order.id, draft, actor)).amended == 1
        return
    with pytest.raises(NotAccepted) as refused:
        await amended(desk, order.id, draft, actor)
    assert list(refused.value.fields) == ["order"]
    assert "two people look at it" in refused.value.fields["order"]


async def test_who_may_agree_is_told_and_not_who_placed_it(desk: Desk) -> None:
    await limited(desk, 100_00)
    by_cora, by_sam = await ordered(desk, by=CORA), await ordered(desk, by=SAM)
    assert await told(desk) == [
        ("Sam", by_cora.number),
        ("Mara", by_sam.number),  # Sam is the only supervisor, so the managers hear of it
    ]


async def test_nothing_leaves_before_it_is_agreed_to(desk: Desk) -> None:
    """S1-3.3c"""
    await limited(desk, 100_00)
    order = await ordered(desk, by=CORA)
    for actor, deed in ((SAM, orders.hand_over), (FRED, orders.prepare)):
        async with desk.work(actor) as work:
            with pytest.raises(WrongMoment):
                await deed(work, await orders.load(work, order.id))
    async with desk.look(SYSTEM) as work:
        assert (await orders.load(work, order.id)).status is OrderStatus.DRAFT


async def test_a_large_order_is_confirmed_by_the_second_person_alone(desk: Desk) -> None:
    await limited(desk, 100_00)
    order = await ordered(desk, by=SAM)
    assert (order.status, order.confirmed_at, await written(desk)) == (OrderStatus.DRAFT, None, [])
    for actor, deed in ((SAM, orders.approve), (SAM, orders.send_back), (CEM, orders.approve)):
        with pytest.raises(NotAllowed):
            await decide(desk, actor, deed, "Fine.")
    with pytest.raises(WrongMoment, match="No price waits here"):
        await decide(desk, MARA, orders.refuse_price, "Too low.")
    await decide(desk, MARA, orders.approve)
    async with desk.look(SYSTEM) as work:
        kept = await work.session.get_one(Order, order.id)
        assert (kept.status, kept.confirmed_at) == (OrderStatus.CONFIRMED, work.now)
    assert await written(desk) == ["order-confirmation", "order-decided-notice"]


async def test_what_is_sent_back_is_put_right_and_looked_at_anew(desk: Desk) -> None:
    await limited(desk, 100_00)
    order = await ordered(desk)
    with pytest.raises(NotAccepted):
        await decide(desk, SAM, orders.send_back, " ")
    await decide(desk, SAM, orders.send_back, "Nine chairs?")
    async with desk.look(SYSTEM) as work:
        assert (await work.session.get_one(Order, order.id)).status is OrderStatus.DRAFT
        told = (
            await work.session.scalars(select(Message).where(Message.template != "order-waits-notice"))
        ).one()
        assert (told.person_id, "Nine chairs?" in told.body_text) == (CORA.person_id, True)
    with pytest.raises(WrongMoment, match="already sent back"):
        await decide(desk, MARA, orders.approve)
    assert (await amended(desk, order.id, of_lines((CHAIR, 3)))).status is OrderStatus.DRAFT
    with pytest.raises(NotAllowed):
        await decide(desk, CORA, orders.approve)
    assert await written(desk) == ["order-decided-notice"]
    await decide(desk, SAM, orders.approve)
    async with desk.look(SYSTEM) as work:
        kept = await work.session.get_one(Order, order.id)
        assert (kept.status, kept.total_minor, kept.amended) == (OrderStatus.CONFIRMED, 14970, 1)
    assert await written(desk) == ["order-decided-notice", "order-confirmation", "order-decided-notice"]


async def test_once_it_is_small_enough_nobody_has_to_agree(desk: Desk) -> None:
    """And what waited waits no more."""
    await limited(desk, 100_00)
    order = await ordered(desk)
    found = await amended(desk, order.id, of_lines((CHAIR, 1)))
    assert (found.status, found.confirmed_at is not None) == (OrderStatus.CONFIRMED, True)
    assert await written(desk) == ["order-confirmation"]
    async with desk.look(MARA) as work:
        assert [one.approval.status for one in (await orders.queue(work, decided=True)).rows] == [
            ApprovalStatus.WITHDRAWN
        ]
        assert (await work.session.get_one(Product, CHAIR)).reserved == 1
    await amended(desk, order.id, of_lines((CHAIR, 3)), SAM)  # who is the second person then
    assert (await written(desk))[1:] == ["order-amended"]


async def test_who_placed_it_does_not_agree_to_what_a_colleague_amended(desk: Desk) -> None:
    await limited(desk, 100_00)
    order = await ordered(desk, by=SAM)
    await amended(desk, order.id, of_lines((CHAIR, 3)), actor=MARA)
    for actor in (SAM, MARA):
        with pytest.raises(NotAllowed, match="somebody else has to decide"):
            await decide(desk, actor, orders.approve)
    async with desk.look(SAM) as work:
        assert [row.mine for row in (await orders.queue(work)).rows] == [True]


async def test_price_and_sum_wait_together_and_a_kept_price_waits_on(desk: Desk) -> None:
    await limited(desk, 100_00)
    draft = replace(of_lines((CHAIR, 3)), own_prices=(OwnPrice(CHAIR, "40", "A scratch."),))
    assert await causes(desk, draft) == (ApprovalCause.PRICE, ApprovalCause.VALUE)
    async with desk.look(CORA) as work:
        said = orders.read_aloud(await orders.check(work, draft))
    assert said[2:4] == [
        "A colleague has to agree to the lower price; else the list price holds, in total 149.70 EUR.",
        "A second person checks the order before we confirm it.",
    ]
    order = await ordered(desk, draft)
    smaller = await amended(desk, order.id, of_lines((CHAIR, 2)))
    assert smaller.status is OrderStatus.DRAFT
    async with desk.look(SAM) as work:
        (row,) = (await orders.queue(work)).rows
        assert (row.approval.causes, row.approval.listed_minor, row.order.total_minor) == (
            ("price",),
            9980,
            8000,
        )
    with pytest.raises(DeskError, match="Only a price waits here"):
        await decide(desk, SAM, orders.send_back, "No.")
    await decide(desk, SAM, orders.refuse_price, "No.")
    async with desk.look(SYSTEM) as work:
        kept = await work.session.get_one(Order, order.id)
        assert (kept.status, kept.total_minor) == (OrderStatus.CONFIRMED, 9980)


async def test_the_queue_goes_on_where_it_ended(desk: Desk) -> None:
    """Waiting the oldest first, decided the newest first, and each is on one page."""
    await limited(desk, 10_00)
    placed = [(await ordered(desk, of_lines((ADVICE, 1)))).id for _ in range(8)]
    async with desk.look(SAM) as work:
        numbers = [row.approval.id for row in (await orders.queue(work)).rows]
    for number in numbers[:3]:
        async with desk.work(SAM) as work:
            await orders.approve(work, await orders.load_approval(work, number))
    found: dict[bool, list[list[int]]] = {False: [], True: []}
    async with desk.look(SAM) as work:
        for decided, pages in found.items():
            before = "first"
            while before:
                page = await orders.queue(work, decided=decided, before=before, limit=2)
                pages.append([row.order.id for row in page.rows])
                before = page.older
    first, second, third, *later = placed
    assert found == {
        False: [later[:2], later[2:4], later[4:]],
        True: [[third, second], [first]],
    }
