"""The tax that prices include: to the cent, by rate, kept with the order. S1-4.4.1a"""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from models import Message, OrderApproval, OrderRules
from models.words import OrderStatus, PaymentMethod
from portal.desk import order_rules, orders, payments, products, tax
from portal.desk.errors import NotAccepted, NotAllowed
from portal.desk.orders import OwnPrice
from portal.desk.tax import RateTotal
from portal.desk.work import Desk
from tests.cast import CORA, FIN, MARA, SAM
from tests.shop import ADVICE, CHAIR, LAMP, led_to, of_lines, ordered, stocked


@pytest.mark.parametrize(
    ("gross", "tax_bp", "found"),
    [
        ([11900], 1900, [1900]),
        ([], 1900, []),
        ([0, 0], 1900, [0, 0]),
        ([100, 100, 100], 1900, [16, 16, 16]),  # 15.966 each, 47.899 together
        ([1, 1, 1], 1900, [0, 0, 0]),  # 0.4790 together
        (
            [2, 2, 2, 1],
            1900,
            [1, 0, 0, 0],
        ),  # 1.1176 together: what is left goes to the first of those it took most from
        ([107], 700, [7]),
        ([10050], 50, [50]),
        ([5025, 5025], 50, [25, 25]),
        ([201], 50, [1]),
        ([303], 100, [3]),
        ([5, 5], 0, [0, 0]),
        ([1, 1], 10_000, [1, 0]),  # one cent, half of two
        ([3], 10_000, [2]),  # 1.5 to the even
        ([1], 10_000, [0]),  # 0.5 to the even
        ([-11900, 11900], 1900, [-1900, 1900]),
    ],
)
def test_the_shares_of_one_rate(gross: list[int], tax_bp: int, found: list[int]) -> None:
    assert tax.shares(gross, tax_bp) == found


@given(st.lists(st.integers(0, 10**9), max_size=30), st.integers(0, 10_000))
def test_the_shares_add_up_to_the_tax_of_the_sum_and_none_is_off_by_a_cent(
    gross: list[int], tax_bp: int
) -> None:
    found = tax.shares(gross, tax_bp)
    assert sum(found) == round(Fraction(sum(gross) * tax_bp, 10_000 + tax_bp))
    for one, share in zip(gross, found, strict=True):
        assert abs(share - Fraction(one * tax_bp, 10_000 + tax_bp)) < 1


async def rated(desk: Desk, usual: int | None = 1900, **own: int | None) -> None:
    """Chairs and lamps at the rate of the house, advice at a rate of its own."""
    await stocked(desk)
    async with desk.work(MARA) as work:
        await order_rules.ensure_defaults(work)
        row = (await work.session.scalars(select(OrderRules))).one()
        await order_rules.change(work, row, row.version, tax_bp=usual)
        advice = await products.load(work, ADVICE)
        await products.change(work, advice, advice.version, tax_bp=own.get("advice", 700))


async def kept(desk: Desk, order_id: int) -> list[tuple[int | None, int | None]]:
    async with desk.look(CORA) as work:
        order = await orders.load(work, order_id)
        assert tax.by_rate(order.lines) == await tax.of_order(work, order)
        return [(line.tax_bp, line.tax_minor) for line in order.lines]


async def test_lines_keep_the_rate_and_the_figure_of_their_moment(desk: Desk) -> None:
    await rated(desk)
    order = await ordered(desk, of_lines((CHAIR, 2), (LAMP, 1), (ADVICE, 1)))
    assert order.total_minor == 17980  # what customers pay stays what it was
    before = [(1900, 1594), (1900, 319), (700, 393)]  # 119.80 at 19 % is 19.13, 60.00 at 7 % is 3.93
    assert await kept(desk, order.id) == before
    await rated(desk, 2000, advice=None)
    assert await kept(desk, order.id) == before
    async with desk.look(CORA) as work:
        found = await orders.load(work, order.id)
        assert tax.by_rate(found.lines) == [RateTotal(1900, 1913), RateTotal(700, 393)]
        changed = orders.draft_of(found)
        changed = replace(changed, lines=(*changed.lines, (ADVICE, 1)))
        checked = await orders.check_amendment(work, found, changed)
    async with desk.work(CORA) as work:
        await orders.amend(
            work,
            await orders.load(work, order.id),
            changed,
            fingerprint=orders.fingerprint(checked),
            expected_amended=0,
            reason="One hour more.",
        )
    assert await kept(desk, order.id) == [*before, (2000, 1000)]


async def test_a_desk_without_a_rate_tells_of_none(desk: Desk) -> None:
    order = await ordered(desk)
    assert await kept(desk, order.id) == [(None, None), (None, None)]
    async with desk.look(CORA) as work:
        assert tax.by_rate((await orders.load(work, order.id)).lines) == []


async def test_when_the_list_price_holds_the_tax_is_that_of_it(desk: Desk) -> None:
    await rated(desk)
    draft = replace(of_lines((CHAIR, 1)), own_prices=(OwnPrice(CHAIR, "11.90", "A scratch."),))
    order = await ordered(desk, draft)
    assert (order.status, await kept(desk, order.id)) == (OrderStatus.DRAFT, [(1900, 190)])
    async with desk.work(SAM) as work:
        waiting = (await work.session.scalars(select(OrderApproval.id))).one()
        await orders.refuse_price(work, await orders.load_approval(work, waiting), "Too low.")
    assert await kept(desk, order.id) == [(1900, 797)]


async def test_confirmation_and_receipt_tell_the_tax_by_rate(desk: Desk) -> None:
    await rated(desk)
    order_id = await led_to(desk, OrderStatus.CONFIRMED)
    async with desk.work(CORA) as work:
        order = await orders.load(work, order_id)
        await payments.charge(work, order, method=PaymentMethod.CASH, amount_minor=5000)
    async with desk.look(CORA) as work:
        told = (await work.session.scalars(select(Message.body_text).order_by(Message.id))).all()
    for one in told:
        assert "taxes: [RateTotal(tax_bp=1900, tax_minor=1593), RateTotal(tax_bp=700, tax_minor=393)]" in one


async def test_a_rate_is_a_share_and_is_changed_by_managers_alone(desk: Desk) -> None:
    await rated(desk)

    async def change(tax_bp: int) -> None:
        async with desk.work(MARA) as work:
            row = (await work.session.scalars(select(OrderRules))).one()
            await order_rules.change(work, row, row.version, tax_bp=tax_bp)

    for wrong in (-1, 10_001):
        with pytest.raises(NotAccepted) as refused:
            await change(wrong)
        assert refused.value.fields == {"tax_bp": "Between 0 and 100 percent."}
    for actor in (CORA, SAM, FIN):
        async with desk.work(actor) as work:
            row = (await work.session.scalars(select(OrderRules))).one()
            with pytest.raises(NotAllowed):
                await order_rules.change(work, row, row.version, tax_bp=0)
