"""Two versions side by side: every change is told once, in words, with its step, field and language."""

from copy import deepcopy

from portal.desk.scripts.comparing import Difference, differences
from tests.desk.scripts_lint.small_house import Document, asks_if, plain, script, step, texts


def words(old: Document, new: Document) -> list[str]:
    return [one.words for one in differences(old, new)]


def test_the_same_document_differs_in_nothing() -> None:
    assert differences(script("complaint"), script("complaint")) == []


def test_steps_come_go_and_move() -> None:
    old, new = script("complaint"), script("complaint")
    old["steps"].append(plain("last"))
    new["steps"].insert(1, plain("thanks"))
    new["steps"].append(plain("last"))
    new["steps"].append(new["steps"].pop(2))
    new["steps"].remove(step(new, "options"))
    assert differences(old, new) == [
        Difference("removed", "options", "", "The step “Solutions” was taken out."),
        Difference("added", "thanks", "", "The step “Thanks” is new, behind “Listen”."),
        *(
            Difference(
                "added",
                "thanks",
                f"title.{language}",
                f"The title of “Thanks” in {spoken}: added “Is it so?”.",
                "",
                "Is it so?",
            )
            for language, spoken in (("en", "English"), ("de", "German"))
        ),
        Difference("moved", "photo", "", "The step “Photo” now stands behind “Last”."),
    ]


def test_a_text_is_told_in_the_language_it_changed_in() -> None:
    old, new = script("complaint"), script("complaint")
    step(new, "photo")["title"]["de"] = "Haben Sie ein Foto?"
    step(new, "photo")["say"] = {"en": {"phone": "Is there one?"}}
    new["title"]["en"] = "Complaints"
    assert differences(old, new) == [
        Difference(
            "changed",
            "",
            "title.en",
            "The title of the script in English: from “Handle a complaint” to “Complaints”.",
            "Handle a complaint",
            "Complaints",
        ),
        Difference(
            "changed",
            "photo",
            "title.de",
            "The title of “Photo” in German: from “Gibt es ein Foto?” to “Haben Sie ein Foto?”.",
            "Gibt es ein Foto?",
            "Haben Sie ein Foto?",
        ),
        Difference(
            "added",
            "photo",
            "say.phone.en",
            "What to say (phone) of “Photo” in English: added “Is there one?”.",
            "",
            "Is there one?",
        ),
    ]


def test_questions_conditions_ways_and_clauses_are_told() -> None:
    old, new = script("complaint"), script("complaint")
    statement = step(new, "statement")
    statement["ask"][0]["choices"].pop()
    statement["ask"][1] = {"name": "where", "kind": "text", "label": texts("Where was it bought?")}
    statement["clauses"] = ["S0-3.4.1"]
    statement["next"] = [{"to": "settle", "when": [asks_if("statement", "where", "x", test="is_not")]}]
    photo = step(new, "photo")
    photo["when"] = [asks_if("statement", "where", "yes", test="given")]
    photo["required"] = True
    step(new, "options")["options"] = {"offers": [{"key": "tea", "label": "Tea"}]}
    assert words(old, new) == [
        "“Listen” no longer asks “What did it cost?”.",
        "The answers to “What did it sound like?” in “Listen”: from “bang; hiss” to “bang”.",
        "“Listen” also asks “Where was it bought?” (short text).",
        "The clauses of “Listen”: from “S0-3.4.1; S3-4.1.1” to “S0-3.4.1”.",
        "Where “Listen” leads: from “the step behind” to Settle if “Where was it bought?” is not x.",
        "Whether “Photo” has to be done: from “may be skipped” to “has to be done”.",
        "When “Photo” comes: from “What did it sound like?” is “A bang” to “Where was it bought?” is given.",
        "The setting offers.tea.key of “Solutions”: added “tea”.",
        "The setting offers.tea.label of “Solutions”: added “Tea”.",
    ]


def test_a_new_step_is_told_with_everything_in_it() -> None:
    old, new = script("complaint"), script("complaint")
    asked = dict(step(new, "statement")["ask"][0]) | {
        "name": "again",
        "when": [asks_if("statement", "noise", "bang", test="is")],
    }
    new["steps"].insert(
        1,
        plain("thanks")
        | {"required": False, "say": {"en": {"any": "Thank you."}}, "ask": [asked], "clauses": ["S0-3.4.1"]},
    )
    assert words(old, new) == [
        "The step “Thanks” is new, behind “Listen”.",
        "The title of “Thanks” in English: added “Is it so?”.",
        "The title of “Thanks” in German: added “Is it so?”.",
        "What to say of “Thanks” in English: added “Thank you.”.",
        (
            "“Thanks” also asks “What did it sound like?” (choice: A bang; A hiss),"
            " only if “What did it sound like?” is “A bang”."
        ),
        "The clauses of “Thanks”: added “S0-3.4.1”.",
        "Whether “Thanks” has to be done: from “has to be done” to “may be skipped”.",
    ]


def test_another_kind_of_answer_and_another_condition_are_told_in_words() -> None:
    old, new = script("complaint"), script("complaint")
    step(old, "photo")["ask"] = [
        {"name": "sent", "kind": "yes_no", "label": texts("Sent?")},
        {"name": "seen", "kind": "text", "label": texts("Seen?")},
    ]
    step(new, "photo")["ask"] = [
        step(old, "photo")["ask"][0] | {"when": [asks_if("statement", "noise", "hiss", test="is_not")]},
        step(old, "photo")["ask"][1] | {"kind": "date"},
    ]
    assert words(old, new) == [
        "When “Photo” asks “Sent?”: from “always” to “What did it sound like?” is not “A hiss”.",
        "The kind of answer to “Seen?” in “Photo”: from “short text” to “date”.",
    ]


def test_what_went_one_way_comes_back_the_other_way() -> None:
    old, new = script("complaint"), script("complaint")
    step(new, "settle")["know"] = [{"words": texts("Look it up.")}]
    there, back = differences(old, new), differences(new, old)
    assert [(one.sort, one.field) for one in there] == [
        ("added", "know.1.words.en"),
        ("added", "know.1.words.de"),
    ]
    assert [(one.step, one.field, one.after, one.before) for one in back] == [
        (one.step, one.field, one.before, one.after) for one in there
    ]
    assert old == deepcopy(script("complaint"))
