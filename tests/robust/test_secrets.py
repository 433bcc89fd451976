"""What must never be shown, logged or kept: the session, the provider's token, answers of callers, card numbers."""

from __future__ import annotations

import itertools
import logging
import re
import unicodedata
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from models import SignInSession
from portal.desk import rulebook
from portal.desk.cards import REFUSAL
from portal.desk.work import SYSTEM, Desk
from portal.routes import PAGES
from tests.admin_views.story import lived
from tests.cast import CORA, FRED, MARA, Clock
from tests.harness.smtp import MailServer
from tests.house.test_doors import doors
from tests.html import Element, Form
from tests.robust.stored import everything, holding
from tests.scene import busy_monday
from tests.seat import Seat
from tests.stories.desk_of_the_day import Day, opened
from tests.visits import signed_in
from tests.wizard import known

CARD = "4111111111111111"
"""The number that card companies give out for tests."""
SPELLINGS = (
    CARD,
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "My card is 4111, 1111, 1111, 1111.",
    "".join(chr(0xFF10 + int(digit)) for digit in CARD),
    "".join(chr(0x0660 + int(digit)) for digit in CARD),
    "4111\u200b1111\u00a01111\u20111111",
    "+4111 1111 1111 1111",
)
TYPED = {"text", "search", "tel", "email", ""}
"""Types of fields into which a person may type words."""
EXACT = {
    "amount",
    "email",
    "on_hand",
    "pack_size",
    "least_quantity",
    "warn",
    "warranty_months",
    "order",
    "language",
    "price",
    "currency",
    "zone",
    "hours",
}
"""What has to be exactly something: a card number is refused there as anything else is."""
LOOKING = {"/search", "/customers", "/orders"}
"""Where something is looked for, as at each list of the tables."""
CODES = {"sku"}
"""Codes of goods are long numbers of their own: one in ten would pass for a card's."""


def plain(text: str) -> str:
    """The text with every digit as 0 to 9 and nothing between them."""
    digits = "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
    return re.sub(r"(?<=\d)[^\w]{1,3}(?=\d)", "", digits)


async def cards_in(desk: Desk) -> list[str]:
    return [name for name, text in (await everything(desk)).items() if CARD in plain(text)]


def free_text(page: Element, form: Form) -> list[str]:
    """The fields of a form that take words: not the hidden ones, the choices and the days."""
    taken = [one for one in page.each("textarea") if one.attributes.get("name") in form.names]
    taken += [
        one
        for one in page.each("input")
        if one.attributes.get("name") in form.names and one.attributes.get("type", "") in TYPED
    ]
    return list(dict.fromkeys(one.attributes["name"] for one in taken))


class Typist:
    """Types a card number into field after field, in another spelling each time; notes where it was not refused."""

    def __init__(self, desk: Desk, seat: Seat) -> None:
        self.desk = desk
        self.seat = seat
        self.spellings: Iterator[str] = itertools.cycle(SPELLINGS)
        self.asked: set[str] = set()
        self.taken: list[str] = []

    async def try_page(self, *, drafts: bool = False, all_spellings: bool = False) -> None:
        """Every field of every form of the page on the screen."""
        page, here = self.seat.page, str(self.seat.answer.url)
        for form in self.seat.forms():
            action = form.action or here
            if form.method != "POST" or action in {"/sign-out", "/contacts"}:
                continue
            for name in free_text(page, form):
                if name in CODES:
                    continue
                for spelling in SPELLINGS if all_spellings else [next(self.spellings)]:
                    await self._type(form, action, name, spelling)
                    if drafts and form.id == "answers":
                        await self._type(form, f"{action}/draft", name, spelling)
        await self.seat.open(here)

    async def _type(self, form: Form, action: str, name: str, spelling: str) -> None:
        pairs = {
            **dict.fromkeys((one for one in free_text(self.seat.page, form) if one not in EXACT), "Words."),
            **chosen(form),
            **written(form),
            name: spelling,
        }
        if "revision" in pairs:
            step = action.removesuffix("/draft").removesuffix("/abandonment")
            fresh = await self.seat.client.get(step, follow_redirects=True)
            found = re.search(r'name="revision"\s+value="(\d+)"', fresh.text)
            pairs["revision"] = found[1] if found else pairs["revision"]
        answer = await self.seat.client.post(action, data=pairs)
        self.asked.add(name)
        if action in LOOKING or action.endswith("/list"):  # kept nowhere, and sealed in the address
            led = answer.headers["location"]
            if CARD in plain(led) or (await self.seat.client.get(led)).status_code >= HTTPStatus.BAD_REQUEST:
                self.taken.append(f"{action} leads to {led}")
            return
        told = REFUSAL in answer.text or name in EXACT
        if answer.status_code != 422 or not told:
            self.taken.append(f"{answer.status_code} {action} {name}: {spelling!r}")


