"""Managers write the scripts, in a browser without a script: every button, every refusal, two authors at once. S1-6.2"""

import re
from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette

from portal.desk import library
from portal.desk.scripts import versions
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CORA, INA, MARA, NILS, SAM
from tests.seat import Seat
from tests.visits import Visitor, signed_in


async def seated(app: Starlette, desk: Desk, who: Actor) -> Seat:
    """One of the cast at a browser."""
    seat = Seat(app)
    seat.client.cookies["handrail"] = await signed_in(desk, who)
    return seat


@pytest.fixture
async def mara(app: Starlette, desk: Desk) -> Seat:
    """A manager, where the product's scripts are in force."""
    async with desk.work(SYSTEM) as work:
        await versions.install(work)
    return await seated(app, desk, MARA)


async def drafted(seat: Seat, script: str = "complaint") -> str:
    """Begin a draft; return its address."""
    await seat.open(f"/scripts/{script}")
    await seat.send(seat.form("/drafts"))
    return seat.at


def typed(seat: Seat, name: str, form: str = "step-form") -> str:
    """What stands in a field of a form on the screen."""
    return dict(seat.form(form).values)[name].replace("\r\n", "\n").strip()


async def press(seat: Seat, do: str, told: dict[str, str] | None = None) -> None:
    """Press the button of the step's form that does this."""
    form = seat.form("step-form")
    assert ("do", do) in {(one.name, one.value) for one in form.buttons}
    await seat.send(replace(form, values=(*form.values, ("do", do))), told)


async def test_the_list_says_what_is_in_force_and_what_is_being_written(mara: Seat) -> None:
    await drafted(mara)
    await mara.open("/scripts")
    assert "Handle a complaint every manager Version 1" in mara.words
    assert "1 draft" in mara.words
    links = {one.attributes["href"] for one in mara.page.each("a") if "href" in one.attributes}
    assert {
        "/scripts/complaint",
        "/scripts/complaint/diagram",
        "/scripts/complaint/form",
        "/evidence?script=complaint",
    } <= links


async def test_a_step_is_written_and_the_versions_compared(mara: Seat) -> None:
    here = await drafted(mara)
    await mara.open(f"{here}?step=apology")
    await mara.send(mara.form("step-form"), {"title-de": "Haben Sie sich entschuldigt?"}, "Save this step")
    assert "Saved." in mara.words
    assert typed(mara, "title-de") == "Haben Sie sich entschuldigt?"
    await mara.open(f"{here}/differences")
    assert "From version 1 to version 2" in mara.words
    assert (
        "Apology Changed The title of “Apology” in German "
        "before: Haben Sie gesagt, dass es Ihnen leidtut? now: Haben Sie sich entschuldigt?"
    ) in mara.words
    answer = await mara.client.get(f"{here}/file")
    assert answer.headers["content-disposition"] == 'attachment; filename="complaint-2.toml"'
    assert 'title.de = "Haben Sie sich entschuldigt?"' in answer.text
    await mara.open("/scripts/complaint")
    assert "Version 2 draft" in mara.words


async def test_rows_come_and_go_with_everything_that_is_typed_kept(mara: Seat, desk: Desk) -> None:
    here = await drafted(mara)
    await mara.open(f"{here}?step=apology")
    await mara.send(mara.form("step-form"), {"title-en": "Half a question"}, "Add a question")
    assert (mara.status, "Not saved yet." in mara.words) == (200, True)
    await mara.send(
        mara.form("step-form"),
        {"ask-0-label-en": "Did it make a noise?", "ask-0-kind": "yes_no"},
        "Use this kind",
    )
    await mara.send(mara.form("step-form"), press="Add a condition")
    answers = {"ask-0-when-0-step": "restate.agreed", "ask-0-when-0-values": "yes"}
    await mara.send(mara.form("step-form"), answers, "Add help")
    await mara.send(mara.form("step-form"), {"know-1-words-en": "A sentence"}, "Add words to say")
    await mara.send(mara.form("step-form"), {"say-2-when": "chat", "say-2-en": "Oh."}, "Add a way")
    kept = {name: typed(mara, name) for name in ("title-en", "ask-0-label-en", "know-1-words-en", "say-2-en")}
    assert kept == {
        "title-en": "Half a question",
        "ask-0-label-en": "Did it make a noise?",
        "know-1-words-en": "A sentence",
        "say-2-en": "Oh.",
    }
    await mara.send(mara.form("step-form"), press="Remove this help")
    assert "title-en" in mara.form("step-form").names
    assert "know-0-words-en" not in mara.form("step-form").names
    async with desk.look(MARA) as work:
        before = await versions.load(work, int(here.rsplit("/", 1)[1]))
        assert "ask" not in before.document["steps"][2]
    await mara.send(mara.form("step-form"), press="Save this step")
    assert "Saved." in mara.words, mara.words
    async with desk.look(MARA) as work:
        step = (await versions.load(work, int(here.rsplit("/", 1)[1]))).document["steps"][2]
    assert step["ask"] == [
        {
            "name": "did_it_make_a_noise",
            "kind": "yes_no",
            "label": {"en": "Did it make a noise?"},
            "when": [{"step": "restate", "field": "agreed", "test": "is", "values": ["yes"]}],
        }
    ]
    assert (typed(mara, "ask-0-when-0-step"), typed(mara, "ask-0-kind")) == ("restate.agreed", "yes_no")
    assert [one["words"]["en"] for one in step["know"]] == ["A sentence"]
    assert step["say"]["en"]["chat"] == "Oh."
    assert "next" not in step


