"""A transcript is read in from a file, read, and corrected, by keyboard and on a phone. S3-6.1.1a"""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.serving import DESK, PHONE, served
from tests.cast import SAM, Clock
from tests.desk.callers import came
from tests.harness.browser import axe

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>My kettle leaks, and its lid does, too.\n" + b"".join(
    b"\n00:%02d.000 --> 00:%02d.000\n<v %s>And then there was more of it.\n"
    % (at, at + 1, (b"Cora", b"Ana")[at % 2])
    for at in range(2, 12)
)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_it_is_chosen_read_and_taken_away(
    tmp_path: Path, run_folder: Path, browser: Browser, size: dict[str, int]
) -> None:
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, SAM, viewport=size, java_script_enabled=size is DESK) as page,
    ):
        here = f"{portal.address}/contacts/{await came(portal.desk)}"
        await page.goto(here)
        await page.get_by_text("Add a transcript").click()
        await page.get_by_label("Or its file").set_input_files(
            {"name": "call.vtt", "mimeType": "text/vtt", "buffer": VTT}
        )
        await page.get_by_role("button", name="Keep it with the contact").click()
        await expect(page.locator(".hr-transcript")).to_contain_text("[00:01] Ana: My kettle leaks")
        await page.get_by_text("Correct it").click()
        await page.get_by_text("Take it away", exact=True).click()
        if size is DESK:
            await axe(page)
        assert await page.evaluate(FITS)
        await page.get_by_label("Why?").fill("Of another call.")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Of another call.")).to_be_visible()
        await expect(page.get_by_text("My kettle leaks")).to_have_count(0)
