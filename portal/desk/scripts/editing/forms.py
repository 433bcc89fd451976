"""A step as the fields of a form, and where such a form has what is said about it. Pure: nothing read or written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portal.desk.notices import LANGUAGES
from portal.desk.scripts import text
from portal.desk.scripts.document import Told
from portal.desk.scripts.editing import settings
from portal.desk.scripts.editing.rows import BETWEEN, ROWS, Form, rows_of, text_form
from portal.desk.scripts.phrases import key_of, parts, values_of
from portal.desk.scripts.steps import ANY

TEXTS = ("name", "title", "button")
ASKED_TEXTS = ("label", "hint", "required")


def form_of(step: Told) -> Form:
    """The fields of a form that edits this step."""
    form = {
        "key": key_of(step),
        "kind": str(step.get("kind", "")),
        "required": "yes" if step.get("required", True) else "",
        "marks": str(step.get("marks", "")),
        "needs": BETWEEN.join(map(str, step.get("needs", ()))),
        "clauses": BETWEEN.join(map(str, step.get("clauses", ()))),
    }
    for name in TEXTS:
        form |= text_form(name, step.get(name))
    for number, (when, words) in enumerate(_said(step).items()):
        form[f"say-{number}-when"] = when
        form |= {f"say-{number}-{language}": words.get(language, "") for language in LANGUAGES}
    for number, asked in enumerate(parts(step, "ask")):
        form |= {f"ask-{number}-{name}": value for name, value in asked_form(asked).items()}
    for number, told in enumerate(parts(step, "know")):
        form |= text_form(f"know-{number}-words", told.get("words"))
        form |= {f"know-{number}-{name}": str(told.get(name, "")) for name in ("clause", "article")}
    form |= _conditions_form("when", step)
    for number, jump in enumerate(parts(step, "next")):
        form[f"next-{number}-to"] = str(jump.get("to", ""))
        form |= _conditions_form(f"next-{number}-when", jump)
    rows, left = settings.as_rows(_table(step.get("options")), len(form))
    return form | {"options": text.dump(left).strip() if left else "", **rows}


def conditions_of(form: Mapping[str, str], prefix: str) -> list[tuple[int, str, str, str]]:
    """The conditions of a group of fields as they are typed: (number, `step.field`, test, values)."""
    found = []
    for number in rows_of(form, prefix):
        at = f"{prefix}-{number}-"
        asked = form.get(f"{at}field", "")
        where = form.get(f"{at}step", "") + (f".{asked}" if asked else "")
        found.append((number, where, form.get(f"{at}test", "") or "is", form.get(f"{at}values", "")))
    return found


def errors_of(told: Mapping[str, str], key: str, form: Mapping[str, str]) -> Form:
    """Refusals by the fields of the form: `statement.ask.0.label` is `ask-0-label-en` there.

    A document counts its rows from 0; a form may have lost some in between.
    """
    found = {}
    for place, words in told.items():
        names = place.removeprefix(f"{key}.").split(".")
        rows = rows_of(form, names[0])
        if len(names) > 1 and names[1].isdigit() and int(names[1]) < len(rows):
            names[1] = str(rows[int(names[1])])
        name = "-".join(names)
        found[f"{name}-{LANGUAGES[0]}" if names[-1] in {*TEXTS, *ASKED_TEXTS, "words"} else name] = words
    return found


def anchor_of(step: Told, field: str) -> str:
    """The field of the form that a finding speaks of: `ask.noise.label` is `ask-1-label-de` where that is empty."""
    form = form_of(step)
    names = field.split(".")
    names[-1:] = [] if names[-1] in LANGUAGES else names[-1:]
    language = field.rpartition(".")[2] if field.rpartition(".")[2] in LANGUAGES else ""
    if names[0] == "say":
        said = {f"say-{number}": form.get(f"say-{number}-when", "") for number in rows_of(form, "say")}
        language = next((one for one in names if one in LANGUAGES), language)
        names = [next((row for row, when in said.items() if when in names[1:]), "say-0")]
    elif names[0] == "ask" and len(names) > 1:
        known = [str(one.get("name")) for one in parts(step, "ask")]
        names[1] = str(known.index(names[1])) if names[1] in known else "0"
        names = names[:3]
    elif names[0] == "know" and len(names) > 1 and names[1].isdigit():
        names[1] = str(int(names[1]) - 1)
    elif names[0] == "options":
        found = settings.place_of(_table(step.get("options")), names[1:])
        names = found if found and rows_of(form, found[0]) else ["options"]
    name = "-".join(names)
    by_language = [f"{name}-{one}" for one in LANGUAGES if f"{name}-{one}" in form]
    if not by_language:
        return name if name in form else names[0] if names[0] in ROWS else ""
    return (
        f"{name}-{language}"
        if language
        else next((one for one in by_language if not form[one]), by_language[0])
    )


def _said(step: Told) -> dict[str, dict[str, str]]:
    """What is said: {when: {language: words}}."""
    told = step.get("say") or {}
    by_language = told if set(told) <= set(LANGUAGES) else dict.fromkeys(LANGUAGES, told)
    found: dict[str, dict[str, str]] = {}
    for language, words in by_language.items():
        for when, one in ({ANY: words} if isinstance(words, str) else words).items():
            found.setdefault(when, {})[language] = str(one)
    return found


def asked_form(asked: Told) -> Form:
    form = {"name": str(asked.get("name", "")), "kind": str(asked.get("kind", ""))}
    for name in ASKED_TEXTS:
        form |= text_form(name, asked.get(name))
    lines = [
        BETWEEN.join([str(one.get("value", "")), *text_form("label", one.get("label")).values()])
        for one in parts(asked, "choices")
    ]
    form["choices"] = "\n".join(lines)
    for name, value in _table(asked.get("options")).items():
        if isinstance(value, Mapping):
            form |= text_form(f"option-{name}", value)
        else:
            several = isinstance(value, Sequence) and not isinstance(value, str)
            form[f"option-{name}"] = BETWEEN.join(map(str, value)) if several else str(value)
    return form | _conditions_form("when", asked)


def _conditions_form(prefix: str, told: Told) -> Form:
    form: Form = {}
    for number, one in enumerate(parts(told, "when")):
        form |= {
            f"{prefix}-{number}-step": f"{one.get('step', '')}.{one.get('field', '')}",
            f"{prefix}-{number}-test": str(one.get("test") or "is"),
            f"{prefix}-{number}-values": BETWEEN.join(values_of(one)),
        }
    return form


def _table(told: object) -> Told:
    return told if isinstance(told, Mapping) else {}
