"""A hard conversation with the keyboard alone: the guide and help from a step, open to everybody, also on a phone."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from sqlalchemy import select

from models import HelpCall
from portal.desk.work import SYSTEM
from tests.browser.serving import DESK, PHONE, served
from tests.cast import CORA, SAM, Clock
from tests.harness.browser import axe
from tests.wizard import known

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


async def looked_at(page: Page) -> None:
    await axe(page)
    assert await page.evaluate(FITS), page.url


async def arrived(page: Page, step: str) -> None:
    """Wait until the step is there with the focus in it."""
    await page.wait_for_function(
        """step => location.pathname.endsWith(`/${step}`)
           && document.querySelector('#step')?.contains(document.activeElement)""",
        arg=step,
    )


@pytest.mark.parametrize(
    "size", [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone", marks=pytest.mark.full)]
)
async def test_the_guide_and_help_are_one_key_away(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int]
) -> None:
    """S2-5.1, S2-5.7"""
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, CORA, viewport=size) as page,
        portal.seat(browser, SAM) as sam,
    ):
        await known(portal.desk)
        await page.goto(f"{portal.address}/contacts/new")
        await page.wait_for_function("document.activeElement.name === 'channel'")
        await page.keyboard.press("Enter")
        await arrived(page, "greet")
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        await arrived(page, "who")
        await page.keyboard.type("ana")
        await page.keyboard.press("Alt+d")
        await arrived(page, "calm_listen")
        await looked_at(page)
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        await arrived(page, "calm_feeling")
        await page.keyboard.press("Space")
        await page.keyboard.type("   ")
        typed = await page.evaluate("document.activeElement.name")
        await page.keyboard.press("Alt+h")
        await page.wait_for_selector("#presence p")
        assert await page.evaluate("document.activeElement.name") in {typed, "at"}
        await page.keyboard.press("Alt+h")
        await looked_at(page)
        await sam.goto(f"{portal.address}/cases")
        await sam.wait_for_selector("#help-wanted a")
        assert await sam.evaluate("document.activeElement === document.body")
        assert await sam.inner_text("#help-wanted") == "Cora: help wanted"
        await axe(sam)
        await sam.goto(f"{portal.address}/help-calls")
        await axe(sam)
        await sam.get_by_role("button", name="I come").press("Enter")
        await sam.wait_for_selector("text=Sam is there")
        await page.wait_for_selector("text=Sam is coming to your help.")
        await page.keyboard.press("Alt+d")
        await arrived(page, "who")
        assert await page.input_value("[data-lookup]") == "ana"
        for key in ("calm_power", "calm_agree", "calm_limit", "summary"):
            await page.goto(page.url.rsplit("/", 1)[0] + f"/{key}")
            await looked_at(page)
        async with portal.desk.look(SYSTEM) as work:
            assert len((await work.session.scalars(select(HelpCall))).all()) == 1
