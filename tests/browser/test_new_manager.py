"""Mara is new and changes how complaints are handled: a draft, a preview, one refusal, published. S1-6.2"""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, FloatRect, Page, expect

from portal.desk import library
from portal.desk.scripts import versions
from portal.desk.work import SYSTEM
from tests.browser.serving import PHONE, Served, served
from tests.cast import CORA, MARA, Clock
from tests.harness.browser import axe
from tests.visits import signed_in
from tests.wizard import Walk, known, to_about

SHOTS = os.environ.get("HANDRAIL_TEST_SHOTS", "")
"""A folder for the pictures of `docs/scripts.md`."""
WIDE = {"width": 1440, "height": 900}
HEIGHTS = {1: 620, 2: 900, 3: 520, 4: 430, 5: 700, 6: 900}
"""How much of each picture says something."""
QUESTION = "Shall a manager call to say sorry?"
GERMAN = "Soll jemand von der Leitung anrufen?"
NOTE = "A call from a manager means more than a mail. Asked where we are sorry."
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
async def portal(run_folder: Path, tmp_path: Path) -> AsyncIterator[Served]:
    """A desk with its goods, its library and the scripts that come with the product."""
    async with served(run_folder, tmp_path, Clock()) as portal:
        await known(portal.desk)
        async with portal.desk.work(SYSTEM) as work:
            await library.install(work)
            await versions.install(work)
        yield portal


@contextlib.asynccontextmanager
async def cora(portal: Served) -> AsyncIterator[httpx2.AsyncClient]:
    """Cora's browser, without a script."""
    headers = {"sec-fetch-site": "same-origin", "origin": portal.address}
    cookies = {"handrail": await signed_in(portal.desk, CORA)}
    async with httpx2.AsyncClient(base_url=portal.address, headers=headers, cookies=cookies) as client:
        yield client


async def complaining(client: httpx2.AsyncClient, apology: str = "given") -> Walk:
    """A complaint of Ana's, up to the solutions."""
    walk = await Walk(client).begin()
    await to_about(walk)
    await walk.send(situation="complaint")
    await walk.send(statement="The new kettle leaks.", case_kind="complaint")
    await walk.send(restated="The kettle leaks.", agreed="yes")
    await walk.send(apology=apology, reason="" if apology == "given" else "It was not ours.")
    assert walk.at == "options"
    return walk


async def picture(page: Page, number: int) -> None:
    """The page from where it was scrolled to, down to what its reader needs."""
    if SHOTS:
        # Hiding the caret would take a style that the page rightly refuses.
        part: FloatRect = {"x": 0, "y": 0, "width": WIDE["width"], "height": HEIGHTS[number]}
        await page.screenshot(path=f"{SHOTS}/script-{number}.png", caret="initial", clip=part)


async def usable(page: Page, *, phone: bool = True) -> None:
    """Everyone can use the page, at a desk and on a phone."""
    await page.evaluate("scrollTo(0, 0)")  # what is half under the bar on top would count as too small
    await axe(page)
    if phone:
        before = page.viewport_size
        await page.set_viewport_size({"width": 390, "height": 844})
        assert await page.evaluate(SIDEWAYS) <= 0, page.url
        await axe(page)
        assert before is not None
        await page.set_viewport_size(before)


async def add_the_question(page: Page) -> None:
    """By keyboard: the focus comes to each new row by itself."""
    await page.get_by_role("button", name="Add a question").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#ask-1-label-en")).to_be_focused()
    await page.keyboard.type(QUESTION)
    await page.locator("#ask-1-kind").focus()
    await page.keyboard.type("Yes")
    await page.locator("#ask-1").get_by_role("button", name="Add a condition").press("Enter")
    await expect(page.locator("#ask-1-when-0-step")).to_be_focused()
    await page.keyboard.type("Apology: a")
    await expect(page.locator("#ask-1-when-0-step")).to_have_value("apology.apology")
    await expect(page.locator("#ask-1-when-0-values-hint")).to_have_text("May be given | not_applicable")
    await page.locator("#ask-1-when-0-values").fill("given")


async def draft_the_question(page: Page) -> str:
    """Begin a draft and add the question, seen as it is typed; return the address of the draft."""
    await page.get_by_role("button", name="Begin a draft").press("Enter")
    await page.get_by_role("link", name="Solutions").click()
    await usable(page)
    await add_the_question(page)
    preview = page.locator("#preview")
    await expect(preview).to_contain_text(QUESTION)
    await expect(preview).to_contain_text("Comes only if Apology is given")
    await expect(preview.get_by_text(QUESTION)).to_be_in_viewport()
    assert await page.locator("#ask-1-when-0-values-known option").count() == 2
    await page.evaluate("scrollBy(0, document.getElementById('ask-1').getBoundingClientRect().top - 80)")
    await picture(page, 2)
    await usable(page)
    await page.locator("#ask-1-when-0-values").press("Enter")
    await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    return page.url.split("?")[0]


