"""Mail that came in, open to everybody, on a desk and on a phone in the dark. S2-12.2"""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.serving import DESK, PHONE, served
from tests.browser.test_duty import looked_at, tab_to, typed
from tests.cast import CORA, Clock
from tests.mails import arrives, written

LONG = f"{'a' * 60}@{'b' * 60}.example.com"


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone in the dark"]
)
async def test_mail_is_set_aside_and_taken_on_by_keyboard(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    """S2-12.2"""
    screen = {"viewport": size, "color_scheme": scheme}
    async with served(run_folder, tmp_path, Clock()) as portal, portal.seat(browser, CORA, **screen) as cora:
        files = [("photo.txt", b"Hello"), (f"{'b' * 90}.exe", b"MZ")]
        await arrives(
            portal.desk, written("Buy! " * 200, "Buy " * 40, f"{'N' * 90} <x@example.com>"), portal.clock.now
        )
        await arrives(portal.desk, written(files=files, sender=f"Bo <{LONG}>"), portal.clock.now)
        await arrives(portal.desk, written(list_id="<all>"), portal.clock.now)
        await cora.goto(f"{portal.address}/mail")
        await looked_at(cora)
        await tab_to(cora, 'a[href="/mail/1"]')
        await cora.keyboard.press("Enter")
        await cora.wait_for_selector("text=What it says")
        await tab_to(cora, "details:nth-of-type(2) > summary")
        await cora.keyboard.press("Enter")
        await typed(cora, "reason", " ")
        await tab_to(cora, "form[action$=setting-aside] button")
        await cora.keyboard.press("Enter")
        await cora.wait_for_selector("text=Say why nobody has to answer it.")
        await looked_at(cora)
        await tab_to(cora, ".hr-errors a")
        await cora.keyboard.press("Enter")
        await typed(cora, "reason", "Advertising.")
        await tab_to(cora, "form[action$=setting-aside] button")
        await cora.keyboard.press("Enter")
        await cora.wait_for_selector("text=Set aside. It stays on record.")
        await cora.goto(f"{portal.address}/mail?show=not-taken")
        await looked_at(cora)
        await cora.goto(f"{portal.address}/mail/2")
        await looked_at(cora)
        await tab_to(cora, "form[action$=holder] button")
        await cora.keyboard.press("Enter")
        await cora.wait_for_selector("text=The case is yours. Answer it here.")
        await looked_at(cora)
        await cora.goto(f"{portal.address}/mail")
