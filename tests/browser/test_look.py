"""Every screen of the desk as its people see it: usable by everyone, light and dark, at a desk and on a phone."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from portal.desk import sessions
from portal.desk.work import SYSTEM, Actor
from tests.browser.serving import DESK, PHONE, Served, served
from tests.cast import ADA, CORA, FIN, FRED, INA, MARA, NILS, SAM, Clock
from tests.harness.browser import axe
from tests.scene import Scene, busy_monday

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
async def portal(run_folder: Path, tmp_path: Path) -> AsyncIterator[Served]:
    """A portal with a busy Monday in it."""
    async with served(run_folder, tmp_path, Clock()) as portal:
        yield portal


@pytest.fixture
async def scene(portal: Served) -> Scene:
    return await busy_monday(portal.desk, portal.clock)


def screens(scene: Scene) -> dict[Actor, list[str]]:
    """Who looks at what."""
    return {
        CORA: [
            "/", "/cases", "/cases?show=team", f"/cases/{scene.complaint}", f"/cases/{scene.waiting}",
            f"/cases/{scene.resolved}", f"/cases/{scene.complaint}/clocks", "/orders", f"/orders/{scene.order}",
            f"/orders/{scene.returned}", "/returns", "/customers?q=ana", "/customers/1", "/follow-ups",
            "/search?q=HR-26", "/cases/99",
        ],
        SAM: [
            "/", "/escalations", "/escalations?show=all", "/follow-ups?show=team", "/messages", "/jobs", "/orders/board",
            "/evidence/follow-ups", "/evidence/low-scores", "/evidence/month", "/improvements",
        ],
        MARA: ["/", "/escalations", f"/cases/{scene.secret}"],
        FIN: ["/", "/cases", f"/cases/{scene.payment_issue}", "/escalations", f"/orders/{scene.order}"],
        INA: ["/", "/orders", "/returns"],
        FRED: ["/", f"/orders/{scene.prepared}", "/returns", f"/orders/{scene.returned}"],
        ADA: ["/", "/jobs"],
        NILS: ["/"],
    }  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.full)])
async def test_everyone_can_use_every_screen(
    browser: Browser, portal: Served, scene: Scene, scheme: str
) -> None:
    for who, addresses in screens(scene).items():
        async with portal.seat(browser, who, color_scheme=scheme, viewport=DESK) as page:
            for address in addresses:
                await page.goto(portal.address + address)
                assert await page.evaluate("document.documentElement.dataset.bsTheme") == scheme
                assert (await page.locator("h1").count(), await page.locator("main").count()) == (1, 1)
                await axe(page)


async def test_nothing_runs_off_a_phone(browser: Browser, portal: Served, scene: Scene) -> None:
    wide = []
    for who, addresses in screens(scene).items():
        async with portal.seat(browser, who, viewport=PHONE, has_touch=True) as page:
            for address in addresses:
                await page.goto(portal.address + address)
                if await page.evaluate(SIDEWAYS) > 0:
                    wide.append(address)
    assert wide == []


async def test_the_phones_menu_leads_everywhere(browser: Browser, portal: Served) -> None:
    async with portal.seat(browser, CORA, viewport=PHONE) as page:
        await page.goto(portal.address)
        await page.locator("details[data-menu] > summary").click()
        await axe(page)
        links = page.get_by_role("navigation", name="Menu").get_by_role("link")
        assert await links.all_inner_texts() == [
            "My desk", "Cases", "Orders", "Customers", "Follow-ups", "Library", "Tables",
        ]  # fmt: skip
        await links.nth(1).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Cases")


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.id || document.activeElement.tagName"))


async def test_single_keys_search_begin_and_explain_until_they_are_switched_off(
    browser: Browser, portal: Served
) -> None:
    async with portal.seat(browser, CORA) as page:
        await page.goto(portal.address)
        await page.keyboard.press("/")
        assert await focused(page) == "find"
        await page.keyboard.type("n?")
        assert await page.locator("#find").input_value() == "n?"
        await page.locator("h1").click()
        await page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keyboard")
        await expect(dialog).to_be_visible()
        await axe(page)
        await dialog.get_by_role("checkbox").uncheck()
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        await page.keyboard.press("?")
        await expect(dialog).to_be_hidden()
        await page.reload()
        await page.keyboard.press("/")
        assert await focused(page) == "BODY"


async def test_a_telephone_system_fills_in_who_calls_and_tells_no_server(
    browser: Browser, portal: Served
) -> None:
    """S0-3.2.3"""
    async with portal.seat(browser, CORA) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(f"{request.url} {request.post_data}"))
        await page.goto(f"{portal.address}/contacts/new#channel=chat&from=%2B4930901820")
        await expect(page.get_by_label("Number, address or name")).to_have_value("+4930901820")
        await expect(page.get_by_label("Chat")).to_be_checked()
        await expect(page.get_by_label("The customer came to us")).to_be_checked()
        assert page.url == f"{portal.address}/contacts/new"
        await page.evaluate("location.hash = 'to=%2B4930901821'")
        await expect(page.get_by_label("Number, address or name")).to_have_value("+4930901821")
        await expect(page.get_by_label("We went to the customer")).to_be_checked()
        await expect(page.get_by_label("Social")).to_be_hidden()
        await page.evaluate("location.hash = 'channel=social&from=%2B4930901822'")
        await expect(page.get_by_label("Social")).to_be_checked()
        await expect(page.get_by_label("Social")).to_be_visible()
        assert [one for one in asked if "4930" in one] == []


async def test_the_chosen_colours_are_there_before_the_page_is(browser: Browser, portal: Served) -> None:
    async with portal.seat(browser, CORA, color_scheme="light") as page:
        await page.goto(portal.address)
        await page.get_by_text("Cora", exact=True).first.click()
        await page.get_by_role("button", name="Dark").click()
        await page.goto(f"{portal.address}/cases")
        assert await page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
        await page.get_by_text("Cora", exact=True).first.click()
        await expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


@pytest.mark.usefixtures("scene")
async def test_clocks_move_on_by_themselves_and_leave_the_focus_where_it_is(
    browser: Browser, portal: Served
) -> None:
    async with portal.seat(browser, CORA) as page:
        await page.clock.install()
        await page.goto(portal.address)
        link = page.get_by_role("link", name="A cracked kettle")
        await link.focus()
        await expect(page.locator("#desk .hr-chip-warn").first).to_contain_text("in 10 min")
        portal.clock.forward(minutes=5)
        await page.clock.run_for(31_000)
        await expect(page.locator("#desk .hr-chip-warn").first).to_contain_text("in 5 min")
        await expect(link).to_be_focused()


async def test_signed_out_meanwhile_the_page_stays_and_says_so(
    browser: Browser, portal: Served, scene: Scene
) -> None:
    async with portal.seat(browser, CORA) as page:
        await page.clock.install()
        await page.goto(f"{portal.address}/cases/{scene.complaint}")
        await page.locator("#note > summary").click()
        await page.locator("#note-note").fill("Half a sentence")
        async with portal.desk.work(SYSTEM) as work:
            await sessions.end_all(work, person_id=CORA.person_id)
        await page.clock.run_for(31_000)
        await expect(page.locator("#banner")).to_have_text(
            "You are signed out. Sign in again in another tab; what you typed here stays."
        )
        await expect(page.locator("#note-note")).to_have_value("Half a sentence")
        assert await page.locator("#clocks").count() == 1


@pytest.mark.usefixtures("scene")
async def test_a_page_left_open_does_not_keep_the_session_alive(browser: Browser, portal: Served) -> None:
    async with portal.seat(browser, CORA) as page:
        await page.clock.install()
        await page.goto(portal.address)
        answers = []
        for _ in range(4):
            portal.clock.forward(minutes=8)
            async with page.expect_response(f"{portal.address}/") as answered:
                await page.clock.run_for(31_000)
            answers.append((await answered.value).status)
        assert answers == [200, 200, 200, 401]


async def test_what_is_wrong_takes_the_focus_and_leads_to_its_field(
    browser: Browser, portal: Served, scene: Scene
) -> None:
    async with portal.seat(browser, CORA) as page:
        await page.goto(f"{portal.address}/cases/{scene.complaint}")
        await page.locator("#resolution > summary").press("Enter")
        await page.locator("#resolution-what_was_done").fill("A new kettle.")
        await page.locator("#resolution form").evaluate("form => { form.noValidate = true; }")
        await page.get_by_role("button", name="Resolve and tell the customer").click()
        await expect(page).to_have_title(re.compile(r"^Error: "))
        assert await focused(page) == "errors"
        await axe(page)
        await page.get_by_role("link", name="Write down at least one action that was taken.").press("Enter")
        await expect(page.locator("#resolution-actions")).to_be_focused()
        await expect(page.locator("#resolution-what_was_done")).to_have_value("A new kettle.")


async def test_without_a_script_everything_still_works(
    browser: Browser, portal: Served, scene: Scene
) -> None:
    async with portal.seat(browser, CORA, java_script_enabled=False) as page:
        await page.goto(f"{portal.address}/cases/{scene.complaint}")
        await page.locator("#answer > summary").click()
        await page.locator("#answer-answer").fill("A new kettle leaves today.")
        await page.get_by_role("button", name="Send the answer").click()
        await expect(page.get_by_role("status").first).to_contain_text("The answer is on its way.")
        await page.locator("#find").fill("HR-26-000001-9")
        await page.locator("#find").press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Order HR-26-000001-9")
