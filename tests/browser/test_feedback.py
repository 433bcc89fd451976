"""The letter in the demo's mailbox, and the customer's page behind its link: for everybody, without a script."""

from pathlib import Path

import pytest
from playwright.async_api import Browser
from sqlalchemy import select

from jobs.ask_feedback import ask_feedback
from models import Customer, Feedback
from models.words import CaseKind, Channel, ResolutionCode
from portal.desk import audit, cases
from portal.desk.cases import NewCase
from portal.desk.work import SYSTEM, Desk
from tests.browser.serving import PHONE, served
from tests.cast import ANA, CORA, Clock
from tests.harness.browser import axe


async def invited(desk: Desk, clock: Clock, language: str) -> None:
    """Ana's case is solved, and an hour later she is asked how it went."""
    async with desk.work(CORA) as work:
        customer = await work.session.get_one(Customer, ANA)
        customer.language = language
        await audit.record(work, "change customer", customer)
        new = NewCase(CaseKind.INQUIRY, Channel.PHONE, "<b>Late</b> parcel", customer_id=ANA)
        case = await cases.open_case(work, new)
        await cases.resolve(
            work, case, code=ResolutionCode.ANSWERED, what_was_done="Told.", actions=["Looked"]
        )
    clock.forward(hours=1)
    assert await ask_feedback(desk) == 1


WORDS = {
    "en": (
        "How did we do?",
        "Tell us how it went",
        "5: very good",
        "Send",
        "Thank you",
        "How it stands at any time",
    ),
    "de": (
        "Wie waren wir?",
        "Sagen Sie uns, wie es war",
        "5: sehr gut",
        "Absenden",
        "Vielen Dank",
        "Wie es gerade steht",
    ),
}

WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.parametrize("language", WORDS)
async def test_a_customer_answers_from_the_letter(
    browser: Browser, run_folder: Path, tmp_path: Path, language: str
) -> None:
    clock, (subject, link, very_good, send, thanks, standing) = Clock(), WORDS[language]
    async with served(run_folder, tmp_path, clock, demo=True) as portal:
        await invited(portal.desk, clock, language)
        async with portal.seat(browser, CORA) as page:
            await page.goto(f"{portal.address}/demo/mail")
            await axe(page)
            await page.get_by_role("link", name=subject).click()
            await axe(page)
            letter = page.frame_locator("iframe")
            assert "<b>Late</b> parcel" in await letter.locator("body").inner_text()
            address = await letter.get_by_role("link", name=link).get_attribute("href")
            stands = await letter.get_by_role("link", name=standing).get_attribute("href")
            assert address is not None
            assert stands is not None
        for scheme in ("light", "dark"):
            async with portal.seat(browser, None, viewport=PHONE, color_scheme=scheme) as page:
                await page.goto(address)
                await axe(page)
                await page.get_by_role("button", name=send).click()  # nothing chosen yet
                await axe(page)
                assert await page.locator("html").get_attribute("lang") == language
                assert await page.evaluate(WIDTH) <= PHONE["width"]
                await page.goto(stands)
                await axe(page)
                assert await page.locator("html").get_attribute("lang") == language
                assert await page.evaluate(WIDTH) <= PHONE["width"]
        async with portal.seat(browser, None, viewport=PHONE, java_script_enabled=False) as page:
            await page.goto(address)
            await page.get_by_label(very_good).check()
            await page.get_by_role("textbox").fill("Sehr gut! 山田 <script>alert(1)</script>")
            await page.get_by_role("button", name=send).click()
            assert await page.get_by_role("heading", level=1).inner_text() == thanks
        async with portal.desk.look(SYSTEM) as work:
            row = (await work.session.scalars(select(Feedback))).one()
        assert (row.score, row.comment) == (5, "Sehr gut! 山田 <script>alert(1)</script>")
