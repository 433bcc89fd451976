"""Signing in and out as a person does: without a mouse, on a telephone, and for everybody."""

import re

from playwright.async_api import Browser, Page, expect

from portal.demo.cast import DEMO_PEOPLE
from tests.harness import browser as browsers
from tests.harness.server import PortalServer


async def press_to(page: Page, name: str, most: int = 20) -> None:
    """Walk there with the tab key, as somebody without a mouse does."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if (await page.evaluate("document.activeElement.innerText") or "").startswith(name):
            return
    raise AssertionError(f"{name} cannot be reached with the tab key")


async def test_signing_in_and_out_takes_no_mouse(portal_server: PortalServer, page: Page) -> None:
    await page.goto(f"{portal_server.address}/")
    await expect(page).to_have_title(re.compile("^Who are you today"))
    await browsers.axe(page)
    await press_to(page, "Cora")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{portal_server.address}/")
    await expect(page.locator(".hr-me")).to_have_text("Cora")
    await press_to(page, "Cora")
    await page.keyboard.press("Enter")
    await press_to(page, "Sign out")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    await browsers.axe(page)
    await page.goto(f"{portal_server.address}/")
    await expect(page).to_have_title(re.compile("^Who are you today"))


async def test_the_people_fit_a_telephone(portal_server: PortalServer, phone: Page) -> None:
    await phone.goto(f"{portal_server.address}/")
    buttons = phone.get_by_role("button")
    assert await buttons.count() == len(DEMO_PEOPLE)
    for box in [await button.bounding_box() for button in await buttons.all()]:
        assert box is not None
        assert (box["height"] >= 44, box["x"] >= 0, box["x"] + box["width"] <= 390) == (True, True, True)
    assert await phone.evaluate("document.documentElement.scrollWidth") == 390
    await browsers.axe(phone)


async def test_a_failed_sign_in_is_a_page_that_everybody_can_read(
    portal_server: PortalServer, browser: Browser
) -> None:
    for scheme in ("light", "dark"):
        async with browsers.tab(browser, color_scheme=scheme) as page:
            await page.goto(f"{portal_server.address}/sign-in/callback?code=x&state=y")
            heading = page.get_by_role("heading", level=1)
            await expect(heading).to_have_text(re.compile("^This sign-in was begun in another browser"))
            await browsers.axe(page)
            await page.get_by_role("link", name="Sign in again").click()
            await expect(page).to_have_title(re.compile("^Who are you today"))
            await browsers.axe(page)


async def test_somebody_without_a_role_is_told_so(portal_server: PortalServer, page: Page) -> None:
    await page.goto(f"{portal_server.address}/")
    await page.get_by_role("button", name="Nils").click()
    await expect(page.locator("main")).to_contain_text("No role yet.")
    await browsers.axe(page)
