"""Courses in a real browser: usable by everyone, on a phone too, and taken with the keyboard alone. S2-7.2"""

import re
from pathlib import Path

from playwright.async_api import Browser, expect

from portal.desk import courses
from portal.desk.work import SYSTEM
from tests.browser.serving import DESK, PHONE, served
from tests.cast import CORA, SAM, Clock
from tests.desk.courses import gifts, planned, took
from tests.harness.browser import axe

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def test_courses_are_usable_by_everyone_and_taken_with_the_keyboard(
    browser: Browser, run_folder: Path, tmp_path: Path
) -> None:
    async with served(run_folder, tmp_path, Clock()) as portal:
        await gifts(portal.desk)
        await planned(portal.desk, "representative", months=12)
        await took(portal.desk, CORA, wrong=3)
        async with portal.desk.work(SYSTEM) as work:
            await courses.install(work)
        async with portal.seat(browser, SAM, viewport=PHONE) as page:
            for address in (
                "/library/gifts",
                "/library/gifts/questions?change=5",
                "/training",
                "/training/coverage",
                "/training/plans/1",
                "/training/tries/1",
            ):
                await page.goto(f"{portal.address}{address}")
                await axe(page)
                assert await page.evaluate(SIDEWAYS) <= 0, address
        async with portal.seat(browser, CORA, viewport=DESK) as page:
            await page.goto(f"{portal.address}/training")
            await axe(page)
            await page.get_by_role("button", name="Answer the questions: Gifts").press("Enter")
            await expect(page).to_have_url(re.compile("/training/tries/2$"))
            await axe(page)
            for number in range(1, 5):
                await page.get_by_role("group", name=f"{number}. Question").get_by_label("Yes").press("Space")
            await page.get_by_role("button", name="Hand in my answers").press("Enter")
            await expect(page.locator("#errors")).to_be_focused()
            for name in ("This", "That"):
                await page.get_by_role("checkbox", name=name, exact=True).press("Space")
            await page.get_by_role("button", name="Hand in my answers").press("Enter")
            await expect(page.get_by_text("5 of 5 right, 100 %")).to_be_visible()
            await axe(page)
