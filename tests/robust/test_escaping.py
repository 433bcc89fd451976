"""Whatever people typed is shown as text: on every page, in every table, letter, lookup and file, to everybody."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, Page
from playwright.async_api import Error as BrowserError
from sqlalchemy import update
from starlette.applications import Starlette

from admin_views import registry
from models import ContactAnswer, Customer, Message, Order, Product
from portal.app import create_app
from portal.desk import audit
from portal.desk.permissions import May
from portal.desk.work import SYSTEM, Actor, Desk
from portal.settings import Settings
from tests.browser.serving import served
from tests.cast import ANA, CORA, EVERYBODY, MARA, SAM, Clock
from tests.house.test_doors import doors, may
from tests.html import Element, forms, read
from tests.robust.hostile import EVALUATED, LONG, MARK, MIDDLE, Dressed, dressed, newest_entry
from tests.robust.raw import FORM, Ask, send
from tests.visits import signed_in

WHY = urlencode({"reason": "A trial", "recipient": "Sam", "ground": "contract"}).encode()
"""What an export asks for."""

TAGS = frozenset(
    re.findall(
        r"\w+",
        "html head meta title script link style body a header nav ul ol li main h1 h2 h3 h4 p span strong em div section "
        "form fieldset legend label input select option optgroup textarea button table caption thead tbody tfoot tr th "
        "td dl dt dd details summary svg use path time blockquote kbd small code pre del ins s hr br iframe dialog "
        "output datalist template noscript q aside footer article b i abbr figure figcaption sup sub col colgroup meter "
        "g defs desc marker rect text tspan line polyline polygon circle",
    )
)
ADDRESSES = ("href", "src", "action", "formaction", "data-href", "poster", "hx-get", "hx-post")
WORKED_OUT = "a sum in a text was worked out"
OUR_WAYS = re.compile(r"(/(?!/)|#|\?|http://127\.0\.0\.1:8000(/|$)|mailto:|tel:|$)")


def wrong_with(page: str, *, letter: bool = False) -> list[str]:
    """What on a page is not ours."""
    return faults_of(read(page), letter=letter) + ([WORKED_OUT] if EVALUATED in page else [])


def faults_of(page: Element, *, letter: bool = False) -> list[str]:
    found = []
    for one in page.each():
        names = " ".join((one.tag, *one.attributes))
        if MARK in names or one.tag not in TAGS:
            found.append(f"<{names}>")
        if one.tag == "script" and ("src" not in one.attributes or one.raw.strip()):
            found.append(f"a script within the page: {one.raw[:60]}")
        if one.tag == "img" and not letter:
            found.append(f"an image: {one.attributes}")
        for name, value in one.attributes.items():
            if name.startswith(("on", "hx-on")) or name == "srcdoc" or (name == "style" and not letter):
                found.append(f"<{one.tag} {name}={value[:60]}>")
            if name in ADDRESSES and not OUR_WAYS.match(value):
                found.append(f"<{one.tag} {name}={value[:60]}>")
    return found


def addresses(there: Dressed, actor: Actor, entry: int) -> list[str]:
    """Every page this person may open, with rows that are there."""
    ids = {
        **there.names,
        "case_id": there.scene.complaint, "order_id": there.scene.order, "customer_id": ANA, "intake_id": 1, "step": "greet",
        "token": there.token, "message_id": there.messages[-1], "path": "css/tabler.min.css",
    }  # fmt: skip
    found = []
    for method, path, permission in doors():
        if method != "GET" or not may(actor, permission) or path.startswith(("/sign-in", "/admin/statics")):
            continue
        if "{pk}" in path:
            table = path.split("/")[2]
            found.append(path.replace("{pk}", str(entry if table == "audit" else there.day.of(table))))
        elif "intakes" not in path:
            found.append(re.sub(r"\{([^}:]+)[^}]*\}", lambda part: str(ids[part[1]]), path))
    scene = there.scene
    looked_at = (scene.inquiry, scene.waiting, scene.resolved, scene.payment_issue, scene.secret)
    more = {
        May.SEE_CASES: [f"/cases/{one}" for one in looked_at],
        May.SEE_ORDERS: [f"/orders/{scene.prepared}", f"/orders/{there.day.order}", "/orders?show=cancelled"],
        May.TAKE_CONTACTS: there.steps if actor is CORA else there.steps[:3],
        May.SEE_TEAM: ["/follow-ups?show=team", "/escalations?show=all", "/cases?show=team"],
        May.SEE_MESSAGES: [f"/demo/mail/{one}{end}" for one in there.messages for end in ("", "/letter")],
    }  # fmt: skip
    for permission, those in more.items():
        found += those if actor.may(permission) else []
    asked = urlencode({"q": LONG, "search": LONG[:190], "show": LONG, "before": LONG, "next": LONG})
    return [
        *found,
        *(
            f"{path}?{asked}"
            for path in ("/search", "/customers", "/cases", "/orders", "/admin/customers/list")
        ),
    ]


@pytest.fixture
async def there(desk: Desk, clock: Clock) -> Dressed:
    return await dressed(desk, clock)


@pytest.fixture
async def demo(desk: Desk, database: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Starlette]:
    """The portal with the demo's mailbox: letters are shown there as customers see them."""
    del desk  # only has to be open
    made = create_app(Settings(data=tmp_path, database=database, jobs=False, demo=True), clock=clock)
    yield made
    await made.state.database.close()


