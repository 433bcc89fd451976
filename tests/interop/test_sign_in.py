"""The portal signs in at a certified OpenID provider that was written by others."""

import re
from urllib.parse import urljoin

import pytest

from tests.interop.conftest import Table

pytestmark = pytest.mark.interop

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")


@pytest.mark.parametrize("table", [{"algorithm": one} for one in ALGORITHMS], indirect=True, ids=ALGORITHMS)
@pytest.mark.filterwarnings(
    "ignore:EdDSA is deprecated"
)  # its successors are not what providers sign with yet
async def test_a_person_signs_in_with_each_algorithm(table: Table) -> None:
    browser = table.browser()
    assert (await browser.sign_in()).text == "Person cora, supervisor"
    assert await table.people() == [
        (table.peer.issuer, "cora", "Person cora", "cora@example.com", ("supervisor",))
    ]


@pytest.mark.parametrize("table", [{"claims_apart": False}], indirect=True)
async def test_a_provider_may_say_everything_in_the_id_token(table: Table) -> None:
    assert (await table.browser().sign_in()).text == "Person cora, supervisor"


async def test_signing_out_ends_both_sessions_and_comes_back(table: Table) -> None:
    browser = table.browser()
    await browser.sign_in()
    left = await browser.walk(await browser.post("/sign-out"), logout="yes")
    assert left.url.path == "/signed-out"
    assert "Here and at the sign-in service." in left.text
    assert await browser.who() == ""
    again = await browser.get((await browser.get("/sign-in")).headers["location"])
    assert re.search(r"/interaction/", again.headers["location"]), "the provider would ask who it is"


async def test_signing_out_at_the_provider_ends_the_session_here(table: Table) -> None:
    browser, colleague = table.browser(), table.browser()
    await browser.sign_in("cora")
    await colleague.sign_in("cem")
    page = await browser.get(f"{table.peer.issuer}/session/end")
    await browser.fill_in(page, {"logout": "yes"})
    assert (await browser.who(), await colleague.who()) == ("", "Person cem, supervisor")


@pytest.mark.parametrize("name", ["one", "two"])
async def test_new_keys_are_read_anew(name: str, table: Table) -> None:
    """The provider starts again with other keys, under their old names or new ones."""
    await table.browser().sign_in()
    await table.peer.start(key_name=name)
    assert (await table.browser().sign_in("cem")).text == "Person cem, supervisor"


async def test_who_cancels_there_is_told_so(table: Table) -> None:
    browser = table.browser()
    there = await browser.get((await browser.get("/sign-in")).headers["location"])
    page = await browser.get(urljoin(table.peer.issuer, there.headers["location"]))
    abort = re.findall(r'href="([^"]*/abort)', page.text)
    back = await browser.walk(await browser.get(abort[0]))
    assert back.status_code == 401
    assert "The sign-in was cancelled" in back.text


async def test_a_provider_that_is_gone_is_a_page_with_words(table: Table) -> None:
    await table.peer.stop()
    answer = await table.browser().get("/sign-in")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
