"""One page of a list, at the same cost whether the table has a thousand rows or a million.

The keys come first, from an index; then the rows of those keys. Next and previous go on from a place in the
order (keyset); a jump to a page counts from the nearer end. Counts are exact where that is cheap, "about" where
the planner knows it, and end at a cap where rows have to be looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, text, tuple_

from admin_views.base import DeskView, all_of
from admin_views.columns import Column, Look
from admin_views.filters import BadQuestion, Saved
from portal.desk import search
from portal.desk.saving import storable
from portal.desk.work import Work

SIZE = 25
SIZES = (25, 50, 100)
CAP = 10_000
"""Rows that a filtered count looks at before it says "more"."""
UNASKED = 1_000
"""The same where nobody asked for fewer rows, and not all may be seen."""
WIDE = 1_000
"""Found things that a filter may still choose from."""
LONGEST = 200
"""Signs of a search line."""


LOOKED_FOR = "for"
"""In an address: the word that stands for what was typed."""


class Hiding(Protocol):
    """Whoever asks: what they look for stands in addresses as a word that they alone can open."""

    def hide(self, text: str) -> str: ...
    def opened(self, word: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows: exactly, about, or at least."""

    rows: int
    about: bool = False
    capped: bool = False

    def __str__(self) -> str:
        if self.capped:
            return f"{self.rows:,}+"
        return f"about {self.rows:,}" if self.about else f"{self.rows:,}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of a list. Nothing in it reaches the database unread."""

    given: Mapping[str, str]
    sort: str
    descending: bool
    page: int
    size: int
    search: str
    saved: Saved | None
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None
    hide: Callable[[str], str]

    def to(self, **changes: str | int | None) -> str:
        """The address of the same question, changed; a new question begins at its first page."""
        kept = {key: value for key, value in self.given.items() if key not in {"page", "after", "before"}}
        kept |= {key: str(value) for key, value in changes.items() if value is not None}
        left = {key: value for key, value in kept.items() if value and changes.get(key, "") is not None}
        return f"?{urlencode(left)}" if left else "?"

    @property
    def narrow(self) -> dict[str, str]:
        """Search, filters and saved view: what an export follows."""
        outside = {"page", "after", "before", "size"}
        return {key: value for key, value in self.given.items() if key not in outside}

    @property
    def told(self) -> dict[str, str]:
        """The same for the audit trail: with what was looked for in plain."""
        kept = {key: value for key, value in self.narrow.items() if key != LOOKED_FOR}
        return {**kept, "search": self.search} if self.search else kept


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of rows, and how to go on from it."""

    rows: Sequence[Any]
    asked: Asked
    count: Count
    pages: int
    newer: str
    older: str
    too_many: bool
    """Whether the search found more than it shows."""
    questioned: bool
    """Whether anything but the row rule narrows the list."""


def read(view: DeskView, query: Mapping[str, str], look: Look, hiding: Hiding) -> Asked:
    """Read an address. Raises BadQuestion for anything it cannot mean."""
    known = {LOOKED_FOR, "search", "view", "sort", "dir", "page", "size", "after", "before"}
    known |= {name for one in view.filters for name in one.names}
    given = {key: found for key, value in query.items() if key in known and (found := storable(value))}
    sort, descending = view.order
    if "sort" in given:
        sort, descending = given["sort"], given.get("dir") == "down"
        if not any(column.sort and column.name == sort for column in view.shown(look)):
            raise BadQuestion
    saved = None
    if "view" in given:
        offered = [one for one in view.saved if one.needs is None or look.actor.may(one.needs)]
        saved = next((one for one in offered if one.name == given["view"]), None)
        if saved is None:
            raise BadQuestion
    size = _whole(given.get("size", ""), SIZE)
    line = storable(hiding.opened(given[LOOKED_FOR])) if LOOKED_FOR in given else given.get("search", "")
    return Asked(
        given=given,
        sort=sort,
        descending=descending,
        page=_whole(given.get("page", ""), 1),
        size=size if size in SIZES else SIZE,
        search=line.strip()[:LONGEST],
        saved=saved,
        after=_place(view, sort, given.get("after", ""), hiding),
        before=_place(view, sort, given.get("before", ""), hiding),
        hide=hiding.hide,
    )


def _whole(text_: str, default: int) -> int:
    if not text_:
        return default
    if not (text_.isascii() and text_.isdecimal() and 0 < int(text_[:12]) <= 10**9):
        raise BadQuestion
    return int(text_)


def ordering(view: DeskView, sort: str) -> list[Any]:
    """The columns of an order: what it is sorted by, then the primary key, so that no two places are alike."""
    by = view.attribute(sort)
    keys = [view.attribute(column.key) for column in view.pk_columns]
    return [by, *(key for key in keys if key.key != sort)]


def posted(view: DeskView, sent: Mapping[str, str], hide: Callable[[str], str]) -> str:
    """The address of a question that was posted: what is looked for stands in it as a word that says nothing."""
    names = {"sort", "dir", "view", "size", *(name for one in view.filters for name in one.names)}
    asked = {name: value for name, value in sent.items() if name in names and value}
    if line := sent.get("search", "").strip()[:LONGEST]:
        asked[LOOKED_FOR] = hide(line)
    return f"/admin/{view.address}/list" + (f"?{urlencode(asked)}" if asked else "")


def token(view: DeskView, row: Any, sort: str, hide: Callable[[str], str]) -> str:
    """The place of a row in the order, for an address: hidden, because a list may be sorted by a name. S0-3.2.3"""
    values = [getattr(row, column.key) for column in ordering(view, sort)]
    told = [value.isoformat() if isinstance(value, date) else value for value in values]
    return hide(json.dumps(told, default=str))


def _place(view: DeskView, sort: str, told: str, hiding: Hiding) -> tuple[Any, ...] | None:
    if not told:
        return None
    columns = ordering(view, sort)
    try:
        values = json.loads(hiding.opened(told))
        kinds = [column.type.python_type for column in columns]
        if len(values) != len(kinds):
            raise BadQuestion
        return tuple(_as(kind, value) for kind, value in zip(kinds, values, strict=True))
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise BadQuestion from None


def _as(kind: type, value: Any) -> Any:
    if kind is datetime:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise BadQuestion
        return found
    if kind is date:
        return date.fromisoformat(value)
    if kind is int:
        if type(value) is not int or abs(value) >= 2**63:
            raise BadQuestion
        return value
    if not isinstance(value, str) or "\x00" in value:
        raise BadQuestion
    return value


async def conditions(
    view: DeskView, work: Work, asked: Asked, look: Look, *, whole: bool = False
) -> tuple[list[ColumnElement[bool]], bool, bool]:
    """What narrows the list; whether anybody asked for it; whether the search found more than it gives.

    `whole` takes everything the search finds, for an export.
    """
    wanted = [found for one in view.filters if (found := one.condition(asked.given, look)) is not None]
    if asked.saved is not None:
        wanted.append(asked.saved.condition(look))
    too_many = False
    if asked.search:
        found, too_many = await _found(view, work, asked.search, wide=bool(wanted), whole=whole)
        wanted.append(found)
    rule = view.rule(work.actor)
    return ([*wanted] if rule is None else [rule, *wanted]), bool(wanted), too_many


async def _found(
    view: DeskView, work: Work, line: str, *, wide: bool, whole: bool
) -> tuple[ColumnElement[bool], bool]:
    ways: list[ColumnElement[bool]] = [column == line for column in view.exact]
    ways += [column.startswith(line, autoescape=True) for column in view.begins]
    kinds = tuple(view.finds)
    too_many = False
    if kinds and whole:
        for kind in kinds:
            if (found := search.matching(line, kind)) is not None:
                ways.append(view.finds[kind].in_(found))
    elif kinds:
        limit = WIDE if wide else search.LIMIT
        hits = await search.find(work, line, kinds, limit)
        too_many = len(hits) >= limit
        for kind in kinds:
            if ids := [hit.id for hit in hits if hit.kind == kind]:
                ways.append(view.finds[kind].in_(ids))
    return (or_(*ways) if ways else literal(value=False)), too_many


async def count(
    view: DeskView, work: Work, narrowed: Sequence[ColumnElement[bool]], *, cap: int = CAP
) -> Count:
    """How many rows there are, as exactly as it is cheap; what is narrowed is counted to `cap`."""
    where = all_of(narrowed)
    sqlite = work.session.get_bind().dialect.name == "sqlite"
    if where is None and sqlite:  # a plain count reads the smallest index and nothing else
        return Count(await work.session.scalar(select(func.count()).select_from(view.model)) or 0)
    if where is None:
        table = view.model.__table__.name  # type: ignore[attr-defined]  # every model of ours has a table
        planned = await work.session.scalar(
            text("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(:table)"), {"table": table}
        )
        if planned and planned > CAP:
            return Count(int(planned), about=True)
    inner = select(literal(1)).select_from(view.model)
    inner = (inner if where is None else inner.where(where)).limit(cap + 1)
    found = await work.session.scalar(select(func.count()).select_from(inner.subquery())) or 0
    return Count(min(found, cap), capped=found > cap)


async def page(view: DeskView, work: Work, asked: Asked, look: Look) -> Listing:
    """Read one page. At most four statements, whatever is asked."""
    narrowed, questioned, too_many = await conditions(view, work, asked, look)
    total = await count(view, work, narrowed, cap=UNASKED if narrowed and not questioned else CAP)
    pages = max(1, -(-total.rows // asked.size))
    if asked.after is None and asked.before is None:
        asked = replace(asked, page=min(asked.page, pages))
    keys, more = await _keys(view, work, asked, narrowed, total)
    found = await load(view, work, keys)
    forward = asked.before is None
    newer = asked.page > 1 or asked.after is not None if forward else more
    older = more if forward else True
    if asked.page == pages and not total.about and not total.capped and asked.after is None and forward:
        older = False
    return Listing(
        rows=found,
        asked=asked,
        count=total,
        pages=pages,
        newer=_to(view, asked, found[0], "before") if newer and found else "",
        older=_to(view, asked, found[-1], "after") if older and found else "",
        too_many=too_many,
        questioned=questioned,
    )


def _to(view: DeskView, asked: Asked, row: Any, way: str) -> str:
    number = asked.page + 1 if way == "after" else max(1, asked.page - 1)
    place = token(view, row, asked.sort, asked.hide)
    return asked.to(after=place, page=number) if way == "after" else asked.to(before=place, page=number)


async def _keys(
    view: DeskView, work: Work, asked: Asked, narrowed: Sequence[ColumnElement[bool]], total: Count
) -> tuple[list[tuple[Any, ...]], bool]:
    """The primary keys of one page in order, and whether there are rows behind it in the reading direction."""
    columns = ordering(view, asked.sort)
    statement: Select[Any] = select(*view.pk_columns).where(*narrowed)
    backwards, skip, size = asked.before is not None, 0, asked.size
    place = asked.after or asked.before
    if place is not None:
        here = tuple_(*columns)
        there = tuple_(*(literal(value, column.type) for value, column in zip(place, columns, strict=True)))
        towards_less = asked.descending is not backwards
        statement = statement.where(here < there if towards_less else here > there)
    elif asked.page > 1:
        skip = (asked.page - 1) * asked.size
        behind = total.rows - skip
        if not total.capped and skip > total.rows // 2:  # the end is nearer: count from there
            backwards, skip = True, max(0, behind - asked.size)
            size = min(asked.size, behind)
    descending = asked.descending is not backwards
    order = [column.desc() if descending else column.asc() for column in columns]
    statement = statement.order_by(*order).offset(skip or None).limit(size + 1)
    keys = [tuple(row) for row in (await work.session.execute(statement)).all()]
    more = len(keys) > size
    keys = keys[:size]
    if backwards:
        keys.reverse()
        if place is None:
            more = skip > 0
    return keys, more


async def load(view: DeskView, work: Work, keys: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The rows of these keys, in this order, with what a list shows of their relations: one statement."""
    if not keys:
        return []
    statement: Select[Any] = select(view.model).where(view.keyed(keys)).options(*view.loads)
    rows = (await work.session.scalars(statement)).all()
    names = [column.key for column in view.pk_columns]
    by_key = {tuple(getattr(row, name) for name in names): row for row in rows}
    return [by_key[key] for key in keys if key in by_key]


def sortable(columns: Sequence[Column]) -> list[str]:
    return [column.name for column in columns if column.sort]