@pytest.mark.parametrize("parts", [False, True], ids=["pages", "parts"])
async def test_no_text_becomes_markup(demo: Starlette, desk: Desk, there: Dressed, *, parts: bool) -> None:
    """On every page of every role, whole and as the parts that a script asks for."""
    entry, headers = await newest_entry(desk), ((b"hx-request", b"true"),) if parts else ()
    wrong: list[str] = []
    shown: set[str] = set()
    for actor in (MARA, CORA) if parts else EVERYBODY:
        secret = await signed_in(desk, actor)
        for address in addresses(there, actor, entry):
            answer = await send(demo, Ask("GET", address, headers=headers), secret)
            wrong += [f"{answer.status} at {address}"] if answer.status >= 500 else []
            if not answer.is_page:
                continue
            page = read(answer.text)
            told = faults_of(page, letter="/letter" in address)
            told += [WORKED_OUT] if EVALUATED in answer.text else []
            wrong += [f"{actor.name} {address}: {one}" for one in told]
            if MARK in page.raw:
                shown.add(re.sub(r"\d+", "1", address.partition("?")[0]))
    assert sorted(set(wrong)) == []
    assert len(shown) > (25 if parts else 60), sorted(shown)


LEADS_AWAY = re.compile(r"^/practice|/abandonment$|/take-over$")
"""Forms after which the other pages would not be there any more."""


@pytest.mark.full
async def test_what_a_form_gives_back_is_text(demo: Starlette, desk: Desk, there: Dressed) -> None:
    """A refused form comes back with what was typed."""
    entry, wrong, kept = await newest_entry(desk), [], 0
    for actor in (MARA, CORA):
        secret = await signed_in(desk, actor)
        for address in addresses(there, actor, entry):
            page = read((await send(demo, Ask("GET", address), secret)).text)
            for form in forms(page):
                if form.method != "POST" or form.action == "/sign-out" or LEADS_AWAY.search(form.action):
                    continue
                typed = dict.fromkeys(form.names, LONG) | {
                    n: v for n, v in form.values if n in {"revision", "version", "id"}
                }
                ask = Ask("POST", form.action or address, urlencode(typed).encode(), (FORM,))
                answer = await send(demo, ask, secret)
                wrong += [f"{actor.name} {ask.target}: {told}" for told in wrong_with(answer.text)]
                kept += answer.status == 422 and MARK in read(answer.text).raw + str(answer.text)
    assert sorted(set(wrong)) == []
    assert kept > 20


async def test_a_lookup_answers_data_and_no_page(demo: Starlette, desk: Desk, there: Dressed) -> None:
    del there
    answer = await send(
        demo,
        Ask(
            "POST",
            "/admin/calendar-days/ajax/lookup",
            urlencode({"name": "calendar", "term": MARK}).encode(),
            (FORM,),
        ),
        await signed_in(desk, MARA),
    )
    headers = dict(answer.headers)
    assert (headers[b"content-type"], headers[b"x-content-type-options"]) == (b"application/json", b"nosniff")
    assert [one["text"] for one in json.loads(answer.body)["results"]] == [MIDDLE]


