"""In which quantities products are sold: whole packs, and no fewer than some. S0-3.1.2b, S1-4.1.2c"""

from dataclasses import replace

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from models import Product
from portal.desk import orders, packs, products
from portal.desk.errors import NotAccepted
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA
from tests.shop import ADVICE, CHAIR, of_lines, ordered, stocked


@pytest.mark.parametrize(
    ("pack", "fewest", "quantity", "fitting", "rule"),
    [
        (1, 1, 7, (7,), ""),
        (6, 1, 12, (12,), "in packs of 6"),
        (6, 1, 13, (12, 18), "in packs of 6"),
        (6, 1, 5, (6,), "in packs of 6"),
        (6, 1, 6, (6,), "in packs of 6"),
        (6, 10, 6, (12,), "in packs of 6, at least 12"),
        (6, 12, 13, (12, 18), "in packs of 6, at least 12"),
        (6, 6, 7, (6, 12), "in packs of 6"),
        (1, 5, 4, (5,), "at least 5"),
        (1, 5, 5, (5,), "at least 5"),
        (1000, 1, 1500, (1000, 2000), "in packs of 1,000"),
    ],
)
def test_which_quantities_are_sold(
    pack: int, fewest: int, quantity: int, fitting: tuple[int, ...], rule: str
) -> None:
    product = Product(name="Tile", pack_size=pack, least_quantity=fewest)
    assert (packs.fitting(product, quantity), packs.told(product)) == (fitting, rule)
    near = " or ".join(f"{one:,}" for one in fitting)
    assert packs.wrong(product, quantity) == ("" if fitting == (quantity,) else f"Tile comes {rule}: {near}.")


async def packed(desk: Desk, pack: int, fewest: int = 1, product_id: int = ADVICE) -> None:
    await stocked(desk)
    async with desk.work(MARA) as work:
        row = await products.load(work, product_id)
        await products.change(work, row, row.version, pack_size=pack, least_quantity=fewest)


async def test_a_quantity_between_two_packs_is_refused_at_its_line(desk: Desk) -> None:
    await packed(desk, 6)
    async with desk.look(CORA) as work:
        found = [await orders.check(work, of_lines((CHAIR, 1), (ADVICE, units))) for units in (12, 13, 1, 0)]
    assert [one.problems for one in found] == [
        {},
        {"line-2-quantity": "Advice comes in packs of 6: 12 or 18."},
        {"line-2-quantity": "Advice comes in packs of 6: 6."},
        {"line-2-quantity": "A whole number from 1 to 1,000,000."},
    ]
    with pytest.raises(NotAccepted) as refused:
        await ordered(desk, of_lines((ADVICE, 13)))
    assert refused.value.fields == {"line-1-quantity": "Advice comes in packs of 6: 12 or 18."}


async def test_an_amendment_keeps_what_it_does_not_touch(desk: Desk) -> None:
    number = (await ordered(desk, of_lines((CHAIR, 1), (ADVICE, 4)))).id
    await packed(desk, 6)
    async with desk.look(CORA) as work:
        order = await orders.load(work, number)
        draft = orders.draft_of(order)
        found = [
            (await orders.check_amendment(work, order, replace(draft, lines=lines))).problems
            for lines in (((CHAIR, 2), (ADVICE, 4)), ((CHAIR, 1), (ADVICE, 5)), ((CHAIR, 1), (ADVICE, 6)))
        ]
    assert found == [{}, {"line-2-quantity": "Advice comes in packs of 6: 6."}, {}]


async def test_a_pack_holds_something_for_the_desk_and_for_the_database(desk: Desk) -> None:
    for wrong in ({"pack_size": 0}, {"least_quantity": 0}, {"pack_size": 1_000_001}):
        with pytest.raises(NotAccepted) as refused:
            await packed(desk, wrong.get("pack_size", 1), wrong.get("least_quantity", 1))
        assert refused.value.fields == dict.fromkeys(wrong, "Between 1 and 1,000,000 units.")
    values = {"sku": "T", "name": "T", "price_minor": 1, "pack_size": 0, "version": 1}
    async with desk.look(SYSTEM) as look:
        values["created_at"] = look.now
    with pytest.raises(IntegrityError, match="pack_holds_something"):
        async with desk.work(SYSTEM) as work:
            await work.session.execute(insert(Product).values(values).execution_options(audited=True))
