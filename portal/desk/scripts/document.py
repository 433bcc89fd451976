"""One script as it is written: a document of typed steps, its texts by language, checked before anybody walks it.

The same shape is a TOML file of `portal/sop`, the JSON of a version and what the editor sends. `read` accepts a
document or says in words where it is broken; it never raises anything but BrokenScript.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from portal.desk.notices import LANGUAGES
from portal.desk.scripts.checking import check
from portal.desk.scripts.places import DEEPEST, LARGEST, MOST_STEPS, Told, text_in
from portal.desk.scripts.steps import (
    ANY,
    DIFFICULT,
    Choice,
    Condition,
    Field,
    Help,
    Next,
    Step,
)

__all__ = ["DEEPEST", "LARGEST", "MOST_STEPS", "Document", "Told", "options_in", "read", "said_in", "text_in"]

CONTINUE = {"en": "Continue", "de": "Weiter"}


@dataclass(frozen=True)
class Document:
    """A script that can be walked, in every language it is written in. Never changed once it was read."""

    script: str
    told: Told
    """As it was written."""
    version_id: int = 0

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Its steps in the first language that each text has."""
        return self.in_language(LANGUAGES[0])

    @cached_property
    def _made(self) -> dict[tuple[str, str], tuple[Step, ...]]:
        return {}

    @property
    def pack(self) -> str:
        """The version that the file of the product names; empty for what the desk wrote itself."""
        return str(self.told.get("version", ""))

    def title(self, language: str) -> str:
        return text_in(self.told.get("title", ""), language)

    def in_language(self, language: str, said_in: str = "") -> tuple[Step, ...]:
        """Give its steps in a language, with what is to be said in another one. Made once, then kept."""
        wanted = (language, said_in or language)
        if wanted not in self._made:
            self._made[wanted] = tuple(
                _step(one, self.script, self.version_id, *wanted) for one in self.told["steps"]
            )
        return self._made[wanted]


def read(told: Any, where: str) -> Document:
    """Check a document. Raises BrokenScript with the step and the reason, and nothing else whatever it is given."""
    script = check(told, where)
    return Document(script, {**told, "script": script})


def options_in(told: Any, language: str) -> Any:
    """What a kind is told, every text by language in this one: a tree's questions, the words of a guide."""
    if isinstance(told, Mapping):
        if told and set(told) <= set(LANGUAGES):
            return text_in(told, language)
        return MappingProxyType({name: options_in(one, language) for name, one in told.items()})
    if isinstance(told, list):
        return tuple(options_in(one, language) for one in told)
    return told


def said_in(told: Told, language: str) -> Mapping[str, str]:
    """What is to be said by channel and time of day, in a language or the first one it is written in."""
    if not set(told) <= set(LANGUAGES):
        return MappingProxyType({key: str(words).strip() for key, words in told.items()})
    for one in (language, *LANGUAGES):
        if words := told.get(one):
            said = {ANY: words} if isinstance(words, str) else words
            return MappingProxyType({key: str(text).strip() for key, text in said.items()})
    return MappingProxyType({})


def _step(told: Told, script: str, version_id: int, language: str, spoken: str) -> Step:
    return Step(
        key=told["key"],
        name=text_in(told["name"], language),
        title=text_in(told["title"], language),
        kind=told["kind"].strip(),
        say=said_in(told.get("say", {}), spoken),
        ask=tuple(_field(one, language) for one in told.get("ask", ())),
        know=tuple(
            Help(
                text_in(one["words"], language),
                one.get("clause", "").strip(),
                one.get("article", "").strip(),
            )
            for one in told.get("know", ())
        ),
        clauses=tuple(told.get("clauses", ())),
        required=told.get("required", True),
        when=_conditions(told),
        next=tuple(Next(one["to"].strip(), _conditions(one)) for one in told.get("next", ())),
        needs=tuple(told.get("needs", ())),
        marks=told.get("marks", "").strip(),
        button=text_in(told.get("button", ""), language) or CONTINUE.get(language, CONTINUE["en"]),
        options=options_in(told.get("options", {}), language),
        script=script,
        version_id=version_id,
        aside=script == DIFFICULT,
    )


def _field(told: Told, language: str) -> Field:
    return Field(
        name=told["name"],
        kind=told["kind"].strip(),
        label=text_in(told["label"], language),
        hint=text_in(told.get("hint", ""), language),
        required=text_in(told.get("required", ""), language),
        choices=tuple(
            Choice(
                one["value"].strip(), text_in(one["label"], language), text_in(one.get("hint", ""), language)
            )
            for one in told.get("choices", ())
        ),
        options=options_in(told.get("options", {}), language),
        when=_conditions(told),
    )


def _conditions(told: Told) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            step=one["step"].strip(),
            field=one["field"].strip(),
            values=tuple(one.get("among") or one.get("values", ())),
            test=one.get("test", "").strip() or "is",
        )
        for one in told.get("when", ())
    )
