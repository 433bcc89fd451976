"""The rota and who would be told, by keyboard, open to everybody, on a desk and on a phone in the dark."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.browser.serving import DESK, PHONE, served
from tests.cast import MARA, Clock
from tests.harness.browser import axe

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
FARTHEST = 60
"""Tabs; more is out of reach."""


async def looked_at(page: Page) -> None:
    await axe(page)
    assert await page.evaluate(FITS), page.url


async def tab_to(page: Page, told: str, key: str = "Tab") -> None:
    """Tab until the focused element fits the selector."""
    for _ in range(FARTHEST):
        if await page.evaluate("told => document.activeElement.matches(told)", told):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"Tab does not lead to {told} on {page.url}")


async def typed(page: Page, name: str, text: str) -> None:
    await tab_to(page, f"[name={name}]")
    await page.evaluate("document.activeElement.select()")
    await page.keyboard.type(text)


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone in the dark"]
)
async def test_somebody_is_put_on_duty_and_taken_off_by_keyboard(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """S0-4, S2-12.4"""
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, MARA, viewport=size, color_scheme=scheme) as page,
    ):
        await page.goto(f"{portal.address}/escalations")
        await tab_to(page, 'main a[href="/on-duty"]')
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Nobody is on the rota.")
        await looked_at(page)
        await tab_to(page, 'main a[href="/on-duty/new"]')
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/on-duty/new")
        await looked_at(page)
        await tab_to(page, "[name=role]")
        await page.keyboard.type("Super")
        await tab_to(page, "[name=person_id]")
        await page.keyboard.type("Sam")
        await typed(page, "hours", "Mo-Fr 08:00-08:00")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("pre.od-caret")
        await looked_at(page)
        await typed(page, "hours", "Mo-Fr 08:00-14:00, Sa 22:00-06:00")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/on-duty")
        await page.wait_for_selector("svg.od-week")
        await tab_to(page, "main details > summary")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Sat 7 Mar 2026, 22:00 to 06:00 on Sun 8 Mar 2026")
        await looked_at(page)
        await tab_to(page, 'main a[href="/on-duty/1"]', "Shift+Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/on-duty/1")
        await tab_to(page, "main details > summary")
        await page.keyboard.press("Enter")
        await looked_at(page)
        await tab_to(page, "main details button")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=It ends.")
        await looked_at(page)
        await page.goto(f"{portal.address}/admin/on-duty/list")
        await looked_at(page)
