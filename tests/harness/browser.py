"""A real headless browser, and axe to ask it whether everyone can use the page."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, TypedDict

from playwright._impl._driver import compute_driver_executable
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.harness.missing import missing

NAMES = (
    "chromium-headless-shell",  # the same engine without a browser's own windows: half the work for two cores
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
BUNDLES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FETCHED = (
    ".cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
INSTALL = "apt-get install chromium-headless-shell, or chromium (Debian), or .venv/bin/python -m playwright install chromium"
DRIVER_INSTALL = "apt-get install libatomic1 (Debian)"
# A test browser speaks with the portal alone: no updates, no sync, no look-ups of its maker. Its sandbox
# stays off, as playwright has it: root and containers can have none, and no stranger's page is opened.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
LOOK = """async tags => {
    const [x, y] = [scrollX, scrollY];
    scrollTo({left: 0, top: 0, behavior: 'instant'});
    const found = await axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
    scrollTo({left: x, top: y, behavior: 'instant'});
    return found.violations;
}"""
PATIENCE = 10_000  # milliseconds


class Violation(TypedDict):
    """One rule of axe that a page breaks, and where."""

    id: str
    help: str
    places: list[str]


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Start a browser of this machine and close it at the end."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=installed() or missing("A Chromium browser", INSTALL),
            args=list(FLAGS),
            chromium_sandbox=False,
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def tab(browser: Browser, **context: object) -> AsyncIterator[Page]:
    """Open a page with its own cookies; at the end it must not have complained about itself.

    A complaint is an uncaught error of a script or anything the console calls an error, a breach of the
    content security policy among them. Answers such as 422 are not: tests provoke them.
    """
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    settings: Any = {"locale": "en-GB", "timezone_id": "Europe/London", **context}
    opened = await browser.new_context(**settings)
    opened.set_default_timeout(PATIENCE)
    page = await opened.new_page()
    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
    finally:
        await opened.close()
    assert complaints == [], complaints


async def violations(page: Page) -> list[Violation]:
    """Ask axe what on this page breaks WCAG 2.2 AA, from its top: what scrolled under the header is not small."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    broken = await page.evaluate(LOOK, list(WCAG))
    return [
        Violation(id=rule["id"], help=rule["help"], places=[node["html"] for node in rule["nodes"]])
        for rule in broken
    ]


async def axe(page: Page) -> None:
    """Assert that everyone can use this page as it stands now."""
    found = await violations(page)
    assert found == [], f"axe on {page.url}: {found}"


def installed() -> Path | None:
    """Find the browser to use: the one asked for, this machine's own, or one that playwright has fetched."""
    wanted = os.environ.get("HANDRAIL_TEST_CHROMIUM")
    fetched = (at for place in FETCHED for at in sorted(Path.home().glob(place), reverse=True))
    known = [wanted] if wanted else [*map(shutil.which, NAMES), *BUNDLES, *fetched]
    return next((Path(at) for at in known if at and Path(at).exists()), None)


def driver_runs() -> bool:
    """Say whether playwright's own program starts; a bare Debian lacks a library for it."""
    program, _ = compute_driver_executable()
    return subprocess.run([program, "--version"], check=False, capture_output=True).returncode == 0
