"""Mara changes the policy by keyboard alone; the pages are open to everybody, on a phone, and without a script. S2-14.1"""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from portal.desk import rulebook
from portal.desk.work import SYSTEM
from tests.browser.serving import DESK, PHONE, Served, served
from tests.cast import MARA, Clock
from tests.desk import stories
from tests.harness.browser import axe

SHOTS = os.environ.get("HANDRAIL_TEST_SHOTS", "")
"""A folder for the pictures of `docs/policy.md`."""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FARTHEST = 90
"""Tabs; more is out of reach."""
ROW = {
    "to": "Answer",
    "kind": "Complaint",
    "severity": "Urgent",
    "channel": "Phone",
    "amount": "twenty",
    "counts": "minutes of",
}
KEY = "answer-complaint-urgent-phone"


@pytest.fixture
async def portal(run_folder: Path, tmp_path: Path) -> AsyncIterator[Served]:
    """A desk with its first version and two running cases."""
    async with served(run_folder, tmp_path, Clock()) as portal:
        async with portal.desk.work(SYSTEM) as work:
            await rulebook.ensure_defaults(work)
        for _ in range(2):
            await stories.opened(portal.desk)
        yield portal


async def looked_at(page: Page, picture: str = "") -> None:
    """Everyone can use the page as it stands, also on a phone, where nothing scrolls sideways."""
    await page.evaluate("scrollTo(0, 0)")
    await axe(page)
    await shot(page, picture)
    before = page.viewport_size
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert await page.evaluate(SIDEWAYS) <= 0, page.url
    await shot(page, f"{picture}-phone" if picture else "")
    if before:
        await page.set_viewport_size(before)


async def shot(page: Page, name: str) -> None:
    if SHOTS and name:
        await page.evaluate("scrollTo(0, 0)")
        await page.screenshot(path=f"{SHOTS}/{name}.png", caret="initial", full_page=True)


async def tab_to(page: Page, told: str, key: str = "Tab") -> None:
    """Tab until the focused element fits the selector."""
    for _ in range(FARTHEST):
        if await page.evaluate("told => document.activeElement.matches(told)", told):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to {told} on {page.url}")


async def press(page: Page, told: str, key: str = "Enter", way: str = "Tab") -> None:
    await tab_to(page, told, way)
    await page.keyboard.press(key)


async def typed(page: Page, name: str, text: str) -> None:
    await tab_to(page, f"[name={name}]")
    await page.evaluate("document.activeElement.select?.()")
    await page.keyboard.type(text)


async def begins_a_draft(page: Page, address: str) -> None:
    """From the procedures to the policy, a look at which row would win, and a draft."""
    await page.goto(f"{address}/scripts")
    await press(page, 'main a[href="/policy"]')
    await page.wait_for_url("**/policy")
    await press(page, "#case-kind", "c")
    await press(page, "#winner button")
    await page.wait_for_url("**/policy?kind=complaint**")
    await expect(page.locator(".po-answers")).to_contain_text("Not row 1")
    await looked_at(page, "policy")
    await press(page, 'form[action="/policy/drafts"] button', way="Shift+Tab")
    await page.wait_for_url("**/policy/versions/2")


async def adds_a_row(page: Page) -> None:
    """Urgent complaints by phone, above all others; a mistake on the way is mended."""
    await press(page, 'a[href$="/rows/new?part=targets"]')
    await page.wait_for_url("**/rows/new?part=targets")
    for name, text in ROW.items():
        await typed(page, name, text)
    await press(page, "form.hr-card > p > button")
    await expect(page.locator("#errors")).to_contain_text("Write a whole number.")
    await press(page, '#errors a[href="#amount"]')
    assert await page.evaluate("document.activeElement.id") == "amount"
    await press(page, "details#on_missed > summary")
    await typed(page, "on_missed-1-do", "Send")
    await typed(page, "on_missed-1-to", "the manager")
    await typed(page, "on_missed-1-words", "Call back.")
    await looked_at(page, "row")
    await tab_to(page, "[name=amount]", "Shift+Tab")
    await typed(page, "amount", "20")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/policy/versions/2#row-{KEY}")
    await expect(page.locator(f"#row-{KEY} td").first).to_have_text("1")


async def mends_the_hours(page: Page) -> None:
    """The caret stands under the mistake; mended, the next ten windows are shown."""
    await press(page, 'a[href="/policy/versions/2/calendars/1"]')
    await page.wait_for_url("**/calendars/1")
    await typed(page, "hours", "Mo-Fr 08:00-18:00; Sa 10:00-09")
    await page.keyboard.press("Enter")
    caret = page.locator("pre.po-caret")
    await expect(caret).to_contain_text("Mo-Fr 08:00-18:00; Sa 10:00-09")
    assert re.fullmatch(r".*\n +\^\s*", await caret.inner_text())
    await looked_at(page, "caret")
    await typed(page, "hours", "Mo-Fr 08:00-18:00; Sa 10:00-13:00")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=Saved in the draft.")
    await expect(page.locator(".po-windows li")).to_have_count(10)
    await expect(page.locator(".po-windows li").nth(5)).to_have_text("Sat 7 Mar 2026, 10:00 to 13:00")
    await looked_at(page, "calendar")
    await press(page, 'main a[href="/policy/versions/2#calendars"]', way="Shift+Tab")
    await page.wait_for_url("**/policy/versions/2#calendars")


