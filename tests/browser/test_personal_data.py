"""The pages about personal data, open to everybody, on a desk and on a phone in the dark. S2-2.3, S3-10.1.1, S4-3.1"""

from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from models.words import DataRequestKind
from portal.desk import customers, data_requests
from tests.browser.serving import DESK, PHONE, served
from tests.browser.test_duty import looked_at, tab_to, typed
from tests.cast import ANA, CORA, MARA, Clock
from tests.desk.erased import told_of

NUMBER = "HK-25-000001-1"


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone in the dark"]
)
async def test_personal_data_is_seen_to_by_keyboard(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """S2-2.3, S3-10.1.1, S4-3.1: each page with what it folds away, and an erasure asked for after a mistake."""
    screen = {"viewport": size, "color_scheme": scheme}
    async with served(run_folder, tmp_path, Clock()) as portal, portal.seat(browser, MARA, **screen) as mara:
        await told_of(portal.desk)
        async with portal.desk.work(CORA) as work:
            ana = await customers.load(work, ANA)
            for kind in (DataRequestKind.ACCESS, DataRequestKind.ERASURE):
                await data_requests.note(work, ana, kind, "He asks.", date(2026, 3, 2))
        for place in (f"/customers/{ANA}", "/consents", "/data-requests"):
            answer = await mara.goto(f"{portal.address}{place}")
            assert answer is not None
            assert answer.status == 200
            await mara.evaluate(
                "for (const one of document.querySelectorAll('main details')) one.open = true"
            )
            await looked_at(mara)
        await mara.goto(f"{portal.address}/customers/{ANA}/erasure")
        await tab_to(mara, "#ask > summary")
        await mara.keyboard.press("Enter")
        await looked_at(mara)
        await typed(mara, "number", "HK-1")
        await tab_to(mara, "[name=reason]")
        await mara.keyboard.type("He wrote.")
        await tab_to(mara, "#ask button")
        await mara.keyboard.press("Enter")
        await mara.wait_for_selector(f"text=Type {NUMBER}, the number of this customer.")
        await looked_at(mara)
        await tab_to(mara, ".hr-errors a")
        await mara.keyboard.press("Enter")  # leads to the field
        await typed(mara, "number", NUMBER)
        await mara.keyboard.press("Enter")
        await expect(mara.locator("text=You asked for this yourself")).to_be_visible()
        await mara.goto(f"{portal.address}/erasures")
        await looked_at(mara)