async def test_a_letter_is_text_in_both_its_parts(desk: Desk, demo: Starlette, there: Dressed) -> None:
    """No text of a customer becomes markup of a letter, and none adds a line to its head."""
    del demo
    async with desk.look(SYSTEM) as work:
        letters = [await work.session.get_one(Message, one) for one in there.messages]
    written = [one for one in letters if one.body_html and MARK in one.body_html]
    assert {one.template for one in written} >= {"case-answer", "case-question", "delivery-update"}
    assert [told for one in written for told in wrong_with(one.body_html, letter=True)] == []
    assert [one.subject for one in letters if "\n" in one.subject or "\r" in one.subject] == []


FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|'/C calc'!A0", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\uff1d1+1", "\uff0b1",
    "\uff0d1+A1", "\uff201", '"=1+1', "'=1+1", "x;=1+1", 'x";"=1+1', "x\n=1+1", 'x;"=1+1"',
)  # fmt: skip
BEGINS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def formulas_in(text: str, separator: str) -> list[str]:
    """The cells that a spreadsheet would work out, read with this sign between cells."""
    cells = [
        cell
        for line in csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator)
        for cell in line
    ]
    return [
        cell
        for cell in cells
        if cell.lstrip(" \n").startswith(BEGINS) and not re.fullmatch(r"-?\d+([.,]\d+)*", cell.strip())
    ]


async def test_no_file_holds_a_formula(demo: Starlette, desk: Desk, clock: Clock) -> None:
    """Whether the spreadsheet takes a comma or a semicolon for the end of a cell."""
    await dressed(desk, clock)
    secret = await signed_in(desk, SAM)
    wrong: list[str] = []
    for formula in FORMULAS:
        async with desk.work(SYSTEM) as work:
            for model, names in (
                (Customer, ("name", "organisation", "email", "phone", "city")),
                (Product, ("name", "category", "unit")),
                (Message, ("subject", "to_name", "last_error")),
                (Order, ("carrier",)),
                (ContactAnswer, ("value",)),
            ):
                values = dict.fromkeys(names, formula)
                await work.session.execute(update(model).values(values).execution_options(audited=True))
            await audit.record(work, "dress")
        for view in registry.VIEWS:
            if view.exports and SAM.may(view.see):
                answer = await send(
                    demo, Ask("POST", f"/admin/{view.address}/export/csv", WHY, (FORM,)), secret
                )
                assert answer.status == 200, view.address
                for sign in (",", ";"):
                    wrong += [
                        f"{view.address} {sign} {formula!r}: {cell!r}"
                        for cell in formulas_in(answer.text, sign)
                    ]
        answer = await send(demo, Ask("POST", "/answers/difficult/calm_agree/next", WHY, (FORM,)), secret)
        assert MARK in answer.text or answer.text.count("\n") > 1
        wrong += [
            f"answers {formula!r}: {cell!r}" for sign in (",", ";") for cell in formulas_in(answer.text, sign)
        ]
    assert wrong == []


BROKEN_OUT = (
    f"document.querySelectorAll('{MARK}, [on{MARK}], [onerror], svg[onload], img[src=x], a[href^=javascript]')"
    ".length"
)


async def shown(page: Page, address: str) -> bool:
    """Whether the browser shows what is there; a file is only ever handed out, so it runs nothing."""
    try:
        await page.goto(address, wait_until="domcontentloaded")
    except BrowserError as error:
        if "Download is starting" not in error.message:
            raise
        return False
    return True


@pytest.mark.parametrize("each", [8, pytest.param(1, marks=pytest.mark.full)])
@pytest.mark.parametrize(
    "trusting",
    [pytest.param(True, id="without the policy"), pytest.param(False, id="with it", marks=pytest.mark.full)],
)
async def test_nothing_runs_in_a_browser(
    browser: Browser, run_folder: Path, tmp_path: Path, *, trusting: bool, each: int
) -> None:
    """Nothing runs, and it is not the policy alone that keeps it from running. Each fourth page, or all of them."""
    ran: list[str] = []
    async with served(run_folder, tmp_path, Clock(), demo=True) as portal:
        there = await dressed(portal.desk, portal.clock)
        entry = await newest_entry(portal.desk)
        for actor in (MARA, CORA):
            chosen = addresses(there, actor, entry)[::each]
            async with portal.seat(browser, actor, bypass_csp=trusting) as page:
                page.on("dialog", lambda dialog: ran.append(f"{page.url}: {dialog.message}"))
                for address in chosen:
                    if await shown(page, portal.address + address):
                        assert await page.evaluate(BROKEN_OUT) == 0, address
    assert ran == []
