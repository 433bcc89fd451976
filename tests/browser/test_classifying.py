"""A case is classified anew: old and new due times stand side by side as soon as something else is chosen. S2-13.1"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from models.words import CaseKind, Severity
from tests.browser.serving import DESK, PHONE, Served, served
from tests.browser.test_policy import looked_at, press, tab_to, typed
from tests.cast import CORA, Clock
from tests.desk import stories

ESCALATE = "Escalate (1)"
KINDS = list(CaseKind)


@pytest.fixture
async def portal(run_folder: Path, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(run_folder, tmp_path, Clock()) as portal:
        yield portal


async def told(page: Page, clock: str) -> list[str]:
    """What the table says of a clock: when it is due now, when it would be, and what happens."""
    row = page.locator("#would-be tbody tr", has_text=clock)
    return [" ".join(one.split()) for one in await row.locator("td").all_inner_texts()]


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone in the dark"]
)
async def test_what_it_does_to_the_clocks_is_shown_while_choosing(
    portal: Served, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """By keyboard alone, and no page is loaded but to save."""
    case_id = await stories.opened(portal.desk)
    here = f"/cases/{case_id}/classification"
    picture = f"classify-{scheme}"
    async with portal.seat(browser, CORA, viewport=size, color_scheme=scheme) as page:
        await page.goto(f"{portal.address}/cases/{case_id}")
        await press(page, f'a[href="{here}"]')
        await page.wait_for_url(f"**{here}")
        await looked_at(page, f"{picture}-first")
        await expect(page.get_by_text("Save it like this")).to_have_count(0)
        loads: list[str] = []
        page.on("request", lambda one: loads.append(one.method) if one.is_navigation_request() else None)
        await typed(page, "kind", "Payment")
        await expect(page.locator("#would-be table")).to_be_visible()
        assert await told(page, ESCALATE) == ["tomorrow 10:00", "today 17:00", "earlier"]
        assert await told(page, "Answer") == ["today 11:00", "today 11:00", "as it is"]
        assert await page.evaluate("document.activeElement.name") == "kind"
        await looked_at(page, picture)
        await page.keyboard.press("Home")
        await expect(page.locator("#would-be tbody tr", has_text=ESCALATE)).to_contain_text("removed")
        assert await told(page, ESCALATE) == ["tomorrow 10:00", "none", "removed"]
        for _ in range(KINDS.index(CaseKind.PAYMENT_ISSUE)):
            await page.keyboard.press("ArrowDown")
        await expect(page.locator("#would-be")).to_contain_text("earlier")
        assert (loads, (await stories.seen(portal.desk, case_id)).kind) == ([], CaseKind.COMPLAINT)
        await press(page, "#would-be button[value=save]")
        await expect(page.locator("#errors")).to_contain_text("Say why it is classified anew.")
        await looked_at(page, f"{picture}-refused")
        await typed(page, "severity", "High")
        await expect(page.locator("#would-be table")).to_be_visible()
        await typed(page, "reason", "Charged twice.")
        assert loads == ["POST"]
        await press(page, "#would-be button[value=save]")
        await page.wait_for_url(f"**/cases/{case_id}")
        await expect(page.locator("main")).to_contain_text(
            "Kind complaint → payment issue, severity normal → high: Charged twice."
        )
    case = await stories.seen(portal.desk, case_id)
    assert (case.kind, case.severity) == (CaseKind.PAYMENT_ISSUE, Severity.HIGH)


async def test_what_was_chosen_last_is_what_is_shown(portal: Served, browser: Browser) -> None:
    """Each arrow key is a choice; an answer to an earlier one does not stand over a later one."""
    case_id = await stories.opened(portal.desk)
    async with portal.seat(browser, CORA) as page:
        await page.goto(f"{portal.address}/cases/{case_id}/classification")
        await tab_to(page, "[name=kind]")
        for _ in range(6):
            await page.keyboard.press("ArrowDown")
        for _ in range(6):
            await page.keyboard.press("ArrowUp")
        await page.wait_for_load_state("networkidle")
        chosen = await page.locator("[name=kind]").input_value()
        assert chosen == CaseKind.INQUIRY
        await expect(page.locator("#would-be tbody tr", has_text=ESCALATE)).to_contain_text("removed")
        assert await told(page, ESCALATE) == ["tomorrow 10:00", "none", "removed"]


async def test_a_click_on_save_right_after_the_reason_saves(portal: Served, browser: Browser) -> None:
    """Leaving the reason changes nothing under the pointer."""
    case_id = await stories.opened(portal.desk)
    async with portal.seat(browser, CORA) as page:
        await page.goto(f"{portal.address}/cases/{case_id}/classification")
        await page.select_option("[name=kind]", "payment_issue")
        save = page.locator("#would-be button[value=save]")
        await save.hover()
        await page.fill("[name=reason]", "Charged twice.")
        await page.mouse.down()
        await page.wait_for_load_state("networkidle")
        await page.mouse.up()
        await page.wait_for_url(f"**/cases/{case_id}")
    assert (await stories.seen(portal.desk, case_id)).kind is CaseKind.PAYMENT_ISSUE


async def test_it_goes_without_a_script(portal: Served, browser: Browser) -> None:
    case_id = await stories.opened(portal.desk)
    async with portal.seat(browser, CORA, java_script_enabled=False) as page:
        await page.goto(f"{portal.address}/cases/{case_id}/classification")
        await page.select_option("[name=kind]", "payment_issue")
        await page.click("text=Show what it does to the clocks")
        assert await told(page, ESCALATE) == ["tomorrow 10:00", "today 17:00", "earlier"]
        assert await page.locator("[name=kind]").input_value() == "payment_issue"
        await page.fill("[name=reason]", "Charged twice.")
        await page.click("text=Save it like this")
        await page.wait_for_url(f"**/cases/{case_id}")
    assert (await stories.seen(portal.desk, case_id)).kind is CaseKind.PAYMENT_ISSUE
