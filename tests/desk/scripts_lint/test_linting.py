"""The linter: one thing broken in a sound script, and exactly this found, with its place and what to do."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.desk import clauses
from portal.desk.scripts.kind_facts import KIND_FACTS
from tests.desk.scripts_lint.small_house import (
    Document,
    Found,
    asks_if,
    findings,
    plain,
    script,
    step,
    texts,
    told,
)

Break = Callable[[Document], object]


def adding(at: int, *steps: Document) -> Break:
    def change(document: Document) -> None:
        document["steps"][at:at] = list(steps)

    return change


def setting(key: str, **values: Any) -> Break:
    return lambda document: step(document, key).update(values)


def question(key: str, name: str, **values: Any) -> Break:
    return lambda document: next(one for one in step(document, key)["ask"] if one["name"] == name).update(
        values
    )


BROKEN: dict[str, tuple[Break, list[Found]]] = {
    "what cannot be read": (
        setting("photo", kind="sing"),
        [(True, "photo", "kind", "There is no kind of step called sing.")],
    ),
    "no steps": (lambda one: one.update(steps=[]), [(True, "", "", "It has no steps.")]),
    "conditions that contradict each other": (
        setting(
            "photo",
            when=[
                asks_if("statement", "noise", "bang"),
                asks_if("statement", "noise", "hiss"),
            ],
        ),
        [
            (
                True,
                "photo",
                "when",
                (
                    "Nobody ever comes to this step: it cannot be that “What did it sound like?” is “A bang” and"
                    " “What did it sound like?” is “A hiss”."
                ),
            )
        ],
    ),
    "conditions that contradict those of the step they ask about": (
        adding(
            2,
            plain(
                "hissing",
                when=[asks_if("photo", "seen", "yes"), asks_if("statement", "noise", "hiss")],
            ),
        ),
        [
            (
                True,
                "hissing",
                "when",
                (
                    "Nobody ever comes to this step: it cannot be that “Can it be seen?” is yes and"
                    " “What did it sound like?” is “A hiss”."
                ),
            )
        ],
    ),
    "more than most": (
        setting(
            "photo",
            when=[
                asks_if("statement", "paid", "100", test="at_least"),
                asks_if("statement", "paid", "99", test="at_most"),
            ],
        ),
        [
            (
                True,
                "photo",
                "when",
                (
                    "Nobody ever comes to this step: it cannot be that “What did it cost?” is at least 100 and"
                    " “What did it cost?” is at most 99."
                ),
            )
        ],
    ),
    "a step jumped over": (
        setting("statement", next=[{"to": "options"}]),
        [(True, "photo", "next", "Nobody ever comes to this step. “Listen” always leads past it.")],
    ),
    "a condition on a step that is not there": (
        setting("photo", when=[asks_if("nowhere", "noise", "bang")]),
        [
            (
                True,
                "photo",
                "when",
                "Its condition asks about the step “nowhere”, which does not exist.",
            )
        ],
    ),
    "a condition on an answer nobody asks for in the opening": (
        setting("photo", when=[asks_if("about", "weather", "rain")]),
        [
            (
                True,
                "photo",
                "when",
                "Its condition asks for “weather”, which the step “What is it” does not ask.",
            )
        ],
    ),
    "a choice that does not exist": (
        setting("photo", when=[asks_if("statement", "noise", "boom")]),
        [(True, "photo", "when", "Its condition asks whether “noise” is “boom”, which cannot be answered.")],
    ),
    "an answer that the kind does not take": (
        setting(
            "settle",
            next=[
                {
                    "to": "end",
                    "when": [asks_if("options", "chosen", "x"), asks_if("settle", "settled", "maybe")],
                }
            ],
        ),
        [
            (
                True,
                "settle",
                "next",
                "Its condition asks whether “settled” is “maybe”, which cannot be answered.",
            )
        ],
    ),
    "a text that is counted": (
        setting("photo", when=[asks_if("statement", "noise", "3", test="at_least")]),
        [
            (
                True,
                "photo",
                "when",
                "Its condition counts “What did it sound like?”, which is no number, amount or day.",
            )
        ],
    ),
    "a step that it needs and that is not there": (
        setting("photo", needs=["who"]),
        [(True, "photo", "needs", "It needs the step “who”, which does not come before it.")],
    ),
    "a name that the opening has taken": (
        adding(1, plain("greet")),
        [(True, "greet", "key", "The opening has a step called “greet” too.")],
    ),
    "a missing language": (
        lambda one: step(one, "photo")["title"].pop("de"),
        [(True, "photo", "title", "German is missing for “Is there a photo?”.")],
    ),
    "a missing language in an answer": (
        question(
            "statement",
            "noise",
            choices=[
                {"value": "bang", "label": texts("A bang")},
                {"value": "hiss", "label": {"de": "Ein Zischen"}},
            ],
        ),
        [(True, "statement", "ask.noise.choices.hiss.label", "English is missing for “Ein Zischen”.")],
    ),
    "a missing language in the settings of a kind": (
        setting("options", options={"offers": [{"key": "tea", "label": {"en": "A cup of tea"}}]}),
        [(True, "options", "options.offers.tea.label", "German is missing for “A cup of tea”.")],
    ),
    "nothing to say in one language": (
        setting("photo", say={"en": {"any": "Is there a photo?"}}),
        [(True, "photo", "say.de", "German is missing for what to say.")],
    ),
    "nothing to say on a channel in one language": (
        setting("photo", say={"en": {"any": "Send it."}, "de": {"any": "", "phone": "Schicken Sie es."}}),
        [
            (
                True,
                "photo",
                "say.de",
                (
                    "There is nothing to say in German by email, chat, social, online, in person, and there is in"
                    " another language."
                ),
            )
        ],
    ),
    "nothing to say at a time of day": (
        setting("photo", say={"en": {"phone-morning": "Hm."}, "de": {"phone-morning": "Hm."}}),
        [
            (
                False,
                "photo",
                "say",
                (
                    "There is nothing to say by phone in the afternoon and evening, email, chat, social, online,"
                    " in person."
                ),
            )
        ],
    ),
    "an unknown blank": (
        setting("photo", say={"en": {"any": "It is {weather}."}, "de": {"any": "Hm."}}),
        [(True, "photo", "say.en.any", "Nobody fills in {weather}.")],
    ),
    "a bracket left open": (
        setting("photo", say={"en": {"any": "Dear {customer"}, "de": {"any": "Hm."}}),
        [
            (
                True,
                "photo",
                "say.en.any",
                "A curly bracket is not closed, or closed without being opened: “Dear {customer”.",
            )
        ],
    ),
    "a clause that nothing serves any more": (
        setting("options", clauses=[]),
        [
            (
                True,
                "",
                "clauses",
                (
                    f"No step serves S3-4.1.3a any more ({clauses.title_of('S3-4.1.3a')})."
                    " It was served by “Solutions”."
                ),
            )
        ],
    ),
    "a clause that does not exist": (
        setting("photo", clauses=["S9-1"], know=[{"words": texts("Look."), "clause": "S9-2"}]),
        [
            (True, "photo", "clauses", "There is no clause S9-1."),
            (True, "photo", "know.1.clause", "There is no clause S9-2."),
        ],
    ),
    "a letter that is missing": (
        setting("options", options={"template": "thank-you"}),
        [(True, "options", "options.template", "There is no letter called thank-you.")],
    ),
    "a group that does not exist": (
        setting("settle", options={"to_role": "wizards"}),
        [(True, "settle", "options.to_role", "There is no group called wizards.")],
    ),
    "an article that does not exist": (
        setting("photo", know=[{"words": texts("Read."), "article": "unicorns"}]),
        [(True, "photo", "know.1.article", "There is no article unicorns in the library.")],
    ),
    "an article that has run out": (
        setting("photo", know=[{"words": texts("Read."), "article": "old-returns"}]),
        [(False, "photo", "know.1.article", "The article old-returns has run out.")],
    ),
    "solutions before the customer was heard": (
        lambda one: one["steps"].insert(0, one["steps"].pop(2)),
        [
            (
                True,
                "options",
                "kind",
                (
                    f"{KIND_FACTS['options'].guarantees} No step of the kind “statement” or"
                    " “need” comes before it."
                ),
            )
        ],
    ),
    "payment before the order": (
        adding(4, plain("pay", "payment")),
        [
            (
                True,
                "pay",
                "kind",
                (
                    f"{KIND_FACTS['payment'].guarantees} No step of the kind “confirm order” or"
                    " “confirm amendment” or “choose order” comes before it."
                ),
            )
        ],
    ),
    "a question named like an answer of the kind": (
        adding(
            4,
            plain("sorry", "apology", ask=[{"name": "reason", "kind": "long", "label": texts("Why?")}]),
        ),
        [
            (
                True,
                "sorry",
                "ask.reason.name",
                "The question “reason” is called like an answer that a step of the kind apology keeps itself.",
            )
        ],
    ),
    "two questions of one name": (
        setting(
            "photo",
            ask=[
                {"name": "size", "kind": "text", "label": texts("How big?")},
                {"name": "size", "kind": "text", "label": texts("How wide?")},
            ],
        ),
        [(True, "photo", "ask.1", "There are two questions called size.")],
    ),
    "a very long word": (
        setting("photo", name={"en": "Photo", "de": "Donaudampfschifffahrtsgesellschaftsfoto"}),
        [
            (
                False,
                "photo",
                "name.de",
                (
                    "“Donaudampfschifffahrtsgesellschaftsfoto” is very long for one word: a telephone cannot show it"
                    " on one line."
                ),
            )
        ],
    ),
    "a title that asks nothing": (
        setting("photo", title=texts("Look at the photo.", "Gibt es ein Foto?")),
        [(False, "photo", "title.en", "“Look at the photo.” is no question.")],
    ),
    "a tree that leads nowhere": (
        adding(
            3,
            plain("serial", "ask"),
            plain(
                "try",
                "troubleshoot",
                options={
                    "trees": [
                        {
                            "key": "stove",
                            "name": "Stove",
                            "products": ["*"],
                            "nodes": [
                                {
                                    "key": "gas",
                                    "ask": "Is there gas?",
                                    "answers": [{"label": "Yes", "to": "flame"}, {"label": "No", "to": "ok"}],
                                },
                                {"key": "ok", "end": "solved"},
                                {"key": "lost", "end": "unsolved"},
                            ],
                        }
                    ]
                },
            ),
        ),
        [
            (
                True,
                "try",
                "options.trees",
                "Tree stove: gas leads to flame, which is not there.",
            ),
            (True, "try", "options.trees", "Tree stove: nothing leads to lost."),
        ],
    ),
    "guide questions that say nothing": (
        adding(
            3,
            plain(
                "weigh",
                "severity",
                options={
                    "questions": [
                        {"key": "use", "words": "In use?", "answers": [{"value": "no", "severity": "huge"}]},
                        {"key": "harm", "answers": [{"value": "no", "label": "No"}, {"severity": "low"}]},
                    ]
                },
            ),
        ),
        [
            (True, "weigh", "options.questions.use.words", "The guide question “In use?” needs two answers."),
            (
                True,
                "weigh",
                "options.questions.use.answers.no.label",
                "Answer 1 of the guide question “In use?” has no words.",
            ),
            (
                True,
                "weigh",
                "options.questions.use.answers.no.severity",
                "The guide question “In use?” has an answer that means huge; there are low, normal, high, urgent.",
            ),
            (True, "weigh", "options.questions.harm.words", "Guide question 2 asks nothing."),
            (
                True,
                "weigh",
                "options.questions.harm.answers.2.label",
                "Answer 2 of guide question 2 has no words.",
            ),
        ],
    ),
}


@pytest.mark.parametrize("story", BROKEN)
def test_one_thing_broken_is_one_thing_found(story: str) -> None:
    change, expected = BROKEN[story]
    document = script("complaint")
    step(document, "photo")["ask"] = [{"name": "seen", "kind": "yes_no", "label": texts("Can it be seen?")}]
    assert told(findings(document)) == []
    change(document)
    found = told(findings(document))
    assert [one for one in found if "of the kind “serial”" not in one[3]] == expected
