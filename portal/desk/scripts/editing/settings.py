"""Trees and guide questions as rows of the form and back. What no field could show stays text among the settings. Pure.

An answer of a tree names the row it leads to, `#3`, so that no name has to be thought of before it can be pointed at,
and a question that is called otherwise is still found; `=solved` is an end that has no words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.desk import trees
from portal.desk.errors import NotAccepted
from portal.desk.notices import LANGUAGES
from portal.desk.scripts.document import Told
from portal.desk.scripts.editing.rows import (
    BETWEEN,
    MOST_FIELDS,
    Form,
    name_from,
    rows_of,
    text_form,
    text_of,
)
from portal.desk.scripts.phrases import parts
from portal.desk.scripts.places import LONGEST_KEY, MOST_ASKED, NAME
from portal.desk.scripts.ways import ENDED

ROW, END = "#", "="
"""Before the number of a row, and before an end that has none."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of tables among the settings of a kind, as the form shows it."""

    name: str
    called: str
    """What one of them is called where it has no words to be named after."""
    texts: tuple[str, ...]
    """By language; the first one names it."""
    key: str = ""
    lines: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    inner: tuple[Rows, ...] = ()

    @property
    def plain(self) -> tuple[str, ...]:
        return (*filter(None, (self.key,)), *self.lines)


SETTINGS = (
    Rows(
        "questions",
        "question",
        ("words",),
        "key",
        inner=(Rows("answers", "answer", ("label",), "value", ("severity",)),),
    ),
    Rows(
        "trees",
        "tree",
        ("name",),
        "key",
        ("start",),
        ("products", "categories"),
        (
            Rows(
                "nodes",
                "question",
                ("ask", "solution", "help"),
                "key",
                ("end",),
                inner=(Rows("answers", "answer", ("label",), lines=("to",)),),
            ),
        ),
    ),
)


def as_rows(options: Told, beside: int) -> tuple[Form, dict[str, Any]]:
    """The rows of a form that these settings fill, `beside` so many other fields, and the settings that remain text."""
    form: Form = {}
    left = dict(options)
    for rows in SETTINGS:
        told = options.get(rows.name)
        if told and _fits(rows, told):
            made = _form(rows, rows.name, told)
            if beside + len(form) + len(made) <= MOST_FIELDS:
                form |= made
                del left[rows.name]
    return form, left


def from_rows(form: Mapping[str, str], before: Told) -> dict[str, Any]:
    """The settings that the rows of a form describe. Raises NotAccepted with a message per field."""
    reading = _Reading(form)
    told = {rows.name: reading.tables(rows, rows.name, before) for rows in SETTINGS}
    if reading.wrong:
        raise NotAccepted.of(reading.wrong)
    return {name: made for name, made in told.items() if made}


def leads(form: Mapping[str, str], tree: str, language: str) -> list[tuple[str, str]]:
    """Where an answer of a tree may lead: (value, words). Its questions and ends, and ends without words of their own."""
    found, ends = [], set()
    for place, number in enumerate(rows_of(form, f"{tree}-nodes"), 1):
        at = f"{tree}-nodes-{number}-"
        end, asked = form.get(f"{at}end", "").strip(), text_of(form, f"{at}ask")
        words = asked.get(language) or next(iter(asked.values()), "…")
        ends.add(end)
        found.append((f"{ROW}{number}", f"{place}. {f'{ENDED.get(end, end)}: ' if end else ''}{words}"))
    return [*found, *((f"{END}{one}", ENDED[one]) for one in trees.ENDS if one not in ends)]


def place_of(options: Told, names: list[str]) -> list[str]:
    """Where the form has what a finding names by keys: `trees.stove.nodes.gas.ask` is `trees-0-nodes-2-ask`."""
    told: Any = options
    found = []
    for name in names:
        if isinstance(told, list):
            called = [
                str((one.get("key") or one.get("value") if isinstance(one, Mapping) else "") or place)
                for place, one in enumerate(told, 1)
            ]
            at: str | int = called.index(name) if name in called else 0
            told = told[int(at)] if told else None
        else:
            at = name
            told = told.get(name) if isinstance(told, Mapping) else None
        found.append(str(at))
    return found


def _fits(rows: Rows, told: object) -> bool:
    """Whether the form has a field for everything that stands here."""
    if not isinstance(told, list) or len(told) > MOST_ASKED:
        return False
    known = {*rows.texts, *rows.plain, *rows.lists, *(one.name for one in rows.inner)}
    return all(
        isinstance(one, Mapping)
        and set(one) <= known
        and all(_is_text(one.get(name, "")) for name in rows.texts)
        and all(isinstance(one.get(name, ""), str) for name in rows.plain)
        and all(_is_line(one.get(name, [])) for name in rows.lists)
        and all(_fits(inner, one.get(inner.name, [])) for inner in rows.inner)
        for one in told
    )


def _is_text(told: object) -> bool:
    if isinstance(told, Mapping):
        return set(told) <= set(LANGUAGES) and all(isinstance(words, str) for words in told.values())
    return isinstance(told, str)


def _is_line(told: object) -> bool:
    return isinstance(told, list) and all(isinstance(one, str) and "|" not in one for one in told)


def _form(rows: Rows, prefix: str, told: list[Told]) -> Form:
    form: Form = {}
    for number, one in enumerate(told):
        at = f"{prefix}-{number}-"
        for name in rows.texts:
            form |= text_form(f"{at}{name}", one.get(name))
        form |= {f"{at}{name}": one.get(name, "") for name in rows.plain}
        form |= {f"{at}{name}": BETWEEN.join(one.get(name, ())) for name in rows.lists}
        for inner in rows.inner:
            form |= _form(inner, f"{at}{inner.name}", one.get(inner.name, []))
        if rows.name == "trees":
            form |= _pointed(form, at, [str(node.get("key", "")) for node in parts(one, "nodes")])
    return form


