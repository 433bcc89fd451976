"""What is looked for stands in no address and no log, and its page works on: reload, sort, next. S0-3.2.3, S3-14.1.1b"""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import httpx2
import pytest

from models import Customer
from portal.desk import audit, looking, search
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA, SAM
from tests.visits import Visitor
from tests.wizard import known

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRET = b"thirty-two bytes that nobody guesses"
NAME, MAIL, PHONE = "Zebrafinch", "zebrafinch@example.com", "+49307654321"
TYPED = (NAME, MAIL, PHONE)
WHY = {"reason": "The yearly letter", "recipient": "The printer", "ground": "contract"}
LINK = re.compile(r'(?:href|action|hx-get|hx-post|src)="([^"]*)"')


def test_a_word_is_opened_by_whoever_typed_it_and_for_a_day_at_the_desk() -> None:
    word = looking.hidden(SECRET, 7, NOW, "Zoë Zebrafinch +49 30")
    assert re.fullmatch(r"[\w-]+", word)
    assert "zebra" not in word.lower()
    assert looking.shown(SECRET, 7, NOW + looking.KEPT, word) == "Zoë Zebrafinch +49 30"
    assert looking.hidden(SECRET, 7, NOW, "a") != looking.hidden(SECRET, 7, NOW, "a")
    late = NOW + looking.KEPT + timedelta(seconds=1)
    for told in (
        looking.shown(SECRET, 8, NOW, word),
        looking.shown(SECRET, 7, late, word),
        looking.shown(SECRET[::-1], 7, NOW, word),
        *(
            looking.shown(SECRET, 7, NOW, wrong)
            for wrong in ("", "x", word[:-2], word[::-1], "ä", "A" * 5000)
        ),
    ):
        assert told == ""
    with pytest.raises(ValueError, match="32 bytes"):
        looking.hidden(b"short", 7, NOW, "x")


async def seeded(desk: Desk) -> None:
    await known(desk)
    async with desk.work(SYSTEM) as work:
        for number in range(30):
            row = Customer(
                number=f"HK-25-0001{number:02}-1", name=f"{NAME} {number:02}", email=MAIL, phone=PHONE,
                city="Berlin", created_at=work.now,
            )  # fmt: skip
            work.session.add(row)
            await work.session.flush()
            await search.index(work, row)
        await audit.record(work, "seed")


async def led(
    client: httpx2.AsyncClient, address: str, data: dict[str, str], seen: list[str]
) -> httpx2.Response:
    """Post a form and follow, noting every address on the way and every one the page leads to."""
    answer = await client.post(address, data=data)
    seen.append(str(answer.url))
    while answer.is_redirect:
        answer = await client.get(answer.headers["location"])
        seen.append(str(answer.url))
    seen += [urljoin(str(answer.url), one) for one in LINK.findall(answer.text)]
    return answer


@pytest.mark.parametrize("typed", TYPED)
async def test_no_address_and_no_log_holds_what_was_typed(
    desk: Desk, visitor: Visitor, caplog: pytest.LogCaptureFixture, typed: str
) -> None:
    caplog.set_level("DEBUG")
    await seeded(desk)
    caplog.clear()
    mara, seen = await visitor(MARA), list[str]()
    for address, field in (
        ("/search", "q"),
        ("/customers", "q"),
        ("/orders", "q"),
        ("/admin/customers/list", "search"),
        ("/admin/orders/list", "search"),
        ("/admin/contacts/list", "search"),
        ("/admin/messages/list", "search"),
    ):
        found = await led(mara, address, {field: typed}, seen)
        assert found.status_code == 200
        assert typed.lower() in found.text.lower(), address  # the box still says it, or the line above
        again = await mara.get(str(found.url))
        assert (again.status_code, typed.lower() in again.text.lower()) == (200, True)
    part = await mara.post("/customers", data={"q": typed}, headers={"hx-request": "true"})
    assert ("<html" in part.text, part.text.count("<tr data-href")) == (False, 25)
    spoken = [typed.lower(), typed.lower().replace("@", "%40").replace("+", "%2b")]
    assert [one for one in seen if any(word in one.lower() for word in spoken)] == []
    assert [one for one in caplog.messages if any(word in one.lower() for word in spoken)] == []
    assert len(seen) > 100


async def test_a_list_is_sorted_and_paged_by_names_that_stand_in_no_address(
    desk: Desk, visitor: Visitor
) -> None:
    await seeded(desk)
    sam, seen = await visitor(SAM), list[str]()
    page = await led(sam, "/admin/customers/list", {"search": NAME, "sort": "name"}, seen)
    told = re.findall(rf"{NAME} \d\d", page.text)
    (older,) = (one for one in re.findall(r'href="(\?[^"]*after=[^"]*)"', page.text))
    following = await sam.get(urljoin(str(page.url), older.replace("&amp;", "&")))
    told += re.findall(rf"{NAME} \d\d", following.text)
    assert told == [f"{NAME} {number:02}" for number in range(30 - search.LIMIT, 30)]
    assert [one for one in [*seen, older] if NAME.lower() in one.lower()] == []
    saved = await sam.post(
        "/admin/customers/export/csv", data={**WHY, "for": re.findall("for=([^&]+)", str(page.url))[0]}
    )
    assert saved.text.count(NAME) == 30


async def test_a_word_of_somebody_else_finds_nothing(desk: Desk, visitor: Visitor) -> None:
    await seeded(desk)
    mine = await led(await visitor(SAM), "/customers", {"q": NAME}, [])
    assert NAME in mine.text
    cora = await visitor(CORA)
    assert NAME not in (await cora.get(str(mine.url))).text
    straight = await cora.post("/search", data={"q": ""})
    assert straight.headers["location"] == "/search"
