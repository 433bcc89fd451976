"""The page of an order and the list of special requests: open to everybody, on a desk and on a phone in the dark."""

from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest
from playwright.async_api import Browser

from models.words import PaymentMethod
from portal.desk import orders, payments
from portal.desk.orders import requests
from tests.browser.serving import DESK, PHONE, served
from tests.browser.test_duty import looked_at, tab_to
from tests.cast import CORA, FRED, Clock, berlin
from tests.shop import DRAFT, ordered

WISHES = replace(
    DRAFT,
    requests=("Engrave Ana on the handle.", "Blue cushions"),
    wanted_on=berlin("2026-03-12 09:00").date(),
    wanted_from=time(9),
    wanted_until=time(12, 30),
)


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
async def test_requests_are_decided_the_day_moved_and_too_much_given_back(
    browser: Browser, run_folder: Path, tmp_path: Path, screen: dict[str, int]
) -> None:
    """S1-4.5.2, S0-3.6.2, S0-3.5.3, S0-0.4: by keyboard."""
    dark = {
        "viewport": screen,
        "color_scheme": "dark" if screen is PHONE else "light",
        "reduced_motion": "reduce",
    }
    async with served(run_folder, tmp_path, Clock()) as portal:
        order = await ordered(portal.desk, WISHES)
        async with portal.desk.work(CORA) as work:
            await payments.charge(
                work,
                await orders.load(work, order.id),
                method=PaymentMethod.CASH,
                amount_minor=20_000,
                over=True,
            )
        async with portal.seat(browser, FRED, **dark) as page:
            await page.goto(f"{portal.address}/")
            await looked_at(page)
            await page.goto(f"{portal.address}/special-requests")
            await tab_to(page, "#request-1 summary")
            await page.keyboard.press("Enter")
            await looked_at(page)
            await tab_to(page, "#request-1 [name=decision]")
            await page.keyboard.press("ArrowDown")
            await tab_to(page, "#request-1 button")
            await page.keyboard.press("Enter")
            await page.wait_for_selector("text=Say why it is not possible")
            await looked_at(page)
        async with portal.desk.work(FRED) as work:
            await requests.take_up(work, await requests.load(work, 1))
            await orders.decide_request(work, await requests.load(work, 2), feasible=True)
        async with portal.seat(browser, CORA, **dark) as page:
            await page.goto(f"{portal.address}/orders/{order.id}")
            for form in ("#payment", "#refund", "#receipt", "#expected-day"):
                await tab_to(page, f"{form} > summary")
                await page.keyboard.press("Enter")
            await looked_at(page)
            await page.locator("#expected-day-day").fill("2026-03-14")
            await page.locator("#expected-day-reason").fill("The carrier is late.")
            await tab_to(page, "#expected-day button")
            await page.keyboard.press("Enter")
            await page.wait_for_selector("text=We are closed on Saturday")
            await looked_at(page)
