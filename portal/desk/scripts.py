"""The procedures as data: typed steps read from `portal/sop/*.toml`, checked before anybody sees them.

A script is the common opening, the steps of one situation and the common end. What a step asks, says and knows
stands in its file; what its kind guarantees stands in `portal/desk/kinds`. S2-0, S0-2.1b
"""

from __future__ import annotations

import hashlib
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from models.words import Channel, Situation

FOLDER = Path(__file__).resolve().parent.parent / "sop"
OPENING, CLOSING = "opening", "closing"
ANY = "any"
"""The words for every channel that has none of its own."""

FIELD_KINDS = frozenset(
    {"text", "long", "tick", "choice", "date", "slot", "email", "phone", "money", "number"}
)
PLACEHOLDERS = frozenset(
    {
        "daytime",
        "me",
        "company",
        "customer",
        "to_you",
        "order",
        "case",
        "contact",
        "total",
        "due",
        "statement",
    }
)
"""What a script's words may leave open; `portal/desk/kinds` fills them in."""

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "say": (),
        "ask": (),
        "customer": ("look", "choice"),
        "verify": ("facts",),
        "situation": ("situation",),
        "lines": ("look",),
        "delivery": ("method", "ship_name", "ship_address", "wanted_on", "note", "requests"),
        "cross_check": ("checked",),
        "check_answers": ("checked",),
        "read_back": ("agreed", "how"),
        "confirm_order": (),
        "payment": ("when", "method", "amount", "reference"),
        "statement": ("statement",),
        "restate": ("restated", "agreed", "reason"),
        "apology": ("apology", "reason"),
        "options": ("chosen", "reason"),
        "settle": ("settled", "code", "severity", "legal", "regulatory"),
        "need": ("need",),
        "answer": ("answer", "settled"),
        "summary": ("summary",),
        "close": ("outcome", "satisfied", "anything_else"),
    }
)
"""Every kind of step, with the answers it brings of its own that a condition may ask about."""


