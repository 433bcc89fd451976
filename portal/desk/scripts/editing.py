"""A step as a form and back: every text of it a field by itself, so that it can be edited without knowing the file.

Pure: documents in, documents out, nothing read or written. What a form leaves as it was stays exactly as it was
written; `document.read` then says whether the whole can be walked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from portal.desk import fields
from portal.desk.errors import NotAccepted
from portal.desk.notices import LANGUAGES
from portal.desk.scripts import text
from portal.desk.scripts.document import Told
from portal.desk.scripts.phrases import key_of, parts, steps_of, values_of
from portal.desk.scripts.places import LONGEST_KEY, MOST_ASKED, MOST_STEPS, NAME
from portal.desk.scripts.steps import ANY, WITH_CHOICES, BrokenScript

Form = dict[str, str]

TEXTS = ("name", "title", "button")
ASKED_TEXTS = ("label", "hint", "required")
ROWS = ("say", "ask", "know", "when", "next")
"""What a step has several of; each row is a group of fields such as `ask-2-label-de`."""
BETWEEN = " | "
"""Between several values in one field, and between the parts of one line."""
_ROW = re.compile(r"(?P<group>[a-z]+)-(?P<number>\d{1,3})(?:-(?P<name>.*))?\Z")


def form_of(step: Told) -> Form:
    """The fields of a form that edits this step."""
    form = {
        "key": key_of(step),
        "kind": str(step.get("kind", "")),
        "required": "yes" if step.get("required", True) else "",
        "marks": str(step.get("marks", "")),
        "needs": BETWEEN.join(map(str, step.get("needs", ()))),
        "clauses": " ".join(map(str, step.get("clauses", ()))),
        "options": _options_text(step.get("options")),
    }
    for name in TEXTS:
        form |= _text_form(name, step.get(name))
    for number, (when, words) in enumerate(_said(step).items()):
        form[f"say-{number}-when"] = when
        form |= {f"say-{number}-{language}": words.get(language, "") for language in LANGUAGES}
    for number, asked in enumerate(parts(step, "ask")):
        form |= {f"ask-{number}-{name}": value for name, value in _asked_form(asked).items()}
    for number, told in enumerate(parts(step, "know")):
        form |= _text_form(f"know-{number}-words", told.get("words"))
        form |= {f"know-{number}-{name}": str(told.get(name, "")) for name in ("clause", "article")}
    form |= _conditions_form("when", step)
    for number, jump in enumerate(parts(step, "next")):
        form[f"next-{number}-to"] = str(jump.get("to", ""))
        form |= _conditions_form(f"next-{number}-when", jump)
    return form


def step_of(form: Mapping[str, str], before: Told) -> dict[str, Any]:
    """The step that a form describes; `before` is the step it was made from, or one just begun.

    Raises NotAccepted with a message per field for what cannot be written down as it stands.
    """
    was = form_of(before)
    step: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name in _PARTS:
        mine = {key: value for key, value in form.items() if _part_of(key) == name and value.strip()}
        theirs = {key: value for key, value in was.items() if _part_of(key) == name and value.strip()}
        if mine == theirs:
            if name in before:
                step[name] = before[name]
            continue
        try:
            value = _READ[name](form, before)
        except NotAccepted as error:
            wrong |= error.fields
            continue
        if value not in (None, "", [], {}):
            step[name] = value
    if wrong:
        raise NotAccepted.of(wrong)
    return step


def rows_of(form: Mapping[str, str], group: str) -> list[int]:
    """The numbers of the rows of a group that the form has, in their order."""
    found = {int(match["number"]) for key in form if (match := _ROW.match(key)) and match["group"] == group}
    return sorted(found)


def with_row(form: Mapping[str, str], group: str) -> Form:
    """The form with one more row of a group, empty."""
    number = max(rows_of(form, group), default=-1) + 1
    if number >= MOST_ASKED:
        return dict(form)
    first = {"say": "when", "ask": "kind", "know": "clause", "when": "test", "next": "to"}[group]
    start = {"say": ANY, "ask": "text", "when": "is"}.get(group, "")
    return {**form, f"{group}-{number}-{first}": start}


def without_row(form: Mapping[str, str], group: str, number: int) -> Form:
    """The form without one row of a group."""
    gone = f"{group}-{number}-"
    return {key: value for key, value in form.items() if not key.startswith(gone)}


def replaced(document: Told, key: str, step: Told) -> dict[str, Any]:
    """The document with one step in the place of another. Raises NotAccepted where there is none."""
    steps = steps_of(document)
    place = place_of(document, key)
    return {**document, "steps": [*steps[:place], step, *steps[place + 1 :]]}


def inserted(document: Told, step: Told, after: str = "") -> dict[str, Any]:
    """The document with a step behind another, or in front of all. Raises NotAccepted."""
    steps = steps_of(document)
    if len(steps) >= MOST_STEPS:
        raise NotAccepted(after=f"A script has at most {MOST_STEPS} steps.")
    place = place_of(document, after) + 1 if after else 0
    return {**document, "steps": [*steps[:place], step, *steps[place:]]}


def removed(document: Told, key: str) -> dict[str, Any]:
    """The document without one step. Raises NotAccepted for the last one."""
    steps = steps_of(document)
    place_of(document, key)
    if len(steps) == 1:
        raise NotAccepted(key="A script needs at least one step.")
    return {**document, "steps": [step for step in steps if key_of(step) != key]}


def moved(document: Told, key: str, to: int) -> dict[str, Any]:
    """The document with a step at another place, from 0; a place past the ends is the end."""
    place = place_of(document, key)
    steps = list(steps_of(document))
    step = steps.pop(place)
    steps.insert(max(0, min(to, len(steps))), step)
    return {**document, "steps": steps}


def place_of(document: Told, key: str) -> int:
    """Where a step stands, from 0. Raises NotAccepted where there is none of this key."""
    for place, step in enumerate(steps_of(document)):
        if key_of(step) == key:
            return place
    raise NotAccepted(key="This version has no such step any more.")


def free_key(document: Told, wanted: str) -> str:
    """A key that no step of the document has: the one wanted, or with a number behind it."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", wanted).strip("_-")[: LONGEST_KEY - 4] or "step"
    plain = plain if NAME.match(plain) else f"step_{plain}"
    taken = {key_of(step) for step in steps_of(document)}
    number, key = 1, plain
    while key in taken:
        number += 1
        key = f"{plain}_{number}"
    return key


