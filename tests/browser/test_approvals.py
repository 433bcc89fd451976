"""A price of one's own, and the order that somebody else agrees to, by keyboard, on a desk and on a phone in the dark."""

from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Page
from sqlalchemy import select

from models import Order
from models.words import OrderStatus
from portal.desk.orders import OwnPrice
from portal.desk.work import SYSTEM
from tests.browser.serving import DESK, PHONE, served
from tests.browser.test_duty import looked_at, tab_to, typed
from tests.cast import CORA, SAM, Clock
from tests.shop import CHAIR, of_lines, ordered
from tests.visits import signed_in
from tests.wizard import Walk, known, to_lines


async def decide(page: Page, address: str) -> None:
    """The supervisor comes from My desk, forgets the words, and lets the list price hold."""
    await page.goto(f"{address}/")
    await tab_to(page, 'a[href="/approvals"]')
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=placed by Cora")
    await looked_at(page)
    await tab_to(page, "#approval-1 .hr-deeds details:nth-of-type(2) > summary")
    await page.keyboard.press("Enter")
    await looked_at(page)
    await tab_to(page, "#approval-1 form[action$=price] button")
    await page.evaluate("document.activeElement.form.noValidate = true")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=Say why not, in words for whoever placed it.")
    await tab_to(page, ".hr-errors a")
    await looked_at(page)
    await page.keyboard.press("Enter")  # leads to the field
    await page.keyboard.type("Too low.")
    await tab_to(page, "#approval-1 form[action$=price] button")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=No order waits for somebody to agree.")
    await looked_at(page)


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone in the dark"]
)
async def test_a_price_of_ones_own_is_refused_by_keyboard(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """S1-4.2.1b"""
    screen = {"viewport": size, "color_scheme": scheme}
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, SAM, **screen) as sam,
        portal.seat(browser, CORA, **screen) as cora,
    ):
        draft = replace(of_lines((CHAIR, 2)), own_prices=(OwnPrice(CHAIR, "40", "She has waited long."),))
        order = await ordered(portal.desk, draft)
        await cora.goto(f"{portal.address}/orders/{order.id}")
        await looked_at(cora)
        await decide(sam, portal.address)
        await cora.reload()
        await cora.wait_for_selector("text=Too low.")
        await looked_at(cora)
        async with portal.desk.look(SYSTEM) as work:
            kept = (await work.session.scalars(select(Order))).one()
            assert (kept.status, kept.total_minor) == (OrderStatus.CONFIRMED, 9980)


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone in the dark"]
)
async def test_another_price_is_typed_beside_its_line(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """S1-4.2.1b"""
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, CORA, viewport=size, color_scheme=scheme) as cora,
    ):
        await known(portal.desk)
        headers = {"sec-fetch-site": "same-origin", "origin": portal.address}
        async with httpx2.AsyncClient(base_url=portal.address, headers=headers) as client:
            client.cookies.set("handrail", await signed_in(portal.desk, CORA), domain="127.0.0.1")
            walk = await Walk(client).begin()
            await to_lines(walk)
            await walk.send(look="CH-1")
        await cora.goto(f"{portal.address}/intakes/{walk.id}/lines")
        await looked_at(cora)
        await tab_to(cora, ".in-lines summary")
        await cora.keyboard.press("Enter")
        await typed(cora, "price-1", "60")
        await typed(cora, "because-1", "A scratch.")
        await cora.keyboard.press("Enter")
        await cora.wait_for_selector("text=At most the list price, 49.90 EUR.")
        await looked_at(cora)
        await typed(cora, "price-1", "40")
        await cora.keyboard.press("Enter")
        await cora.wait_for_url("**/delivery")
        await cora.goto(f"{portal.address}/intakes/{walk.id}/lines")
        await cora.wait_for_selector("text=Somebody else has to agree to this price")
        await looked_at(cora)
