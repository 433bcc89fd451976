"""The pick list of fulfilment: by shelf and by order, of a day or chosen, and ticked off. S1-3.3a, S1-4.1.2d"""

import re
from dataclasses import replace
from datetime import time
from html import unescape

from starlette.applications import Starlette

from models.words import OrderStatus
from portal.desk import orders, products
from portal.desk.orders import requests
from portal.desk.work import Desk
from tests.cast import CORA, FRED, MARA, Clock, berlin
from tests.house.counting import statements
from tests.pages.test_orders import stage_of, story_of
from tests.shop import ADVICE, CHAIR, DRAFT, LAMP, led_to, of_lines, ordered, stocked
from tests.visits import Visitor

HERE = "/orders/pick-list"


async def shelved(desk: Desk, **places: str) -> None:
    await stocked(desk)
    async with desk.work(MARA) as work:
        for name, shelf in places.items():
            product = await products.load(work, {"chair": CHAIR, "lamp": LAMP}[name])
            await products.change(work, product, product.version, shelf=shelf)


def read(page: str) -> str:
    content = page[page.index('class="pr-paper"') : page.index("</article>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


async def test_what_to_take_is_summed_along_the_shelves(desk: Desk, clock: Clock) -> None:
    """B-9 is walked past before B-10; of a day only what was handed over on it; what is chosen alone."""
    await shelved(desk, chair="B-10", lamp="b-9")
    first = await led_to(desk, OrderStatus.HANDED_OVER, of_lines((ADVICE, 1), (CHAIR, 2)))
    await led_to(desk, OrderStatus.CONFIRMED, of_lines((CHAIR, 1)))
    monday = clock.now.date()
    clock.forward(days=1)
    second = await led_to(desk, OrderStatus.HANDED_OVER, of_lines((CHAIR, 1), (LAMP, 1)))
    async with desk.look(FRED) as work:
        numbers = [(await orders.load(work, one)).number for one in (first, second)]
        found = await orders.pick_list(work)
        of_monday = await orders.pick_list(work, day=monday)
        chosen = await orders.pick_list(work, chosen=[second, 999])
        pages = await orders.pick_list(work, limit=1)
        last = await orders.pick_list(work, after=pages.older, limit=1)
    assert [(one.shelf, one.sku, one.units, one.for_orders) for one in found.articles] == [
        ("b-9", "LA-1", 1, [(numbers[1], 1)]),
        ("B-10", "CH-1", 3, [(numbers[0], 2), (numbers[1], 1)]),
        ("", "AD-1", 1, [(numbers[0], 1)]),
    ]
    assert [[(line.shelf, line.units) for line in one.lines] for one in found.orders] == [
        [("B-10", 2), ("", 1)],
        [("b-9", 1), ("B-10", 1)],
    ]
    listed = [[one.order.id for one in some.orders] for some in (of_monday, chosen, pages, last)]
    assert listed == [[first], [second], [first], [second]]
    assert ([one.id for one in chosen.offered], last.older) == ([first, second], "")


async def test_hours_notes_and_wishes_stand_on_it_and_orders_are_ticked_off(
    desk: Desk, visitor: Visitor
) -> None:
    await shelved(desk, chair="A-1")
    wanted = replace(
        DRAFT, requests=("Blue cushions",), wanted_on=berlin("2026-03-12 09:00").date(),
        wanted_from=time(9), wanted_until=time(12, 30),
    )  # fmt: skip
    order = await ordered(desk, wanted)
    async with desk.work(FRED) as work:
        request = (await requests.of_order(work, order.id))[0]
        await requests.decide_request(work, request, feasible=True)
    async with desk.work(CORA) as work:
        await orders.hand_over(work, await orders.load(work, order.id))
    fred = await visitor(FRED)
    shown = read((await fred.get(HERE)).text)
    for told in ("1 order,", "2 × Chair CH-1, shelf A-1", "1 × Advice AD-1, no shelf noted",
                 "Wanted Thu 12 Mar 2026, 09:00–12:30", "Note Ring twice.", "Promised Blue cushions"):  # fmt: skip
        assert told in shown
    answer = await fred.post(f"{HERE}/{order.id}/prepared")
    assert (answer.status_code, answer.headers["location"]) == (303, HERE)
    assert await stage_of(desk, order.id) == "prepared"
    assert f"{order.number} is prepared." in (await fred.get(HERE)).text
    assert (await fred.post(f"{HERE}/{order.id}/prepared")).status_code == 409
    assert story_of((await fred.get(f"/orders/{order.id}")).text)[0] == "Prepared Fred, now"
    refused = await fred.get(HERE, params={"day": "soon", "order": ["x", "-1", "9" * 30]})
    assert (refused.status_code, 'value="soon"' in refused.text) == (422, True)
    assert (await (await visitor(CORA)).get(HERE)).status_code == 403


async def test_a_longer_list_asks_no_more(desk: Desk, app: Starlette, visitor: Visitor) -> None:
    fred, counted = await visitor(FRED), []
    await fred.get(HERE)
    for _ in range(2):
        await led_to(desk, OrderStatus.HANDED_OVER, of_lines((CHAIR, 1)))
        with statements(app.state.database) as said:
            assert (await fred.get(HERE)).status_code == 200
        counted.append(len(said))
    assert counted[0] == counted[1]
