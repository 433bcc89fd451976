"""Asking inventory on the screen: from the order or by code, answered on the list, read on the desk. S1-3.2a"""

import re

from portal.desk import orders
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, INA
from tests.shop import ordered
from tests.visits import Visitor


async def test_inventory_is_asked_answers_and_the_desk_reads_it(desk: Desk, visitor: Visitor) -> None:
    order = await ordered(desk)
    cora, ina = await visitor(CORA), await visitor(INA)
    async with desk.look(SYSTEM) as work:
        line = (await orders.load(work, order.id)).lines[0].id
    refused = await cora.post(f"/orders/{order.id}/availability", data={"line": "9", "question": "Blue?"})
    assert (refused.status_code, "Choose one of the lines." in refused.text, "Blue?</textarea>" in refused.text) == (
        422, True, True
    )  # fmt: skip
    form = {"line": str(line), "question": "Blue?"}
    said = [(await cora.post(f"/orders/{order.id}/availability", data=form)).status_code for _ in range(2)]
    assert said == [303, 409]
    wrong = await cora.post("/availability", data={"sku": "LA-9", "quantity": "no"})
    assert (wrong.status_code, re.findall(r'<a href="#(ask-\w+)">', wrong.text)) == (422, ["ask-sku"])
    assert (await cora.post("/availability", data={"sku": "la-1", "quantity": "3"})).status_code == 303
    assert "What is available?" in (await ina.get("/")).text
    assert re.findall(r"<h2 id=\"asked-\d-title\">(.*?) <span", (await ina.get("/availability")).text) == [
        "2 × Chair", "3 × Lamp"
    ]  # fmt: skip
    refused = await ina.post("/availability/1/answer", data={"expected_on": "soon", "remark": "Look below."})
    assert re.findall(r'<a href="#(1-answer-\w+)">(.*?)</a>', refused.text) == [
        ("1-answer-answer", "Choose what is there."),
        ("1-answer-expected_on", "Write a day such as 2026-03-05."),
    ]
    assert (refused.status_code, 'value="Look below."' in refused.text) == (422, True)
    answered = await ina.post("/availability/1/answer", data={"answer": "yes", "remark": "In the cellar."})
    assert answered.status_code == 303
    assert "Inventory answered" in (await cora.get("/")).text
    shown = " ".join(re.sub(r"<[^>]+>", " ", (await cora.get(f"/orders/{order.id}")).text).split())
    assert "2 × Chair all there Ina, now : In the cellar." in shown
    assert (await cora.post("/availability/1/reading")).status_code == 303
    assert "Inventory answered" not in (await cora.get("/")).text
    prefilled = (await cora.get("/availability?sku=LA-1&quantity=2")).text
    assert [name in prefilled for name in ('value="LA-1"', 'value="2"')] == [True, True]