async def be_stopped_and_mend_it(page: Page) -> None:
    """The German text was forgotten: the linter stops publishing and leads to the place."""
    await page.get_by_role("link", name="Publish…").click()
    await expect(page.get_by_text("It cannot be published like this.")).to_be_visible()
    await usable(page)
    await picture(page, 3)
    await page.get_by_role("link", name="Go there").first.press("Enter")
    await expect(page.locator("#ask-1-label-de")).to_be_focused()
    await page.keyboard.type(GERMAN)
    await page.locator("#clauses").fill("S3-4.1.2")
    await page.locator("#look select[name=language]").select_option("de")
    await expect(page.locator("#preview")).to_contain_text("Wir können auf mehr als eine Weise helfen.")
    await page.get_by_role("button", name="Save this step").click()
    await expect(page.get_by_label("S3-4.1.2:")).to_be_checked()


async def publish(page: Page, draft: str) -> None:
    """Look at what is different and who is in the middle of the old version, and publish with a note."""
    await page.goto(f"{draft}/trial?apology.apology=not_applicable")
    await usable(page)
    await page.goto(f"{draft}/differences")
    await usable(page)
    await picture(page, 4)
    await page.goto(f"{draft}/publishing")
    await expect(page.get_by_text("1 contact is under way")).to_be_visible()
    await page.locator("#note").fill(NOTE)
    await usable(page)
    await picture(page, 5)
    await page.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.get_by_text("Version 2 is in force from now on.")).to_be_visible()
    await expect(page.get_by_text(NOTE)).to_be_visible()
    await usable(page)
    await page.goto(f"{draft}?step=options")
    await usable(page)


async def test_a_new_manager_changes_the_complaint_script(browser: Browser, portal: Served) -> None:
    async with cora(portal) as client:
        begun_before = await complaining(client)
        async with portal.seat(browser, MARA, viewport=WIDE) as page:
            await page.goto(portal.address)
            await page.get_by_role("navigation", name="Main").get_by_role("link", name="Procedures").click()
            await usable(page)
            await picture(page, 1)
            await page.get_by_role("link", name="Handle a complaint").first.click()
            await usable(page)
            draft = await draft_the_question(page)
            await be_stopped_and_mend_it(page)
            await publish(page, draft)
        sorry = await complaining(client)
        assert QUESTION in sorry.text
        assert QUESTION not in (await complaining(client, "not_applicable")).text
        assert QUESTION not in (await begun_before.open("options")).text
    async with portal.seat(browser, CORA, viewport=WIDE) as page:
        await page.goto(f"{portal.address}/intakes/{sorry.id}/options")
        await expect(page.get_by_role("group", name=QUESTION)).to_be_visible()
        await page.evaluate("scrollTo(0, document.body.scrollHeight)")
        await picture(page, 6)


async def begun(portal: Served, page: Page, script: str = "complaint") -> None:
    """A draft of the script, on the screen with everything its page loads: keys are heard from then on."""
    await page.goto(f"{portal.address}/scripts/{script}")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Begin a draft").click()


async def names(page: Page) -> list[str]:
    """The steps on the screen, in their order."""
    return list(
        await page.evaluate("[...document.querySelectorAll('#steps li')].map(one => one.dataset.step)")
    )


async def test_steps_move_by_keys_by_buttons_and_by_dragging(browser: Browser, portal: Served) -> None:
    async with portal.seat(browser, MARA, viewport=WIDE) as page:
        await begun(portal, page)
        sorry = page.locator("#steps").get_by_role("link", name="Apology")
        await page.locator("#title-en").fill("Typed meanwhile")
        await sorry.focus()
        async with page.expect_response("**/order"):
            await page.keyboard.press("Alt+ArrowDown")
        await expect(page.locator("#moved")).to_have_text("Apology is now step 4 of 14.")
        await expect(sorry).to_be_focused()
        async with page.expect_response("**/order"):
            await page.get_by_role("button", name="Move Apology up").click()
        async with page.expect_response("**/order"):
            await (
                page.locator("#steps li")
                .nth(13)
                .drag_to(page.locator("#steps li").nth(12), target_position={"x": 40, "y": 4})
            )
        told = await names(page)
        assert (told[:4], told[-3:]) == (
            ["statement", "restate", "apology", "options"],
            ["severity", "settle", "escalate"],
        )
        await page.get_by_role("button", name="Move Listen down").click()
        await expect(page.locator("#banner")).to_contain_text("“Listen” cannot stand there.")
        await expect(page.locator("#banner")).to_contain_text("restate")
        assert await names(page) == told
        await expect(page.locator("#title-en")).to_have_value("Typed meanwhile")
        await page.get_by_role("button", name="Save this step").click()
        await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
        assert await names(page) == told


