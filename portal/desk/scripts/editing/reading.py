"""A form as a step again: what it leaves as it was stays exactly as it was written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from portal.desk import fields
from portal.desk.errors import NotAccepted
from portal.desk.notices import LANGUAGES
from portal.desk.scripts import text
from portal.desk.scripts.document import Told
from portal.desk.scripts.editing import settings
from portal.desk.scripts.editing.forms import ASKED_TEXTS, TEXTS, asked_form, form_of
from portal.desk.scripts.editing.rows import Form, filled, line_ends, name_from, rows_of, text_of
from portal.desk.scripts.phrases import parts
from portal.desk.scripts.steps import ANY, WITH_CHOICES, BrokenScript

WITHIN = {"questions": "options", "trees": "options"}
"""The rows of a form that stand among the settings of a kind."""


def step_of(form: Mapping[str, str], before: Told) -> dict[str, Any]:
    """The step that a form describes; `before` is the step it was made from, or one just begun.

    Raises NotAccepted with a message per field for what cannot be written down as it stands.
    """
    was = form_of(before)
    step: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, read in _READ.items():
        mine = filled({key: value for key, value in form.items() if _part_of(key) == name})
        theirs = filled({key: value for key, value in was.items() if _part_of(key) == name})
        if mine == theirs:
            if name in before:
                step[name] = before[name]
            continue
        try:
            value = read(form, before)
        except NotAccepted as error:
            wrong |= error.fields
            continue
        if value not in (None, "", [], {}):
            step[name] = value
    if wrong:
        raise NotAccepted.of(wrong)
    return step


def _part_of(key: str) -> str:
    name = key.partition("-")[0]
    return WITHIN.get(name, name)


def _read_said(form: Mapping[str, str], _before: Told) -> dict[str, dict[str, str]]:
    said: dict[str, dict[str, str]] = {}
    wrong: dict[str, str] = {}
    for number in rows_of(form, "say"):
        when = form.get(f"say-{number}-when", "").strip() or ANY
        for language, words in text_of(form, f"say-{number}").items():
            if when in said.get(language, {}):
                wrong[f"say-{number}-when"] = "There are words for this already; change those."
            said.setdefault(language, {})[when] = words
    if wrong:
        raise NotAccepted.of(wrong)
    return said


def _read_asked(form: Mapping[str, str], before: Told) -> list[dict[str, Any]]:
    known = {str(one.get("name")): one for one in parts(before, "ask")}
    found: list[dict[str, Any]] = []
    wrong: Form = {}
    for number in rows_of(form, "ask"):
        at = f"ask-{number}-"
        mine = {key.removeprefix(at): value for key, value in form.items() if key.startswith(at)}
        old = known.get(mine.get("name", "").strip(), {})
        if old and filled(mine) == filled(asked_form(old)):
            found.append(dict(old))
            continue
        try:
            made = _question(mine, old)
            words = (made.get("label") or {}).get(LANGUAGES[0], "")
            made["name"] = made["name"] or name_from(words, {str(one["name"]) for one in found} | set(known))
            found.append(made)
        except NotAccepted as error:
            wrong |= {f"{at}{name}": words for name, words in error.fields.items()}
    if wrong:
        raise NotAccepted.of(wrong)
    return found


def _question(form: Mapping[str, str], old: Told) -> dict[str, Any]:
    kind = form.get("kind", "").strip()
    asked: dict[str, Any] = {"name": form.get("name", "").strip(), "kind": kind}
    asked |= {name: words for name in ASKED_TEXTS if (words := text_of(form, name))}
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
        if one.type == "words" and (words := text_of(form, name)):
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


def _conditions(form: Mapping[str, str], prefix: str) -> list[dict[str, Any]]:
    """The conditions of a group of fields; a row that names no step is none."""
    found = []
    for number in rows_of(form, prefix):
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
        words = text_of(form, f"know-{number}-words")
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


def _read_options(form: Mapping[str, str], before: Told) -> dict[str, Any]:
    """The settings: those in text, and what has rows; a tree that was pasted as text comes behind the others."""
    wrong: Form = {}
    told: dict[str, Any] = {}
    try:
        told = text.load(line_ends(form.get("options", "")), "settings")
    except BrokenScript as error:
        wrong["options"] = f"{error}."
    was = before.get("options")
    try:
        for name, made in settings.from_rows(form, was if isinstance(was, Mapping) else {}).items():
            pasted = told.get(name, [])
            if isinstance(pasted, list):
                told[name] = [*made, *pasted]
            else:
                wrong["options"] = f"{name} has to be a list of tables."
    except NotAccepted as error:
        wrong |= error.fields
    if wrong:
        raise NotAccepted.of(wrong)
    return told


def _read_required(form: Mapping[str, str], _before: Told) -> bool | None:
    return None if form.get("required") == "yes" else False


_READ: dict[str, Any] = {
    "key": lambda form, _before: form.get("key", "").strip(),
    "kind": lambda form, _before: form.get("kind", "").strip(),
    **{name: (lambda form, _before, name=name: text_of(form, name)) for name in TEXTS},
    "required": _read_required,
    "needs": lambda form, _before: [
        one.strip() for one in re.split(r"[|,\s]+", form.get("needs", "")) if one.strip()
    ],
    "clauses": lambda form, _before: [
        *dict.fromkeys(one for one in re.split(r"[|,\s]+", form.get("clauses", "")) if one)
    ],
    "marks": lambda form, _before: form.get("marks", "").strip(),
    "say": _read_said,
    "ask": _read_asked,
    "know": _read_known,
    "when": lambda form, _before: _conditions(form, "when"),
    "next": _read_jumps,
    "options": _read_options,
}