def chosen(form: Form) -> dict[str, str]:
    """The last of each choice: that a form is complete but for the one field."""
    return {name: values[-1] for name, values in form.choices}


def written(form: Form) -> dict[str, str]:
    """What stands in the form already."""
    return {name: value for name, value in form.values if value}


Script = tuple[dict[str, str], ...]
ORDER: Script = (
    {"greeted": "yes"}, {"choice": "1"}, {"postcode": "10115", "email": "ana@example.com"}, {"situation": "order"},
    {"look": "CH-1"}, {"quantity-1": "1"}, {"method": "delivery"}, {"checked": "yes"},
    {"agreed": "yes", "how": "spoken"}, {}, {"when": "later"}, {"understood": "yes"},
)  # fmt: skip
COMPLAINT: Script = (
    {"greeted": "yes"}, {"choice": "1"}, {"postcode": "10115", "email": "ana@example.com"}, {"situation": "complaint"},
    {"statement": "It leaks."}, {"restated": "It leaks.", "agreed": "yes"}, {"apology": "given"},
    {"offer-refund": "yes", "offer-exchange": "yes"}, {"settled": "handed_on", "severity": "high", "why": "No power."},
    {"understood": "yes"},
)  # fmt: skip
INQUIRY: Script = (
    {"greeted": "yes"}, {"choice": "new", "name": "Rosa Blau", "phone": "030 5550177"}, {"situation": "inquiry"},
    {"need": "Opening hours?"},
    {"answer": "At nine.", "settled": "resolved"}, {"understood": "yes"},
)  # fmt: skip


@pytest.fixture
async def cora(app: Starlette, desk: Desk) -> AsyncIterator[Seat]:
    seat = Seat(app)
    seat.client.cookies.set("handrail", await signed_in(desk, CORA), domain="127.0.0.1")
    yield seat
    await seat.close()


