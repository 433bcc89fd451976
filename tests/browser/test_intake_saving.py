"""Saving as it is typed, in a real browser: said when, kept when the line is gone, never over somebody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect
from sqlalchemy import func, select

from models import Intake, Order
from models.words import Channel
from portal.desk import intake, runs
from portal.desk.work import SYSTEM
from tests.browser.serving import Served, served
from tests.cast import CEM, CORA, Clock
from tests.harness.browser import axe
from tests.wizard import known

STREET = "Example Street 1"


@pytest.fixture
async def portal(run_folder: Path, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(run_folder, tmp_path, Clock()) as portal:
        await known(portal.desk)
        yield portal


async def at_delivery(portal: Served) -> int:
    """An order that has come as far as its delivery."""
    async with portal.desk.work(CORA) as work:
        made = await intake.begin(work, Channel.PHONE)
    steps = (
        ("greet", {"greeted": "yes"}),
        ("who", {"choice": "1"}),
        ("verify", {"postcode": "10115", "email": "ana@example.com"}),
        ("about", {"situation": "order"}),
        ("lines", {"product-1": "1", "quantity-1": "2"}),
    )
    for step, typed in steps:
        async with portal.desk.work(CORA) as work:
            run = await runs.find(work, made)
            await intake.finish_step(work, made, step, run.revision, typed)
    return made


async def kept(portal: Served, intake_id: int) -> dict[str, str]:
    async with portal.desk.look(SYSTEM) as work:
        row = await work.session.get_one(Intake, intake_id)
        return dict(row.answers.get("delivery", {}))


async def test_what_is_typed_is_saved_by_itself_and_says_when(browser: Browser, portal: Served) -> None:
    made = await at_delivery(portal)
    async with portal.seat(browser, CORA) as page:
        await page.goto(f"{portal.address}/intakes/{made}/delivery")
        portal.clock.forward(minutes=1, seconds=11)
        await page.fill("#note", "Ring twice")
        await expect(page.locator("#saved")).to_contain_text("Saved 10:01:11")
        assert (await kept(portal, made))["note"] == "Ring twice"
        portal.clock.forward(seconds=5)
        await page.fill("#notes", "a calm customer")
        await expect(page.locator("#saved")).to_contain_text("Saved 10:01:16")
        await page.reload()
        assert await page.input_value("#note") == "Ring twice"
        assert await page.input_value("#notes") == "a calm customer"
        await page.fill("#note", "Ring three times")
        await page.press("#note", "Control+Enter")
        await page.wait_for_url("**/check")
        assert (await kept(portal, made))["note"] == "Ring three times"


async def test_a_lost_line_is_told_and_made_good_by_itself(browser: Browser, portal: Served) -> None:
    made = await at_delivery(portal)
    async with portal.seat(browser, CORA) as page:
        await page.goto(f"{portal.address}/intakes/{made}/delivery")

        async def cut(route: Route) -> None:
            await route.fulfill(status=503, content_type="text/html", body="<h1>The desk is very busy.</h1>")

        await page.route("**/draft", cut)
        await page.fill("#note", "Ring twice")
        await expect(page.locator("#saved")).to_contain_text("Not saved, trying again")
        await expect(page.locator("#banner")).to_contain_text("The desk is very busy.")
        assert await page.input_value("#note") == "Ring twice"
        portal.clock.forward(seconds=40)
        await page.unroute("**/draft")
        await expect(page.locator("#saved")).to_contain_text("Saved 10:00:40")
        assert (await kept(portal, made))["note"] == "Ring twice"


async def test_leaving_with_something_unsaved_is_asked_about(browser: Browser, portal: Served) -> None:
    made = await at_delivery(portal)
    asked: list[str] = []
    async with portal.seat(browser, CORA) as page:
        await page.goto(f"{portal.address}/intakes/{made}/delivery")
        await page.route("**/draft", lambda route: route.fulfill(status=503, body=""))
        await page.locator("#note").press_sequentially("Ring")
        await expect(page.locator("#saved")).to_contain_text("Not saved")

        async def stay(dialog: object) -> None:
            asked.append(dialog.type)  # type: ignore[attr-defined]  # playwright tells its dialogs so
            await dialog.accept()  # type: ignore[attr-defined]  # as above

        page.on("dialog", stay)
        await page.goto(f"{portal.address}/")
    assert asked == ["beforeunload"]


async def test_a_second_tab_is_told_and_may_keep_either(browser: Browser, portal: Served) -> None:
    made = await at_delivery(portal)
    async with portal.seat(browser, CORA) as page:
        await page.goto(f"{portal.address}/intakes/{made}/delivery")
        other = await page.context.new_page()
        await other.goto(f"{portal.address}/intakes/{made}/delivery")
        await other.fill("#note", "from the other tab")
        await expect(other.locator("#saved")).to_contain_text("Saved")
        await expect(other.locator('#saved input[name="revision"]')).to_have_value("7")
        await page.fill("#note", "from this tab")
        await expect(page.locator("#notice")).to_contain_text("Nothing was overwritten.")
        await axe(page)
        assert await page.input_value("#note") == "from this tab"
        assert (await kept(portal, made))["note"] == "from the other tab"
        assert await page.evaluate("document.activeElement.id") == "note"
        await page.press("#note", "Control+Enter")
        await page.wait_for_selector("#conflict:focus")
        await page.click("text=Keep mine")
        await page.wait_for_load_state()
        assert (await kept(portal, made))["note"] == "from this tab"


async def test_the_former_holder_sees_who_took_over(browser: Browser, portal: Served) -> None:
    made = await at_delivery(portal)
    async with portal.seat(browser, CORA) as page:
        await page.goto(f"{portal.address}/intakes/{made}/delivery")
        async with portal.desk.work(CEM) as work:
            await intake.take_over(work, made)
        await page.fill("#note", "Ring twice")
        await expect(page.locator("#notice")).to_contain_text("Cem took this contact over")
        assert await page.input_value("#note") == "Ring twice"
        await axe(page)
        async with portal.seat(browser, CEM) as other:
            await other.goto(f"{portal.address}/intakes/{made}/delivery")
            await expect(other.locator("h1")).to_have_text("How shall it reach the customer?")
        await page.reload()
        await expect(page.locator("h1")).to_have_text("Cem holds this contact")
        await axe(page)


async def test_errors_take_the_focus_and_lead_to_the_field(browser: Browser, portal: Served) -> None:
    made = await at_delivery(portal)
    async with portal.seat(browser, CORA) as page:
        await page.goto(f"{portal.address}/intakes/{made}/delivery")
        await page.fill("#ship_address", "")
        await page.fill("#note", "Ring twice")
        await page.press("#ship_name", "Enter")
        await page.wait_for_selector("#errors:focus")
        assert (await page.title()).startswith("Error: ")
        assert await page.get_attribute("#ship_address", "aria-invalid") == "true"
        assert "ship_address-error" in str(await page.get_attribute("#ship_address", "aria-describedby"))
        assert await page.input_value("#note") == "Ring twice"
        await axe(page)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "ship_address"


async def test_pressing_place_order_again_and_again_places_one(browser: Browser, portal: Served) -> None:
    made = await at_delivery(portal)
    async with portal.seat(browser, CORA) as page:
        await page.goto(f"{portal.address}/intakes/{made}/delivery")
        await page.press("#ship_name", "Enter")
        await page.wait_for_url("**/check")
        await page.check("#checked")
        await page.press("#checked", "Enter")
        await page.wait_for_url("**/read_back")
        await page.check("#agreed")
        await page.press("#agreed", "Enter")
        await page.wait_for_url("**/confirm")
        await page.evaluate(
            """() => { const form = document.querySelector('#answers');
                       for (let i = 0; i < 5; i += 1) form.requestSubmit(); }"""
        )
        await page.wait_for_url("**/payment")
        async with portal.desk.look(SYSTEM) as work:
            assert await work.session.scalar(select(func.count()).select_from(Order)) == 1


async def test_without_a_script_the_same_forms_work(browser: Browser, portal: Served) -> None:
    made = await at_delivery(portal)
    async with portal.seat(browser, CORA, java_script_enabled=False) as page:
        await page.goto(f"{portal.address}/intakes/{made}/lines")
        await page.fill("#look", "lamp")
        await page.press("#look", "Enter")
        await page.fill("#quantity-2", "1")
        await page.press("#quantity-2", "Enter")
        await expect(page.locator("h1")).to_have_text("How shall it reach the customer?")
        await page.click("[data-continue]")
        await expect(page.locator("h1")).to_have_text("Is everything complete and right?")
        await expect(page.locator("main")).to_contain_text("1 × Lamp")