async def test_a_tree_is_written_by_keyboard(browser: Browser, portal: Served) -> None:
    """The focus comes to each new row, and stays with the one that is moved."""
    async with portal.seat(browser, MARA, viewport=WIDE) as page:
        await begun(portal, page, "support")
        await page.goto(f"{page.url.split('?')[0]}?step=troubleshoot")
        stove = page.locator("#trees-0")
        await stove.locator("summary").first.press("Enter")
        async with page.expect_navigation():
            await stove.get_by_role("button", name="Add a question or an end").press("Enter")
        await expect(page.locator("#trees-0-nodes-7-ask-en")).to_be_focused()
        await page.keyboard.type("Is the hose tight?")
        await page.locator("#trees-0-nodes-3-answers-1-to").select_option("8. …")
        await expect(page.locator("#preview")).to_contain_text("No, as before: Is the hose tight?")
        async with page.expect_navigation():
            await page.get_by_role("button", name="Move question 8 up").press("Enter")
        await expect(page.get_by_role("button", name="Move question 7 up").first).to_be_focused()
        await expect(page.locator("#trees-0-nodes-6-ask-en")).to_have_value("Is the hose tight?")
        async with page.expect_navigation():
            await page.get_by_role("button", name="Remove question 7").press("Enter")
        await expect(stove.get_by_role("button", name="Add a question or an end")).to_be_focused()
        await usable(page)


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.full)])
async def test_every_page_of_the_scripts_is_open_to_everybody(
    browser: Browser, portal: Served, scheme: str
) -> None:
    async with portal.seat(browser, MARA, viewport=PHONE, color_scheme=scheme) as page:
        await begun(portal, page)
        here = page.url
        steps = ("statement", "options", "severity", "escalate")
        for at in (
            *(f"{here}?step={one}" for one in steps),
            f"{here}/trial",
            f"{portal.address}/scripts/imports",
        ):
            await page.goto(at)
            assert await page.evaluate(SIDEWAYS) <= 0, at
            await axe(page)
        await page.set_viewport_size({"width": 1280, "height": 900})
        for at in (
            f"{here}?step=severity",
            f"{portal.address}/scripts",
            f"{portal.address}/scripts/complaint",
        ):
            await page.goto(at)
            await axe(page)


STANDING_STILL = """() => [...document.querySelectorAll('.se-picture :is(a, button, input, select, textarea, summary)')]
    .filter(one => { one.focus(); return document.activeElement === one; }).map(one => one.outerHTML)"""
"""What in the pictures takes the focus."""
SEEN = {
    "opening": ("who", "verify", "about"),
    "order": ("lines", "check", "read_back", "payment"),
    "payment_issue": ("compare", "give_back"),
    "support": ("serial", "troubleshoot"),
    "closing": ("summary",),
}
"""Steps whose kinds bring the most."""


@pytest.mark.full
async def test_the_fields_of_a_kind_are_seen_and_stand_still(browser: Browser, portal: Served) -> None:
    async with portal.seat(browser, MARA, viewport=PHONE) as page:
        for script, steps in SEEN.items():
            await begun(portal, page, script)
            here = page.url
            for step in steps:
                await page.goto(f"{here}?step={step}")
                picture = page.locator("#preview .se-picture")
                await expect(picture).to_be_visible()
                assert await page.evaluate(SIDEWAYS) <= 0, step
                assert await page.evaluate(STANDING_STILL) == [], step
                await axe(page)
            await page.goto(f"{here}/trial")
            for one in await page.locator(".se-asks > summary").all():
                await one.press("Enter")
            assert await page.evaluate(SIDEWAYS) <= 0, script
            assert await page.evaluate(STANDING_STILL) == [], script
            await axe(page)


async def test_a_picture_follows_what_is_typed(browser: Browser, portal: Served) -> None:
    async with portal.seat(browser, MARA, viewport=WIDE) as page:
        await begun(portal, page, "opening")
        await page.goto(f"{page.url}?step=verify")
        shown = page.get_by_role("group", name="Preview of Verify, with an invented customer")
        await expect(shown).to_contain_text("0 of 2 match")
        await page.locator("#title-en").fill("Who is it?")
        await expect(page.locator("#preview")).to_contain_text("Who is it?")
        await expect(shown).to_contain_text("0 of 2 match")
        await page.goto(f"{page.url.split('?')[0]}?step=who")
        await expect(page.locator("#preview .se-picture")).to_contain_text("Ida E••••")


async def test_without_javascript_a_question_is_added(browser: Browser, portal: Served) -> None:
    async with portal.seat(browser, MARA, viewport=PHONE, java_script_enabled=False) as page:
        await begun(portal, page)
        await page.get_by_role("button", name="Add a question").click()
        await page.locator("#ask-0-label-en").fill(QUESTION)
        await page.locator("#ask-0-kind").select_option("scale")
        await page.get_by_role("button", name="Use this kind").click()
        await page.locator("#ask-0-option-max").fill("5")
        await page.locator("#ask-0-option-max").press("Enter")
        await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
        await expect(page.locator("#ask-0-label-en")).to_have_value(QUESTION)
