"""A step as it will be seen: the fields of its kind, drawn by the wizard's templates, standing still. S1-6.2"""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from models.words import Channel
from portal.desk import specimens
from portal.desk.notices import LANGUAGES
from portal.desk.scripts import STEP_KINDS, pack, versions
from portal.desk.work import SYSTEM, Desk
from portal.pages.scripts import picture
from portal.web import Visit
from tests.cast import MARA
from tests.html import Element, read
from tests.kinds import each_kind
from tests.seat import Seat
from tests.visits import signed_in

BARE, TOLD = {"say", "ask"}, {"confirm_order", "warranty"}
"""Kinds that bring nothing of their own, and those that tell something and ask for nothing."""
FOUND_OUT = {"facts", "balance", "guided", "solved"}
"""What a condition may ask about, and no control asks for: the desk finds it out."""
CONTROLS = ("input", "select", "textarea")


@pytest.fixture
async def mara(app: Starlette, desk: Desk) -> Seat:
    """A manager, where the product's scripts are in force and Ana is a customer."""
    async with desk.work(SYSTEM) as work:
        await versions.install(work)
    seat = Seat(app)
    seat.client.cookies["handrail"] = await signed_in(desk, MARA)
    return seat


async def places(seat: Seat) -> dict[str, str]:
    """Of each kind: the address of a step of it in the editor."""
    found: dict[str, str] = {}
    for script, document in pack().items():
        await seat.open(f"/scripts/{script}")
        links = (one.attributes.get("href", "") for one in seat.page.each("a"))
        here = next(one for one in links if one.startswith("/scripts/versions/")).split("?")[0]
        for step in document.told["steps"]:
            found.setdefault(step["kind"], f"{here}?step={step['key']}")
    return found


def pictures(page: Element) -> list[Element]:
    return [one for one in page.each("div") if one.attributes.get("class") == "se-picture"]


def unlabelled(shown: Element) -> list[str]:
    """Controls that nothing names."""
    named = {one.attributes.get("for") for one in shown.each("label")}
    return [
        one.attributes.get("name", "?")
        for one in shown.each(*CONTROLS)
        if one.attributes.get("id") not in named and "aria-label" not in one.attributes
    ]


@pytest.mark.usefixtures("mara")
async def test_every_kind_is_drawn_with_its_controls_on_every_channel_in_every_language(
    app: Starlette, desk: Desk
) -> None:
    visit = Visit(Request({"type": "http", "path": "/", "headers": [], "app": app, "actor": MARA}))
    for kind, (script, step) in each_kind().items():
        for channel in Channel:
            for language in LANGUAGES:
                where = kind, channel.value, language
                async with desk.look(MARA) as work:
                    specimen = await specimens.specimen(work, script, step, channel, language)
                shown = picture.drawn(visit, specimen)
                if kind in BARE or (kind == "redirect" and channel is not Channel.SOCIAL):
                    assert shown is None, where
                    continue
                assert shown is not None, where
                made = read(shown.html)
                names = {one.attributes["name"] for one in made.each(*CONTROLS, "button")}
                assert names >= set(STEP_KINDS[kind]) - FOUND_OUT, where
                assert (bool(names), bool(shown.fields)) == (kind not in TOLD, kind not in TOLD), where
                assert unlabelled(made) == [], where
                assert "Ana Example" not in shown.html, where


async def test_a_preview_cannot_be_used_and_repeats_no_id(mara: Seat) -> None:
    for kind, at in (await places(mara)).items():
        await mara.open(f"{at}&channel=social&language=de")
        assert [bool(pictures(mara.page)), "Ana Example" in mara.words] == [kind not in BARE, False], kind
        ids = [one.attributes["id"] for one in mara.page.each() if "id" in one.attributes]
        assert len(ids) == len(set(ids)), kind
        for shown in pictures(mara.page):
            assert shown.attributes["aria-label"].startswith("Preview of "), kind
            still, box = (next(shown.each(tag)) for tag in ("div", "fieldset"))
            assert ("inert" in still.attributes, "disabled" in box.attributes) == (True, True), kind
            assert [one.tag for one in shown.each("form", "script")] == [], kind
            assert "form" not in {one.tag for one in shown.above()}, kind
            told = {name for one in shown.each() for name in one.attributes}
            live = {name for name in told if name.startswith(("hx-", "on")) or name in picture.LEFT_OUT}
            assert (live, [one for one in shown.each("a") if "href" in one.attributes]) == (set(), []), kind


async def test_a_trial_shows_what_is_filled_in_at_every_step_that_comes(mara: Seat) -> None:
    at = (await places(mara))["options"].split("?")[0]
    await mara.open(f"{at}/trial?options.solved_here=no&restate.agreed=yes")
    shown = {one.attributes["aria-label"].split("“")[1].split("”")[0]: one for one in pictures(mara.page)}
    assert list(shown) == [
        "Greet",
        "Customer",
        "Verify",
        "What is it",
        "Listen",
        "Say it back",
        "Apology",
        "Solutions",
        "Severity",
        "Hand up",
        "Settle",
        "Sum up",
        "Goodbye",
    ]
    chosen = [one for one in shown["Solutions"].each("input") if one.attributes.get("name") == "solved_here"]
    assert [(one.attributes["value"], "checked" in one.attributes) for one in chosen] == [
        ("yes", False),
        ("no", True),
    ]
    ids = [one.attributes["id"] for one in mara.page.each() if "id" in one.attributes]
    assert (len(ids), "Ana Example" in mara.words) == (len(set(ids)), False)


def test_what_a_template_writes_stands_still() -> None:
    html = (
        '<p id="a-hint" role="status">1 &lt; 2 &amp; 3</p><label for="a">A &amp; B</label>'
        '<input id="a" name="a" value="&quot;x&quot;" aria-describedby="a-hint b" hx-post="/x" data-first autofocus>'
        '<input type="hidden" name="fingerprint" value="1"><td data-label="Price"><a href="/orders/1">Look</a></td>'
    )
    shown = picture.of(html, "p-")
    assert shown is not None
    assert str(shown.html) == (
        '<p id="p-a-hint">1 &lt; 2 &amp; 3</p><label for="p-a">A &amp; B</label>'
        '<input id="p-a" name="a" value="&quot;x&quot;" aria-describedby="p-a-hint p-b">'
        '<td data-label="Price"><a>Look</a></td>'
    )
    assert shown.fields == ("A & B",)
    assert picture.of("\n  \n", "p-") is None