_PARTS = (
    "key",
    "kind",
    *TEXTS,
    "required",
    "needs",
    "clauses",
    "marks",
    "say",
    "ask",
    "know",
    "when",
    "next",
    "options",
)


def _part_of(key: str) -> str:
    return key.partition("-")[0]


def _text_form(name: str, told: object) -> Form:
    by_language = told if isinstance(told, Mapping) else dict.fromkeys(LANGUAGES, told or "")
    return {f"{name}-{language}": str(by_language.get(language, "")) for language in LANGUAGES}


def _text(form: Mapping[str, str], name: str) -> dict[str, str]:
    """A text by language; a language that has none is left out."""
    found = {language: _line_ends(form.get(f"{name}-{language}", "")) for language in LANGUAGES}
    return {language: words for language, words in found.items() if words}


def _line_ends(words: str) -> str:
    return words.replace("\r\n", "\n").strip()


def _said(step: Told) -> dict[str, dict[str, str]]:
    """What is said: {when: {language: words}}."""
    told = step.get("say") or {}
    by_language = told if set(told) <= set(LANGUAGES) else dict.fromkeys(LANGUAGES, told)
    found: dict[str, dict[str, str]] = {}
    for language, words in by_language.items():
        for when, one in ({ANY: words} if isinstance(words, str) else words).items():
            found.setdefault(when, {})[language] = str(one)
    return found


