"""The rows of a form: groups of fields such as `ask-2-label-de`, put in, moved and taken out. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from portal.desk.errors import NotAccepted
from portal.desk.notices import LANGUAGES
from portal.desk.scripts.checking import SAID
from portal.desk.scripts.places import MOST_ASKED

Form = dict[str, str]

ROWS = ("say", "ask", "know", "questions", "trees", "when", "next")
"""What a step has several of; each row is a group of fields such as `ask-2-label-de`."""
BETWEEN = " | "
"""Between several values in one field, and between the parts of one line."""
MOST_FIELDS = 3000
"""Fields of a form at which it takes no more rows: some two hundred questions of trees."""
FULL = "There is no room for another one here; what was taken out makes room once the step is saved."
LONGEST_NAME = 24
"""Characters of a name that is made from words."""
_ROW = r"-\d{1,3}-"
_GROUP = re.compile(
    rf"(say|ask|know|next|when|(ask|next){_ROW}when|questions|questions{_ROW}answers"
    rf"|trees|trees{_ROW}nodes|trees{_ROW}nodes{_ROW}answers)\Z"
)
_ANSWERS = {"answers-0-label-en": "", "answers-1-label-en": ""}
_FRESH: Mapping[str, Form] = MappingProxyType(
    {
        "say": {"when": SAID[0]},
        "ask": {"kind": "text"},
        "know": {"clause": ""},
        "when": {"test": "is"},
        "next": {"to": ""},
        "questions": {"words-en": "", **_ANSWERS},
        "answers": {"label-en": ""},
        "nodes": {"ask-en": "", **_ANSWERS},
        "trees": {"name-en": "", "nodes-0-ask-en": "", **{f"nodes-0-{name}": "" for name in _ANSWERS}},
    }
)
"""What stands in a row that was just added."""


def rows_of(form: Mapping[str, str], group: str) -> list[int]:
    """The numbers of the rows of a group that the form has, in their order; `ask-2-when` are those of a question."""
    row = re.compile(rf"{re.escape(group)}-(\d{{1,3}})(?:-|\Z)")
    return sorted({int(match[1]) for key in form if (match := row.match(key))})


def is_group(name: str) -> bool:
    """Whether rows can be put under this name."""
    return _GROUP.match(name) is not None


def with_row(form: Mapping[str, str], group: str) -> Form:
    """The form with one more row of a group, empty. Raises NotAccepted where it is full."""
    number = max(rows_of(form, group), default=-1) + 1
    if number >= MOST_ASKED or len(form) > MOST_FIELDS:
        raise NotAccepted.of({group.partition("-")[0]: FULL})
    fresh = _FRESH[group.rpartition("-")[2]]
    if group == "say":  # at the first place that has no words yet
        taken = {form.get(f"say-{row}-when", "") for row in rows_of(form, group)}
        fresh = {"when": next((one for one in SAID if one not in taken), SAID[0])}
    return {**form, **{f"{group}-{number}-{name}": value for name, value in fresh.items()}}


def without_row(form: Mapping[str, str], group: str, number: int) -> Form:
    """The form without one row of a group; an answer of a tree that led to it leads nowhere."""
    gone, pointed = f"{group}-{number}-", _pointing(form, group, number)
    return {key: "" if key in pointed else value for key, value in form.items() if not key.startswith(gone)}


def moved_row(form: Mapping[str, str], group: str, number: int, by: int) -> tuple[Form, int]:
    """The form with a row one place up (-1) or down (1), and its number then; at the end it stays where it is."""
    numbers = rows_of(form, group)
    at = numbers.index(number) + by if number in numbers else -1
    if not 0 <= at < len(numbers):
        return dict(form), number
    other = numbers[at]
    here, there = f"{group}-{number}-", f"{group}-{other}-"
    to_here, to_there = _pointing(form, group, number), _pointing(form, group, other)
    found: Form = {}
    for key, told in form.items():
        value = f"#{other}" if key in to_here else f"#{number}" if key in to_there else told
        if key.startswith(here):
            found[there + key.removeprefix(here)] = value
        elif key.startswith(there):
            found[here + key.removeprefix(there)] = value
        else:
            found[key] = value
    return found, other


def _pointing(form: Mapping[str, str], group: str, number: int) -> set[str]:
    """The fields of a tree that lead to one of its questions, by its row."""
    tree, _, last = group.rpartition("-")
    if last != "nodes":
        return set()
    return {key for key, value in form.items() if key.startswith(f"{tree}-") and value == f"#{number}"}


def text_form(name: str, told: object) -> Form:
    """The fields of a text, one for each language."""
    by_language = told if isinstance(told, Mapping) else dict.fromkeys(LANGUAGES, told or "")
    return {f"{name}-{language}": str(by_language.get(language, "")) for language in LANGUAGES}


def text_of(form: Mapping[str, str], name: str) -> dict[str, str]:
    """A text by language; a language that has none is left out."""
    found = {language: line_ends(form.get(f"{name}-{language}", "")) for language in LANGUAGES}
    return {language: words for language, words in found.items() if words}


def line_ends(words: str) -> str:
    return words.replace("\r\n", "\n").strip()


def filled(form: Mapping[str, str]) -> Form:
    """The fields that say something."""
    return {key: line_ends(value) for key, value in form.items() if value.strip()}


def name_from(words: str, taken: Collection[str], otherwise: str = "answer") -> str:
    """A name that follows from words, so that nobody has to think of one; `noise` of “Noise?”."""
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:LONGEST_NAME].strip("_") or otherwise
    plain = plain if plain[0].isalpha() else f"{otherwise}_{plain}"
    number, name = 1, plain
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    return name
