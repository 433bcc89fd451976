"""What a product costs whom and when, a price of one's own, and who has to agree to it. S1-4.2.1b"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from models import (
    AuditEntry,
    Customer,
    ListPrice,
    Mandate,
    Message,
    Order,
    OrderApproval,
    OrderLine,
    PriceList,
    Product,
)
from models.words import ApprovalCause, ApprovalStatus, CustomerKind, OrderStatus, PaymentMethod, Tier
from portal.desk import audit, mandates, money, orders, payments, pricing, products
from portal.desk.errors import DeskError, NotAccepted, NotAllowed, WrongMoment
from portal.desk.orders import OrderDraft, OwnPrice
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CEM, CORA, FIN, MARA, SAM, Clock
from tests.shop import ADVICE, CHAIR, DRAFT, of_lines, ordered, stocked


async def listed(
    desk: Desk, name: str, price_minor: int, days: tuple[float, float | None] = (0, None), **whose: object
) -> int:
    """Put chairs on a list of its own, from so many days from now to so many; gives the id of the price."""
    async with desk.work(MARA) as work:
        made = await pricing.add_list(work, name=name, **whose)
        await work.session.flush()
        row = await pricing.add_price(
            work,
            made,
            await products.load(work, CHAIR),
            price_minor=price_minor,
            valid_from=work.now + timedelta(days=days[0]),
            valid_until=None if days[1] is None else work.now + timedelta(days=days[1]),
        )
        await work.session.flush()
        return row.id


async def chair(desk: Desk, **ana: object) -> int:
    """What a chair costs Ana now, when she is like this."""
    async with desk.work(SYSTEM) as work:
        customer = await work.session.get_one(Customer, ANA)
        for name, value in ana.items():
            setattr(customer, name, value)
        await audit.record(work, "change Ana", customer)
    async with desk.look(CORA) as work:
        checked = await orders.check(work, of_lines((CHAIR, 1)))
        return checked.lines[0].unit_price_minor


async def test_the_list_that_says_most_of_its_customers_comes_first(desk: Desk) -> None:
    await stocked(desk)
    assert await chair(desk) == 4990
    await listed(desk, "Everybody", 4800)
    assert await chair(desk) == 4800
    await listed(desk, "Companies", 4700, kind=CustomerKind.COMPANY)
    await listed(desk, "Priority", 4600, tier=Tier.PRIORITY)
    await listed(desk, "Companies with priority", 4650, kind=CustomerKind.COMPANY, tier=Tier.PRIORITY)
    assert await chair(desk) == 4800
    assert await chair(desk, kind=CustomerKind.COMPANY) == 4700
    assert await chair(desk, tier=Tier.PRIORITY) == 4650
    assert await chair(desk, kind=CustomerKind.PERSON) == 4600
    async with desk.look(CORA) as work:
        chairs = await products.load(work, CHAIR)
        assert await pricing.prices(work, None, [chairs]) == {CHAIR: 4800}
        assert await pricing.prices(work, None, []) == {}
    async with desk.work(MARA) as work:
        off = (await work.session.scalars(select(PriceList).where(PriceList.name == "Priority"))).one()
        await pricing.change_list(work, off, off.version, active=False)
    assert await chair(desk) == 4800


async def test_a_price_holds_from_its_first_moment_to_before_its_last(desk: Desk, clock: Clock) -> None:
    await stocked(desk)
    await listed(desk, "Spring", 4500, (1, 3))
    found = []
    for seconds in (0, 86_399, 1, 2 * 86_400):
        clock.forward(seconds=seconds)
        found.append(await chair(desk))
    assert found == [4990, 4990, 4500, 4990]


async def test_an_order_keeps_the_price_of_its_moment(desk: Desk, clock: Clock) -> None:
    await stocked(desk)
    await listed(desk, "Spring", 4500, (0, 1))
    number = (await ordered(desk, of_lines((CHAIR, 1)))).id
    clock.forward(days=2)
    async with desk.look(CORA) as work:
        order = await orders.load(work, number)
        more = await orders.check_amendment(work, order, of_lines((CHAIR, 2), (CHAIR, 1)))
    assert [line.unit_price_minor for line in more.lines] == [4500, 4990]
    assert [line.list_price_minor for line in more.lines] == [4500, 4990]


async def test_prices_of_one_list_do_not_overlap_also_for_two_who_write_at_once(desk: Desk) -> None:
    await stocked(desk)
    price = await listed(desk, "Spring", 4500, (1, 3))

    async def add(begins: float, ends: float | None) -> str:
        try:
            async with desk.work(MARA) as work:
                on = (await work.session.scalars(select(PriceList))).one()
                goods = await products.load(work, CHAIR)
                until = None if ends is None else work.now + timedelta(days=ends)
                begins_at = work.now + timedelta(days=begins)
                await pricing.add_price(
                    work, on, goods, price_minor=1, valid_from=begins_at, valid_until=until
                )
        except NotAccepted as refused:
            return "".join(refused.fields)
        return ""

    assert [await add(2, 4), await add(0, None), await add(0, 2), await add(0, 0)] == [
        "valid_from",
        "valid_from",
        "valid_from",
        "valid_until",
    ]
    assert sorted(await asyncio.gather(add(3, 5), add(4, None))) == ["", "valid_from"]

    async def below_nothing() -> None:
        async with desk.work(MARA) as work:
            row = await work.session.get_one(ListPrice, price)
            await pricing.change_price(work, row, row.version, price_minor=-1)

    with pytest.raises(NotAccepted) as refused:
        await below_nothing()
    assert refused.value.fields == {"price_minor": "Nothing or more."}
    for fields in ({"name": " "}, {"name": "Spring"}, {"name": "x" * 121}):
        async with desk.work(MARA) as work:
            with pytest.raises(NotAccepted):
                await pricing.add_list(work, **fields)
    async with desk.work(CORA) as work:
        with pytest.raises(NotAllowed):
            await pricing.add_list(work, name="Mine")


def owned(amount: str, reason: str = "She has waited long.", quantity: int = 2) -> OrderDraft:
    """Chairs at a price of one's own."""
    return replace(of_lines((CHAIR, quantity)), own_prices=(OwnPrice(CHAIR, amount, reason),))


