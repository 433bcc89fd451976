"""Whether a document can be walked at all: its shape, its conditions and its jumps, refused in words with their place."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from models.words import Channel
from portal.desk.notices import LANGUAGES
from portal.desk.saving import UNSTORABLE
from portal.desk.scripts.steps import (
    ANY,
    DAYTIMES,
    END,
    FIELD_KINDS,
    SCRIPTS,
    STEP_KINDS,
    TESTS,
    WITH_CHOICES,
    BrokenScript,
    comparable,
)

LARGEST = 512 * 1024
"""Bytes of a document as JSON."""
MOST_STEPS = 200
MOST_ASKED = 60
"""Questions of one step."""
MOST_CHOICES = 200
DEEPEST = 12
LONGEST_KEY = 60
LARGEST_NUMBER = 2**53
"""Beyond it not every reader of JSON counts right."""
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
SAID = frozenset(
    {ANY, *DAYTIMES, *map(str, Channel), *(f"{one.value}-{day}" for one in Channel for day in DAYTIMES)}
)
"""What words to say may be keyed by."""

Told = Mapping[str, Any]
Path = tuple[str | int, ...]

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
    _storable(told, where)
    at = _At(where)
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
        inner = _At(where, ("steps", place), key if isinstance(key, str) else f"number {place + 1}")
        key = inner.key(one, "key")
        if key in places:
            inner.refuse("there are two steps of this name")
        places[key] = place
    asked: dict[str, set[str]] = {}
    for place, one in enumerate(steps):
        inner = _At(where, ("steps", place), one["key"])
        asked[one["key"]] = _check_step(inner, one)
    for place, one in enumerate(steps):
        _check_ways(_At(where, ("steps", place), one["key"]), place, steps, _Known(steps, places, asked))
    return script


@dataclass(frozen=True)
class _Known:
    """The steps of the document, where each stands and what each asks."""

    steps: Sequence[Told]
    places: Mapping[str, int]
    asked: Mapping[str, set[str]]


def _check_step(at: _At, told: Told) -> set[str]:
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


def _check_said(at: _At, told: object) -> None:
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


def _check_words_for(at: _At, channel: str, text: object) -> None:
    if channel not in SAID:
        at.refuse(f"there is no channel or time of day called {channel}")
    if not isinstance(text, str):
        at.refuse("what to say has to be text")


def _check_field(at: _At, told: Told) -> str:
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


def _check_ways(at: _At, place: int, steps: Sequence[Told], known: _Known) -> None:
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


def _check_conditions(at: _At, owner: Told, place: int, known: _Known, *, own: bool = False) -> None:
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


def _check_condition(at: _At, told: Told) -> tuple[str, str]:
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


@dataclass(frozen=True)
class _At:
    """A place within a document: reads what stands there, and says where it is when it has to refuse."""

    where: str
    path: Path = ()
    step: str = ""

    def under(self, *more: str | int) -> _At:
        return _At(self.where, (*self.path, *more), self.step)

    def called(self, what: str) -> _At:
        return _At(self.where, self.path, f"{self.step}, {what}")

    def refuse(self, why: str) -> NoReturn:
        raise BrokenScript(self.where, why, step=self.step[:300], path=self.path)

    def only(self, told: Told, known: frozenset[str] | set[str]) -> None:
        strange = sorted(set(told) - known)
        if strange:
            self.under(strange[0]).refuse(f"nothing is called {strange[0][:LONGEST_KEY]} here")

    def text(self, told: Told, name: str, *, needed: bool = False) -> str:
        value = told.get(name, "")
        if not isinstance(value, str):
            self.under(name).refuse(f"{name} has to be text")
        if needed and not value.strip():
            self.under(name).refuse(f"{name} is missing")
        return str(value).strip()

    def key(self, told: Told, name: str) -> str:
        value = self.text(told, name, needed=True)
        if value != told[name] or not NAME.match(value) or len(value) > LONGEST_KEY:
            self.under(name).refuse(
                f"{name} has to begin with a letter, then letters, digits, - and _, at most {LONGEST_KEY}"
            )
        return value

    def words(self, told: Told, name: str, *, needed: bool = False) -> None:
        """A text for people: plain, or a table by language."""
        value = told.get(name, "")
        here = self.under(name)
        if isinstance(value, Mapping):
            for language, text in value.items():
                if language not in LANGUAGES:
                    here.refuse(f"{name} is in {language}; the desk speaks {', '.join(LANGUAGES)}")
                if not isinstance(text, str):
                    here.under(language).refuse(f"{name} has to be text")
        elif not isinstance(value, str):
            here.refuse(f"{name} has to be text, or a table by language")
        if needed and not text_in(value, LANGUAGES[0]):
            here.refuse(f"{name} is missing")

    def truth(self, told: Told, name: str) -> None:
        if not isinstance(told.get(name, True), bool):
            self.under(name).refuse(f"{name} has to be true or false")

    def texts(self, told: Told, name: str) -> list[str]:
        value = told.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.under(name).refuse(f"{name} has to be a list of texts")
        if len(value) > MOST_CHOICES:
            self.under(name).refuse(f"{name} has more than {MOST_CHOICES} entries")
        return list(value)

    def table(self, told: Told, name: str) -> None:
        if not isinstance(told.get(name, {}), Mapping):
            self.under(name).refuse(f"{name} has to be a table")

    def tables(self, told: Told, name: str, most: int) -> list[Told]:
        value = told.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
            self.under(name).refuse(f"{name} has to be a list of tables")
        if len(value) > most:
            self.under(name).refuse(f"{name} has {len(value)} entries; at most {most} can be walked")
        return list(value)


def _storable(told: object, where: str) -> None:
    """Refuse what cannot be kept as JSON on every database, and what is too large, before looking any further."""
    size = 0
    waiting: list[tuple[object, Path]] = [(told, ())]
    while waiting:
        one, path = waiting.pop()
        at = _At(where, path[:6])
        if len(path) > DEEPEST:
            at.refuse("it is nested too deeply")
        if isinstance(one, Mapping):
            size += 2
            for key, value in one.items():
                if not isinstance(key, str) or UNSTORABLE.search(key):
                    at.refuse("every name has to be text that can be stored")
                size += len(key.encode()) + 4
                waiting.append((value, (*path, key)))
        elif isinstance(one, list):
            size += 2 + 2 * len(one)
            waiting.extend((value, (*path, place)) for place, value in enumerate(one))
        else:
            size += _size(at, one)
        if size > LARGEST:
            raise BrokenScript(where, f"it is larger than {LARGEST // 1024} KiB")


def _size(at: _At, one: object) -> int:
    if isinstance(one, str):
        if UNSTORABLE.search(one):
            at.refuse("it holds a sign that cannot be stored")
        return len(one.encode()) + 2
    if isinstance(one, bool):
        return 5
    if isinstance(one, int):
        if abs(one) > LARGEST_NUMBER:
            at.refuse("a number is too large")
        return 12
    if not isinstance(one, float):
        at.refuse(f"a {type(one).__name__} cannot be kept here; write it as text in quotes")
    if not math.isfinite(one):
        at.refuse("a number has to be one that can be counted with, not inf or nan")
    return 20


def text_in(told: object, language: str) -> str:
    """A text in a language, else in the first language that it has; plain text is the same in all."""
    if isinstance(told, str):
        return told.strip()
    if not isinstance(told, Mapping):
        return ""
    for one in (language, *LANGUAGES):
        if words := str(told.get(one, "")).strip():
            return words
    return ""
