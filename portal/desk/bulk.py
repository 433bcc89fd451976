"""Many rows in one parameter: a statement for any number of them, said once and prepared once, on both databases.

A list goes along as one JSON array, written in one go; the database takes it apart. Rows sent one by one would
each pass through the types of all their columns, which costs more than the database needs to write them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    column,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from models.base import Moment

_TO_THE_MICROSECOND = len("2026-03-02 10:00:00.000000")


class _Each(FunctionElement[Any]):
    """The elements of a JSON array as rows with one column, `value`."""

    name = "each"
    inherit_cache = True


class _EachPlain(_Each):
    """The same where every element is a number or a word."""

    name = "each_plain"
    inherit_cache = True


@compiles(_Each, "sqlite")
@compiles(_EachPlain, "sqlite")
def _on_sqlite(element: _Each, compiler: SQLCompiler, **words: Any) -> str:
    return f"json_each{compiler.process(element.clauses.self_group(), **words)}"


@compiles(_Each, "postgresql")
def _on_postgresql(element: _Each, compiler: SQLCompiler, **words: Any) -> str:
    return f"json_array_elements{compiler.process(element.clauses.self_group(), **words)}"


@compiles(_EachPlain, "postgresql")
def _plain_on_postgresql(element: _EachPlain, compiler: SQLCompiler, **words: Any) -> str:
    return f"json_array_elements_text{compiler.process(element.clauses.self_group(), **words)}"


class _AsMoment(FunctionElement[Any]):
    """A moment that `written` wrote, as the database keeps it."""

    name = "as_moment"
    inherit_cache = True
    type = Moment()


@compiles(_AsMoment, "sqlite")
def _moment_on_sqlite(element: _AsMoment, compiler: SQLCompiler, **words: Any) -> str:
    return compiler.process(element.clauses.self_group(), **words)


@compiles(_AsMoment, "postgresql")
def _moment_on_postgresql(element: _AsMoment, compiler: SQLCompiler, **words: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **words)} AS TIMESTAMP) AT TIME ZONE 'UTC'"


def insert_of(session: AsyncSession) -> Callable[..., Any]:
    """The insert of this session's database, which can be told what becomes of rows that are there already."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert


def written(moment: datetime | None) -> str | None:
    """A moment in UTC as it goes along in a row, to be read with `Rows.moment`."""
    return None if moment is None else moment.isoformat(" ", "microseconds")[:_TO_THE_MICROSECOND]


def numbers(name: str) -> Select[tuple[int]]:
    """The ids given under this name as a list, to be used with `in_`."""
    each = _EachPlain(_array(name)).table_valued(column("value", Text), name=name)
    return select(cast(each.c.value, Integer))


class Rows:
    """The rows given under this name as a list of lists; `text`, `number`, `moment` and `json` name their places, from 0."""

    def __init__(self, name: str) -> None:
        self.table = _Each(_array(name)).table_valued(column("value", JSON), name=name)

    def text(self, place: int) -> ColumnElement[str]:
        """What stands at this place, as text."""
        return type_coerce(self.table.c.value.op("->>")(literal_column(str(place))), Text)

    def number(self, place: int) -> ColumnElement[int]:
        return cast(self.text(place), Integer)

    def moment(self, place: int) -> ColumnElement[datetime]:
        """The moment at this place, or nothing."""
        return _AsMoment(self.text(place))

    def json(self, place: int) -> ColumnElement[Any]:
        """What stands at this place, as it was written."""
        return type_coerce(self.table.c.value.op("->")(literal_column(str(place))), JSON)


def _array(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=JSON)