async def test_a_price_of_ones_own_stands_beside_that_of_the_list(desk: Desk) -> None:
    """Five percent below 49.90 is 47.405: 47.41 is within."""
    await stocked(desk)
    async with desk.look(CORA) as work:
        checked = await orders.check(work, owned("47.41"))
    assert (checked.problems, checked.causes, checked.total_minor, checked.listed_minor) == (
        {},
        (),
        9482,
        9980,
    )
    assert orders.read_aloud(checked)[:2] == [
        "2 × Chair, piece at 47.41 EUR each, instead of 49.90 EUR: 94.82 EUR.",
        "In total 94.82 EUR.",
    ]
    order = await ordered(desk, owned("47.41"))
    assert (order.status, order.total_minor) == (OrderStatus.CONFIRMED, 9482)
    async with desk.look(SYSTEM) as work:
        line = (await work.session.scalars(select(OrderLine))).one()
        assert (line.unit_price_minor, line.list_price_minor, line.price_reason) == (
            4741, 4990, "She has waited long.",
        )  # fmt: skip
        letter = (await work.session.scalars(select(Message))).one()
    assert "unit_price_minor': 4741" in letter.body_text


@pytest.mark.parametrize(
    ("amount", "reason", "problems"),
    [
        ("cheap", "Why.", {"line-1-price": "Enter an amount such as 12.50."}),
        ("49.91", "Why.", {"line-1-price": "At most the list price, 49.90 EUR."}),
        ("48.00", " ", {"line-1-because": "Say why it costs less."}),
        ("48.00", "x" * 301, {"line-1-because": "At most 300 characters; these are 301."}),
        ("", "", {}),
        ("49.90", "", {}),
    ],
)
async def test_a_price_of_ones_own_is_refused_at_its_field(
    desk: Desk, amount: str, reason: str, problems: dict[str, str]
) -> None:
    await stocked(desk)
    draft = owned(amount, reason) if amount else of_lines((CHAIR, 2))
    async with desk.look(CORA) as work:
        checked = await orders.check(work, draft)
    assert (checked.problems, checked.total_minor) == (problems, 9980)


