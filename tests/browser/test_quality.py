"""A contact drawn, scored and answered, on a telephone, open to everybody. S2-0.4, S2-15.6"""

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.serving import PHONE, served
from tests.browser.test_duty import looked_at, tab_to
from tests.cast import CORA, MARA, SAM, Clock
from tests.desk.test_evidence import broken_off


async def test_a_contact_is_drawn_scored_and_answered(
    tmp_path: Path, run_folder: Path, browser: Browser
) -> None:
    async with served(run_folder, tmp_path, Clock()) as portal:
        await broken_off(portal.desk)
        async with portal.seat(browser, SAM, viewport=PHONE) as sam:
            await sam.goto(f"{portal.address}/quality")
            await looked_at(sam)
            await tab_to(sam, "form[action='/quality'] button")
            await sam.keyboard.press("Enter")
            await expect(sam).to_have_url(f"{portal.address}/quality/samples/1")
            await looked_at(sam)
            await sam.goto(f"{portal.address}/quality/scores/1")
            for place in range(1, 6):
                await sam.check(f"[name=mark-{place}][value={'not' if place == 2 else 'fully'}]")
            await tab_to(sam, "form[action='/quality/scores/1'] button")
            await sam.keyboard.press("Enter")
            await expect(sam.locator("#errors")).to_be_focused()
            await looked_at(sam)
            await sam.fill("[name=remarks]", "Ask for a second fact.")
            await tab_to(sam, "form[action='/quality/scores/1'] button")
            await sam.keyboard.press("Enter")
            await expect(sam).to_have_url(f"{portal.address}/quality/samples/1")
            await sam.goto(f"{portal.address}/quality/averages")
            await looked_at(sam)
        async with portal.seat(browser, CORA, viewport=PHONE) as cora:
            await cora.goto(f"{portal.address}/quality/mine")
            await tab_to(cora, "#score-1 summary")
            await cora.keyboard.press("Enter")
            await looked_at(cora)
            await cora.fill("[name=answer]", "The line was bad.")
            await tab_to(cora, "#score-1 button")
            await cora.keyboard.press("Enter")
            await expect(cora.locator("text=The line was bad.")).to_be_visible()
        async with portal.seat(browser, MARA, viewport=PHONE) as mara:
            for address in ("/quality/card", "/evidence/surveys", "/evidence/feedback"):
                await mara.goto(f"{portal.address}{address}")
                await looked_at(mara)