def _read_said(form: Mapping[str, str], _before: Told) -> dict[str, dict[str, str]]:
    said: dict[str, dict[str, str]] = {}
    wrong: dict[str, str] = {}
    for number in rows_of(form, "say"):
        when = form.get(f"say-{number}-when", "").strip() or ANY
        for language, words in _text(form, f"say-{number}").items():
            if when in said.get(language, {}):
                wrong[f"say-{number}-when"] = "There are words for this already; change those."
            said.setdefault(language, {})[when] = words
    if wrong:
        raise NotAccepted.of(wrong)
    return said


def _asked_form(asked: Told) -> Form:
    form = {"name": str(asked.get("name", "")), "kind": str(asked.get("kind", ""))}
    for name in ASKED_TEXTS:
        form |= _text_form(name, asked.get(name))
    lines = [
        BETWEEN.join([str(one.get("value", "")), *_text_form("label", one.get("label")).values()])
        for one in parts(asked, "choices")
    ]
    form["choices"] = "\n".join(lines)
    told = asked.get("options")
    options = told if isinstance(told, Mapping) else {}
    for name, value in options.items():
        if isinstance(value, Mapping):
            form |= _text_form(f"option-{name}", value)
        else:
            several = isinstance(value, Sequence) and not isinstance(value, str)
            form[f"option-{name}"] = BETWEEN.join(map(str, value)) if several else str(value)
    return form | _conditions_form("when", asked)


def _read_asked(form: Mapping[str, str], before: Told) -> list[dict[str, Any]]:
    known = {str(one.get("name")): one for one in parts(before, "ask")}
    found: list[dict[str, Any]] = []
    wrong: Form = {}
    for number in rows_of(form, "ask"):
        at = f"ask-{number}-"
        mine = {key.removeprefix(at): value for key, value in form.items() if key.startswith(at)}
        old = known.get(mine.get("name", "").strip(), {})
        if old and _filled(mine) == _filled(_asked_form(old)):
            found.append(dict(old))
            continue
        try:
            found.append(_question(mine, old))
        except NotAccepted as error:
            wrong |= {f"{at}{name}": words for name, words in error.fields.items()}
    if wrong:
        raise NotAccepted.of(wrong)
    return found


def _filled(form: Mapping[str, str]) -> Form:
    return {key: _line_ends(value) for key, value in form.items() if value.strip()}


def _question(form: Mapping[str, str], old: Told) -> dict[str, Any]:
    kind = form.get("kind", "").strip()
    asked: dict[str, Any] = {"name": form.get("name", "").strip(), "kind": kind}
    asked |= {name: words for name in ASKED_TEXTS if (words := _text(form, name))}
    if kind in WITH_CHOICES:
        hints = {str(one.get("value")): one.get("hint") for one in parts(old, "choices")}
        asked["choices"] = _choices(form.get("choices", ""), hints)
    options = _field_options(kind, form)
    if options:
        asked["options"] = options
    if conditions := _conditions(form, "when"):
        asked["when"] = conditions
    return asked


def _choices(lines: str, hints: Mapping[str, object]) -> list[dict[str, Any]]:
    """One choice a line: `value | English | German`; the value may be left out where it follows from the words."""
    found = []
    for line in filter(None, map(str.strip, lines.splitlines())):
        value, *words = (part.strip() for part in line.split("|"))
        words = words or [value]
        made: dict[str, Any] = {
            "value": value
            if len(line.split("|")) > 1
            else re.sub(r"\W+", "_", value.lower()).strip("_") or value,
            "label": {language: label for language, label in zip(LANGUAGES, words, strict=False) if label},
        }
        if hint := hints.get(made["value"]):
            made["hint"] = hint
        found.append(made)
    if not found:
        raise NotAccepted(choices="Write at least one answer to choose, one a line.")
    return found


