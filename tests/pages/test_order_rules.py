"""What holds for every order, and what a product says of itself, kept in the tables and told on the order. S1-4.4.1a"""

from sqlalchemy import select

from models import OrderRules, Product
from portal.desk import order_rules
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA
from tests.shop import ADVICE, ordered, stocked
from tests.visits import Visitor
from tests.wizard import Walk, known, stored, to_lines

ADVICE_FORM = {
    "version": "1",
    "sku": "AD-1",
    "name": "Advice",
    "unit": "hour",
    "price": "60",
    "currency": "EUR",
    "active": "y",
}


async def test_the_tax_of_the_house_and_of_a_product_stand_on_the_order(desk: Desk, visitor: Visitor) -> None:
    await stocked(desk)
    async with desk.work(MARA) as work:
        await order_rules.ensure_defaults(work)
    mara = await visitor(MARA)
    for wrong in ("101", "-1", "x", "7.123"):
        answer = await mara.post("/admin/order-rules/edit/1", data={"version": "1", "tax": wrong})
        assert (answer.status_code, "Between 0 and 100, such as 7.5." in answer.text) == (422, True)
        assert f'value="{wrong}"' in answer.text
        answer = await mara.post(f"/admin/products/edit/{ADVICE}", data={**ADVICE_FORM, "tax": wrong})
        assert (answer.status_code, "Between 0 and 100, such as 7.5." in answer.text) == (422, True)
    assert (
        await mara.post("/admin/order-rules/edit/1", data={"version": "1", "tax": "19"})
    ).status_code == 303
    answer = await mara.post(f"/admin/products/edit/{ADVICE}", data={**ADVICE_FORM, "tax": "7,5 %"})
    assert answer.status_code == 303
    async with desk.look(SYSTEM) as work:
        usual = (await work.session.scalars(select(OrderRules.tax_bp))).one()
        assert (usual, (await work.session.get_one(Product, ADVICE)).tax_bp) == (1900, 750)
    assert 'value="7.5"' in (await mara.get(f"/admin/products/edit/{ADVICE}")).text
    order = await ordered(desk)
    page = " ".join((await (await visitor(CORA)).get(f"/orders/{order.id}")).text.split())
    for told in ("Includes tax 19 %", "€15.93", "Includes tax 7.5 %", "€4.19", "€159.80"):
        assert told in page
    table = " ".join((await mara.get(f"/admin/orders/details/{order.id}")).text.split())
    assert "€4.19 (7.5 %)" in table
    assert (await mara.post("/admin/order-rules/edit/1", data={"version": "2", "tax": ""})).status_code == 303
    assert "none" in (await mara.get("/admin/order-rules/list")).text
    cora = await visitor(CORA)
    assert (
        await cora.post("/admin/order-rules/edit/1", data={"version": "3", "tax": "1"})
    ).status_code == 403


async def test_packs_are_told_and_asked_for_in_the_wizard(desk: Desk, visitor: Visitor) -> None:
    """S0-3.1.2b, S1-4.1.2c"""
    await known(desk)
    mara = await visitor(MARA)
    packed = {**ADVICE_FORM, "pack_size": "6", "least_quantity": "10"}
    answer = await mara.post(f"/admin/products/edit/{ADVICE}", data={**packed, "pack_size": "0"})
    assert (answer.status_code, "Between 1 and 1,000,000 units." in answer.text) == (422, True)
    assert (await mara.post(f"/admin/products/edit/{ADVICE}", data=packed)).status_code == 303
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    found = await walk.client.post(
        f"/intakes/{walk.id}/parts/lines", data={"look": "advice"}, headers={"hx-request": "true"}
    )
    assert "/ hour, in packs of 6, at least 12" in " ".join(found.text.split())
    await walk.send(do=f"add:{ADVICE}")
    assert (await stored(desk, walk.id)).answers["lines"] == {"product-1": str(ADVICE), "quantity-1": "12"}
    assert "in packs of 6, at least 12" in walk.text
    await walk.send(**{"product-1": str(ADVICE), "quantity-1": "13"})
    assert (walk.at, "Advice comes in packs of 6, at least 12: 12 or 18." in walk.text) == ("lines", True)
    assert 'value="13"' in walk.page.text
    await walk.send(**{"product-1": str(ADVICE), "quantity-1": "13", "do": f"add:{ADVICE}"})
    assert (await stored(desk, walk.id)).answers["lines"]["quantity-1"] == "19"
    await walk.send(**{"product-1": str(ADVICE), "quantity-1": "18"})
    assert walk.at == "delivery"
