"""Walking a script: whatever is answered, every run ends, and no step appears that its conditions do not lead to."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.words import Channel
from portal.desk.scripts import library, read
from portal.desk.scripts.document import Document
from portal.desk.scripts.pack import pack, put_together
from portal.desk.scripts.steps import Script
from tests.desk.scripts.making import Told, answers_to, asks, documents, question, script, step

CLOSING = ["summary", "close"]


def walkable(told: Told) -> Script:
    """The made-up steps between a greeting and a goodbye."""
    opening = read(script(step("greet", kind="say"), key="opening"), "opening")
    closing = read(
        script(step("summary", kind="summary"), step("close", kind="close"), key="closing"), "closing"
    )
    return put_together("inquiry", [opening, read(told, "inquiry"), closing], "en", "en")


def walk(told: Told, answers: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [one.key for one in walkable(told).walked(answers)]


def holds(condition: Told, answers: Mapping[str, Mapping[str, str]]) -> bool:
    """What the editor says a condition means, once more."""
    value = answers.get(condition["step"], {}).get(condition["field"], "")
    wanted: list[str] = condition["values"]
    match condition["test"]:
        case "is":
            return value in wanted
        case "is_not":
            return value not in wanted
        case "given":
            return (value != "") == (wanted[0] == "yes")
        case "at_least":
            return value != "" and Decimal(value) >= Decimal(wanted[0])
        case _:
            return value != "" and Decimal(value) <= Decimal(wanted[0])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_step_appears_that_its_conditions_and_jumps_do_not_lead_to(data: st.DataObject) -> None:
    told = data.draw(documents())
    answers = data.draw(answers_to(told))
    keys = [one["key"] for one in told["steps"]]
    walked = walk(told, answers)
    assert (walked[0], walked[-2:]) == ("greet", CLOSING)
    mine = walked[1:-2]
    counted = {key: answers.get(key, {}) for key in mine}  # what was typed at steps left out does not count
    expected: list[str] = []
    place = 0
    while place < len(keys):
        one = told["steps"][place]
        before = {key: counted[key] for key in expected if key in counted}
        place += 1
        if all(holds(condition, before) for condition in one.get("when", ())):
            expected.append(one["key"])
            before[one["key"]] = answers.get(one["key"], {})
            for jump in one.get("next", ()):
                if all(holds(condition, before) for condition in jump.get("when", ())):
                    place = len(keys) if jump["to"] == "end" else keys.index(jump["to"])
                    break
    assert mine == expected


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_every_run_ends(data: st.DataObject) -> None:
    """Answer the step one stands at, go on to the next one, at most once for each step there is."""
    told = data.draw(documents())
    told_by_key = {one["key"]: one for one in told["steps"]}
    way, at = walkable(told), "greet"
    answers: dict[str, dict[str, str]] = {}
    seen = [at]
    while at != "close":
        if at in told_by_key:
            answers |= data.draw(answers_to(script(told_by_key[at])))
        keys = [one.key for one in way.walked(answers)]
        at = keys[keys.index(at) + 1]
        seen.append(at)
    assert len(seen) == len(set(seen)) <= len(way.steps)


def test_a_jump_leaves_out_what_lies_between_and_the_end_is_the_closing() -> None:
    ways = [{"to": "c", "when": [asks("a", "x", "far")]}, {"to": "end", "when": [asks("a", "x", "out")]}]
    told = script(step("a", question("x"), next=ways), step("b"), step("c"))
    walks = {x: walk(told, {"a": {"x": x}})[1:-2] for x in ("", "far", "out")}
    assert walks == {"": ["a", "b", "c"], "far": ["a", "c"], "out": ["a"]}


def test_days_money_and_several_answers_can_be_asked_about() -> None:
    told = script(
        step("a", question("day", "date"), question("paid", "money"), question("many", "text")),
        step("late", when=[asks("a", "day", "2026-03-02", test="at_least")]),
        step("much", when=[asks("a", "paid", "100", test="at_least")]),
        step("red", when=[asks("a", "many", "red")]),
        step("blank", when=[asks("a", "many", "no", test="given")]),
    )
    walks = [
        walk(told, {"a": {"day": day, "paid": paid, "many": many}})[2:-2]
        for day, paid, many in (
            ("2026-03-02", "100.00 EUR", "blue\nred"),
            ("2026-03-01", "99.99", "redder"),
            ("no day", "much", ""),
        )
    ]
    assert walks == [["late", "much", "red"], [], ["blank"]]


def test_the_guide_stands_aside_until_it_is_opened_and_then_behind_the_step_it_was_opened_at() -> None:
    wanted = ("opening", "inquiry", "difficult", "closing")
    parts = [Document(one, pack()[one].told) for one in wanted]
    script_ = put_together("inquiry", parts, "en", "en")
    guide = [one.key for one in script_.steps if one.aside]
    calm = [one.key for one in script_.walked({})]
    opened = [one.key for one in script_.walked({"difficult": {"open": "yes", "from": "need"}})]
    place = calm.index("need") + 1
    assert guide
    assert set(guide).isdisjoint(calm)
    assert [key for key in opened if key not in guide] == calm
    assert opened[place] == guide[0]


def test_the_most_exact_words_win_and_come_in_the_customers_language() -> None:
    told: dict[str, Any] = {
        "en": {
            "any": "Hello",
            "phone": "Hello there",
            "morning": "Morning",
            "phone-morning": "Good morning there",
        },
        "de": {"any": "Guten Tag"},
    }
    [english] = read(script(step("a", kind="say", say=told)), "x").in_language("de", "en")
    [german] = read(script(step("a", kind="say", say=told)), "x").in_language("en", "de")
    said = [
        english.words(Channel.PHONE, "morning"),
        english.words(Channel.PHONE, "evening"),
        english.words(Channel.EMAIL, "morning"),
        english.words(Channel.EMAIL, "evening"),
        german.words(Channel.PHONE, "morning"),
    ]
    assert said == ["Good morning there", "Hello there", "Morning", "Hello", "Guten Tag"]


def test_a_library_has_every_situation() -> None:
    assert list(library()) == [
        "opening", "order", "amendment", "inquiry", "complaint", "service_request", "support", "payment_issue",
        "open_case",
    ]  # fmt: skip