async def test_a_tree_is_written_in_fields_and_the_linter_has_nothing_to_say(mara: Seat, desk: Desk) -> None:
    """A question more, moved, and an answer that leads to it."""
    async with desk.work(SYSTEM) as work:
        await library.install(work)
    here = await drafted(mara, "support")
    await mara.open(f"{here}?step=troubleshoot")
    assert typed(mara, "trees-0-nodes-1-ask-de") == "Ist Gas in der Kartusche?"
    await press(mara, "add-trees-0-nodes")
    assert dict(mara.form("step-form").values)["trees-0-nodes-7-answers-1-label-en"] == ""
    question = {"ask-en": "Is the hose tight?", "ask-de": "Ist der Schlauch dicht?"}
    answers = {
        "0-label-en": "Yes", "0-label-de": "Ja", "0-to": "#6",
        "1-label-en": "No", "1-label-de": "Nein", "1-to": "#5",
    }  # fmt: skip
    hose = question | {f"answers-{name}": value for name, value in answers.items()}
    told = {f"trees-0-nodes-7-{name}": value for name, value in hose.items()}
    await press(mara, "up-trees-0-nodes-7", told | {"trees-0-nodes-3-answers-1-to": "#7"})
    kept = ("trees-0-nodes-6-ask-de", "trees-0-nodes-6-answers-0-to", "trees-0-nodes-3-answers-1-to")
    assert [typed(mara, name) for name in kept] == ["Ist der Schlauch dicht?", "#7", "#6"]
    assert "No, as before: Is the hose tight?" in mara.words  # the preview tells the way as it is typed
    await press(mara, "save", {"trees-0-nodes-6-key": "nozzle"})
    assert (mara.status, typed(mara, "trees-0-nodes-6-ask-en")) == (422, "Is the hose tight?")
    assert 'href="#trees-0-nodes-6-key"' in mara.answer.text
    await press(mara, "save", {"trees-0-nodes-6-key": ""})
    assert ("Saved." in mara.words, "Nothing. It can be published." in mara.words) == (True, True), mara.words
    async with desk.look(MARA) as work:
        found = await versions.load(work, int(here.rsplit("/", 1)[1]))
        source = await versions.load(work, found.based_on_id or 0)
    steps = [{**one} for one in source.document["steps"]]
    at = [one["key"] for one in steps].index("troubleshoot")
    stove, *others = steps[at]["options"]["trees"]
    nodes = [{**one} for one in stove["nodes"]]
    works, fails = nodes[3]["answers"]
    nodes[3]["answers"] = [works, {**fails, "to": "is_the_hose_tight"}]
    made = {
        "key": "is_the_hose_tight",
        "ask": {"en": "Is the hose tight?", "de": "Ist der Schlauch dicht?"},
        "answers": [
            {"label": {"en": "Yes", "de": "Ja"}, "to": "mended"},
            {"label": {"en": "No", "de": "Nein"}, "to": "worn"},
        ],
    }
    trees = [{**stove, "nodes": [*nodes[:6], made, nodes[6]]}, *others]
    steps[at]["options"] = {"trees": trees}
    assert found.document["steps"] == steps
    full = dict(mara.form("step-form").values) | {"trees-0-nodes-59-key": "last", "do": "add-trees-0-nodes"}
    answer = await mara.client.post(f"{here}/steps/troubleshoot", data=full)
    assert (answer.status_code, "There is no room for another one here" in answer.text) == (422, True)
    await press(mara, "remove-trees-0-nodes-6")
    await press(mara, "save")
    assert "leads to nowhere, which is not there." in mara.words