def _field_options(kind: str, form: Mapping[str, str]) -> dict[str, Any]:
    """What the kind of answer is told, each as the type it takes. Raises NotAccepted."""
    known = fields.FIELDS.get(kind)
    options: dict[str, Any] = {}
    for one in known.options if known else ():
        name = f"option-{one.name}"
        given = form.get(name, "").strip()
        if one.type == "words" and (words := _text(form, name)):
            options[one.name] = words
        elif given and one.type == "several":
            options[one.name] = [part.strip() for part in given.split("|") if part.strip()]
        elif given and one.type == "whole":
            if not re.fullmatch(r"-?[0-9]{1,9}", given):
                raise NotAccepted.of({name: "Enter a whole number."})
            options[one.name] = int(given)
        elif given:
            options[one.name] = given
    if wrong := fields.problems_of_options(kind, options) if known else []:
        raise NotAccepted(kind=" ".join(wrong))
    return options


def _conditions_form(prefix: str, told: Told) -> Form:
    form: Form = {}
    for number, one in enumerate(parts(told, "when")):
        form |= {
            f"{prefix}-{number}-step": str(one.get("step", "")),
            f"{prefix}-{number}-field": str(one.get("field", "")),
            f"{prefix}-{number}-test": str(one.get("test") or "is"),
            f"{prefix}-{number}-values": BETWEEN.join(values_of(one)),
        }
    return form


def _conditions(form: Mapping[str, str], prefix: str) -> list[dict[str, Any]]:
    """The conditions of a group of fields; a row that names no step is none."""
    numbers = sorted(
        {int(match[1]) for key in form if (match := re.match(rf"{re.escape(prefix)}-(\d{{1,3}})-", key))}
    )
    found = []
    for number in numbers:
        at = f"{prefix}-{number}-"
        step, asked = form.get(f"{at}step", "").strip(), form.get(f"{at}field", "").strip()
        if "." in step and not asked:  # a select offers both at once: `step.field`
            step, _, asked = step.partition(".")
        if step:
            values = [part.strip() for part in form.get(f"{at}values", "").split("|")]
            found.append(
                {
                    "step": step,
                    "field": asked,
                    "test": form.get(f"{at}test", "").strip() or "is",
                    "values": [value for value in values if value],
                }
            )
    return found


def _read_known(form: Mapping[str, str], _before: Told) -> list[dict[str, Any]]:
    found = []
    for number in rows_of(form, "know"):
        words = _text(form, f"know-{number}-words")
        more = {
            name: value
            for name in ("clause", "article")
            if (value := form.get(f"know-{number}-{name}", "").strip())
        }
        if words or more:
            found.append({"words": words, **more})
    return found


def _read_jumps(form: Mapping[str, str], _before: Told) -> list[dict[str, Any]]:
    found = []
    for number in rows_of(form, "next"):
        to = form.get(f"next-{number}-to", "").strip()
        if to:
            when = _conditions(form, f"next-{number}-when")
            found.append({"to": to, **({"when": when} if when else {})})
    return found


def _options_text(options: object) -> str:
    return text.dump(options).strip() if isinstance(options, Mapping) and options else ""


def _read_options(form: Mapping[str, str], _before: Told) -> dict[str, Any]:
    try:
        return text.load(_line_ends(form.get("options", "")), "settings")
    except BrokenScript as error:
        raise NotAccepted(options=f"{error}.") from None


def _read_required(form: Mapping[str, str], _before: Told) -> bool | None:
    return None if form.get("required") == "yes" else False


_READ: dict[str, Any] = {
    "key": lambda form, _before: form.get("key", "").strip(),
    "kind": lambda form, _before: form.get("kind", "").strip(),
    **{name: (lambda form, _before, name=name: _text(form, name)) for name in TEXTS},
    "required": _read_required,
    "needs": lambda form, _before: [
        one.strip() for one in re.split(r"[|,\s]+", form.get("needs", "")) if one.strip()
    ],
    "clauses": lambda form, _before: re.split(r"[|,\s]+", form.get("clauses", "").strip()),
    "marks": lambda form, _before: form.get("marks", "").strip(),
    "say": _read_said,
    "ask": _read_asked,
    "know": _read_known,
    "when": lambda form, _before: _conditions(form, "when"),
    "next": _read_jumps,
    "options": _read_options,
}
