"""A step as a form and back: nothing is lost, and nothing that is typed brings it down."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.desk.errors import NotAccepted
from portal.desk.scripts import editing, pack

STEPS = [
    pytest.param(document.told, step, id=f"{script}-{step['key']}")
    for script, document in pack().items()
    for step in document.told["steps"]
]


@pytest.mark.parametrize(("document", "step"), STEPS)
def test_a_step_that_nobody_changes_comes_back_as_it_was(
    document: dict[str, Any], step: dict[str, Any]
) -> None:
    form = editing.form_of(step)
    assert editing.step_of(form, step) == step
    assert editing.replaced(document, step["key"], editing.step_of(form, step)) == document


@pytest.mark.parametrize(("document", "step"), STEPS)
def test_a_step_read_without_what_it_was_says_the_same(
    document: dict[str, Any], step: dict[str, Any]
) -> None:
    """What the form shows is all there is but for hints of choices, which have no field."""
    del document
    again = editing.step_of(editing.form_of(step), {})
    assert editing.form_of(again) == editing.form_of(step)


def test_one_word_changed_changes_one_text() -> None:
    step = pack()["complaint"].told["steps"][0]
    form = editing.form_of(step) | {"title-de": "Was war los?"}
    after = editing.step_of(form, step)
    assert after["title"] == {**step["title"], "de": "Was war los?"}
    assert {name: value for name, value in after.items() if name != "title"} == {
        name: value for name, value in step.items() if name != "title"
    }


def test_a_question_is_added_with_its_condition() -> None:
    step = pack()["complaint"].told["steps"][1]
    form = editing.with_row(editing.form_of(step), "ask")
    (number,) = editing.rows_of(form, "ask")[-1:]
    at = f"ask-{number}-"
    form |= {
        f"{at}name": "noise",
        f"{at}kind": "choice",
        f"{at}label-en": "What noise did it make?",
        f"{at}label-de": "Welches Geräusch machte es?",
        f"{at}choices": "hum | It hums | Es brummt\nbang | A bang | Ein Knall",
        f"{at}when-0-step": "statement.case_kind",
        f"{at}when-0-values": "complaint | order_error",
    }
    assert editing.step_of(form, step)["ask"][-1] == {
        "name": "noise",
        "kind": "choice",
        "label": {"en": "What noise did it make?", "de": "Welches Geräusch machte es?"},
        "choices": [
            {"value": "hum", "label": {"en": "It hums", "de": "Es brummt"}},
            {"value": "bang", "label": {"en": "A bang", "de": "Ein Knall"}},
        ],
        "when": [
            {
                "step": "statement",
                "field": "case_kind",
                "test": "is",
                "values": ["complaint", "order_error"],
            }
        ],
    }


def test_a_row_is_taken_out_without_touching_the_others() -> None:
    step = pack()["complaint"].told["steps"][0]
    form = editing.without_row(editing.form_of(step), "know", 1)
    after = editing.step_of(form, step)
    assert after["know"] == [one for place, one in enumerate(step["know"]) if place != 1]


def test_what_cannot_be_written_down_is_told_beside_its_field() -> None:
    step = pack()["complaint"].told["steps"][0]
    form = editing.form_of(step) | {
        "options": "a = [1",
        "say-0-when": "any",
        "say-1-when": "any",
        "ask-0-name": "n",
        "ask-0-kind": "choice",
        "ask-1-name": "m",
        "ask-1-kind": "scale",
        "ask-1-option-min": "many",
    }
    with pytest.raises(NotAccepted) as refused:
        editing.step_of(form, step)
    assert {"options", "say-1-when", "ask-0-choices", "ask-1-option-min"} <= set(refused.value.fields)


def test_steps_are_put_in_moved_and_taken_out() -> None:
    document = pack()["complaint"].told
    keys = [step["key"] for step in document["steps"]]
    made = editing.inserted(document, {"key": editing.free_key(document, "statement")}, keys[0])
    assert [step["key"] for step in made["steps"]] == [keys[0], "statement_2", *keys[1:]]
    back = editing.removed(made, "statement_2")
    assert back == document
    assert [step["key"] for step in editing.moved(document, keys[-1], 0)["steps"]] == [keys[-1], *keys[:-1]]
    assert editing.moved(document, keys[0], -5) == document
    with pytest.raises(NotAccepted):
        editing.removed(document, "nothing")


NAMES = st.one_of(
    st.sampled_from(
        ["key", "kind", "required", "options", "needs", "clauses", "choices", "ask-0-kind", "ask-0-choices"]
    ),
    st.builds(
        "{}-{}-{}".format,
        st.sampled_from(["say", "ask", "know", "when", "next", "pigeon"]),
        st.integers(-1, 2000),
        st.sampled_from(["when", "en", "de", "name", "kind", "step", "to", "option-min", "when-0-step", ""]),
    ),
    st.text(max_size=12),
)


def refusal(form: dict[str, str], step: Any) -> dict[str, str]:
    """What the form is refused for; nothing when it is taken."""
    try:
        editing.step_of(form, step)
    except NotAccepted as error:
        return dict(error.fields)
    return {}


@given(st.dictionaries(NAMES, st.text(max_size=40), max_size=12))
def test_whatever_is_posted_is_read_or_refused_in_words(form: dict[str, str]) -> None:
    assert all(refusal(form, pack()["inquiry"].told["steps"][0]).values())
