"""The tables as their people use them: open to everybody, light and dark, at a desk and on a phone.

A tab that breaks the content policy, or whose scripts fail, complains at its end by itself.
"""

import os
from collections.abc import AsyncIterator
from itertools import cycle
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from admin_views.registry import VIEWS
from models import Message
from models.words import MessageStatus
from portal.desk.work import Actor
from tests.admin_views.counting import many_customers
from tests.admin_views.story import Day, lived
from tests.browser.serving import DESK, PHONE, Served, served
from tests.cast import ADA, ANA, FIN, MARA, NILS, SAM, Clock
from tests.harness.browser import axe

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHOTS = os.environ.get("HANDRAIL_TEST_SHOTS", "")
"""A folder for pictures of every page, for the eyes of a person."""


@pytest.fixture
async def portal(run_folder: Path, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(run_folder, tmp_path, Clock()) as portal:
        yield portal


@pytest.fixture
async def day(portal: Served) -> Day:
    await many_customers(portal.desk, 60)
    return await lived(portal.desk)


def pages(who: Actor, day: Day) -> list[str]:
    """Every table of this person: list, row, forms."""
    found = ["/admin/"]
    for view in VIEWS:
        if not who.may(view.see):
            continue
        at, key = f"/admin/{view.address}", day.of(view.address)
        found.append(f"{at}/list")
        found += [f"{at}/details/{key}"] if view.has_details and (who, view.address) != (FIN, "cases") else []
        found += [f"{at}/edit/{key}"] if view.edit and all(map(who.may, view.edit)) else []
        found += [f"{at}/create"] if view.create and all(map(who.may, view.create)) else []
    return found


async def picture(page: Page, who: Actor, name: str) -> None:
    if SHOTS:
        file = page.url.split("/admin/")[1].replace("/", "-") or "index"
        await page.screenshot(path=f"{SHOTS}/{who.name}-{file}-{name}.png", full_page=True)


@pytest.mark.parametrize("each", [6, pytest.param(1, marks=pytest.mark.full)])
async def test_everyone_can_use_every_table(browser: Browser, portal: Served, day: Day, each: int) -> None:
    """A manager's tables, and what only administration and finance have. Axe looks at each sixth, or at all of them."""
    looked_at = cycle(number == 0 for number in range(each))
    own = {ADA: ("/admin/people", "/admin/messages"), FIN: ("/admin/payments", "/admin/orders")}
    for who in (MARA, ADA, FIN):
        async with portal.seat(browser, who, color_scheme="light", viewport=DESK) as page:
            for address in pages(who, day):
                if not address.startswith(own.get(who, "/")):
                    continue
                answer = await page.goto(portal.address + address)
                assert answer is not None
                assert answer.status == 200, address
                assert (await page.locator("h1").count(), await page.locator("main").count()) == (1, 1)
                if next(looked_at):
                    await axe(page)
                await picture(page, who, "light")


async def test_every_kind_of_page_can_be_read_in_the_dark(browser: Browser, portal: Served, day: Day) -> None:
    kinds = [
        "",
        "cases/list",
        f"cases/details/{day.complaint}",
        "messages/list",
        f"orders/details/{day.order}",
    ]
    kinds += [
        "customers/create",
        f"calendars/edit/{day.calendar}",
        "payments/list",
        f"audit/details/{day.entry}",
    ]
    async with portal.seat(browser, MARA, color_scheme="dark", viewport=DESK) as page:
        for kind in kinds:
            await page.goto(f"{portal.address}/admin/{kind}")
            assert await page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
            await axe(page)
            await picture(page, MARA, "dark")


async def test_nothing_runs_off_a_phone(browser: Browser, portal: Served, day: Day) -> None:
    wide = []
    for who in (MARA, NILS):
        async with portal.seat(browser, who, viewport=PHONE, has_touch=True) as page:
            for address in pages(who, day):
                await page.goto(portal.address + address)
                if await page.evaluate(SIDEWAYS) > 0:
                    wide.append(address)
                if address.endswith(("/admin/", "cases/list", "create")):
                    await axe(page)
                await picture(page, who, "phone")
    assert wide == []


async def test_a_row_opens_where_it_is_clicked(browser: Browser, portal: Served, day: Day) -> None:
    del day
    async with portal.seat(browser, SAM) as page:
        await page.goto(f"{portal.address}/admin/customers/list?search=ana")
        await page.get_by_role("cell", name="Berlin").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("HK-25-000001-1")


async def test_pages_are_turned_by_keyboard(browser: Browser, portal: Served, day: Day) -> None:
    del day
    async with portal.seat(browser, SAM) as page:
        await page.goto(f"{portal.address}/admin/customers/list")
        rows = page.locator("#rows tbody tr")
        first = await rows.first.inner_text()
        await page.get_by_role("link", name="Next").press("Enter")
        await expect(page.get_by_label("Page", exact=True)).to_have_value("2")
        assert await rows.first.inner_text() != first
        await page.get_by_role("link", name="Previous").press("Enter")
        await expect(page.get_by_label("Page", exact=True)).to_have_value("1")
        assert await rows.first.inner_text() == first
        await page.get_by_label("Page", exact=True).fill("3")
        await page.keyboard.press("Enter")
        await expect(rows).to_have_count(11)


async def test_chosen_letters_are_sent_again(browser: Browser, portal: Served, day: Day) -> None:
    async with portal.seat(browser, SAM) as page:
        await page.goto(f"{portal.address}/admin/messages/list?view=dead")
        await expect(page.locator("#chosen-count")).to_have_text("None chosen")
        await page.get_by_label("Choose every row of this page").check()
        await expect(page.locator("#chosen-count")).to_have_text("1 chosen")
        await axe(page)
        await page.get_by_role("button", name="Send again").click()
        await expect(page.get_by_role("status").first).to_have_text("1 message will be sent again.")
    async with portal.desk.look(MARA) as work:
        assert (await work.session.get_one(Message, day.dead)).status is MessageStatus.QUEUED


async def test_a_mistake_takes_the_focus_and_leads_to_its_field(browser: Browser, portal: Served) -> None:
    async with portal.seat(browser, SAM) as page:
        await page.goto(f"{portal.address}/admin/customers/edit/{ANA}")
        await page.get_by_label("Name", exact=True).fill("")
        await page.get_by_label("Town").fill("Hamburg")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("#errors")).to_be_focused()
        await axe(page)
        await page.get_by_role("link", name="A customer needs a name.").click()
        await expect(page.get_by_label("Name", exact=True)).to_be_focused()
        await expect(page.get_by_label("Town")).to_have_value("Hamburg")