def _pointed(form: Mapping[str, str], tree: str, keys: list[str]) -> Form:
    """The fields of a tree that lead to one of its questions, by its row."""
    return {
        name: f"{ROW}{keys.index(key)}"
        for name, key in form.items()
        if name.startswith(tree) and name.endswith(("-to", "-start")) and key and key in keys
    }


@dataclass
class _Reading:
    """One form that is read, with what is wrong with it."""

    form: Mapping[str, str]
    wrong: Form = field(default_factory=dict)

    def tables(self, rows: Rows, prefix: str, before: Told) -> list[dict[str, Any]]:
        """The rows of a group as tables; one in which nothing stands is none."""
        was = parts(before, rows.name)
        by_key = {str(one.get(rows.key)): one for one in was if rows.key}
        keys = self._keys(rows, prefix)
        found = []
        for place, (number, key) in enumerate(keys.items()):
            old = by_key.get(key, {}) if rows.key else was[place] if place < len(was) else {}
            found.append(self._table(rows, f"{prefix}-{number}-", key, old))
        if rows.name == "nodes":
            self._lead(found, keys)
        return found

    def _table(self, rows: Rows, at: str, key: str, old: Told) -> dict[str, Any]:
        # Of fewer fields: no row looks through those of all the others.
        mine = {name: value for name, value in self.form.items() if name.startswith(at)}
        return _Reading(mine, self.wrong).made(rows, at, key, old)

    def made(self, rows: Rows, at: str, key: str, old: Told) -> dict[str, Any]:
        told: dict[str, Any] = {rows.key: key} if rows.key else {}
        told |= {name: self._text(f"{at}{name}", old.get(name)) for name in rows.texts}
        told |= {name: self.form.get(f"{at}{name}", "").strip() for name in rows.lines}
        for name in rows.lists:
            several = self.form.get(f"{at}{name}", "").split("|")
            told[name] = [part.strip() for part in several if part.strip()]
        for inner in rows.inner:
            told[inner.name] = self.tables(inner, f"{at}{inner.name}", old)
        if told.get("end"):  # an end asks nothing
            told.pop("answers")
        if (start := self._row(told.get("start", ""))) is not None:
            told["start"] = self._keys(rows.inner[0], f"{at}nodes").get(start, "")
        return {name: value for name, value in told.items() if value}

    def _text(self, name: str, old: object) -> object:
        """A text by language; as it was written where it says the same."""
        words = text_of(self.form, name)
        return old if old and text_of(text_form("", old), "") == words else words

    def _keys(self, rows: Rows, prefix: str) -> dict[int, str]:
        """The key of each row by its number, made from its words where none is typed."""
        numbers = [number for number in rows_of(self.form, prefix) if self._says(prefix, number)]
        typed = {number: self.form.get(f"{prefix}-{number}-{rows.key}", "").strip() for number in numbers}
        found: dict[int, str] = {}
        for number, key in typed.items():
            named = f"{prefix}-{number}-{rows.key}"
            if not rows.key:
                found[number] = ""
            elif not key or (rows.key == "value" and key in found.values()):
                words = text_of(self.form, f"{prefix}-{number}-{rows.texts[0]}")
                told = key or words.get(LANGUAGES[0], "") or self.form.get(f"{prefix}-{number}-end", "")
                found[number] = name_from(told, {*typed.values(), *found.values()}, rows.called)
            else:
                found[number] = key
                if rows.key == "key" and (not NAME.match(key) or len(key) > LONGEST_KEY):
                    self.wrong[named] = (
                        "It has to begin with a letter, then letters, digits, - and _,"
                        f" at most {LONGEST_KEY}; or leave it empty."
                    )
                elif rows.key == "key" and list(found.values()).count(key) > 1:
                    self.wrong[named] = f"Another {rows.called} is called {key}; call this one otherwise."
        return found

    def _says(self, prefix: str, number: int) -> bool:
        """Whether anything stands in a row, or an answer leads to it."""
        at, tree = f"{prefix}-{number}-", prefix.removesuffix("nodes")
        pointed = f"{ROW}{number}" if prefix.endswith("-nodes") else None
        return any(
            value.strip() and (name.startswith(at) or (value == pointed and name.startswith(tree)))
            for name, value in self.form.items()
        )

    def _lead(self, nodes: list[dict[str, Any]], keys: Mapping[int, str]) -> None:
        """Let the answers of a tree lead to keys; an end that only answers name is put behind the questions."""
        ends = {str(one["end"]): str(one["key"]) for one in reversed(nodes) if one.get("end")}
        for answer in [answer for node in nodes for answer in node.get("answers", ())]:
            to = answer.get("to", "")
            end = to.removeprefix(END)
            if (row := self._row(to)) is not None:
                answer["to"] = keys.get(row, "")
            elif to.startswith(END) and end in trees.ENDS:
                if end not in ends:
                    ends[end] = name_from(end, [str(one["key"]) for one in nodes])
                    nodes.append({"key": ends[end], "end": end})
                answer["to"] = ends[end]
            if not answer.get("to"):
                answer.pop("to", None)

    @staticmethod
    def _row(told: str) -> int | None:
        """The number of the row that `#3` names; None where it names none."""
        named = re.fullmatch(rf"{ROW}([0-9]{{1,3}})", told)
        return int(named[1]) if named else None
