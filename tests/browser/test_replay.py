"""A draft is replayed, read and published by keyboard, open to everybody, on a desk and on a phone in the dark."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from portal.desk import policy_versions
from tests.browser.serving import DESK, PHONE, served
from tests.browser.test_duty import looked_at, tab_to
from tests.cast import MARA, Clock
from tests.desk.replaying import lively, shorter
from tests.desk.test_replay import drafted


async def typed(page: Page, field: str, text: str) -> None:
    await tab_to(page, field)
    await page.keyboard.type(text)


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone in the dark"]
)
async def test_a_draft_is_replayed_read_and_published_by_keyboard(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """S2-14.1"""
    clock = Clock()
    async with served(run_folder, tmp_path, clock) as portal:
        await lively(portal.desk, clock)
        version_id = await drafted(portal.desk, shorter)
        async with portal.seat(browser, MARA, viewport=size, color_scheme=scheme) as page:
            await page.goto(f"{portal.address}/policy/versions/{version_id}/replay")
            await looked_at(page)
            await tab_to(page, "#period-2")
            await page.keyboard.press("ArrowDown")  # ninety days
            await tab_to(page, "main form[action$=replay] button")
            await page.keyboard.press("Enter")
            await page.wait_for_selector("text=What the replay found")
            await looked_at(page)
            await tab_to(page, "main details > summary")
            await page.keyboard.press("Enter")
            await page.wait_for_selector("text=Wednesday")
            await looked_at(page)
            await tab_to(page, "a[rel=next]")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**?after=*")
            await looked_at(page)
            await typed(page, "[name=note]", "Shorter targets, as we agreed on Monday.")
            await page.keyboard.press("Tab")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/policy")
            await looked_at(page)
            async with portal.desk.look(MARA) as work:
                version = await policy_versions.load(work, version_id)
            assert (version.number, version.note) == (2, "Shorter targets, as we agreed on Monday.")