@pytest.mark.parametrize("all_spellings", [False, pytest.param(True, marks=pytest.mark.full)])
@pytest.mark.parametrize("script", [ORDER, COMPLAINT, INQUIRY], ids=["order", "complaint", "inquiry"])
async def test_no_field_of_the_wizard_takes_a_card_number(
    desk: Desk,
    cora: Seat,
    script: Script,
    *,
    all_spellings: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Decision 7, S0-3.5.2a"""
    caplog.set_level(logging.DEBUG, "handrail")
    await known(desk)
    await cora.open("/contacts/new")
    await cora.send(cora.form("/contacts"))
    typist = Typist(desk, cora)
    for answers in (*script, None):
        step = cora.at.rsplit("/", 1)[-1]
        if step == "who":
            await typist.try_page(drafts=True, all_spellings=all_spellings)
            await cora.send(cora.form("answers"), press="New customer")
            await typist.try_page(drafts=True, all_spellings=all_spellings)
        elif step != "verify":  # what is typed there is compared and not kept: see below
            await typist.try_page(drafts=True, all_spellings=all_spellings)
        if answers is not None:
            form = cora.form("answers")
            typed = {name: value for name, value in answers.items() if name != "choice"}
            kept = [pair for pair in form.filled({}) if pair[0] not in answers]
            answer = await cora.client.post(form.action, data=dict([*kept, *(typed | answers).items()]))
            await cora.open(str(answer.url.join(answer.headers.get("location", cora.at))))
            assert cora.at.rsplit("/", 1)[-1] != step or step == "lines", (step, answer.status_code)
    assert typist.taken == []
    assert (await cards_in(desk), CARD in plain(caplog.text)) == ([], False)
    assert len(typist.asked) > 6


@pytest.mark.parametrize("all_spellings", [False, pytest.param(True, marks=pytest.mark.full)])
async def test_no_form_of_any_page_takes_a_card_number(
    app: Starlette, desk: Desk, clock: Clock, *, all_spellings: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "handrail")
    day = await lived(desk)
    scene = await busy_monday(desk, clock)
    async with desk.work(MARA) as work:
        draft = (await rulebook.draft(work)).id
    pages = [
        *(f"/cases/{one}" for one in (scene.complaint, scene.waiting, scene.resolved, scene.payment_issue)),
        f"/orders/{scene.order}", f"/orders/{scene.prepared}", "/customers/1", "/follow-ups", "/messages",
        "/escalations?show=all",
        *(f"/admin/{name}/edit/{day.of(name)}" for name in ("customers", "products", "calendars")),
        "/admin/customers/create", "/admin/products/create", "/admin/customers/list", "/admin/payments/list",
        *(f"/policy/versions/{draft}{one}" for one in ("", "/rows/new", "/rows/resolve", "/calendars/1", "/calendars/new")),
    ]  # fmt: skip
    for who in (MARA, CORA, FRED):
        seat = Seat(app)
        seat.client.cookies.set("handrail", await signed_in(desk, who), domain="127.0.0.1")
        typist = Typist(desk, seat)
        for address in pages:
            await seat.open(address)
            await typist.try_page(all_spellings=all_spellings)
        assert typist.taken == []
        await seat.close()
    assert (await cards_in(desk), CARD in plain(caplog.text)) == ([], False)


async def test_what_a_caller_answers_is_compared_and_never_kept(
    desk: Desk, cora: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    """Decision 18, S2-2.1: neither what was said nor what would have been right."""
    caplog.set_level(logging.DEBUG, "handrail")
    await known(desk)
    await cora.open("/contacts/new")
    await cora.send(cora.form("/contacts"))
    await cora.send(cora.form("answers"), {"greeted": "yes"})
    await cora.client.post(cora.at, data={**dict(cora.form("answers").values), "choice": "1"})
    await cora.open(cora.at.replace("who", "verify"))
    said = {
        "postcode": "Q7Q 913",
        "email": "q7q@nowhere.example",
        "phone": "+49 7913 7913",
        "order_number": "HR-Q7Q",
    }
    await cora.send(cora.form("answers"), said)
    shown = cora.answer.text
    assert "0 of 2 match" in cora.words
    draft = await cora.client.post(f"{cora.at}/draft", data={**dict(cora.form("answers").values), **said})
    await cora.open("/customers/1")
    for page in (shown, draft.text, cora.answer.text):
        assert [
            word for word in ("Q7Q", "q7q", "7913 7913", "10115", "ana@example", "1234567") if word in page
        ] == []
    assert {word: await holding(desk, word) for word in ("Q7Q", "q7q", "7913 7913", "79137913")} == {
        "Q7Q": [],
        "q7q": [],
        "7913 7913": [],
        "79137913": [],
    }
    assert "7913 7913" not in caplog.text


@pytest.fixture
async def day(database: str, tmp_path: Path, clock: Clock, smtp: MailServer) -> AsyncIterator[Day]:
    made = await opened(database, tmp_path, clock, smtp)
    yield made
    await made.close()


async def test_the_session_and_the_token_stay_where_they_belong(
    day: Day, caplog: pytest.LogCaptureFixture
) -> None:
    """Signed in for real; then everything Mara can open, the trail and the log are read for her cookie and her token."""
    caplog.set_level(logging.DEBUG, "handrail")
    (mara,) = await day.come("Mara")
    secret = mara.client.cookies["handrail"]
    async with day.desk.look(SYSTEM) as work:
        row = (await work.session.scalars(select(SignInSession))).one()
    assert row.id_token is not None
    words = {
        "cookie": secret,
        "token": row.id_token,
        "signature": row.id_token.rsplit(".", 1)[1],
        "hash": row.id_hash,
    }
    shown: list[str] = []
    for method, path, _ in doors():
        if method == "GET":
            answer = await mara.client.get(re.sub(r"\{[^}]+\}", "1", path))
            told = [
                f"{name}: {value}" for name, value in answer.headers.multi_items() if name != "set-cookie"
            ]
            shown += [
                f"{path} {name}" for name, word in words.items() if word in answer.text or word in str(told)
            ]
    assert len(PAGES) > 40
    assert shown == []
    kept = {name: await holding(day.desk, word) for name, word in words.items()}
    assert kept == {"cookie": [], "token": ["sessions"], "signature": ["sessions"], "hash": ["sessions"]}
    assert [name for name, word in words.items() if word in caplog.text] == []
