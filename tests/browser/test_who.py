"""Finding out who is speaking: open to everybody, on a desk, on a phone and in the dark."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from models import Customer
from portal.desk import verification
from tests.browser.serving import DESK, PHONE, served
from tests.cast import ANA, CORA, SAM, Clock
from tests.harness.browser import axe
from tests.wizard import known

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


async def looked_at(page: Page) -> None:
    await axe(page)
    assert await page.evaluate(FITS), page.url


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone in the dark"]
)
async def test_everyone_can_find_out_who_is_speaking(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """S2-1.4, S2-2.1, S2-6.2, S2-12.4"""
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, CORA, viewport=size, color_scheme=scheme) as page,
        portal.seat(browser, SAM, viewport=size, color_scheme=scheme) as sam,
    ):
        await known(portal.desk)
        await page.goto(f"{portal.address}/contacts/new?channel=social")
        await page.get_by_label("Network").fill("Bird site")
        await looked_at(page)
        await page.get_by_role("button", name="Begin contact").click()
        await page.get_by_label("I have greeted the customer").check()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/redirect")
        await looked_at(page)
        await page.get_by_label("only asks or complains, and stays").check()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/who")
        await page.get_by_role("searchbox", name="Phone, e-mail, order number or name").fill("ana")
        await page.get_by_role("button", name="Ana E••••").click()
        await page.wait_for_url("**/verify")
        await looked_at(page)
        await page.get_by_role("link", name="Details").click()
        await looked_at(page)
        await page.get_by_role("link", name="Verify the caller").click()
        await page.get_by_text("Another way: a code by mail, or a call back").click()
        await page.get_by_label("Why do you call back?").fill("She cannot find her letter.")
        await page.get_by_role("button", name="Show the number to call back").click()
        await page.wait_for_selector('a[href="tel:+49301234567"]')
        await looked_at(page)
        await page.get_by_role("button", name="Send a code to the address on record").click()
        await page.wait_for_selector("text=A code was sent to a••••@e••••")
        await looked_at(page)
        await page.get_by_role("button", name="The customer answered there").click()
        await page.wait_for_selector("text=Verified by call back")
        await page.get_by_role("link", name="Details").click()
        await page.get_by_label("Phone").fill("no number at all, far too long for one" * 3)
        await page.get_by_role("button", name="Save the changes").click()
        await page.wait_for_selector("#errors")
        await looked_at(page)
        async with portal.desk.work(CORA) as work:
            await verification.reveal(work, await work.session.get_one(Customer, ANA), "She spells her name.")
        await sam.goto(f"{portal.address}/access-log")
        await looked_at(sam)


async def test_the_language_and_the_cues_stand_beside_what_is_typed(
    tmp_path: Path, run_folder: Path, browser: Browser
) -> None:
    """S2-1.3, S2-3.4"""
    async with served(run_folder, tmp_path, Clock()) as portal, portal.seat(browser, CORA) as page:
        await page.goto(f"{portal.address}/contacts/new")
        await page.get_by_role("button", name="Begin contact").click()
        await page.wait_for_url("**/greet")
        await page.get_by_role("button", name="Deutsch").click()
        await page.wait_for_selector("text=Guten Morgen")
        await page.get_by_text("How does the customer seem?").click()
        await page.get_by_label("Upset").check()
        await page.get_by_role("button", name="Note it").click()
        await page.wait_for_selector("text=lower your own voice")
        await looked_at(page)
