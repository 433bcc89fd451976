"""A return from the order's page to its end, by keyboard, open to everybody, on a desk and on a phone in the dark."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from sqlalchemy import select

from models import Return
from models.words import OrderStatus, ReturnStatus
from portal.desk.work import SYSTEM
from tests.browser.serving import DESK, PHONE, served
from tests.browser.test_duty import looked_at, tab_to, typed
from tests.cast import CORA, INA, Clock
from tests.shop import led_to

NUMBER = "HZ-26-000001-9"


async def announce(page: Page, address: str, order_id: int) -> None:
    """One of two chairs, after seven were typed."""
    await page.goto(f"{address}/orders/{order_id}")
    await tab_to(page, "#returning > summary")
    await page.keyboard.press("Enter")
    await looked_at(page)
    await typed(page, "units-1", "7")
    await tab_to(page, "[name=reason]")
    await page.keyboard.type("It arrived")
    await tab_to(page, "[name=sure]")
    await page.keyboard.press("Space")
    await tab_to(page, "#returning button")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=A whole number, at most 2.")
    await tab_to(page, ".hr-errors a")
    await looked_at(page)
    await page.keyboard.press("Enter")  # leads to the field
    await typed(page, "units-1", "1")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(f"text={NUMBER}")
    await looked_at(page)


async def mark_as_arrived(page: Page, address: str) -> None:
    """Whoever opens the parcel comes from My desk."""
    await page.goto(f"{address}/")
    if page.viewport_size == PHONE:
        await tab_to(page, "details[data-menu] > summary")
        await page.keyboard.press("Enter")
    await tab_to(page, 'a[href="/returns"]')
    await page.keyboard.press("Enter")
    await page.wait_for_selector(f"text={NUMBER}")
    await looked_at(page)
    await tab_to(page, "#return-1 summary")
    await page.keyboard.press("Enter")
    await looked_at(page)
    await tab_to(page, "[name=condition]")
    await page.keyboard.press("Space")
    await tab_to(page, "#return-1 button")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=Nothing here: expected.")
    await looked_at(page)


async def settle(page: Page, address: str) -> None:
    """Whoever sold it comes from the orders."""
    await page.goto(f"{address}/orders")
    await tab_to(page, 'a[href="/returns"]')
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=Nothing here: expected.")
    await tab_to(page, 'a[href="/returns?show=arrived"]')
    await page.keyboard.press("Enter")
    await page.wait_for_selector(f"text={NUMBER}")
    await tab_to(page, "#return-1 summary")
    await page.keyboard.press("Enter")
    await typed(page, "words", "The money goes back.")
    await looked_at(page)
    await tab_to(page, "#return-1 button")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=Nothing here: arrived, to settle.")
    await tab_to(page, 'a[href="/returns?show=settled"]')
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=The money goes back.")
    await looked_at(page)


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone in the dark"]
)
async def test_a_return_is_announced_marked_as_arrived_and_settled_by_keyboard(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """S4-4.4, S3-4.1.3c"""
    screen = {"viewport": size, "color_scheme": scheme}
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, CORA, **screen) as cora,
        portal.seat(browser, INA, **screen) as ina,
    ):
        order_id = await led_to(portal.desk, OrderStatus.DELIVERED)
        await announce(cora, portal.address, order_id)
        await mark_as_arrived(ina, portal.address)
        await settle(cora, portal.address)
        async with portal.desk.look(SYSTEM) as work:
            made = (await work.session.scalars(select(Return))).one()
            assert (made.status, made.resellable) == (ReturnStatus.SETTLED, True)
