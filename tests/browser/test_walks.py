"""Every script of the desk walked from the greeting to the goodbye: by keyboard alone, on a telephone, without a script.

Each step's page is asked by axe once on a desk and once on a telephone, where nothing may lie beside the screen and
what is asked comes before what is good to know.
"""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from sqlalchemy import select

from models import Case, Contact, Order, Return
from models.words import ContactStatus
from portal.desk.scripts.steps import OPENING, SCRIPTS
from portal.desk.work import SYSTEM
from tests.browser.serving import DESK, PHONE, Served, served
from tests.browser.situations import SITUATIONS, Situation
from tests.browser.walking import by_form, by_keys
from tests.cast import CORA, Clock
from tests.harness.browser import axe

MOST_KEYS = 60
"""Keystrokes of a repeat customer's one-line order beyond the text itself."""
BESIDE = """[...document.querySelectorAll('body *')]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .filter(one => !one.closest('.visually-hidden, .hr-skip'))
  .map(one => one.outerHTML.slice(0, 120))"""
ASK_FIRST = """() => {
  const [ask, know] = ['.in-ask', '.in-know'].map(one => document.querySelector(one)?.getBoundingClientRect());
  return !ask || !know || ask.bottom <= know.top;
}"""
CELLS = """[...document.querySelectorAll('.hr-table-stacked :is(td, th)')]
  .filter(one => one.checkVisibility() && one.textContent.trim())
  .filter(one => [...one.childNodes].filter(part => part.tagName || part.textContent.trim()).length > 1
    || (one.closest('tfoot') && !one.dataset.label))
  .map(one => one.outerHTML.slice(0, 200))"""
"""Cells of a table that is stacked on a telephone, whose value falls apart or has lost its name."""
DRAWN = """[
  ...new Set([...document.querySelectorAll('main [name], main [class*="in-"]')]
    .filter(one => one.checkVisibility())
    .map(one => (one.getAttribute('name') || one.getAttribute('class')).replace(/\\d+/g, ''))),
].sort().join(' ')"""
"""What a page is made of, whatever its words are."""


class Eyes:
    """Looks at every page that is come to; at the same one by axe only once."""

    def __init__(self, seen: set[str], *, narrow: bool) -> None:
        self.seen = seen
        self.narrow = narrow

    async def __call__(self, page: Page, step: str) -> None:
        assert await page.locator("h1").count() == 1, f"one question on {step}"
        if self.narrow:
            assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], (
                step,
                await page.evaluate(BESIDE),
            )
            assert await page.evaluate(ASK_FIRST), f"ask before know on {step}"
            assert await page.evaluate(CELLS) == [], step
        drawn = f"{step} {await page.evaluate(DRAWN)}"
        if drawn not in self.seen:
            self.seen.add(drawn)
            await page.evaluate("scrollTo(0, 0)")  # what lies under the bar on top is not smaller for it
            await axe(page)


@pytest.fixture(scope="module")
def seen() -> dict[str, set[str]]:
    """The pages that axe was asked about already, by manner."""
    return {"desk": set(), "phone": set()}


async def ended(portal: Served, situation: Situation) -> None:
    async with portal.desk.look(SYSTEM) as work:
        contact = (await work.session.scalars(select(Contact).order_by(Contact.id.desc()).limit(1))).one()
        orders = (await work.session.scalars(select(Order.total_minor).order_by(Order.id))).all()
        states = select(Case.kind, Case.status, Case.escalation_level).order_by(Case.id)
        cases = (await work.session.execute(states)).all()
        exchanged = (await work.session.execute(select(Return.order_id, Return.replacement_id))).all()
    assert (contact.status, contact.outcome) == (ContactStatus.CLOSED, situation.outcome)
    assert (tuple(orders), tuple(tuple(one) for one in cases)) == (situation.orders, situation.cases)
    assert tuple(tuple(one) for one in exchanged) == situation.exchanged


MANNERS = ("desk", "phone")
WALKS = [
    pytest.param(one, manner, id=f"{one}-{manner}", marks=pytest.mark.full if (at + by) % 2 else ())
    for at, one in enumerate(SITUATIONS)
    for by, manner in enumerate(MANNERS)
]
"""Each situation is walked in one manner every time, in turns, and in the other by the full run."""


@pytest.mark.parametrize(("situation", "manner"), WALKS)
async def test_every_situation_takes_the_keyboard_alone(
    browser: Browser,
    run_folder: Path,
    tmp_path: Path,
    situation: Situation,
    manner: str,
    seen: dict[str, set[str]],
) -> None:
    """S0-0.3, S2-4.2, S2-13.1, S4-5.3, S4-5.5"""
    screen = DESK if manner == "desk" else PHONE
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, CORA, viewport=screen, reduced_motion="reduce") as page,
    ):
        await situation.prepare(portal.desk)
        await page.goto(f"{portal.address}/")
        key = await by_keys(page, situation.steps, Eyes(seen[manner], narrow=screen is PHONE))
        await ended(portal, situation)
    print(f"{situation.script}: {key.keys} keystrokes and {key.letters} letters")  # noqa: T201 - the count is what this test tells
    assert str(situation) != "order" or key.keys <= MOST_KEYS


PLAIN = [
    pytest.param(one, id=str(one), marks=pytest.mark.full if at % 2 else ())
    for at, one in enumerate(SITUATIONS)
]
"""Half of the situations every time, the others by the full run."""


@pytest.mark.parametrize("situation", PLAIN)
async def test_every_situation_goes_without_javascript(
    browser: Browser, run_folder: Path, tmp_path: Path, situation: Situation
) -> None:
    async with (
        served(run_folder, tmp_path, Clock()) as portal,
        portal.seat(browser, CORA, viewport=PHONE, java_script_enabled=False) as page,
    ):
        await situation.prepare(portal.desk)
        await page.goto(f"{portal.address}/")
        await by_form(page, situation.steps)
        await ended(portal, situation)


def test_every_script_of_the_desk_is_walked() -> None:
    assert {OPENING, *(one.script for one in SITUATIONS)} == set(SCRIPTS)
