"""The thread of an order on the screen: written by every team, marked until it is read, printed with the trail. S1-4.7.2"""

import re

from portal.desk.work import Desk
from tests.cast import CORA, FIN, FRED, INA, MARA, Clock
from tests.shop import ordered
from tests.visits import Visitor


async def test_a_note_goes_from_team_to_team_on_the_page(desk: Desk, visitor: Visitor, clock: Clock) -> None:
    order = await ordered(desk)
    here = f"/orders/{order.id}"
    ina = await visitor(INA)
    for who, words, asked in (
        (CORA, "Is the <chair> there?", "inventory"),
        (FIN, "Not paid yet.", ""),
        (MARA, "Please hurry.", ""),
        (FRED, "Where is it? @Ina", ""),
    ):
        clock.forward(seconds=1)
        written = await (await visitor(who)).post(f"{here}/notes", data={"words": words, "asked": asked})
        assert (written.status_code, written.headers["location"]) == (303, f"{here}#notes")
    assert "Asked of you on orders" in (await ina.get("/")).text
    shown = (await ina.get(here)).text
    assert re.findall(r'hr-entry-words">(.*?)</p>', shown)[:4] == [
        "Where is it? @Ina", "Please hurry.", "Not paid yet.", "Is the &lt;chair&gt; there?"
    ]  # fmt: skip
    assert (shown.count("for you, not read"), "2 unread for you" in shown) == (2, True)
    refused = await ina.post(f"{here}/notes", data={"words": "@Bo knows.", "asked": "fulfilment"})
    assert (refused.status_code, re.findall(r'<a href="#(note-\w+)">', refused.text)) == (422, ["note-words"])
    assert "@Bo knows.</textarea>" in refused.text
    assert re.search(r'value="fulfilment"\s+selected', refused.text)
    assert [(await ina.post(f"{here}/notes/reading")).status_code for _ in range(2)] == [303, 409]
    assert "Asked of you on orders" not in (await ina.get("/")).text
    trail = (await ina.get(f"{here}/trail")).text
    told = [" ".join(one.split()) for one in re.findall(r"<h3>(.*?)</h3>", trail, re.DOTALL)]
    assert told == ["Internal note"] * 4 + ["Confirmation written", "Placed"]
    assert "Is the &lt;chair&gt; there?" in trail
