"""The teams at an order: notes, what inventory is asked, papers and figures, on a desk and on a phone in the dark."""

from pathlib import Path

from playwright.async_api import Browser

from portal.desk import availability, order_terms, orders
from portal.desk.orders import notes
from tests.browser.serving import DESK, PHONE, served
from tests.browser.test_duty import looked_at, tab_to
from tests.cast import CORA, INA, MARA, SAM, Clock
from tests.shop import ordered


async def test_the_teams_at_an_order_are_open_to_everybody(
    browser: Browser, run_folder: Path, tmp_path: Path
) -> None:
    """S1-4.7.2, S1-3.2a, S4-4.2, S1-5.2d, S1-0.2: by keyboard, at both widths."""
    async with served(run_folder, tmp_path, Clock()) as portal:
        async with portal.desk.work(MARA) as work:
            await order_terms.add(work, words_en="Goods stay ours.", words_de="", valid_from=work.now.date())
        order = await ordered(portal.desk)
        async with portal.desk.work(CORA) as work:
            loaded = await orders.load(work, order.id)
            line, product = await availability.line_of(work, loaded, loaded.lines[0].id)
            await availability.ask(work, product, 2, "Blue ones?", line)
            await notes.write(work, loaded, "Is the chair there? @Ina", "inventory")
        phone = {"viewport": PHONE, "color_scheme": "dark", "reduced_motion": "reduce"}
        async with portal.seat(browser, INA, **phone) as page:
            for address in ("/", f"/orders/{order.id}"):
                await page.goto(f"{portal.address}{address}")
                await looked_at(page)
            await tab_to(page, "#note > summary")
            await page.keyboard.press("Enter")
            await tab_to(page, "#note-words")
            await page.keyboard.type("@Bo knows.")
            await tab_to(page, "#note button")
            await page.keyboard.press("Enter")
            await page.wait_for_selector("text=Nobody here is called")
            await looked_at(page)
            await page.goto(f"{portal.address}/availability")
            await tab_to(page, "#asked-1 summary")
            await page.keyboard.press("Enter")
            await looked_at(page)
        desk = {"viewport": DESK, "color_scheme": "light", "reduced_motion": "reduce"}
        async with portal.seat(browser, SAM, **desk) as page:
            await page.goto(f"{portal.address}/orders/{order.id}")
            for form in ("#note", "#availability", "#paper"):
                await tab_to(page, f"{form} > summary")
                await page.keyboard.press("Enter")
            await looked_at(page)
            for address in (
                f"/orders/{order.id}/trail",
                "/orders/figures?month=2026-03",
                "/availability?sku=CH-1",
            ):
                await page.goto(f"{portal.address}{address}")
                await looked_at(page)
