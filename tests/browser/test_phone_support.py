"""Support with the keyboard alone, open to everybody at each step: number, warranty, trouble, one question at a time."""

from pathlib import Path

import pytest
from playwright.async_api import Browser
from sqlalchemy import select

from models import Case, Contact
from models.words import CaseKind, CaseStatus, ContactStatus
from portal.desk.work import SYSTEM
from tests.browser.serving import DESK, PHONE, served
from tests.browser.test_phone_cases import goodbye, to_about
from tests.browser.test_phone_order import Keyboard, Look
from tests.cast import CORA, Clock
from tests.harness.browser import axe
from tests.wizard import known


async def asked(key: Keyboard, words: str) -> None:
    """Wait for a question of the tree, and for the focus on it."""
    await key.page.wait_for_selector(f"legend:has-text('{words}')")
    await key.arrive("troubleshoot")


async def support(key: Keyboard, look: Look) -> None:
    await to_about(key, look)
    await key.press(*["ArrowDown"] * 5, "Enter")
    await key.arrive("serial")
    await look(key.page)
    await key.press("Tab", "Space", "Tab")
    await key.type("Worn off.")
    await key.press("Tab", "Tab", "ArrowUp", "Enter")
    await key.arrive("warranty")
    await look(key.page)
    await key.press("Enter")
    await key.arrive("symptoms")
    await look(key.page)
    await key.type("It does nothing.")
    await key.press("Control+Enter")
    await asked(key, "What is it about?")
    await look(key.page)
    await key.press("ArrowUp", "Enter")
    await asked(key, "Is it whole")
    await look(key.page)
    await key.press("Space", "Enter")
    await asked(key, "Does it work now?")
    await look(key.page)
    await key.press("Space", "Enter")
    await key.arrive("settle")
    await look(key.page)
    await key.press("Enter")
    await goodbye(key, look)


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
async def test_support_takes_the_keyboard_alone(
    browser: Browser, run_folder: Path, tmp_path: Path, screen: dict[str, int]
) -> None:
    """S4-5.3, S4-5.5, S2-4.2"""
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, CORA, viewport=screen, reduced_motion="reduce") as page,
    ):
        await known(portal.desk)
        await page.goto(f"{portal.address}/")
        await support(Keyboard(page), axe)
        async with portal.desk.look(SYSTEM) as work:
            case = (await work.session.scalars(select(Case))).one()
            contact = (await work.session.scalars(select(Contact))).one()
    assert (case.kind, case.status, contact.status) == (
        CaseKind.SUPPORT,
        CaseStatus.RESOLVED,
        ContactStatus.CLOSED,
    )
