"""The diagram of a script in a real browser: everyone can use it, light and dark, at a desk and on a phone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.serving import DESK, PHONE, Served, served
from tests.cast import ADA, CORA, MARA, Clock
from tests.harness.browser import axe

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SEEN = """() => {
  const frame = document.querySelector('.hr-diagram').getBoundingClientRect();
  return [...document.querySelectorAll('.hr-diagram text')].every(one => {
    const box = one.getBoundingClientRect();
    return box.left >= frame.left - 1 && box.right <= frame.right + 1 && box.bottom <= frame.bottom + 1;
  });
}"""


@pytest.fixture
async def portal(run_folder: Path, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(run_folder, tmp_path, Clock()) as portal:
        yield portal


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everyone_can_use_the_diagram(browser: Browser, portal: Served, scheme: str) -> None:
    """S3-16.1.1"""
    async with portal.seat(browser, CORA, color_scheme=scheme, viewport=DESK) as page:
        for script in ("opening", "complaint", "closing"):
            await page.goto(f"{portal.address}/scripts/{script}/diagram")
            await expect(page.get_by_role("img", name="Diagram")).to_be_visible()
            assert await page.evaluate(SEEN), f"words of {script} run off its picture"
            await axe(page)
        await page.get_by_text("The same as a list").click()
        await expect(page.locator(".hr-diagram-list li").first).to_be_hidden()
        await axe(page)


async def test_the_diagram_fits_a_phone(browser: Browser, portal: Served) -> None:
    async with portal.seat(browser, MARA, viewport=PHONE, has_touch=True) as page:
        await page.goto(f"{portal.address}/scripts/complaint/diagram")
        assert await page.evaluate(SIDEWAYS) <= 0
        await axe(page)
        await page.get_by_role("link", name="Take an order").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Take an order")


async def test_the_diagram_needs_no_script_and_no_role_but_the_library(
    browser: Browser, portal: Served
) -> None:
    async with portal.seat(browser, CORA, java_script_enabled=False) as page:
        await page.goto(f"{portal.address}/scripts/order/diagram")
        await expect(page.locator(".hr-diagram-list li").first).to_be_visible()
        answer = await page.goto(f"{portal.address}/scripts/unicorns/diagram")
        assert answer is not None
        assert answer.status == 404
    async with portal.seat(browser, ADA) as page:
        answer = await page.goto(f"{portal.address}/scripts/order/diagram")
        assert answer is not None
        assert answer.status == 403
