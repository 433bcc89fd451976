"""Trying a draft out: which steps come with invented answers, why the others do not, and what is said."""

from models.words import Channel
from portal.desk.scripts.steps import Answers
from portal.desk.scripts.trying import try_out
from tests.desk.scripts_lint.small_house import Document, asks_if, context, plain, script, step

KEYS = ["greet", "about", "statement", "photo", "options", "settle", "summary", "close"]


def walked(document: Document, answers: Answers) -> dict[str, str]:
    """Each step of the contact with why it does not come; empty where it does."""
    return {one.step.key: one.why for one in try_out(document, context(), answers)}


def test_steps_come_by_the_answers_given() -> None:
    document = script("complaint")
    step(document, "statement")["next"] = [
        {"to": "settle", "when": [asks_if("statement", "paid", "500", test="at_least")]}
    ]
    never = "It comes only if “What did it sound like?” is “A bang”."
    past = "“Listen” leads past it."
    assert walked(document, {}) == {**dict.fromkeys(KEYS, ""), "photo": never}
    assert walked(document, {"statement": {"noise": "bang"}}) == dict.fromkeys(KEYS, "")
    assert walked(document, {"statement": {"noise": "bang", "paid": "500.00"}}) == {
        **dict.fromkeys(KEYS, ""),
        "photo": past,
        "options": past,
    }


def test_what_is_said_is_in_the_customers_language_and_the_rest_in_the_desks() -> None:
    document = script("complaint")
    step(document, "statement")["say"] = {
        "en": {"any": "Tell me.", "email-evening": "Thank you for writing so late."},
        "de": {"any": "Erzählen Sie."},
    }
    tried = try_out(document, context(), {}, Channel.PHONE, "de")
    assert [(one.step.name, one.said) for one in tried if one.step.key == "statement"] == [
        ("Listen", "Erzählen Sie.")
    ]
    late = try_out(document, context(), {}, Channel.EMAIL, daytime="evening")
    assert [one.said for one in late if one.step.key == "statement"] == ["Thank you for writing so late."]


def test_the_guide_for_difficult_contacts_can_be_tried_by_itself() -> None:
    guide = {
        "script": "difficult",
        "title": "Difficult",
        "steps": [
            plain("listen", ask=[{"name": "calm", "kind": "yes_no", "label": "Calmer?"}]),
            plain("limits", when=[asks_if("listen", "calm", "no")]),
        ],
    }
    assert walked(guide, {"listen": {"calm": "yes"}}) == {
        "listen": "",
        "limits": "It comes only if “Calmer?” is no.",
    }
    assert walked(guide, {"listen": {"calm": "no"}}) == {"listen": "", "limits": ""}