async def test_a_guide_question_is_written_in_fields(mara: Seat, desk: Desk) -> None:
    here = await drafted(mara)
    await mara.open(f"{here}?step=severity")
    await press(mara, "add-questions")
    await press(mara, "add-questions-2-answers", {"questions-2-words-en": "How many are hurt?"})
    await press(mara, "remove-questions-2-answers-1", {"questions-2-answers-0-label-en": "Nobody"})
    told = {"questions-2-answers-2-label-en": "More", "questions-2-answers-2-severity": "urgent"}
    await press(mara, "save", told)
    assert "Saved." in mara.words, mara.words
    async with desk.look(MARA) as work:
        found = await versions.load(work, int(here.rsplit("/", 1)[1]))
    (step,) = [one for one in found.document["steps"] if one["key"] == "severity"]
    assert step["options"]["questions"][2:] == [
        {
            "key": "how_many_are_hurt",
            "words": {"en": "How many are hurt?"},
            "answers": [
                {"value": "nobody", "label": {"en": "Nobody"}},
                {"value": "more", "label": {"en": "More"}, "severity": "urgent"},
            ],
        }
    ]
    leads = [one.attributes["href"] for one in mara.page.each("a") if "#questions" in one.attributes["href"]]
    assert leads == [
        f"{here}?step=severity#questions-2-{name}-de"
        for name in ("words", "answers-0-label", "answers-1-label")
    ]


async def test_what_was_typed_for_another_kind_of_answer_is_kept(mara: Seat) -> None:
    here = await drafted(mara)
    await mara.open(f"{here}?step=apology")
    await mara.send(mara.form("step-form"), press="Add a question")
    await mara.send(mara.form("step-form"), {"ask-0-label-en": "Which?", "ask-0-kind": "choice"}, "Use this")
    await mara.send(mara.form("step-form"), {"ask-0-choices": "red\nblue", "ask-0-kind": "text"}, "Use this")
    await mara.send(mara.form("step-form"), {"ask-0-kind": "choice"}, "Use this")
    assert typed(mara, "ask-0-choices") == "red\nblue"


async def test_what_cannot_be_saved_comes_back_as_it_was_typed(mara: Seat) -> None:
    here = await drafted(mara)
    await mara.open(f"{here}?step=severity")
    wrong = {"options": "questions = [", "title-en": "How bad is it?", "key": "severity"}
    await mara.send(mara.form("step-form"), wrong, "Save this step")
    assert (mara.status, "line 1" in mara.words) == (422, True)
    assert (typed(mara, "options"), typed(mara, "title-en")) == ("questions = [", "How bad is it?")
    await mara.open(f"{here}?step=apology")
    await mara.send(
        mara.form("step-form"), {"title-en": "", "title-de": "", "name-en": "Sorry"}, "Save this step"
    )
    assert (mara.status, typed(mara, "name-en")) == (422, "Sorry")
    assert 'href="#title-en"' in mara.answer.text


async def test_two_authors_of_one_step_see_both_and_lose_nothing(
    mara: Seat, app: Starlette, desk: Desk
) -> None:
    here = await drafted(mara)
    other = await seated(app, desk, MARA)
    await other.open(f"{here}?step=apology")
    await mara.open(f"{here}?step=apology")
    await other.send(other.form("step-form"), {"title-en": "Theirs"}, "Save this step")
    await mara.send(mara.form("step-form"), {"title-en": "Mine"}, "Add help")
    await mara.send(mara.form("step-form"), press="Save this step")
    assert (mara.status, "Mara changed this step while you were writing." in mara.words) == (409, True)
    assert 'title.en = "Theirs"' in mara.words
    assert "Different The title of “Apology” in English yours: Mine theirs: Theirs" in mara.words
    assert "Only yours" not in mara.words
    assert typed(mara, "title-en") == "Mine"
    await mara.send(mara.form("step-form"), press="Save this step")
    assert typed(mara, "title-en") == "Mine"
    await other.close()


async def test_authors_of_different_steps_are_in_nobodys_way(mara: Seat, app: Starlette, desk: Desk) -> None:
    here = await drafted(mara)
    other = await seated(app, desk, MARA)
    await other.open(f"{here}?step=restate")
    await mara.open(f"{here}?step=apology")
    await other.send(other.form("step-form"), {"title-en": "Theirs"}, "Save this step")
    await mara.send(mara.form("step-form"), {"title-en": "Mine"}, "Save this step")
    assert (mara.status, typed(mara, "title-en")) == (200, "Mine")
    await mara.open(f"{here}?step=restate")
    assert typed(mara, "title-en") == "Theirs"
    await other.close()


