"""A step with a question of every kind on a telephone: by keyboard alone, open to everybody, and with JavaScript off."""

from pathlib import Path

import httpx2
from playwright.async_api import Browser, Page

from models import Attachment
from portal.desk.work import SYSTEM
from tests.browser.serving import PHONE, Served, served
from tests.cast import CORA, Clock
from tests.everything import STEP, published
from tests.harness.browser import axe
from tests.visits import signed_in
from tests.wizard import Walk, known, stored, to_about

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20
KEPT = {
    "a_text": "Short",
    "a_long": "Long",
    "a_number": "12.5",
    "a_money": "19.90",
    "a_date": "2026-03-14",
    "a_slot": "2026-03-02T09:30:00+00:00",
    "a_choice": "green",
    "a_choices": "red\nblue",
    "a_yes_no": "no",
    "a_tick": "yes",
    "a_scale": "2",
    "a_phone": "+4930901820",
    "a_email": "ana@example.com",
    "a_address": "Example Street 1\n10115 Berlin",
    "a_product": "CH-1",
    "a_serial": "SN-0012",
}


async def at_everything(portal: Served) -> int:
    """Take a contact as far as the step that asks everything; return its intake."""
    await known(portal.desk)
    await published(portal.desk)
    secret = await signed_in(portal.desk, CORA)
    headers = {"sec-fetch-site": "same-origin", "origin": portal.address}
    async with httpx2.AsyncClient(
        base_url=portal.address, headers=headers, cookies={"handrail": secret}
    ) as client:
        walk = await Walk(client).begin()
        await to_about(walk)
        assert walk.at == STEP
        return walk.id


async def fill_in(page: Page) -> None:
    """Answer from the first question to the last with Tab, Space, arrows and letters."""
    keys = page.keyboard
    await page.locator("#a_text").focus()
    for text in ("Short", "Long", "12,5", "19.90"):
        await keys.type(text)
        await keys.press("Tab")
    await page.locator("#a_date").fill("2026-03-14")  # its keys differ with the browser's language
    while await page.evaluate("document.activeElement.id") != "a_slot":  # a day has parts and a button
        await keys.press("Tab")
    await keys.press("ArrowDown")  # the first open time
    await keys.press("Tab")
    await keys.press("ArrowDown")  # the second of a choice
    await keys.press("Tab")
    await keys.press("Space")
    await keys.press("Tab")
    await keys.press("Tab")
    await keys.press("Space")
    await keys.press("Tab")
    await keys.press("ArrowDown")
    await keys.press("Tab")
    await keys.press("Space")
    await keys.press("Tab")
    await keys.press("Space")
    await keys.press("ArrowRight")
    await keys.press("ArrowRight")
    for text in ("030 901820", "ana@example.com", "Example Street 1\n10115 Berlin", "ch-1", "", "sn-0012"):
        await keys.press("Tab")
        await keys.type(text)


async def add_file(page: Page) -> None:
    await page.set_input_files("#a_file", {"name": "photo.png", "mimeType": "image/png", "buffer": PNG})
    await page.get_by_role("button", name="Add this file").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="photo.png").wait_for()


async def test_every_kind_by_keyboard_on_a_telephone(
    browser: Browser, run_folder: Path, tmp_path: Path
) -> None:
    async with served(run_folder, tmp_path, Clock()) as portal:
        intake_id = await at_everything(portal)
        async with portal.seat(browser, CORA, viewport=PHONE, reduced_motion="reduce") as page:
            await page.goto(f"{portal.address}/intakes/{intake_id}/{STEP}")
            await axe(page)
            width = await page.evaluate("document.documentElement.scrollWidth")
            wide = await page.evaluate(
                "[...document.querySelectorAll('main :not(details:not([open]) *)')]"
                ".filter(e => e.getBoundingClientRect().right > 390).map(e => e.outerHTML.slice(0, 90))"
            )
            assert (wide, width <= PHONE["width"]) == ([], True)
            await fill_in(page)
            await add_file(page)
            assert (await stored(portal.desk, intake_id)).answers[STEP]["a_file"] == "1 photo.png"
            assert await page.locator("#a_text").input_value() == "Short"
            await axe(page)
            await page.locator("#a_serial").focus()
            await page.keyboard.press("Enter")
            await page.wait_for_url(f"**/intakes/{intake_id}/about")
        assert (await stored(portal.desk, intake_id)).answers[STEP] == {**KEPT, "a_file": "1 photo.png"}


async def test_every_kind_without_javascript(browser: Browser, run_folder: Path, tmp_path: Path) -> None:
    async with served(run_folder, tmp_path, Clock()) as portal:
        intake_id = await at_everything(portal)
        async with portal.seat(browser, CORA, viewport=PHONE, java_script_enabled=False) as page:
            await page.goto(f"{portal.address}/intakes/{intake_id}/{STEP}")
            await page.locator("#a_text").fill("Short")
            await page.locator("#a_choices").check()
            await page.locator("#a_choices-3").check()
            await add_file(page)
            assert await page.locator("#a_text").input_value() == "Short"
            assert await page.locator("#a_choices-3").is_checked()
            await page.locator("#a_serial").focus()
            await page.keyboard.press("Enter")
            await page.get_by_text("There is a problem").wait_for()
            await page.get_by_role("link", name="Say yes or no.").wait_for()
            await page.locator("#a_yes_no").check()
            await page.get_by_role("button", name="Remove").first.click()
            await page.locator("#a_serial").focus()
            await page.keyboard.press("Enter")
            await page.wait_for_url(f"**/intakes/{intake_id}/about")
        kept = (await stored(portal.desk, intake_id)).answers[STEP]
        assert kept == {"a_text": "Short", "a_choices": "red\nblue", "a_yes_no": "yes"}
        async with portal.desk.look(SYSTEM) as work:
            assert await work.session.get(Attachment, 1) is None


async def test_paper_and_reports_are_open_to_everybody(
    browser: Browser, run_folder: Path, tmp_path: Path
) -> None:
    async with served(run_folder, tmp_path, Clock()) as portal:
        await at_everything(portal)
        async with portal.seat(browser, CORA, viewport=PHONE, reduced_motion="reduce") as page:
            for address in ("/scripts/opening/form", "/contacts/1/form", "/forms/complaint"):
                await page.goto(f"{portal.address}{address}")
                await axe(page)
                assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
