"""A script as a text file that a person can read and compare: TOML in one order, and back without a loss."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from portal.desk.scripts.document import DEEPEST, LARGEST, Document, Told, read
from portal.desk.scripts.steps import BrokenScript

_ORDER = (
    "script",
    "version",
    "key",
    "kind",
    "name",
    "title",
    "value",
    "step",
    "field",
    "test",
    "to",
    "label",
    "words",
    "hint",
    "button",
    "required",
    "needs",
    "clauses",
    "clause",
    "article",
    "marks",
    "values",
    "choices",
    "say",
    "when",
    "next",
    "options",
)
"""In which order names stand; others follow by the alphabet."""
_RANK = {name: place for place, name in enumerate(_ORDER)}
_TABLES = ("ask", "know")
"""Lists of a step that stand as tables of their own."""
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_LINE = re.compile(
    r"""\s*(?P<open>\[{0,2})\s*(?P<name>[A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*(?:\]{1,2}|=)"""
)
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_WIDEST = 100
_LONGEST_WORDS = 300
MARK = "\ufeff"
"""What some editors put before the first sign of a text."""


def load(toml: str | bytes, where: str) -> dict[str, Any]:
    """Read a text file into a document, not yet checked. Raises BrokenScript with the line."""
    if len(toml) > LARGEST:
        raise BrokenScript(where, f"it is larger than {LARGEST // 1024} KiB")
    written = _decoded(toml, where) if isinstance(toml, bytes) else toml.removeprefix(MARK)
    try:
        return tomllib.loads(written)
    except RecursionError:
        raise BrokenScript(where, "it is nested too deeply") from None
    except ValueError as error:  # also a number of thousands of digits
        said = str(error)
        found = _AT_LINE.search(said)
        why = _AT_LINE.sub("", said).strip().removesuffix("(at end of document)").strip()
        line = int(found[1]) if found else written.count("\n") + 1 if "end of document" in said else 0
        raise BrokenScript(where, why[:_LONGEST_WORDS], line=line) from None


def _decoded(toml: bytes, where: str) -> str:
    try:
        return toml.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = toml[: error.start].count(b"\n") + 1
        raise BrokenScript(where, "it is no UTF-8 text; save it as UTF-8", line=line) from None


def checked(toml: str | bytes, where: str) -> Document:
    """Read and check a text file. Raises BrokenScript with line, step and reason."""
    told = load(toml, where)
    try:
        return read(told, where)
    except BrokenScript as error:
        text = toml.decode("utf-8-sig") if isinstance(toml, bytes) else toml
        raise error.at_line(line_of(text, error.path)) from None


def line_of(toml: str, path: tuple[str | int, ...]) -> int:
    """The line on which a place of the document stands, or the nearest one around it; 0 when none is found."""
    best, at = 0, 0
    for line, place in _places(toml):
        shared = place[: len(path)]
        if shared == path[: len(place)] and len(place) > at and len(place) <= len(path):
            best, at = line, len(place)
    return best


def _places(toml: str) -> Iterator[tuple[int, tuple[str | int, ...]]]:
    """Every line that begins a table or gives a name its value, with its place in the document."""
    counts: dict[tuple[str | int, ...], int] = {}
    here: tuple[str | int, ...] = ()
    within = ""
    for number, line in enumerate(toml.split("\n"), 1):
        if within:
            within = "" if line.count(within) % 2 else within
            continue
        found = _LINE.match(line)
        if found:
            names = tuple(one.strip() for one in found["name"].split("."))
            if found["open"]:
                here = _table(names, counts, starts=found["open"] == "[[")
                yield number, here
            else:
                for depth in range(1, len(names) + 1):
                    yield number, (*here, *names[:depth])
        within = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")


def _table(
    names: tuple[str, ...], counts: dict[tuple[str | int, ...], int], *, starts: bool
) -> tuple[str | int, ...]:
    """The place that a header opens: `[[steps.ask]]` is the next question of the last step."""
    place: tuple[str | int, ...] = ()
    for depth, name in enumerate(names, 1):
        place = (*place, name)
        if starts and depth == len(names):
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def dump(document: Told) -> str:
    """Write a document as TOML, the same text each time. Raises BrokenScript for what TOML cannot say."""
    top = {name: value for name, value in document.items() if name != "steps"}
    parts = ["\n".join(_named(top))]
    steps = document.get("steps", [])
    if not _are_tables(steps):
        parts.append(f"steps = {_value(steps, 0)}")
        return "\n".join(parts).strip() + "\n"
    for step in steps:
        listed = [name for name in _TABLES if _are_tables(step.get(name)) and step[name]]
        tree = [name for name in ("options",) if isinstance(step.get(name), Mapping) and step[name]]
        plain = {name: value for name, value in step.items() if name not in {*listed, *tree}}
        parts.append("\n".join(["[[steps]]", *_named(plain)]))
        for name in listed:
            parts.extend("\n".join([f"[[steps.{name}]]", *_named(one)]) for one in step[name])
        parts.extend("\n".join([f"[steps.{name}]", *_named(step[name])]) for name in tree)
    if not steps and "steps" in document:
        parts.append("steps = []")
    return "\n\n".join(part for part in parts if part) + "\n"


def _are_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


def _sorted(told: Told) -> list[tuple[str, Any]]:
    return sorted(told.items(), key=lambda one: (_RANK.get(one[0], len(_RANK)), one[0]))


def _named(told: Told, before: str = "") -> list[str]:
    """A line for each name; a table of texts as one line for each of them: `title.en = "…"`."""
    lines: list[str] = []
    for name, value in _sorted(told):
        key = f"{before}{_key(name)}"
        if _texts(value):
            lines += _named(value, f"{key}.")
        else:
            lines.append(f"{key} = {_value(value, 0, len(key) + 3)}")
    return lines


def _texts(value: object, depth: int = 0) -> bool:
    """Whether this is a table of texts, or of such tables, with something in each."""
    if not isinstance(value, Mapping) or not value or depth > DEEPEST:
        return False
    return all(isinstance(one, str) or _texts(one, depth + 1) for one in value.values())


def _key(name: str) -> str:
    return name if _BARE.match(name) else _quoted(name)


def _value(value: object, depth: int, column: int = 0, indent: str = "") -> str:
    """A value; a list that is too wide for a line has a line for each of its items, also within an inline table."""
    if depth > DEEPEST:
        raise BrokenScript("this script", "it is nested too deeply")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value, lines=depth == 0)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        inside = ", ".join(
            f"{_key(name)} = {_value(one, depth + 1, indent=indent)}" for name, one in _sorted(value)
        )
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        further = f"{indent}    "
        items = [_value(one, depth + 1, indent=further) for one in value]
        line = f"[{', '.join(items)}]"
        wide = max(column, len(indent)) + len(line) > _WIDEST and (not depth or _are_tables(value))
        if not items or not (wide or "\n" in line):
            return line
        return "[\n" + "".join(f"{further}{one},\n" for one in items) + f"{indent}]"
    raise BrokenScript("this script", f"a {type(value).__name__} cannot be written to a file")


def _string(text: str, *, lines: bool) -> str:
    if lines and "\n" in text.strip("\n") and "\r" not in text:
        return '"""\n' + "\n".join(_quoted(line)[1:-1] for line in text.split("\n")) + '"""'
    return _quoted(text)


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _quoted(text: str) -> str:
    told = "".join(
        _ESCAPES.get(sign) or (f"\\u{ord(sign):04X}" if ord(sign) < 32 or ord(sign) == 127 else sign)  # noqa: PLR2004  what TOML does not take as it is
        for sign in text
    )
    return f'"{told}"'