def order(seat: Seat) -> list[str]:
    return [one.attributes["data-step"] for one in seat.page.each("li") if "data-step" in one.attributes]


async def test_steps_are_added_moved_copied_and_taken_out(mara: Seat) -> None:
    here = await drafted(mara)
    keys = order(mara)
    await mara.send(mara.form("/steps"), {"template": "yes_no", "after": keys[0]}, "Add it")
    assert order(mara) == [keys[0], "yes_or_no", *keys[1:]]
    await mara.send(mara.form("/steps"), {"template": "copy:yes_or_no", "after": ""}, "Add it")
    assert order(mara)[0] == "yes_or_no_2"
    page = await mara.client.post(f"{here}/order", data={"key": "yes_or_no_2", "to": "down"})
    await mara.open(page.headers["location"])
    assert order(mara)[:3] == [keys[0], "yes_or_no_2", "yes_or_no"]
    await mara.send(mara.form("/removal"), press="Take")
    await mara.open(f"{here}?step=yes_or_no")
    await mara.send(mara.form("/removal"), press="Take")
    assert order(mara) == keys
    await mara.send(mara.form("/title"), {"title-en": "Hear a complaint"}, "Save the title")
    assert "Hear a complaint, version 2" in mara.words
    for wrong in ({"key": "apology", "to": "sideways"}, {"key": "nothing", "to": "up"}):
        assert (await mara.client.post(f"{here}/order", data=wrong)).status_code == 422
    assert (await mara.client.post(f"{here}/steps", data={"template": "wish"})).status_code == 422


async def test_the_preview_follows_what_is_typed_and_writes_nothing(mara: Seat) -> None:
    here = await drafted(mara)
    await mara.open(f"{here}?step=apology")
    form = dict(mara.form("step-form").filled({"title-en": "Sorry?"}))
    told = {"channel": "email", "language": "de", "daytime": "evening"}
    seen = await mara.client.post(f"{here}/steps/apology/preview", data=form | told)
    assert "Sorry?" in seen.text
    assert "Ihre Beschwerde hat die Nummer HC-26-000045-0; bitte nennen Sie sie" in seen.text
    broken = await mara.client.post(f"{here}/steps/apology/preview", data=form | {"options": "a = ["})
    assert (broken.status_code, "What you typed stays." in broken.text) == (200, True)
    await mara.open(f"{here}?step=apology")
    assert typed(mara, "title-en") == "Have you said that you are sorry?"


async def test_invented_answers_show_which_steps_come_and_why_others_do_not(mara: Seat) -> None:
    here = await drafted(mara)
    await mara.open(f"{here}/trial")
    assert "Other channel Does not come. This channel is approved." in mara.words
    await mara.open(f"{here}/trial?channel=social")
    assert "Other channel Where does the customer go on?" in mara.words
    await mara.open(f"{here}/trial")
    only = "Hand up Does not come. It comes only if “Can you solve it here and now?” is no."
    assert only in mara.words
    await mara.send(mara.form("/trial"), {"options.solved_here": "no", "language": "de"}, "Walk it")
    assert only not in mara.words
    assert "Ich möchte sicher sein, dass ich Sie verstanden habe." in mara.words


async def test_colleagues_comment_on_a_step_and_on_the_version(
    mara: Seat, app: Starlette, desk: Desk
) -> None:
    here = await drafted(mara)
    sam = await seated(app, desk, SAM)
    await sam.open(f"{here}?step=apology")
    await sam.send(sam.form("/comments"), {"words": "Too long. " * 300}, "About this step")
    assert (sam.status, typed(sam, "words", "/comments")[:9]) == (422, "Too long.")
    await sam.send(sam.form("/comments"), {"words": "Too stiff."}, "About this step")
    await sam.send(sam.form("/comments"), {"words": "Good otherwise."}, "About the version")
    await mara.open(f"{here}?step=apology")
    assert "Too stiff." in mara.words
    await mara.open(f"{here}?step=restate")
    assert ("Too stiff." in mara.words, "Good otherwise." in mara.words) == (False, True)
    marked = [
        one.attributes["data-step"]
        for one in mara.page.each("li")
        if any(part.attributes.get("title") == "Somebody commented on it" for part in one.each("span"))
    ]
    assert marked == ["apology"]
    await mara.open(f"{here}/publishing")
    assert "on “Apology” Too stiff." in mara.words
    assert "on the whole version Good otherwise." in mara.words
    await sam.close()


