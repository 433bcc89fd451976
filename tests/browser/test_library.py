"""The library and the steps that lean on it, in a real browser: usable by everyone, on a phone too."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from portal.desk import library
from portal.desk.work import SYSTEM
from tests.browser.serving import DESK, PHONE, served
from tests.cast import SAM, Clock
from tests.harness.browser import axe

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_library_is_usable_by_everyone(
    browser: Browser, run_folder: Path, tmp_path: Path, scheme: str
) -> None:
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, SAM, color_scheme=scheme, viewport=PHONE) as page,
    ):
        await page.goto(f"{portal.address}/library")  # with nothing in it
        await axe(page)
        async with portal.desk.work(SYSTEM) as work:
            await library.install(work)
        for address in (
            "",
            "?q=warranty",
            "?q=nothing+at+all",
            "?show=all",
            "/new",
            "/returns",
            "/returns/edit",
            "/privacy-policy",
            "/privacy-policy/readers",
            "/../reading",
            "/../reading/team",
        ):
            await page.goto(f"{portal.address}/library{address}")
            await axe(page)
            assert await page.evaluate(SIDEWAYS) <= 0, address
        await page.goto(f"{portal.address}/library/returns")
        await page.get_by_text("Take out of use").first.click()
        await axe(page)


async def test_what_is_found_appears_while_it_is_typed(
    browser: Browser, run_folder: Path, tmp_path: Path
) -> None:
    async with served(run_folder, tmp_path, Clock()) as portal:
        async with portal.desk.work(SYSTEM) as work:
            await library.install(work)
        async with portal.seat(browser, SAM, viewport=DESK) as page:
            await page.goto(f"{portal.address}/library")
            await expect(page.get_by_role("searchbox", name="Find an article")).to_be_focused()
            await page.keyboard.type("serial")
            await expect(page.locator("#found tbody tr")).to_have_count(1)
            await expect(page.locator("#found")).to_contain_text("What the warranty covers")
