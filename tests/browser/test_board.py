"""The board in two browsers: one works, the other's board follows, and what its reader looks at stays where it is."""

import asyncio
import time
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from portal.desk import escalation, queues
from tests.browser.serving import DESK, PHONE, Served, served
from tests.cast import MARA, SAM, Clock
from tests.desk import stories
from tests.desk.test_board import WHOLE, handed_up
from tests.harness.browser import axe

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
ORDER = "id => [...document.querySelectorAll(`#${id} > li`)].map(card => card.id)"
FOCUS = "document.activeElement.closest('li')?.id"
SECONDS = 10_000


async def listening(portal: Served, people: int) -> None:
    """Wait until the boards of so many are connected."""
    async with asyncio.timeout(10):
        while len(portal.watch.listeners) < people:
            await asyncio.sleep(0.05)


async def top(page: Page, card: str) -> float:
    box = await page.locator(f"#{card}").bounding_box()
    assert box is not None
    return box["y"]


async def test_one_accepts_and_the_other_board_follows_without_moving_what_has_the_focus(
    tmp_path: Path, run_folder: Path, browser: Browser
) -> None:
    """S2-13.4"""
    async with served(run_folder, tmp_path, Clock()) as portal:
        for _ in range(4):
            await handed_up(portal.desk, await stories.opened(portal.desk, **WHOLE))
        async with portal.seat(browser, SAM) as sam, portal.seat(browser, MARA) as mara:
            await sam.goto(f"{portal.address}/escalations/board?by=state")
            await mara.goto(f"{portal.address}/escalations")
            await listening(portal, 1)
            await sam.locator("#cards-waits > li a").first.focus()
            await sam.keyboard.press("ArrowDown")
            await sam.keyboard.press("ArrowDown")
            before = await sam.evaluate(ORDER, "cards-waits")
            focused = await sam.evaluate(FOCUS)
            assert focused == before[2]
            place = await top(sam, focused)
            await mara.locator("#main section").first.get_by_role("button", name="Accept").press("Enter")
            await mara.wait_for_url("**/cases/*")
            taken = f"c{mara.url.rsplit('/', 1)[1]}"
            await sam.wait_for_selector(f"#{taken}[data-news=gone]", timeout=SECONDS)
            assert await sam.evaluate(ORDER, "cards-waits") == before
            assert (await sam.evaluate(FOCUS), await top(sam, focused)) == (focused, place)
            assert await sam.inner_text("#board-news") == "1 gone"
            await handed_up(portal.desk, await stories.opened(portal.desk, **WHOLE))
            await sam.wait_for_selector("#c5[data-news=new]", timeout=SECONDS)
            assert await sam.evaluate(ORDER, "cards-waits") == [*before, "c5"]
            assert (await sam.evaluate(FOCUS), await top(sam, focused)) == (focused, place)
            await axe(sam)
            await sam.get_by_role("link", name="Show new order").press("Enter")
            await sam.wait_for_selector(f"#cards-accepted > #{taken}", timeout=SECONDS)
            assert set(await sam.evaluate(ORDER, "cards-waits")) == {*before, "c5"} - {taken}
            await sam.locator("#c5 a").press("Enter")
            await sam.wait_for_url("**/cases/5")
            async with asyncio.timeout(10):
                while portal.watch.listeners:
                    await asyncio.sleep(0.05)


async def test_the_card_under_the_pointer_stays_until_the_pointer_leaves(
    tmp_path: Path, run_folder: Path, browser: Browser
) -> None:
    async with served(run_folder, tmp_path, Clock()) as portal, portal.seat(browser, SAM) as sam:
        for _ in range(3):
            await handed_up(portal.desk, await stories.opened(portal.desk, **WHOLE))
        await sam.goto(f"{portal.address}/escalations/board?by=state")
        await listening(portal, 1)
        under = (await sam.evaluate(ORDER, "cards-waits"))[0]
        await sam.hover(f"#{under}")
        place = await top(sam, under)
        async with portal.desk.work(MARA) as work:
            case = await stories.the_case(work, int(under[1:]))
            found = await queues.escalation_on(work, case)
            assert found is not None
            await escalation.accept(work, found)
        await sam.wait_for_selector(f"#cards-waits > #{under}[data-news=gone]", timeout=SECONDS)
        assert await top(sam, under) == place
        await sam.hover("h1")
        await sam.wait_for_selector(f"#cards-accepted > #{under}", timeout=SECONDS)
        assert await sam.evaluate("document.activeElement === document.body")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_board_list_and_sheet_are_open_to_everybody_also_on_a_phone(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int]
) -> None:
    clock = Clock()
    async with (
        served(run_folder, tmp_path, clock) as portal,
        portal.seat(browser, SAM, viewport=size, color_scheme="dark") as page,
    ):
        await stories.opened(portal.desk)
        await handed_up(portal.desk, await stories.opened(portal.desk, **WHOLE))
        for path in (
            "/escalations/board",
            "/escalations/board?by=state",
            "/escalations/board/rows?column=0",
            "/escalations/board/rows?column=3",
            "/closing-sheet",
        ):
            await page.goto(f"{portal.address}{path}")
            await axe(page)
            assert await page.evaluate(FITS), path


async def test_without_a_script_there_is_a_link_to_refresh(
    tmp_path: Path, run_folder: Path, browser: Browser
) -> None:
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, SAM, java_script_enabled=False) as page,
    ):
        await page.goto(f"{portal.address}/escalations/board")
        case_id = await stories.opened(portal.desk)
        await page.get_by_role("link", name="Refresh").click()
        assert await page.locator(f"#c{case_id}").count() == 1


async def test_a_portal_with_open_boards_stops_at_once(
    tmp_path: Path, run_folder: Path, browser: Browser
) -> None:
    async with served(run_folder, tmp_path, Clock()) as portal, portal.seat(browser, SAM) as page:
        await page.goto(f"{portal.address}/escalations/board")
        await listening(portal, 1)
        begun = time.monotonic()
        await portal.watch.stop()
        async with asyncio.timeout(10):
            while portal.watch.listeners:
                await asyncio.sleep(0.01)
        assert time.monotonic() - begun < 1
