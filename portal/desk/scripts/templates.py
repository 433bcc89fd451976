"""Steps to begin with: what a manager adds most, with words to write over. In every language the desk offers."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from portal.desk.errors import NotAccepted
from portal.desk.scripts.editing import free_key


def _step(key: str, name: str, name_de: str, title: str, title_de: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "kind": "ask",
        "name": {"en": name, "de": name_de},
        "title": {"en": title, "de": title_de},
        **more,
    }


def _asked(kind: str, label: str, label_de: str, **more: Any) -> dict[str, Any]:
    return {"name": "answer", "kind": kind, "label": {"en": label, "de": label_de}, **more}


_OFFERED: Mapping[str, tuple[str, dict[str, Any]]] = MappingProxyType(
    {
        "question": (
            "A question in words",
            _step(
                "question", "Question", "Frage", "What would you like to ask?", "Was möchten Sie fragen?",
                ask=[_asked("long", "Answer", "Antwort")],
            ),
        ),
        "yes_no": (
            "A yes or no question",
            _step(
                "yes_or_no", "Yes or no", "Ja oder nein", "Is it so?", "Ist es so?",
                ask=[_asked("yes_no", "Answer", "Antwort")],
            ),
        ),
        "choice": (
            "A choice",
            _step(
                "choice", "Choice", "Auswahl", "Which of these is it?", "Was davon ist es?",
                ask=[
                    _asked(
                        "choice", "Answer", "Antwort",
                        choices=[
                            {"value": "first", "label": {"en": "The first", "de": "Das Erste"}},
                            {"value": "second", "label": {"en": "The second", "de": "Das Zweite"}},
                        ],
                    )
                ],
            ),
        ),
        "scale": (
            "A scale from 0 to 10",
            _step(
                "scale", "Scale", "Skala", "How likely is it?", "Wie wahrscheinlich ist es?",
                ask=[_asked("scale", "From 0 to 10", "Von 0 bis 10", options={"min": 0, "max": 10})],
            ),
        ),
        "agreed": (
            "The customer agrees to something",
            _step(
                "agreed", "Agreement", "Zustimmung", "Does the customer agree?", "Stimmt der Kunde zu?",
                say={"en": {"any": "Is that all right for you?"}, "de": {"any": "Ist das für Sie in Ordnung?"}},
                ask=[_asked("tick", "The customer agreed", "Der Kunde hat zugestimmt")],
            ),
        ),
        "say": (
            "Words to say",
            _step(
                "words", "Words", "Worte", "Have you said it?", "Haben Sie es gesagt?",
                kind="say",
                say={"en": {"any": "Write here what to say."}, "de": {"any": "Schreiben Sie hier, was zu sagen ist."}},
                ask=[_asked("tick", "I have said it", "Ich habe es gesagt")],
            ),
        ),
    }
)  # fmt: skip


def offered() -> list[tuple[str, str]]:
    """What can be added: (name, words)."""
    return [(name, words) for name, (words, _) in _OFFERED.items()]


def made(template: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """A step to put into a document: from a template, or as a copy of one of its steps (`copy:statement`).

    Raises NotAccepted for what is neither.
    """
    _, _, copied = template.partition("copy:")
    source = next((step for step in document["steps"] if copied and step["key"] == copied), None)
    if source is None and template in _OFFERED:
        source = _OFFERED[template][1]
    if source is None:
        raise NotAccepted(template="Choose what to add.")
    step = copy.deepcopy(source)
    return {**step, "key": free_key(document, step["key"])}