async def test_the_second_to_save_sees_both_sides(browser: Browser, portal: Served) -> None:
    async with portal.seat(browser, SAM) as late, portal.seat(browser, MARA) as early:
        for page in (late, early):
            await page.goto(f"{portal.address}/admin/customers/edit/{ANA}")
        await early.get_by_label("Name", exact=True).fill("Ana Early")
        await early.get_by_role("button", name="Save").click()
        await expect(early.get_by_role("status").first).to_have_text("The customer is saved.")
        await late.get_by_label("Name", exact=True).fill("Ana Late")
        await late.get_by_role("button", name="Save").click()
        await expect(late.locator("#conflict")).to_be_focused()
        cells = await late.locator("#conflict tbody tr").all_inner_texts()
        assert cells == ["Name\tAna Early\tAna Late"]
        await axe(late)
        await picture(late, SAM, "conflict")


async def test_a_calendar_is_found_by_its_first_letters(browser: Browser, portal: Served, day: Day) -> None:
    """The lookup is a combobox: typed, walked with the arrows, taken with Enter."""
    del day
    async with portal.seat(browser, MARA) as page:
        await page.goto(f"{portal.address}/admin/calendar-days/create")
        find = page.get_by_role("combobox", name="Calendar")
        await find.press_sequentially("De")
        await expect(page.get_by_role("option", name="Desk")).to_be_visible()
        await axe(page)
        await find.press("ArrowDown")
        await find.press("Enter")
        await expect(find).to_have_value("Desk")
        await page.get_by_label("Day", exact=True).fill("2026-12-24")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("status").first).to_have_text("The day is saved.")


async def test_a_download_says_how_many_rows(browser: Browser, portal: Served, day: Day) -> None:
    del day
    async with portal.seat(browser, SAM) as page:
        await page.goto(f"{portal.address}/admin/customers/list?search=ana")
        await page.locator("#export > summary").click()
        await page.get_by_label("What for").fill("A test")
        await axe(page)
        async with page.expect_download() as started:
            await page.get_by_role("button", name="Download 1 row").click()
        download = await started.value
        assert download.suggested_filename == "customers-2026-03-02-1-rows.csv"