async def test_a_supervisor_looks_and_writes_nothing(mara: Seat, app: Starlette, desk: Desk) -> None:
    here = await drafted(mara)
    sam = await seated(app, desk, SAM)
    await sam.open(here)
    assert sam.status == 200
    assert {one.action for one in sam.forms() if one.method == "POST" and "/scripts" in one.action} == {
        f"{here}/steps/statement",
        f"{here}/comments",
    }
    assert not [one for one in sam.form("step-form").buttons if one.words == "Save this step"]
    for deed in (
        "steps/statement",
        "order",
        "steps",
        "title",
        "publishing",
        "retirement",
        "steps/statement/removal",
    ):
        assert (await sam.client.post(f"{here}/{deed}", data={})).status_code == 403, deed
    await sam.close()


@pytest.mark.usefixtures("mara")
async def test_scripts_are_nobodys_business_who_may_not_see_them(visitor: Visitor) -> None:
    for who in (CORA, INA, NILS):
        one: httpx2.AsyncClient = await visitor(who)
        answers = [
            (await one.get(at)).status_code
            for at in ("/scripts", "/scripts/complaint", "/scripts/versions/1")
        ]
        assert answers == [403, 403, 403]


async def test_a_published_version_is_looked_at_and_a_draft_begun_from_it(mara: Seat) -> None:
    await mara.open("/scripts/complaint")
    first = next(re.finditer(r"/scripts/versions/\d+", mara.answer.text))[0]
    await mara.open(first)
    assert "It was published and never changes." in mara.words
    told = await mara.client.post(f"{first}/order", data={"key": "apology", "to": "up"})
    assert (told.status_code, "Begin a new draft from it." in told.text) == (409, True)
    await mara.send(mara.form("/drafts"))
    assert "Draft 2 begun." in mara.words


async def test_addresses_that_lead_nowhere_say_so(mara: Seat) -> None:
    here = await drafted(mara)
    for at in ("/scripts/nothing", "/scripts/versions/999999", "/scripts/versions/x", f"{here}/nothing"):
        assert (await mara.client.get(at)).status_code == 404, at
    assert (await mara.client.post("/scripts/nothing/drafts")).status_code == 404
    answer = await mara.client.post(f"{here}/steps/nothing", data={"do": "save"})
    assert (answer.status_code, "This version has no such step any more." in answer.text) == (422, True)
    assert (await mara.client.get(f"{here}?step=nothing")).status_code == 200
    assert (await mara.client.get(f"{here}/differences?to=99999999999")).status_code == 200


HOSTILE = (
    {"options": "a = 2026-01-01"},
    {"options": "a = nan"},
    {"options": "a = 99999999999999999999999999"},
    {"options": "[a]\n" + "b = [" * 400},
    {"say-0-when": "phone-midnight", "say-0-en": "{unclosed"},
    {"title-en": "{0.__class__}", "say-0-en": "{customer.__class__!r:>99}"},
    {"ask-0-kind": "pigeon", "ask-0-label-en": "?"},
    {"ask-0-kind": "scale", "ask-0-label-en": "?", "ask-0-option-min": "9" * 40},
    {"ask-0-kind": "choice", "ask-0-label-en": "?", "ask-0-choices": "||||\n|\n=|="},
    {"when-0-step": "nothing.at_all", "when-0-test": "rhymes", "when-0-values": "|||"},
    {"next-0-to": "statement"},
    {"key": "../../etc", "kind": "<script>"},
    {"needs": "apology", "clauses": "S99-1 | <b>"},
    {"was": "0", "channel": "pigeon", "language": "xx", "daytime": "never"},
    {"know-999-words-en": "\x00\ud7ff", "do": "remove-know-99999999999999999999"},
    {"do": "add-ask-0-when-1-when"},
    {"trees-0-name-en": "?", "trees-0-nodes-9-answers-0-to": "#9", "trees-0-start": "#99"},
    {"trees-0-nodes-0-end": "pigeon", "questions-7-answers-0-severity": "9", "do": "up-trees-0-nodes-0"},
)


@pytest.mark.parametrize("wrong", HOSTILE, ids="-".join)
async def test_whatever_is_sent_is_answered_in_words(mara: Seat, wrong: dict[str, str]) -> None:
    here = await drafted(mara)
    await mara.open(f"{here}?step=apology")
    told = {**dict(mara.form("step-form").values), **wrong}
    for at in (f"{here}/steps/apology", f"{here}/steps/apology/preview"):
        answer = await mara.client.post(at, data=told)
        assert answer.status_code in {200, 303, 409, 422}, at
    assert (await mara.client.get(f"{here}?step=apology")).status_code == 200
    assert (await mara.client.get(f"{here}/publishing")).status_code == 200
