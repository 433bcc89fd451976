"""A complaint and an inquiry on the phone with the keyboard alone, open to everybody at each step."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from models import Case, Contact
from models.words import CaseStatus, ContactStatus, Severity
from portal.desk.work import SYSTEM
from tests.browser.serving import DESK, PHONE, served
from tests.browser.test_phone_order import Keyboard, Look
from tests.cast import CORA, Clock
from tests.harness.browser import axe
from tests.wizard import known

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def to_about(key: Keyboard, look: Look) -> None:
    """A contact whose caller will not say who they are."""
    await key.page.keyboard.press("n")
    await key.page.wait_for_url("**/contacts/new")
    await key.press("Enter")
    await key.arrive("greet")
    await key.press("Space", "Enter")
    await key.arrive("who")
    await key.type("nobody here")
    await key.page.wait_for_selector("text=Nobody found by")
    await look(key.page)
    await key.press("ArrowDown", "Enter")
    await key.page.wait_for_selector("#name:focus")
    await look(key.page)
    await key.press("Enter")
    await key.arrive("about")


async def heard(key: Keyboard, look: Look) -> None:
    """Up to the solutions."""
    await to_about(key, look)
    await key.press(*["ArrowDown"] * 3, "Enter")
    await key.arrive("statement")
    await look(key.page)
    await key.type("The kettle leaks.")
    await key.press("Control+Enter")
    await key.arrive("restate")
    await look(key.page)
    await key.type("Your kettle leaks.")
    await key.press("Tab", "Space", "Enter")
    await key.arrive("apology")
    await look(key.page)
    await key.press("Space", "Enter")
    await key.arrive("options")
    await look(key.page)


async def complaint(key: Keyboard, look: Look) -> None:
    await heard(key, look)
    await key.press("Space", "Tab", "Space", "Enter")
    await key.arrive("settle")
    await look(key.page)
    await key.press("Space", "Tab")
    await key.type("Refund")
    await key.press("Tab")
    await key.type("The money goes back.")
    await key.press("Tab")
    await key.type("Asked finance for it.")
    await key.press("Control+Enter")
    await goodbye(key, look)


async def inquiry(key: Keyboard, look: Look) -> None:
    await to_about(key, look)
    await key.press(*["ArrowDown"] * 2, "Enter")
    await key.arrive("need")
    await look(key.page)
    await key.type("Does it come in blue?")
    await key.press("Control+Enter")
    await key.arrive("answer")
    await look(key.page)
    await key.type("In blue and green.")
    await key.press("Tab", "Tab", "Space", "Enter")  # over the box to look in the library
    await goodbye(key, look)


async def goodbye(key: Keyboard, look: Look) -> None:
    await key.arrive("summary")
    await look(key.page)
    await key.press("Tab", "Space", "Enter")
    await key.arrive("close")
    await look(key.page)
    await key.press("Space", "Tab", "Space", "Enter")
    await key.page.wait_for_url(lambda address: address.endswith("/"))


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("walk", [complaint, inquiry], ids=["complaint", "inquiry"])
async def test_cases_take_the_keyboard_alone(
    browser: Browser, run_folder: Path, tmp_path: Path, screen: dict[str, int], walk: object
) -> None:
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, CORA, viewport=screen, reduced_motion="reduce") as page,
    ):
        await known(portal.desk)
        await page.goto(f"{portal.address}/")
        await (complaint if walk is complaint else inquiry)(Keyboard(page), axe)
        async with portal.desk.look(SYSTEM) as work:
            case = (await work.session.scalars(select(Case))).one()
            contact = (await work.session.scalars(select(Contact))).one()
    assert (case.status, contact.status) == (CaseStatus.RESOLVED, ContactStatus.CLOSED)


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_case_goes_up_and_everybody_can_use_the_way(
    browser: Browser, run_folder: Path, tmp_path: Path, screen: dict[str, int]
) -> None:
    """S2-13: what is not asked for yet is out of the way, and what goes with the case can be read."""
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, CORA, viewport=screen, reduced_motion="reduce") as page,
    ):
        await known(portal.desk)
        await page.goto(f"{portal.address}/")
        key = Keyboard(page)
        await heard(key, axe)
        await page.get_by_label("Money back").check()
        await page.get_by_label("A goodwill gesture").check()
        await page.get_by_label("How much").fill("20")
        await page.get_by_role("group", name="Can you solve it here and now?").get_by_label("No").check()
        await axe(page)
        await page.get_by_role("button", name="Continue").last.click()
        await key.arrive("severity")
        await axe(page)
        await page.get_by_role("group", name="Was somebody hurt").get_by_label("No").check()
        await page.get_by_label("Not at all").check()
        await page.get_by_role("button", name="Continue").last.click()
        await key.arrive("escalate")
        await expect(page.get_by_label("Why it cannot be solved here")).to_be_hidden()
        await page.get_by_label("Hand it up now").check()
        await page.get_by_text("What goes with it").click()
        await axe(page)
        assert await page.evaluate(SIDEWAYS) <= 0
        await page.get_by_label("Why it cannot be solved here").fill("She wants the kitchen paid.")
        await page.get_by_role("button", name="Continue").last.click()
        await key.arrive("summary")
        async with portal.desk.look(SYSTEM) as work:
            case = (await work.session.scalars(select(Case))).one()
    assert (case.severity, case.escalation_level) == (Severity.HIGH, 1)
