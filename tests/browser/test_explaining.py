"""Why a case is due when it is: reached and read by keyboard, open to everybody, on a desk and on a phone. Decision 14"""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from models.words import CaseKind
from tests.browser.serving import DESK, PHONE, served
from tests.cast import CORA, Clock
from tests.desk import stories
from tests.desk.test_rulebook import answers_within
from tests.harness.browser import axe

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone in the dark"]
)
async def test_a_due_time_is_explained_by_keyboard(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """Over a weekend, under a row that stands above the usual one."""
    clock = Clock()
    clock.at("2026-03-06 16:00")
    async with served(run_folder, tmp_path, clock) as portal:
        await stories.policy_changed(portal.desk, answers_within(240))
        case_id = await stories.opened(portal.desk, CaseKind.INQUIRY)
        async with portal.seat(browser, CORA, viewport=size, color_scheme=scheme) as page:
            await page.goto(f"{portal.address}/cases/{case_id}")
            link = page.get_by_role("link", name="Why these times?")
            for _ in range(60):
                if await link.evaluate("one => one === document.activeElement"):
                    break
                await page.keyboard.press("Tab")
            await expect(link).to_be_focused()
            await page.keyboard.press("Enter")
            await page.wait_for_url(f"**/cases/{case_id}/clocks")
            main = page.locator("main")
            await expect(main).to_contain_text("answer inquiry")
            await expect(main).to_contain_text("Version 2 of the policy")
            await expect(main).to_contain_text("Sat 7 Mar 2026: closed.")
            await axe(page)
            assert await page.evaluate(FITS)
