"""What cannot be walked, or is no script at all, is refused in words with its place, and quickly."""

import contextlib
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.desk.scripts import BrokenScript, pack, read, text
from portal.desk.scripts.document import LARGEST
from tests.desk.scripts.making import Told, asks, documents, question, script, step

REFUSED: dict[str, tuple[Any, str]] = {
    "condition on a later answer": (
        script(step("a", when=[asks("b", "x", "1")]), step("b", question("x"))),
        "x.toml, step a: its condition asks about b, which does not come before it",
    ),
    "loop in the conditions": (
        script(
            step("a", question("x"), when=[asks("b", "x", "1")]),
            step("b", question("x"), when=[asks("a", "x", "1")]),
        ),
        "x.toml, step a: its conditions go round in a circle: a asks about b, b asks about a",
    ),
    "condition on itself": (
        script(step("a", question("x"), when=[asks("a", "x", "1")])),
        "x.toml, step a: its condition asks about a, which does not come before it",
    ),
    "jump back": (
        script(step("a"), step("b", next=[{"to": "a"}])),
        "x.toml, step b: it leads back to a: a loop; a jump leads forward only",
    ),
    "jump nowhere": (
        script(step("a", next=[{"to": "z"}])),
        "x.toml, step a: it leads to z, which is no step of this script",
    ),
    "unknown kind of answer": (
        script(step("a", question("x", "song"))),
        "x.toml, step a, question x: there is no kind of answer called song",
    ),
    "unknown test": (
        script(step("a", question("x")), step("b", when=[asks("a", "x", "1", test="like")])),
        "x.toml, step b: there is no test called like; there are is, is_not, at_least, at_most, given",
    ),
    "no number": (
        script(step("a", question("x")), step("b", when=[asks("a", "x", "many", test="at_least")])),
        "x.toml, step b: at_least needs a number or a day such as 2026-03-14, not many",
    ),
    "unknown answer": (
        script(step("a", question("x")), step("b", when=[asks("a", "y", "1")])),
        "x.toml, step b: its condition asks for y, which a does not ask",
    ),
    "word of the wizard": (
        script(step("notes")),
        "x.toml, step notes: notes is a word of the wizard itself; call the step otherwise",
    ),
    "too many steps": (
        script(*(step(f"s{place}") for place in range(201))),
        "x.toml: steps has 201 entries; at most 200 can be walked",
    ),
    "too large": (
        script(step("a", title="x" * 5_000_000)),
        "x.toml: it is larger than 512 KiB",
    ),
    "not a number": (
        script(step("a", options={"min": float("nan")})),
        "x.toml: a number has to be one that can be counted with, not inf or nan",
    ),
    "unstorable": (script(step("a", title="a\0b")), "x.toml: it holds a sign that cannot be stored"),
    "no table": ([1, 2], "x.toml: a script has to be a table"),
    "unknown language": (
        script(step("a", title={"fr": "Quoi ?"})),
        "x.toml, step a: title is in fr; the desk speaks en, de",
    ),
    "truth": (
        script(step("a", required="yes")),
        "x.toml, step a: required has to be true or false",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("told", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_walked_is_refused_with_step_and_reason(told: Any, words: str) -> None:
    with pytest.raises(BrokenScript) as refused:
        read(told, "x.toml")
    assert str(refused.value) == words


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(documents(most=4), st.data())
def test_whatever_stands_anywhere_is_read_or_refused(told: Told, data: st.DataObject) -> None:
    """Wrong types in every place of a document never raise anything but a sentence."""
    at: Any = told
    while True:
        inside = list(at) if isinstance(at, dict) else list(range(len(at)))
        place = data.draw(st.sampled_from(inside))
        if isinstance(at[place], dict | list) and at[place] and data.draw(st.integers(0, 3)):
            at = at[place]
            continue
        at[place] = data.draw(GARBAGE)
        break
    with contextlib.suppress(BrokenScript):
        read(told, "x.toml").in_language("de")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_whatever_stands_in_a_file_is_read_or_refused(toml: bytes | str) -> None:
    with pytest.raises(BrokenScript) as refused:
        text.checked(toml, "x.toml")
    assert str(refused.value).startswith("x.toml")


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        (b'script = "order"\ntitle = "\xff"\n', "x.toml, line 2: it is no UTF-8 text; save it as UTF-8"),
        (b'script = "order"\ntitle = \n', "x.toml, line 2: Invalid value"),
        (b"a = " + b"[" * 5000, "x.toml: it is nested too deeply"),
        (b"a = " + b"9" * 5000, "x.toml: Exceeds the limit"),
        (b"a" * (LARGEST * 10), "x.toml: it is larger than 512 KiB"),
        (b'script = "song"', "x.toml, line 1: there is no script called song"),
    ],
    ids=["bytes", "syntax", "deep", "digits", "large", "name"],
)
def test_a_broken_file_is_refused_at_once_with_its_line(toml: bytes, words: str) -> None:
    began = time.perf_counter()
    with pytest.raises(BrokenScript) as refused:
        text.checked(toml, "x.toml")
    assert str(refused.value).startswith(words)
    assert time.perf_counter() - began < 0.5


def test_the_line_is_that_of_the_step_and_of_the_question() -> None:
    toml = text.dump(script(step("a", question("x")), step("b", question("y"), question("z", "song"))))
    with pytest.raises(BrokenScript) as refused:
        text.checked(toml, "x.toml")
    assert toml.split("\n")[refused.value.line - 1] == 'kind = "song"'
    assert (refused.value.step, refused.value.path) == ("b, question z", ("steps", 1, "ask", 1, "kind"))


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
ANYTHING = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.dictionaries(TEXTS | st.sampled_from(["ask", "say", "options", "title"]), ANYTHING), max_size=3
    ),
    ANYTHING,
)
def test_what_is_written_to_a_file_is_read_back_the_same(steps: list[Told], rest: Any) -> None:
    told = {"title": rest, "steps": steps}
    assert text.load(text.dump(told), "x.toml") == told


def test_the_pack_is_written_and_read_back_the_same_and_twice_alike() -> None:
    told = {key: one.told for key, one in pack().items()}
    written = {key: text.dump(one) for key, one in told.items()}
    assert {key: text.load(one, key) for key, one in written.items()} == told
    assert {key: text.dump(text.load(one, key)) for key, one in written.items()} == written


def test_a_tree_has_a_line_for_each_question_and_answer() -> None:
    answers = [{"to": "leak", "label": {"en": "Yes"}}, {"to": "nozzle", "label": {"en": "No, as before"}}]
    nodes = [
        {"key": "smell", "ask": {"en": "Does it smell of gas?"}, "answers": answers},
        {"key": "leak", "end": "escalate"},
    ]
    told = {"trees": [{"key": "stove", "nodes": nodes, "products": ["STOVE-G"]}], "most": [1, 2]}
    assert (
        text.dump(told)
        == """\
most = [1, 2]
trees = [
    { key = "stove", nodes = [
        { key = "smell", answers = [
            { to = "leak", label = { en = "Yes" } },
            { to = "nozzle", label = { en = "No, as before" } },
        ], ask = { en = "Does it smell of gas?" } },
        { key = "leak", end = "escalate" },
    ], products = ["STOVE-G"] },
]
"""
    )
    assert text.load(text.dump(told), "x") == told