async def test_each_role_goes_as_far_below_as_its_mandate_says(desk: Desk) -> None:
    await stocked(desk)
    async with desk.work(MARA) as work:
        await mandates.ensure_defaults(work)

    async def waits(amount: str) -> list[bool]:
        found = []
        for actor in (CORA, SAM, MARA):
            async with desk.look(actor) as work:
                found.append((await orders.check(work, owned(amount))).causes == (ApprovalCause.PRICE,))
        return found

    assert [await waits(one) for one in ("47.41", "47.40", "42.42", "34.93", "34.92")] == [
        [False, False, False],
        [True, False, False],
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
    async with desk.work(MARA) as work:
        row = (await work.session.scalars(select(Mandate).where(Mandate.role == "representative"))).one()
        await mandates.change(work, row, row.version, goodwill_minor=row.goodwill_minor, price_bp=30_00)
        with pytest.raises(NotAccepted) as refused:
            await mandates.change(work, row, row.version, goodwill_minor=0, price_bp=100_01)
        assert refused.value.fields == {"price_bp": "Between 0 and 100 percent."}
    assert await waits("34.93") == [False, True, False]


def test_percents_are_read_and_written() -> None:
    read = [
        money.read_percent(one) for one in ("7", "7.5", "7,25 %", "100", "100.01", "-1", "1.234", "x", "")
    ]
    assert read == [700, 750, 725, 10_000, None, None, None, None, None]
    assert [money.percent(one) for one in (0, 700, 750, 725, 1900, 10_000)] == [
        "0 %", "7 %", "7.5 %", "7.25 %", "19 %", "100 %",
    ]  # fmt: skip


async def held(desk: Desk, amount: str = "40.00") -> tuple[int, int]:
    """An order at a price that Cora may not give; gives its id and that of what waits."""
    order = await ordered(desk, owned(amount))
    async with desk.look(SYSTEM) as work:
        return order.id, (await work.session.scalars(select(OrderApproval.id))).one()


async def state(desk: Desk, order_id: int) -> tuple[OrderStatus, bool, int, list[tuple[int, str]], list[str]]:
    async with desk.look(CORA) as work:
        order = await orders.load(work, order_id)
        written = await work.session.scalars(
            select(Message.template).where(Message.template != "order-waits-notice").order_by(Message.id)
        )
        return (
            order.status,
            order.confirmed_at is not None,
            order.total_minor,
            [(line.unit_price_minor, line.price_reason) for line in order.lines],
            list(written),
        )


WHY = "She has waited long."


async def test_beyond_the_limit_an_order_waits_and_is_confirmed_by_somebody_else(desk: Desk) -> None:
    await stocked(desk)
    async with desk.look(CORA) as work:
        said = orders.read_aloud(await orders.check(work, owned("40.00")))
    assert (
        said[2]
        == "A colleague has to agree to the lower price; else the list price holds, in total 99.80 EUR."
    )
    number, waiting = await held(desk)
    assert await state(desk, number) == (OrderStatus.DRAFT, False, 8000, [(4000, WHY)], [])
    async with desk.look(SYSTEM) as work:
        goods = await work.session.get_one(Product, CHAIR)
        assert goods.reserved == 2  # nobody else is promised them meanwhile
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        with pytest.raises(WrongMoment, match="“hand over” is not possible"):
            await orders.hand_over(work, order)
        with pytest.raises(WrongMoment, match="not confirmed, so nothing can be paid"):
            await payments.charge(work, order, method=PaymentMethod.CASH, amount_minor=8000)
    async with desk.look(SAM) as work:
        (row,) = (await orders.queue(work)).rows
        assert (row.approval.causes, row.approval.listed_minor, row.asked_by, row.mine) == (
            ("price",), 9980, "Cora", False,
        )  # fmt: skip
        assert [line.price_reason for line in row.own_prices] == [WHY]
    async with desk.work(SAM) as work:
        await orders.approve(work, await orders.load_approval(work, waiting), "She is right.")
    assert await state(desk, number) == (
        OrderStatus.CONFIRMED, True, 8000, [(4000, WHY)], ["order-confirmation", "order-decided-notice"],
    )  # fmt: skip
    async with desk.look(SYSTEM) as work:
        notice = (
            await work.session.scalars(select(Message).where(Message.template == "order-decided-notice"))
        ).one()
        assert (notice.person_id, "She is right." in notice.body_text) == (CORA.person_id, True)
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.deed == "approve order"))
        assert entry is not None
        assert (entry.who, entry.reason, entry.subject_id) == ("Sam", "She is right.", str(number))
    async with desk.look(MARA) as work:
        assert (await orders.queue(work)).rows == []
        assert [one.decided_by for one in (await orders.queue(work, decided=True)).rows] == ["Sam"]


async def test_when_the_price_is_refused_that_of_the_list_holds(desk: Desk) -> None:
    number, waiting = await held(desk)
    async with desk.work(SAM) as work:
        with pytest.raises(NotAccepted) as refused:
            await orders.refuse_price(work, await orders.load_approval(work, waiting), " ")
        assert refused.value.fields == {"words": "Say why not, in words for whoever placed it."}
    async with desk.work(SAM) as work:
        await orders.refuse_price(work, await orders.load_approval(work, waiting), "Too low.")
    assert await state(desk, number) == (
        OrderStatus.CONFIRMED, True, 9980, [(4990, "")], ["order-confirmation", "order-decided-notice"],
    )  # fmt: skip
    async with desk.look(SYSTEM) as work:
        told, notice = (
            await work.session.scalars(
                select(Message).where(Message.template != "order-waits-notice").order_by(Message.id)
            )
        ).all()
    assert ("'unit_price_minor': 4990" in told.body_text, "'unit_price_minor': 4000" in told.body_text) == (
        True,
        False,
    )
    assert {"decision: refused", "reason: Too low.", "total_minor: 9980"} <= set(
        notice.body_text.splitlines()
    )
    async with desk.work(MARA) as work:
        with pytest.raises(WrongMoment, match=r"already refused\."):
            await orders.approve(work, await orders.load_approval(work, waiting))


