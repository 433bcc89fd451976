"""Whether a document can be walked at all: its shape, its conditions and its jumps, refused in words with their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.words import Channel
from portal.desk.fields import problems_of_options
from portal.desk.notices import LANGUAGES
from portal.desk.scripts.places import (
    LONGEST_KEY,
    MOST_ASKED,
    MOST_CHOICES,
    MOST_STEPS,
    Place,
    Told,
    refuse_unstorable,
)
from portal.desk.scripts.steps import (
    ANY,
    DAYTIMES,
    END,
    FIELD_KINDS,
    SCRIPTS,
    STEP_KINDS,
    TESTS,
    WITH_CHOICES,
    comparable,
)

RESERVED = frozenset(
    {
        "abandonment",
        "cues",
        "details",
        "difficult",
        "draft",
        "files",
        "help",
        "kept",
        "language",
        "moving",
        "notes",
        "parts",
        "take-over",
    }
)
"""Addresses beside those of the steps, and what is kept beside their answers."""
SAID = (
    ANY,
    *DAYTIMES,
    *map(str, Channel),
    *(f"{one.value}-{day}" for one in Channel for day in DAYTIMES),
)
"""What words to say may be keyed by, in the order in which it is offered."""
_SCRIPT = frozenset({"script", "title", "version", "steps"})
_STEP = frozenset(
    {
        "key",
        "name",
        "title",
        "kind",
        "say",
        "ask",
        "know",
        "clauses",
        "required",
        "when",
        "next",
        "needs",
        "marks",
        "button",
        "options",
    }
)
_FIELD = frozenset({"name", "kind", "label", "hint", "required", "choices", "options", "when"})


def check(told: object, where: str) -> str:
    """Check a document; return the key of its script. Raises BrokenScript with the step and the reason, nothing else."""
    refuse_unstorable(told, where)
    at = Place(where)
    if not isinstance(told, Mapping):
        at.refuse("a script has to be a table")
    at.only(told, _SCRIPT)
    script = at.text(told, "script") or where.rsplit("/", 1)[-1].removesuffix(".toml")
    if script not in SCRIPTS:
        at.under("script").refuse(f"there is no script called {script}; there are {', '.join(SCRIPTS)}")
    at.words(told, "title", needed=True)
    at.text(told, "version")
    steps = at.tables(told, "steps", MOST_STEPS)
    if not steps:
        at.refuse("it has no steps")
    places: dict[str, int] = {}
    for place, one in enumerate(steps):
        key = one.get("key")
        inner = Place(where, ("steps", place), key if isinstance(key, str) else f"number {place + 1}")
        key = inner.key(one, "key")
        if key in RESERVED:
            inner.under("key").refuse(f"{key} is a word of the wizard itself; call the step otherwise")
        if key in places:
            inner.refuse("there are two steps of this name")
        places[key] = place
    asked: dict[str, set[str]] = {}
    for place, one in enumerate(steps):
        inner = Place(where, ("steps", place), one["key"])
        asked[one["key"]] = _check_step(inner, one)
    for place, one in enumerate(steps):
        _check_ways(Place(where, ("steps", place), one["key"]), place, steps, _Known(steps, places, asked))
    return script


@dataclass(frozen=True)
class _Known:
    """The steps of the document, where each stands and what each asks."""

    steps: Sequence[Told]
    places: Mapping[str, int]
    asked: Mapping[str, set[str]]


def _check_step(at: Place, told: Told) -> set[str]:
    """Check what a step is by itself; give the names of its answers."""
    at.only(told, _STEP)
    kind = at.text(told, "kind", needed=True)
    if kind not in STEP_KINDS:
        at.under("kind").refuse(f"there is no kind of step called {kind}")
    for name in ("name", "title"):
        at.words(told, name, needed=True)
    at.words(told, "button")
    at.text(told, "marks")
    at.truth(told, "required")
    for name in ("clauses", "needs"):
        at.texts(told, name)
    _check_said(at, told.get("say", {}))
    for place, one in enumerate(at.tables(told, "know", MOST_ASKED)):
        inner = at.under("know", place)
        inner.only(one, {"words", "clause", "article"})
        inner.words(one, "words", needed=True)
        inner.text(one, "clause")
        inner.text(one, "article")
    at.table(told, "options")
    names: set[str] = set()
    for place, one in enumerate(at.tables(told, "ask", MOST_ASKED)):
        name = _check_field(at.under("ask", place), one)
        if name in names:
            at.under("ask", place).refuse(f"there are two questions called {name}")
        names.add(name)
    return names | set(STEP_KINDS[kind])


def _check_said(at: Place, told: object) -> None:
    inner = at.under("say")
    if not isinstance(told, Mapping):
        inner.refuse("say has to be a table by language, then by channel or time of day")
    for key, words in told.items():
        if key in LANGUAGES:
            if isinstance(words, str):
                continue
            if not isinstance(words, Mapping):
                inner.under(key).refuse("what to say has to be text, or a table by channel or time of day")
            for channel, text in words.items():
                _check_words_for(inner.under(key, channel), channel, text)
        else:
            _check_words_for(inner.under(key), key, words)
    spoken = set(told) & set(LANGUAGES)
    if spoken and spoken != set(told):
        inner.refuse("say mixes languages with channels; put each channel under its language")


def _check_words_for(at: Place, channel: str, text: object) -> None:
    if channel not in SAID:
        at.refuse(f"there is no channel or time of day called {channel}")
    if not isinstance(text, str):
        at.refuse("what to say has to be text")


def _check_field(at: Place, told: Told) -> str:
    name = at.key(told, "name")
    at = at.called(f"question {name}")
    at.only(told, _FIELD)
    kind = at.text(told, "kind", needed=True)
    if kind not in FIELD_KINDS:
        at.under("kind").refuse(f"there is no kind of answer called {kind}")
    at.words(told, "label", needed=True)
    at.words(told, "hint")
    at.words(told, "required")
    at.table(told, "options")
    choices = at.tables(told, "choices", MOST_CHOICES)
    if (kind in WITH_CHOICES) != bool(choices):
        at.refuse("a choice needs choices, and nothing else has them")
    for words in problems_of_options(kind, told.get("options", {})):
        at.under("options").refuse(words)
    values: set[str] = set()
    for place, one in enumerate(choices):
        inner = at.under("choices", place)
        inner.only(one, {"value", "label", "hint"})
        value = inner.text(one, "value", needed=True)
        inner.words(one, "label", needed=True)
        inner.words(one, "hint")
        if value in values or "\n" in value:
            inner.refuse(f"the answer {value} is there twice or has more than one line")
        values.add(value)
    return name


def _check_ways(at: Place, place: int, steps: Sequence[Told], known: _Known) -> None:
    """Check every condition and jump of a step: conditions look back, jumps lead forward."""
    told = steps[place]
    _check_conditions(at, told, place, known)
    for number, one in enumerate(told.get("ask", ())):
        _check_conditions(at.under("ask", number).called(f"question {one['name']}"), one, place, known)
    for number, one in enumerate(at.tables(told, "next", MOST_ASKED)):
        inner = at.under("next", number)
        inner.only(one, {"to", "when"})
        to = inner.text(one, "to", needed=True)
        if to != END and to not in known.places:
            inner.refuse(f"it leads to {to}, which is no step of this script")
        if to != END and known.places[to] <= place:
            inner.refuse(f"it leads back to {to}: a loop; a jump leads forward only")
        _check_conditions(inner, one, place, known, own=True)
    for number, needed in enumerate(told.get("needs", ())):
        if known.places.get(needed, -1) >= place:
            at.under("needs", number).refuse(f"it needs the step {needed}, which does not come before it")


def _check_conditions(at: Place, owner: Told, place: int, known: _Known, *, own: bool = False) -> None:
    """Check what a step, a question or a jump depends on; a jump may ask about its own step."""
    for number, one in enumerate(at.tables(owner, "when", MOST_ASKED)):
        here = at.under("when", number)
        step, name = _check_condition(here, one)
        there = known.places.get(step, -1)  # -1: a step of the opening, which comes before all of these
        if there > place and (circle := _circle(known, place, step)):
            here.refuse(f"its conditions go round in a circle: {circle}")
        if there > place or (there == place and not own):
            here.refuse(f"its condition asks about {step}, which does not come before it")
        if step in known.asked and name not in known.asked[step]:
            here.refuse(f"its condition asks for {name}, which {step} does not ask")


def _check_condition(at: Place, told: Told) -> tuple[str, str]:
    at.only(told, {"step", "field", "test", "values", "among"})
    step, name = at.text(told, "step", needed=True), at.text(told, "field", needed=True)
    test = at.text(told, "test") or "is"
    if test not in TESTS:
        at.under("test").refuse(f"there is no test called {test}; there are {', '.join(TESTS)}")
    values = at.texts(told, "among" if "among" in told else "values")
    if "among" in told and ("values" in told or "test" in told):
        at.refuse("say among, or test and values, not both")
    if test in {"is", "is_not"}:
        if not values:
            at.refuse("a condition needs at least one value")
    elif len(values) != 1:
        at.refuse(f"{test} needs exactly one value")
    elif test == "given" and values[0] not in {"yes", "no"}:
        at.refuse("given needs the value yes or no")
    elif test in {"at_least", "at_most"} and comparable(values[0]) is None:
        at.refuse(f"{test} needs a number or a day such as 2026-03-14, not {values[0][:LONGEST_KEY]}")
    return step, name


def _circle(known: _Known, place: int, other: str) -> str:
    """How the conditions of these two lead back to the first: `a asks about b, b asks about a`; empty if not."""
    steps, places, key = known.steps, known.places, known.steps[place]["key"]
    seen: dict[str, str] = {other: key}
    waiting = [other]
    while waiting:
        at = waiting.pop()
        for one in _asks_about(steps[places[at]]):
            if one == key:
                way = [at]
                while way[-1] != key:
                    way.append(seen[way[-1]])
                way.reverse()
                return ", ".join(f"{a} asks about {b}" for a, b in zip(way, [*way[1:], key], strict=True))
            if one in places and one not in seen:
                seen[one] = at
                waiting.append(one)
    return ""


def _asks_about(told: Told) -> list[str]:
    found = told.get("when")
    conditions = found if isinstance(found, list) else []
    return [str(one.get("step", "")) for one in conditions if isinstance(one, Mapping)]
