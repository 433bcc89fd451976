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


def the_step(script: str, kind: str) -> Any:
    return next(step for step in pack()[script].told["steps"] if step["kind"] == kind)


def test_a_tree_gets_a_question_and_an_end_without_a_name_being_thought_of() -> None:
    step = the_step("support", "troubleshoot")
    form = editing.with_row(editing.form_of(step), "trees-0-nodes")
    number = editing.rows_of(form, "trees-0-nodes")[-1]
    at = f"trees-0-nodes-{number}-"
    assert (number, form["options"]) == (7, "")
    assert editing.rows_of(form, f"{at}answers") == [0, 1]
    assert editing.leads(form, "trees-0", "en")[1] == ("#1", "2. Is there gas in the cartridge?")
    assert editing.leads(form, "trees-0", "de")[4:] == [
        ("#4", "5. To be handed up: Gas tritt aus: nicht weiter benutzen. Sofort tauschen."),
        ("#5", "6. Not solved: Ventil oder Düse sind verschlissen: Er muss in die Werkstatt."),
        ("#6", "7. Solved: Er brennt, wie er soll."),
        ("#7", "8. …"),
    ]
    form |= {
        f"{at}ask-en": "Is the hose tight?",
        f"{at}answers-0-label-en": "Yes",
        f"{at}answers-0-to": "#6",
        f"{at}answers-1-label-en": "No",
        f"{at}answers-1-to": "=unsolved",
        "trees-0-nodes-3-answers-1-to": f"#{number}",
        "trees-0-nodes-5-end": "solved",
        "trees-0-nodes-1-key": "gas",
    }
    before, after = step["options"]["trees"], editing.step_of(form, step)["options"]["trees"]
    nodes = [dict(one) for one in before[0]["nodes"]]
    nodes[0]["answers"] = [nodes[0]["answers"][0], nodes[0]["answers"][1] | {"to": "gas"}]
    nodes[1]["key"] = "gas"
    nodes[3]["answers"] = [nodes[3]["answers"][0], nodes[3]["answers"][1] | {"to": "is_the_hose_tight"}]
    nodes[5]["end"] = "solved"
    nodes += [
        {
            "key": "is_the_hose_tight",
            "ask": {"en": "Is the hose tight?"},
            "answers": [{"label": {"en": "Yes"}, "to": "mended"}, {"label": {"en": "No"}, "to": "unsolved"}],
        },
        {"key": "unsolved", "end": "unsolved"},
    ]
    assert after == [before[0] | {"nodes": nodes}, *before[1:]]


def test_a_question_of_a_tree_moves_with_what_leads_to_it_and_goes_without() -> None:
    step = the_step("support", "troubleshoot")
    form = editing.form_of(step)
    moved, now = editing.moved_row(form, "trees-0-nodes", 1, -1)
    assert now == 0
    nodes = step["options"]["trees"][0]["nodes"]
    after = editing.step_of(moved, step)["options"]["trees"][0]["nodes"]
    assert after == [nodes[1], nodes[0], *nodes[2:]]
    assert editing.moved_row(form, "trees-0-nodes", 0, -1) == (form, 0)
    assert editing.moved_row(form, "trees-0-nodes", 99, 1) == (form, 99)
    assert editing.moved_row(moved, "trees-0-nodes", 0, 1) == (form, 1)
    gone = editing.step_of(editing.without_row(form, "trees-0-nodes", 1), step)["options"]["trees"][0][
        "nodes"
    ]
    yes, no = nodes[0]["answers"]
    assert gone == [nodes[0] | {"answers": [yes, {"label": no["label"]}]}, *nodes[2:]]


def test_a_guide_question_is_added_and_an_empty_one_is_none() -> None:
    step = the_step("complaint", "severity")
    form = editing.with_row(editing.with_row(editing.form_of(step), "questions"), "questions")
    form |= {
        "questions-2-words-en": "Is it for a person who is ill?",
        "questions-2-answers-0-label-en": "Yes",
        "questions-2-answers-0-severity": "urgent",
        "questions-2-answers-1-label-en": "Not known",
        "questions-0-answers-1-label-de": "Niemand",
    }
    first, second = step["options"]["questions"]
    yes, no = first["answers"]
    assert editing.step_of(form, step)["options"]["questions"] == [
        first | {"answers": [yes, no | {"label": {"en": "No", "de": "Niemand"}}]},
        second,
        {
            "key": "is_it_for_a_person_who_i",
            "words": {"en": "Is it for a person who is ill?"},
            "answers": [
                {"value": "yes", "label": {"en": "Yes"}, "severity": "urgent"},
                {"value": "not_known", "label": {"en": "Not known"}},
            ],
        },
    ]