async def test_a_draft_is_written_by_keyboard(portal: Served, browser: Browser) -> None:
    """Decision 12"""
    async with portal.seat(browser, MARA, viewport=DESK) as page:
        await begins_a_draft(page, portal.address)
        await adds_a_row(page)
        await mends_the_hours(page)
        await shot(page, "matrix")
        down = f"down-{KEY}"
        await press(page, f"#{down}", way="Shift+Tab")
        await expect(page.locator("#moved")).to_contain_text("now row 2 of 8")
        assert await page.evaluate("document.activeElement.id") == down
        await page.keyboard.press("Enter")
        await expect(page.locator("#moved")).to_contain_text("now row 3 of 8")
        assert await page.evaluate("document.activeElement.id") == down
        await expect(page.locator(f"#row-{KEY}")).to_contain_text(
            "never reached: row 2 takes every such case"
        )
        await looked_at(page, "draft")


async def test_calendars_are_ordered_and_taken_out_by_keyboard(portal: Served, browser: Browser) -> None:
    def change(document: dict[str, Any]) -> None:
        document["calendars"].append({**document["calendars"][0], "id": 2, "name": "North"})
        document["calendars"].append({**document["calendars"][0], "id": 3, "name": "West"})
        document["assignments"] = [{"calendar": 2, "team": "Nord"}, {"calendar": 1, "country": "FR"}]

    await stories.policy_changed(portal.desk, change)
    async with portal.desk.work(MARA) as work:
        draft = await rulebook.draft(work)
    async with portal.seat(browser, MARA, viewport=DESK) as page:
        await page.goto(f"{portal.address}/policy/versions/{draft.id}")
        first = page.locator("#runs li").first
        await expect(first).to_contain_text("Cases of team Nord")
        await press(page, "#runs li:first-child button[value=down]")
        await expect(page.locator("#moved")).to_have_text("Cases of team Nord: now place 2 of 2.")
        await expect(first).to_contain_text("Cases of country FR")
        assert await page.evaluate("document.activeElement.closest('li').innerText.includes('team Nord')")
        await looked_at(page, "assignments")
        await press(page, f'a[href="/policy/versions/{draft.id}/calendars/2"]', way="Shift+Tab")
        await page.wait_for_url("**/calendars/2")
        await press(page, "#removal > summary")
        await expect(page.locator("#removal")).to_contain_text("Cases of team Nord run on it.")
        await looked_at(page, "calendar-needed")
        await page.goto(f"{portal.address}/policy/versions/{draft.id}/calendars/3")
        await press(page, "#removal > summary")
        await looked_at(page, "calendar-removal")
        await press(page, "#removal button")
        await page.wait_for_url("**#calendars")
        await expect(page.locator("main")).to_contain_text("Taken out: West.")
        await looked_at(page, "calendar-removed")


async def test_a_version_is_looked_at_in_the_dark(portal: Served, browser: Browser) -> None:
    await stories.policy_changed(portal.desk, lambda told: told["targets"].reverse())
    async with portal.seat(browser, MARA, viewport=PHONE, color_scheme="dark") as page:
        for address in (
            "/policy",
            "/policy/versions/2",
            "/policy/versions/2/calendars/1",
            "/policy?kind=inquiry",
        ):
            await page.goto(f"{portal.address}{address}")
            await looked_at(page, f"dark{address.replace('/', '-').replace('?', '-')}")


async def test_it_goes_without_a_script(portal: Served, browser: Browser) -> None:
    async with portal.seat(browser, MARA, java_script_enabled=False) as page:
        await page.goto(f"{portal.address}/policy")
        await page.click("text=Begin a draft")
        await page.click("text=Add a target")
        await page.select_option("[name=to]", "update")
        await page.select_option("[name=kind]", "complaint")
        await page.fill("[name=amount]", "2")
        await page.select_option("[name=counts]", "business-days")
        await page.click("text=Save")
        await expect(page.locator("#row-update-complaint td").first).to_have_text("1")
        await page.click("#down-update-complaint")
        await expect(page.locator("#row-update-complaint td").first).to_have_text("2")
        await page.click("#row-update-complaint >> text=Change")
        await page.click("text=Take this row out…")
        await page.click("button:has-text('Take it out')")
        await expect(page.locator("#row-update-complaint")).to_have_count(0)
        await page.click("#document a[href*='/calendars/']:has-text('Desk')")
        await page.fill("#day-day", "2026-03-04")
        await page.fill("#day-name", "Fair")
        await page.click("text=Add this day")
        await expect(page.locator(".po-days")).to_contain_text("Wed 4 Mar 2026: closed (Fair)")
