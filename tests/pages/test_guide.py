"""The guide knows every page and says the labels that are there; a tour leads through pages and is kept. S1-7.1, S3-17"""

import re
from pathlib import Path

import httpx2
import pytest

from portal.desk import guide, training
from portal.desk.permissions import Open
from portal.desk.scripts import SCRIPTS
from portal.desk.work import Desk
from portal.routes import PAGES
from tests.cast import CORA, FIN, SAM
from tests.desk import stories
from tests.visits import Visitor

ROOT = Path(__file__).resolve().parents[2]
FOR_PEOPLE = sorted(
    one.path for one in PAGES if one.allow is not Open.PUBLIC and one.methods and "GET" in one.methods
)
NO_TOPIC = {"/", "/search", "/guide", "/guide/{topic}", "/guide/tours/{tour}/{stop:id}"}
"""My desk and the search have the first topic; the guide needs none about itself."""


def test_every_page_has_a_topic() -> None:
    """S1-7.1"""
    assert {path for path in FOR_PEOPLE if guide.about(path).key == guide.HOME} == NO_TOPIC
    assert guide.about("/admin/customers/list").key == "house"
    assert guide.about("/orders/7").key == "orders"


def test_no_address_leads_to_two_topics() -> None:
    told = [address for one in guide.topics().values() for address in one.addresses]
    assert sorted(set(told)) == sorted(told)


def test_the_guide_names_labels_as_they_stand_on_the_pages() -> None:
    """A button that is renamed fails here, so that the guide does not speak of one that is gone."""
    guide_says = "".join(file.read_text("utf-8") for file in sorted(guide.FOLDER.glob("*.toml")))
    shown = "".join(
        file.read_text("utf-8")
        for folder, kind in (("templates", "*.html"), ("portal/desk", "*.py"), ("portal/sop", "*.toml"))
        for file in (ROOT / folder).rglob(kind)
        if guide.FOLDER not in file.parents
    )
    labels = set(re.findall(r"“([^”]+)”", guide_says)) - {"…"}
    assert len(labels) > 40
    assert {label for label in labels if label not in shown} == set()


def test_what_a_tour_needs_opens_each_of_its_pages() -> None:
    allowed = {one.path: one.allow for one in PAGES if one.methods and "GET" in one.methods}
    for tour in guide.tours().values():
        for stop in tour.stops:
            allow = allowed[stop.address.replace(guide.A_CASE, "/cases/{case_id:id}")]
            assert allow in (*tour.needs, Open.SIGNED_IN, "practise"), (tour.key, stop.address)


@pytest.mark.parametrize(
    "mark", ["", "tracking", "tracking-0", "tracking-6", "tracking-²", "x-1", "-1", "tracking-" + "9" * 900]
)
def test_a_wrong_mark_is_no_tour(mark: str) -> None:
    assert guide.standing(mark) is None


async def test_a_word_leads_to_its_topics_and_to_nothing_else(visitor: Visitor) -> None:
    fin = await visitor(FIN)
    page = (await fin.get("/guide?q=Retoure")).text
    assert "Nothing says “Retoure”." in page
    page = (await fin.get("/guide?q=erase for GOOD")).text
    assert re.findall(r'href="/guide/(\w+)"', page) == ["privacy"]
    assert (await fin.get("/guide/nothing")).status_code == 404
    assert (await fin.get("/guide/tours/tracking/1")).status_code == 403


async def walked(client: httpx2.AsyncClient, tour: str, stops: list[int]) -> list[str]:
    """Where each stop leads, without what stands behind the question mark."""
    found = []
    for number in stops:
        answer = await client.get(f"/guide/tours/{tour}/{number}")
        where = answer.headers["location"]
        assert where.endswith(f"?tour={tour}-{number}")
        page = await client.get(where)
        assert (page.status_code, f"{number} of {len(guide.tour(tour).stops)}:" in page.text) == (200, True)
        assert "Standing(" not in page.text  # what the strip knows is no name of a page's own
        found.append(re.sub(r"\d+", "N", where.partition("?")[0]))
    return found


async def test_a_tour_is_walked_and_kept(visitor: Visitor, desk: Desk) -> None:
    """S3-17.1.1a, S3-17.1.1b, S3-17.1.1c: all stops are come to, or the record says which were not."""
    cora = await visitor(CORA)
    assert await walked(cora, "escalating", [2]) == ["/cases"]
    await stories.opened(desk)
    assert await walked(cora, "escalating", [1, 2, 3, 4]) == ["/cases", "/cases/N", "/practice", "/"]
    ended = await cora.post("/guide/tours/escalating/end")
    assert "all met" in (await cora.get(ended.headers["location"])).text
    assert await walked(cora, "recording", [1, 2, 3, 4, 5]) == [
        "/contacts/new",
        "/customers",
        "/cases/N",
        "/library",
        "/practice",
    ]
    await walked(cora, "tracking", [1, 5])
    ended = await cora.post("/guide/tours/tracking/end")
    page = (await cora.get(ended.headers["location"])).text
    assert ("not all met" in page, page.count('aria-label="not met"')) == (True, 3)
    assert (await cora.get("/guide/tours/tracking/6")).status_code == 404
    assert "Keeping track" in (await (await visitor(SAM)).get("/practice/records")).text


async def test_the_manual_has_every_script_with_its_version_on_each_printed_page(visitor: Visitor) -> None:
    """S3-18.2: the head of a table stands again on each page that its body fills; so does the version in it."""
    page = (await (await visitor(CORA)).get("/manual")).text
    assert re.findall(r'id="chapter-(\w+)"', page) == list(SCRIPTS)
    heads = re.findall(r"<thead>\s*<tr>\s*<td>(.*?)</td>", page, re.DOTALL)
    assert [" version 1 " in one for one in heads] == [True] * len(SCRIPTS) + [False, False]
    assert page.count('class="hr-diagram"') == len(SCRIPTS)
    assert "Times and levels" not in page
    assert page.count("What has to come of it") == len(training.scenarios())
    assert "Times and levels, version" in (await (await visitor(SAM)).get("/manual")).text
