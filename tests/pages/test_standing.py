"""How a case or an order stands, as its customer sees it behind the link in every letter. S3-14.2.1b"""

from __future__ import annotations

import re
from html import unescape

import httpx2
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from models import Customer, Message
from models.words import Channel, OrderStatus
from portal.desk import audit, correspondence, links
from portal.desk.links import Purpose
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, Clock
from tests.desk.stories import opened, resolved, the_case
from tests.shop import led_to
from tests.visits import Visitor

SECRETS = ("Ana", "kettle", "crack", "Kreuzberg", "ana@example.com", "Cora", "Chair", "10115", "€")
"""What is known of the case, the order and the customer, and stands on no page that nobody signed in to."""


def words_of(answer: httpx2.Response) -> str:
    page = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
def ours(app: Starlette) -> Desk:
    """The portal's own desk: its letters are signed with the secret that its pages know."""
    found: Desk = app.state.desk
    return found


async def linked(desk: Desk) -> list[str]:
    """The links of the letters that were written, as paths, each once."""
    async with desk.look(SYSTEM) as work:
        bodies = list(await work.session.scalars(select(Message.body_text).order_by(Message.id)))
    found = [re.search(r"^https?://[^/]+(/standing/\S+)$", one, re.MULTILINE) for one in bodies]
    return list(dict.fromkeys(one[1] for one in found if one))


async def test_a_case_is_told_from_its_beginning_to_its_end(
    ours: Desk, clock: Clock, visitor: Visitor
) -> None:
    case_id = await opened(ours, channel=Channel.EMAIL)
    (here,) = await linked(ours)
    nobody = await visitor(None)
    seen = [words_of(await nobody.get(here))]
    async with ours.work(CORA) as work:
        await correspondence.ask_customer(work, await the_case(work, case_id), "Since when is it cracked?")
    seen.append(words_of(await nobody.get(here)))
    await resolved(ours, case_id)
    seen.append(words_of(await nobody.get(here)))
    async with ours.look(SYSTEM) as work:
        number = (await the_case(work, case_id)).number
    assert seen[0].startswith(
        f"Your complaint {number} Somebody is working on it. With us since Monday 2 March"
    )
    assert "You hear from us by" in seen[0]
    assert "We asked you something" in seen[1]
    assert "It is solved." in seen[2]
    assert "You hear from us by" not in seen[2]
    assert [word for word in SECRETS for one in seen if word in one] == []
    clock.forward(days=31)
    over = await nobody.get(here)
    assert (over.status_code, "This link has expired" in over.text) == (410, True)


async def test_an_order_is_told_stage_by_stage_in_the_customers_language(
    ours: Desk, visitor: Visitor
) -> None:
    async with ours.work(CORA) as work:
        (await work.session.get_one(Customer, ANA)).language = "de"
        await audit.record(work, "speak German")
    order_id = await led_to(ours, OrderStatus.PREPARED)
    (here,) = await linked(ours)
    page = await (await visitor(None)).get(here)
    told = words_of(page)
    assert '<html lang="de">' in page.text
    assert "Sie ist gepackt und verlässt als Nächstes unser Haus." in told
    assert re.search(
        r"Bestätigt Montag, 2\. März .* Gepackt Montag, 2\. März .* Unterwegs noch nicht Angekommen", told
    )
    assert len(re.findall('aria-current="step"', page.text)) == 1
    assert [word for word in SECRETS if word in told] == []
    async with ours.look(SYSTEM) as work:
        assert links.standing(work.terms, order_id=order_id, case_id=None).endswith(here)


async def test_a_link_opens_nothing_but_what_it_was_made_for(ours: Desk, visitor: Visitor) -> None:
    case_id = await opened(ours, channel=Channel.EMAIL)
    nobody = await visitor(None)
    async with ours.look(SYSTEM) as work:
        of_case, missing = (links.token(work.terms, Purpose.CASE, one) for one in (case_id, 999_999))
        of_survey = links.token(work.terms, Purpose.SURVEYS, case_id)
        no_order = links.token(work.terms, Purpose.ORDER, 999_999)
    wrong = (
        f"orders/{of_case}", f"cases/{of_survey}", f"cases/{missing}", f"orders/{no_order}", f"cases/{of_case}x", "cases/1",
    )  # fmt: skip
    found = [(await nobody.get(f"/standing/{one}")).status_code for one in (f"cases/{of_case}", *wrong)]
    assert found == [200, *[404] * len(wrong)]
