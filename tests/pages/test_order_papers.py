"""A paper of an order is scanned onto its page, says where it is, and stands on the trail. S1-5.2d"""

import re

from portal.desk import attachments
from portal.desk.work import Desk
from tests.cast import CORA, FRED, INA, Clock
from tests.pages.test_orders import story_of
from tests.shop import ordered
from tests.visits import Visitor

PDF = b"%PDF-1.4\nA signed form.\n"


async def test_a_scan_stands_on_the_trail_with_where_the_paper_is(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    order, other = await ordered(desk), await ordered(desk)
    here = f"/orders/{order.id}"
    cora, fred = await visitor(CORA), await visitor(FRED)
    where = {"whereabouts": "Folder 3, shelf <4>."}
    clock.forward(minutes=1)
    kept = await cora.post(f"{here}/papers", data=where, files={"scan": ("../Signed form.pdf", PDF)})
    assert (kept.status_code, kept.headers["location"]) == (303, f"{here}#papers")
    shown = (await cora.get(here)).text
    assert story_of(shown)[0] == "A paper was scanned Cora, now Signed form.pdf: Folder 3, shelf <4>."
    assert (f"{here}/papers/1" in shown, "Folder 3, shelf &lt;4&gt;." in shown) == (False, True)
    assert "Signed form.pdf: Folder 3" in (await cora.get(f"{here}/trail")).text
    assert (await cora.get(f"{here}/papers/1")).status_code == 403  # the caller is not verified
    opened = await fred.get(f"{here}/papers/1")
    assert (opened.content, opened.headers["content-type"], opened.headers["content-disposition"]) == (
        PDF, "application/pdf", "attachment; filename=\"Signed form.pdf\"; filename*=UTF-8''Signed%20form.pdf"
    )  # fmt: skip
    assert (await fred.get(f"/orders/{other.id}/papers/1")).status_code == 404
    assert (await fred.post(f"{here}/papers", data=where, files={"scan": ("b.pdf", PDF)})).status_code == 409


async def test_what_is_no_scan_is_refused_and_the_words_are_kept(desk: Desk, visitor: Visitor) -> None:
    here, ina = f"/orders/{(await ordered(desk)).id}", await visitor(INA)
    text = await ina.post(f"{here}/papers", data={"whereabouts": ""}, files={"scan": ("a.txt", b"words")})
    none = await ina.post(f"{here}/papers", data={"whereabouts": "Folder 3."})
    large = await ina.post(
        f"{here}/papers",
        data={"whereabouts": "Folder 3."},
        files={"scan": ("a.pdf", PDF + b" " * attachments.LARGEST)},
    )
    found = [dict(re.findall(r'<a href="#(paper-\w+)">(.*?)</a>', one.text)) for one in (text, none, large)]
    assert [one.status_code for one in (text, none, large)] == [422] * 3
    assert found == [
        {
            "paper-scan": "a.txt cannot be taken: send a picture or a PDF, named as what it is.",
            "paper-whereabouts": "Say where the paper is, in at most 300 characters.",
        },
        {"paper-scan": "Choose the scan of the paper."},
        {"paper-scan": "a.pdf is larger than 5 MB."},
    ]
    assert 'value="Folder 3."' in none.text
