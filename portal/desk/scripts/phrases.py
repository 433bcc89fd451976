"""A script's document in words: its texts in one language, its conditions as a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal.desk.notices import LANGUAGES
from portal.desk.scripts.document import text_in
from portal.desk.scripts.kind_facts import KIND_FACTS

Told = Mapping[str, Any]
"""A document or a part of it, as it was read from a file or a row."""

ENGLISH = "en"
_VERBS = {"is": "is", "is_not": "is not", "at_least": "is at least", "at_most": "is at most"}


def parts(told: Told, name: str) -> list[Told]:
    """The tables under a name; nothing where it holds anything else."""
    value = told.get(name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, Sequence) else []


def steps_of(document: Told) -> list[Told]:
    """The steps of a document in their order."""
    return parts(document, "steps")


def key_of(step: Told) -> str:
    return str(step.get("key", ""))


def name_of(step: Told, language: str = ENGLISH) -> str:
    """What a step is called in a list of steps."""
    return text_in(step.get("name"), language) or key_of(step)


def title_of(document: Told, language: str = ENGLISH) -> str:
    """What a script is called."""
    return text_in(document.get("title"), language) or str(document.get("script", ""))


def clauses_of(document: Told) -> dict[str, list[str]]:
    """The keys of the steps that serve a clause, by clause."""
    found: dict[str, list[str]] = {}
    for step in steps_of(document):
        for clause in step.get("clauses", ()):
            found.setdefault(str(clause), []).append(key_of(step))
    return found


def question(step: Told, name: str) -> Told | None:
    """The desk's own question of this name; None when the step asks no such thing."""
    return next((one for one in parts(step, "ask") if one.get("name") == name), None)


def values_of(condition: Told) -> list[str]:
    """The values that a condition names; `among` is the older way to write them."""
    return [str(value) for value in condition.get("among") or condition.get("values") or ()]


def condition_in_words(condition: Told, known: Mapping[str, Told], language: str = ENGLISH) -> str:
    """One condition as a clause of a sentence: `“What broke?” is “The lid” or “The handle”`."""
    step = known.get(str(condition.get("step", "")), {})
    name, test = str(condition.get("field", "")), str(condition.get("test") or "is")
    asked = question(step, name)
    values = values_of(condition)
    label = _label(step, asked, name, language)
    if test == "given":
        return f"{label} is {'given' if values == ['yes'] else 'left open'}"
    told = " or ".join(_value_in_words(asked, value, language) for value in values)
    return f"{label} {_VERBS.get(test, test)} {told}"


def conditions_in_words(
    conditions: Sequence[Told], known: Mapping[str, Told], language: str = ENGLISH
) -> str:
    """All conditions of a step, which have to hold together."""
    return " and ".join(condition_in_words(one, known, language) for one in conditions)


def _label(step: Told, asked: Told | None, name: str, language: str) -> str:
    if asked is not None:
        return f"“{text_in(asked.get('label'), language).rstrip(':. ') or name}”"
    facts = KIND_FACTS.get(str(step.get("kind", "")))
    own = facts.labels.get(name, "") if facts else ""
    return own or (name_of(step, language) if name == key_of(step) else name.replace("_", " ").capitalize())


def _value_in_words(asked: Told | None, value: str, language: str) -> str:
    for choice in parts(asked or {}, "choices"):
        if choice.get("value") == value:
            return f"“{text_in(choice.get('label'), language)}”"
    return value.replace("_", " ")


def texts(document: Told) -> Iterator[tuple[str, str, object]]:
    """Every text of a document as (step, field, text), with the field named as the editor names it."""
    yield "", "title", document.get("title")
    for step in steps_of(document):
        for field, told in step_texts(step):
            yield key_of(step), field, told


def step_texts(step: Told) -> Iterator[tuple[str, object]]:
    """Every text of a step but what it says."""
    yield from _there(step, "", "name", "title", "button")
    for asked in parts(step, "ask"):
        where = f"ask.{asked.get('name', '')}."
        yield from _there(asked, where, "label", "hint", "required")
        for choice in parts(asked, "choices"):
            yield from _there(choice, f"{where}choices.{choice.get('value', '')}.", "label", "hint")
    for at, known in enumerate(parts(step, "know"), start=1):
        yield from _there(known, f"know.{at}.", "words")
    yield from _settings(step.get("options"), "options")


def _settings(told: object, place: str) -> Iterator[tuple[str, object]]:
    """The texts among the settings of a kind: every table by language, named by the keys on the way to it."""
    if isinstance(told, Mapping) and told and set(told) <= set(LANGUAGES):
        yield place, told
    elif isinstance(told, Mapping):
        for name, one in told.items():
            yield from _settings(one, f"{place}.{name}")
    elif isinstance(told, list | tuple):
        for at, one in enumerate(told, start=1):
            called = one.get("key") or one.get("value") if isinstance(one, Mapping) else None
            yield from _settings(one, f"{place}.{called or at}")


def _there(told: Told, where: str, *names: str) -> Iterator[tuple[str, object]]:
    return ((f"{where}{name}", told[name]) for name in names if told.get(name))
