"""The terms are shown where the order is read back, and stand on its page. S4-4.2"""

from portal.desk import order_terms
from portal.desk.work import Desk
from tests.cast import CORA, MARA
from tests.visits import Visitor
from tests.wizard import Walk, fingerprint, known, to_read_back

SHOWN = "The terms the order is placed under"
KEPT = "The terms it was placed under"


async def test_the_wizard_shows_the_terms_and_the_order_names_them(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    cora = await visitor(CORA)
    walk = await Walk(cora).begin()
    await to_read_back(walk)
    assert SHOWN not in walk.page.text
    async with desk.work(MARA) as work:
        words = "Goods stay <ours>.\nWe deliver in the EU."
        await order_terms.add(work, words_en=words, words_de="", valid_from=work.now.date())
    await walk.open("read_back")
    assert SHOWN in walk.page.text
    assert "Goods stay &lt;ours&gt;.<br>We deliver in the EU." in walk.page.text
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    await walk.send()
    order = (await cora.get("/orders/1")).text
    assert (KEPT in order, "Version 1" in order, "Goods stay &lt;ours&gt;.<br>" in order) == (
        True,
        True,
        True,
    )
