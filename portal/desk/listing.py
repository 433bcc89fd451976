"""A page of a list: where it begins, where the next one does, and how far rows are counted.

By the place in the list, never by an offset: the millionth row costs what the first did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)

PAGE = 25
"""Rows of a list that goes on."""
LIMIT = 50
"""Rows of a part of a page, which shows no more than these."""
LARGEST_ID = 2**31 - 1
COUNTED_TO = 100
"""A count in a filter stops here and is shown as `99+`: nobody needs more to choose where to begin."""
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Rows(Generic[Row]):
    """A page of a list, and the place where the next one begins; empty at the end."""

    rows: list[Row]
    older: str = ""


def cursor(moment: datetime, row_id: int) -> str:
    """The place of a row in a list ordered by a moment, to begin the next page after it."""
    return f"{moment.timestamp():.6f}~{row_id}"


def paged(found: Sequence[Row], limit: int, moment: Callable[[Row], datetime]) -> Rows[Row]:
    """The first rows of those that were found: one more than `limit` says that another page follows.

    `moment` is what they are ordered by.
    """
    rows = list(found[:limit])
    if len(found) <= limit:
        return Rows(rows)
    last: Any = rows[-1]
    return Rows(rows, cursor(moment(last), last.id))


def place_in(text: str) -> tuple[datetime, int] | None:
    """The moment and the id that a cursor names; None for none, or one made up by hand."""
    moment, _, row_id = text.partition("~")
    try:
        from_epoch = timedelta(microseconds=round(float(moment) * 1_000_000))
        return _EPOCH + from_epoch, min(max(int(row_id), 0), LARGEST_ID)
    except (ValueError, OverflowError):
        return None


def newest_first(statement: Select[Any], moment: Any, row_id: Any, before: str) -> Select[Any]:
    if place := place_in(before):
        statement = statement.where(tuple_(moment, row_id) < _there(moment, place))
    return statement.order_by(moment.desc(), row_id.desc())


def oldest_first(statement: Select[Any], moment: Any, row_id: Any, after: str) -> Select[Any]:
    if place := place_in(after):
        statement = statement.where(tuple_(moment, row_id) > _there(moment, place))
    return statement.order_by(moment, row_id)


def _there(moment: Any, place: tuple[datetime, int]) -> Any:
    """Compared as a pair, a place is where the reading of an index begins."""
    return tuple_(literal(place[0], moment.type), literal(place[1]))


def among(column: Any, words: Sequence[Any]) -> ColumnElement[bool]:
    """A column is one of these words, written out and not bound: so a partial index on them can be used."""
    one = len(words) == 1
    told = bindparam(
        None,
        words[0] if one else list(words),
        type_=column.type,
        unique=True,
        expanding=not one,
        literal_execute=True,
    )
    found: ColumnElement[bool] = column == told if one else column.in_(told)
    return found


def first(ids: Select[Any], rows: int) -> Select[Any]:
    """No more than the first rows. Written out, not bound: PostgreSQL's general plan would expect a tenth of the table."""
    return ids.limit(literal_column(str(rows), Integer))


def capped(ids: Select[Any]) -> Any:
    """How many rows this finds, as one value, never counting past COUNTED_TO."""
    return select(func.count()).select_from(first(ids, COUNTED_TO).subquery()).scalar_subquery()