class BrokenScript(ValueError):
    """A script that cannot be walked: says in which file, at which step and why."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to ask."""

    name: str
    kind: str
    label: str
    hint: str = ""
    required: str = ""
    """What to say when it is missing; empty when it may be."""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Help:
    """Something the representative may need to know, with the clause it comes from."""

    words: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Met when an earlier answer is one of these."""

    step: str
    field: str
    among: frozenset[str]


@dataclass(frozen=True, slots=True)
class Step:
    """One decision of a contact, with an address of its own."""

    key: str
    name: str
    title: str
    kind: str
    say: Mapping[str, str] = field(default_factory=dict)
    ask: tuple[Field, ...] = ()
    know: tuple[Help, ...] = ()
    clauses: tuple[str, ...] = ()
    required: bool = True
    """Whether it has to be done; else it may be skipped with a reason."""
    when: tuple[Condition, ...] = ()
    needs: tuple[str, ...] = ()
    """Steps that come first, whatever the customer talks about."""
    marks: str = ""
    """`greeted` where finishing the step means that the customer was greeted. S0-3.1.1a"""
    button: str = "Continue"

    def words(self, channel: Channel) -> str:
        """Give what to say or write on this channel; empty when there is nothing to say."""
        return self.say.get(channel.value) or self.say.get(ANY, "")


@dataclass(frozen=True, slots=True)
class Script:
    """The steps of one situation from greeting to goodbye, in their order."""

    key: str
    title: str
    version: str
    steps: tuple[Step, ...]
    at: Mapping[str, int] = field(default_factory=dict)

    def step(self, key: str) -> Step | None:
        place = self.at.get(key)
        return None if place is None else self.steps[place]

    def of_kind(self, kind: str) -> Step | None:
        """Give the first step of a kind; None when the script has none."""
        return next((step for step in self.steps if step.kind == kind), None)

    def walked(self, answers: Mapping[str, Mapping[str, str]]) -> Iterator[Step]:
        """The steps that these answers lead through, in their order."""
        return (step for step in self.steps if all(_met(condition, answers) for condition in step.when))


def _met(condition: Condition, answers: Mapping[str, Mapping[str, str]]) -> bool:
    return answers.get(condition.step, {}).get(condition.field, "") in condition.among


@cache
def library(folder: Path = FOLDER) -> Mapping[str, Script]:
    """Read every script that ships with the product, by its key. Raises BrokenScript."""
    texts = {name: (folder / f"{name}.toml").read_bytes() for name in (OPENING, *Situation, CLOSING)}
    parts = {name: _read(name, text) for name, text in texts.items()}
    digest = hashlib.sha256(b"".join(texts.values())).hexdigest()[:8]
    opening, closing = parts[OPENING], parts[CLOSING]
    made = {
        key: _composed(
            key,
            f"{opening.version}+{digest}",
            opening.title if key == OPENING else parts[key].title,
            (*opening.steps, *(() if key == OPENING else parts[key].steps), *closing.steps),
        )
        for key in (OPENING, *(situation.value for situation in Situation))
    }
    return MappingProxyType(made)


def _composed(key: str, version: str, title: str, steps: tuple[Step, ...]) -> Script:
    """Put the parts together. Raises BrokenScript for what only the whole shows."""
    known: dict[str, Step] = {}
    for step in steps:
        where = f"{key}, step {step.key}"
        if step.key in known:
            raise BrokenScript(where, "there are two steps of this name")
        for needed in step.needs:
            if needed not in known and key != OPENING:
                raise BrokenScript(where, f"it needs the step {needed}, which does not come before it")
        for condition in step.when:
            asked = known.get(condition.step)
            if asked is None:
                raise BrokenScript(
                    where, f"its condition asks about {condition.step}, which does not come before it"
                )
            if condition.field not in {*KINDS[asked.kind], *(one.name for one in asked.ask)}:
                raise BrokenScript(
                    where, f"its condition asks for {condition.field}, which {condition.step} does not ask"
                )
        known[step.key] = step
    return Script(
        key, title, version, steps, MappingProxyType({step.key: at for at, step in enumerate(steps)})
    )


def _read(name: str, text: bytes) -> Script:
    where = f"{name}.toml"
    try:
        told = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenScript(where, str(error)) from error
    _only(where, told, {"title", "version", "steps"})
    steps = tuple(_step(where, one) for one in _list(where, told, "steps"))
    if not steps:
        raise BrokenScript(where, "it has no steps")
    return Script(
        name, _text(where, told, "title", needed=True), _text(where, told, "version", needed=True), steps
    )


def _step(file: str, told: dict[str, Any]) -> Step:
    key = _text(file, told, "key", needed=True)
    where = f"{file}, step {key}"
    _only(where, told, set(Step.__dataclass_fields__))
    kind = _text(where, told, "kind", needed=True)
    if kind not in KINDS:
        raise BrokenScript(where, f"there is no kind of step called {kind}")
    say = {channel: str(words) for channel, words in dict(told.get("say", {})).items()}
    for channel, words in say.items():
        if channel != ANY and channel not in set(map(str, Channel)):
            raise BrokenScript(where, f"there is no channel called {channel}")
        unknown = {name for _, name, _, _ in string.Formatter().parse(words) if name} - PLACEHOLDERS
        if unknown:
            raise BrokenScript(where, f"nobody fills in {{{min(unknown)}}}")
    return Step(
        key=key,
        name=_text(where, told, "name", needed=True),
        title=_text(where, told, "title", needed=True),
        kind=kind,
        say=MappingProxyType(say),
        ask=tuple(_field(where, one) for one in _list(where, told, "ask")),
        know=tuple(
            Help(_text(where, one, "words", needed=True), _text(where, one, "clause"))
            for one in _list(where, told, "know")
        ),
        clauses=tuple(map(str, told.get("clauses", ()))),
        required=bool(told.get("required", True)),
        when=tuple(
            Condition(
                _text(where, one, "step", needed=True),
                _text(where, one, "field", needed=True),
                frozenset(map(str, one.get("among", ()))),
            )
            for one in _list(where, told, "when")
        ),
        needs=tuple(map(str, told.get("needs", ()))),
        marks=_text(where, told, "marks"),
        button=_text(where, told, "button") or "Continue",
    )


def _field(where: str, told: dict[str, Any]) -> Field:
    name = _text(where, told, "name", needed=True)
    at = f"{where}, question {name}"
    _only(at, told, set(Field.__dataclass_fields__))
    kind = _text(at, told, "kind", needed=True)
    if kind not in FIELD_KINDS:
        raise BrokenScript(at, f"there is no kind of answer called {kind}")
    choices = tuple(
        Choice(
            _text(at, one, "value", needed=True), _text(at, one, "label", needed=True), _text(at, one, "hint")
        )
        for one in _list(at, told, "choices")
    )
    if (kind == "choice") != bool(choices):
        raise BrokenScript(at, "a choice needs choices, and nothing else has them")
    return Field(
        name,
        kind,
        _text(at, told, "label", needed=True),
        _text(at, told, "hint"),
        _text(at, told, "required"),
        choices,
    )


def _only(where: str, told: Mapping[str, Any], known: set[str]) -> None:
    strange = sorted(set(told) - known)
    if strange:
        raise BrokenScript(where, f"nothing is called {strange[0]} here")


def _text(where: str, told: Mapping[str, Any], name: str, *, needed: bool = False) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise BrokenScript(where, f"{name} has to be text")
    if needed and not value.strip():
        raise BrokenScript(where, f"{name} is missing")
    return value.strip()


def _list(where: str, told: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = told.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise BrokenScript(where, f"{name} has to be a list of tables")
    return value