async def test_nobody_agrees_to_their_own_order(desk: Desk) -> None:
    draft = owned("40.00")
    await ordered(desk, draft, by=SAM)
    async with desk.look(SAM) as work:
        (row,) = (await orders.queue(work)).rows
        assert row.mine
    for deed in (orders.approve, orders.refuse_price):
        async with desk.work(SAM) as work:
            with pytest.raises(NotAllowed, match="somebody else has to decide"):
                await deed(work, await orders.load_approval(work, row.approval.id), "Yes.")
        for actor in (CEM, FIN):
            async with desk.work(actor) as work:
                with pytest.raises(NotAllowed):
                    await deed(work, await work.session.get_one(OrderApproval, row.approval.id), "Yes.")
    values = {
        "order_id": row.order.id, "causes": ("price",), "listed_minor": 1, "status": ApprovalStatus.APPROVED,
        "asked_by_id": SAM.person_id, "asked_at": row.approval.asked_at, "decided_by_id": SAM.person_id,
        "decided_at": row.approval.asked_at, "decision": "", "version": 1,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="decided_by_another"):
        async with desk.work(SYSTEM) as work:
            await work.session.execute(insert(OrderApproval).values(values).execution_options(audited=True))


async def test_of_two_who_decide_at_once_one_does(desk: Desk) -> None:
    number, waiting = await held(desk)

    async def decide(actor: Actor) -> str:
        try:
            async with desk.work(actor) as work:
                approval = await orders.load_approval(work, waiting)
                if actor is SAM:
                    await orders.approve(work, approval)
                else:
                    await orders.refuse_price(work, approval, "No.")
        except DeskError as refused:
            return refused.__class__.__name__
        return ""

    assert sorted(await asyncio.gather(decide(SAM), decide(MARA))) == ["", "WrongMoment"]
    assert (await state(desk, number))[4] == ["order-confirmation", "order-decided-notice"]


async def test_what_is_cancelled_waits_no_more(desk: Desk) -> None:
    number, waiting = await held(desk)
    async with desk.work(CORA) as work:
        await orders.cancel(work, await orders.load(work, number), "She does not want to wait.")
    async with desk.look(SAM) as work:
        assert (await orders.queue(work)).rows == []
        (row,) = (await orders.queue(work, decided=True)).rows
        assert (row.approval.status, row.decided_by) == (ApprovalStatus.WITHDRAWN, "Cora")
        assert (await work.session.get_one(Product, CHAIR)).reserved == 0
    async with desk.work(SAM) as work:
        with pytest.raises(WrongMoment, match="already withdrawn"):
            await orders.approve(work, await orders.load_approval(work, waiting))


async def test_the_day_counts_from_when_somebody_agreed(desk: Desk, clock: Clock) -> None:
    number, waiting = await held(desk)
    async with desk.look(SYSTEM) as work:
        before = (await work.session.get_one(Order, number)).expected_on
    clock.forward(days=2)
    async with desk.work(SAM) as work:
        await orders.approve(work, await orders.load_approval(work, waiting))
    async with desk.look(SYSTEM) as work:
        after = (await work.session.get_one(Order, number)).expected_on
    assert before is not None
    assert after == before + timedelta(days=4)  # over the weekend


async def test_an_amendment_takes_a_price_of_ones_own_within_the_limit_alone(desk: Desk) -> None:
    number = (await ordered(desk, of_lines((CHAIR, 1)))).id
    draft = of_lines((CHAIR, 1), (ADVICE, 1))
    async with desk.look(CORA) as work:
        order = await orders.load(work, number)
        within = await orders.check_amendment(
            work, order, replace(draft, own_prices=(OwnPrice(ADVICE, "58", WHY),))
        )
        beyond = await orders.check_amendment(
            work, order, replace(draft, own_prices=(OwnPrice(ADVICE, "50", WHY),))
        )
    assert (within.problems, [line.unit_price_minor for line in within.lines]) == ({}, [4990, 5800])
    assert beyond.problems == {
        "line-2-price": "Below the list price you may go by 5 %: ask your supervisor to amend it."
    }


async def test_another_price_after_the_read_back_asks_for_another_one(desk: Desk) -> None:
    await stocked(desk)
    async with desk.look(CORA) as work:
        prints = {
            orders.fingerprint(await orders.check(work, one))
            for one in (of_lines((CHAIR, 2)), owned("48"), owned("47.50"), owned("40"), DRAFT)
        }
    assert len(prints) == 5
    async with desk.look(
        MARA
    ) as work:  # who may go that far: then nobody has to agree, and that is another thing
        assert orders.fingerprint(await orders.check(work, owned("40"))) not in prints
