"""A letter is taken, the words for the country are said, and no search leaves a name in an address: on desk and phone."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from models import Customer
from models.words import Channel, PreferredChannel
from portal.desk import announcements, audit, channels
from portal.desk.work import SYSTEM
from tests.browser.serving import DESK, PHONE, Served, served
from tests.cast import ANA, CORA, MARA, SAM, Clock
from tests.harness.browser import axe
from tests.shop import CHAIR, of_lines, ordered
from tests.wizard import known

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


async def looked_at(page: Page) -> None:
    await axe(page)
    assert await page.evaluate(FITS), page.url


async def furnished(portal: Served) -> None:
    """A channel of the desk's own, words for Germany, and Ana, who wants a message and has an order."""
    await known(portal.desk)
    async with portal.desk.work(MARA) as work:
        await channels.add_own(
            work,
            name="Letter",
            name_de="Brief",
            behaves_like=Channel.EMAIL,
            approved=True,
            amendments=False,
            redirect="",
        )
        for country, words in (
            ("", "We keep what you write."),
            ("DE", "We keep what you write for ten years."),
        ):
            await announcements.add(
                work,
                country=country,
                channel=None,
                words_en=words,
                words_de=words,
                valid_from=work.now.date(),
            )
    async with portal.desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.preferred_channel = PreferredChannel.MESSAGE
        await audit.record(work, "change customer", ana)
    await ordered(portal.desk, of_lines((CHAIR, 1)))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_letter_its_words_and_searches_without_a_name_in_an_address(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int]
) -> None:
    """S0-1.2b, S3-10.2.1, S0-3.2.3, S1-4.4.1d"""
    asked: list[str] = []
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, CORA, viewport=size) as page,
        portal.seat(browser, SAM, viewport=size) as sam,
    ):
        await furnished(portal)
        for one in (page, sam):
            one.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{portal.address}/contacts/new")
        await page.get_by_label("Letter").check()
        await looked_at(page)
        await page.get_by_role("button", name="Begin contact").click()
        await expect(page.get_by_text("We keep what you write.")).to_be_visible()
        await page.get_by_label("I have greeted the customer").check()
        await page.get_by_label("I have said this").check()
        await looked_at(page)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/who")
        await page.get_by_role("searchbox", name="Phone, e-mail, order number or name").fill("ana")
        await page.get_by_role("button", name="Ana E••••").click()
        await page.wait_for_url("**/verify")
        await page.goto(page.url.replace("verify", "greet"))
        await expect(page.get_by_text("for ten years")).to_be_visible()
        await expect(page.get_by_label("I have said this")).not_to_be_checked()
        await page.goto(f"{portal.address}/customers")
        await page.get_by_role("searchbox", name="Find a customer").press_sequentially("exam")
        await expect(page.get_by_role("link", name="Ana E••••")).to_be_visible()
        await page.get_by_role("searchbox", name="Find a customer").press("Enter")
        await page.wait_for_url("**/customers?for=*")
        await expect(page.get_by_role("searchbox", name="Find a customer")).to_have_value("exam")
        await page.reload()
        await page.get_by_role("link", name="Ana E••••").click()
        await page.go_back()
        await expect(page.get_by_role("link", name="Ana E••••")).to_be_visible()
        await page.goto(f"{portal.address}/follow-ups")
        await page.get_by_role("button", name="Show the message and the number").click()
        await expect(page.get_by_label("What to send")).to_be_visible()
        await expect(page.get_by_role("link", name="Open it in the telephone’s messages")).to_be_visible()
        await looked_at(page)
        await sam.goto(f"{portal.address}/admin/customers/list")
        await sam.get_by_role("searchbox", name="Search", exact=True).fill("exam")
        await sam.get_by_role("button", name="Show", exact=True).click()
        await sam.wait_for_url("**/admin/customers/list?for=*")
        await expect(sam.get_by_role("searchbox", name="Search", exact=True)).to_have_value("exam")
        await looked_at(sam)
    assert [one for one in asked if "exam" in one.partition("?")[2]] == []
    assert len(asked) > 20
