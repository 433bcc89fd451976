"""A whole phone order with the keyboard alone, counted, and open to everybody at each step."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from sqlalchemy import select

from models import Contact, Order
from models.words import ContactStatus
from portal.desk.work import SYSTEM
from tests.browser.serving import DESK, PHONE, served
from tests.cast import CORA, Clock
from tests.harness.browser import axe
from tests.wizard import known

MOST_KEYS = 60
"""Keystrokes of a repeat customer's one-line order beyond the text itself."""
Look = Callable[[Page], Awaitable[None]]


class Keyboard:
    """A keyboard that counts: `press` is a keystroke, `type` is text."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0
        self.letters = 0

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        self.letters += len(text)
        await self.page.keyboard.type(text)

    async def arrive(self, step: str) -> None:
        """Wait until the step is there and the focus is in it."""
        await self.page.wait_for_function(
            """step => location.pathname.endsWith(`/${step}`)
               && document.querySelector('#step')?.contains(document.activeElement)
               && document.activeElement !== document.body""",
            arg=step,
        )


async def phone_order(page: Page, look: Look) -> Keyboard:
    """From the desk to the goodbye; `look` is called on every step."""
    key = Keyboard(page)
    await page.keyboard.press("n")
    await page.wait_for_url("**/contacts/new")
    await look(page)
    await key.press("Enter")
    await key.arrive("greet")
    await look(page)
    await key.press("Space", "Enter")
    await key.arrive("who")
    await key.type("ana ex")
    await page.wait_for_selector("#found .in-row strong")
    await look(page)
    await key.press("ArrowDown", "Enter")
    await key.arrive("verify")
    await look(page)
    await key.press("Tab")
    await key.type("10115")
    await key.press("Tab")
    await key.type("ana@example.com")
    await key.press("Enter")
    await key.arrive("about")
    await look(page)
    await key.press("Space", "Enter")
    await key.arrive("lines")
    await take_order(key, look)
    return key


async def take_order(key: Keyboard, look: Look) -> None:
    """From the products to the goodbye."""
    page = key.page
    await key.type("chair")
    await page.wait_for_selector("#found .in-row strong")
    await look(page)
    await key.press("Enter")
    await page.wait_for_selector("#quantity-1:focus")
    await key.type("2")
    await key.press("Enter")
    await key.arrive("delivery")
    await look(page)
    await key.press("Enter")
    await key.arrive("check")
    await look(page)
    await key.press("Space", "Enter")
    await key.arrive("read_back")
    await look(page)
    await key.press("Space", "Enter")
    await key.arrive("confirm")
    await look(page)
    await key.press("Enter")
    await key.arrive("payment")
    await look(page)
    await key.press("Tab", "Space", "Enter")
    await key.arrive("summary")
    await look(page)
    await key.press("Tab", "Space", "Enter")
    await key.arrive("close")
    await look(page)
    await key.press("Space", "Tab", "Space", "Enter")
    await page.wait_for_url(lambda address: address.endswith("/"))


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_phone_order_takes_the_keyboard_alone(
    browser: Browser, run_folder: Path, tmp_path: Path, screen: dict[str, int]
) -> None:
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, CORA, viewport=screen, reduced_motion="reduce") as page,
    ):
        await known(portal.desk)
        await page.goto(f"{portal.address}/")
        key = await phone_order(page, axe)
        async with portal.desk.look(SYSTEM) as work:
            order = (await work.session.scalars(select(Order))).one()
            contact = (await work.session.scalars(select(Contact))).one()
    print(f"{key.keys} keystrokes and {key.letters} letters")  # noqa: T201 - the count is what this test tells
    assert (order.total_minor, contact.status) == (9980, ContactStatus.CLOSED)
    assert key.keys <= MOST_KEYS