KEPT_AS_TEXT = [
    {"trees": [{"key": "t", "nodes": [{"key": "a", "note": "the author's own"}]}]},
    {"trees": [{"key": "t", "products": ["A|B"]}]},
    {"trees": [{"key": 7}]},
    {"questions": [{"key": "q", "words": {"en": "Why?", "xx": "?"}}]},
    {"questions": "none"},
    {"questions": [{"key": f"q{number}"} for number in range(61)]},
    {"trees": [{"key": f"t{one}", "nodes": [{"key": "n"}] * 60} for one in range(8)]},
]


@pytest.mark.parametrize("options", KEPT_AS_TEXT)
def test_what_no_field_could_show_stays_text(options: dict[str, Any]) -> None:
    step = {"key": "one", "kind": "troubleshoot", "options": options}
    form = editing.form_of(step)
    assert (editing.rows_of(form, "trees"), editing.rows_of(form, "questions")) == ([], [])
    assert editing.step_of(form, {})["options"] == options


def test_a_tree_that_is_pasted_comes_behind_the_others_and_one_name_twice_is_told() -> None:
    tree = {
        "key": "stove",
        "name": "Stove",
        "products": ["*"],
        "start": "b",
        "nodes": [{"key": "b", "end": "solved"}],
    }
    step = {"key": "one", "kind": "troubleshoot", "options": {"trees": [tree], "most": 3}}
    form = editing.form_of(step)
    pasted = form | {"options": 'most = 3\n[[trees]]\nkey = "lamp"\n'}
    assert editing.step_of(pasted, step)["options"] == {"trees": [tree, {"key": "lamp"}], "most": 3}
    twice = form | {
        "options": "trees = 7",
        "trees-0-nodes-1-key": "b",
        "trees-0-nodes-2-key": "§ 1",
        "trees-0-nodes-2-ask-en": "?",
    }
    with pytest.raises(NotAccepted) as refused:
        editing.step_of(twice, step)
    assert refused.value.fields == {
        "trees-0-nodes-1-key": "Another question is called b; call this one otherwise.",
        "trees-0-nodes-2-key": (
            "It has to begin with a letter, then letters, digits, - and _, at most 60; or leave it empty."
        ),
    }


def test_a_finding_leads_to_the_field_it_speaks_of() -> None:
    step, guide = the_step("support", "troubleshoot"), the_step("complaint", "severity")
    assert [
        editing.anchor_of(step, "options.trees"),
        editing.anchor_of(step, "options.trees.stove.nodes.nozzle.ask.de"),
        editing.anchor_of(step, "options.trees.lamp.nodes.charges.answers.2.label.de"),
        editing.anchor_of(guide, "options.questions.use.answers.partly.label.de"),
        editing.anchor_of(guide, "options.questions.use.answers.partly.severity"),
        editing.anchor_of({"kind": "need", "options": {"case_kind": "support"}}, "options.case_kind"),
    ] == [
        "trees",
        "trees-0-nodes-3-ask-de",
        "trees-1-nodes-0-answers-1-label-de",
        "questions-1-answers-1-label-de",
        "questions-1-answers-1-severity",
        "options",
    ]


@pytest.mark.parametrize(
    ("form", "group"),
    [
        ({"trees-0-nodes-59-key": "last"}, "trees-0-nodes"),
        ({f"trees-{one}-nodes-{two}-key": "" for one in range(60) for two in range(60)}, "know"),
    ],
)
def test_a_form_that_is_full_says_so(form: dict[str, str], group: str) -> None:
    with pytest.raises(NotAccepted) as refused:
        editing.with_row(form, group)
    assert refused.value.fields == {
        group.partition("-")[0]: (
            "There is no room for another one here; what was taken out makes room once the step is saved."
        )
    }


def test_more_words_to_say_begin_where_there_are_none() -> None:
    form = {"say-0-when": "any", "say-1-when": "afternoon"}
    assert editing.with_row(form, "say") == form | {"say-2-when": "morning"}


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
        st.sampled_from(
            ["say", "ask", "know", "when", "next", "trees", "trees-0-nodes", "questions", "pigeon"]
        ),
        st.integers(-1, 2000),
        st.sampled_from(
            [
                "when",
                "en",
                "de",
                "name",
                "kind",
                "step",
                "to",
                "option-min",
                "when-0-step",
                "key",
                "end",
                "start",
                "nodes-0-answers-0-to",
                "answers-0-to",
                "answers-1-label-en",
                "",
            ]
        ),
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
