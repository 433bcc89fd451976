"""Finding a customer, an order, a case or a product by what somebody says. Decision 27, S2-6.4

One table of tokens with a plain index, the same on both databases: what is typed is the beginning of a token,
and a beginning is a range of the index. Tokens are kept in the transaction of the change they belong to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from models import Case, Customer, Order, Product, SearchToken
from portal.desk import tokens
from portal.desk.numbers import PREFIXES, read_number, squeezed
from portal.desk.phones import read_phone
from portal.desk.work import Work

KINDS: dict[type, str] = {Customer: "customer", Order: "order", Case: "case", Product: "product"}
LIMIT = 26
"""One more than a list shows, so that it can say that there are more."""

_END = "\U0010ffff"
"""Stands behind everything that can follow a beginning."""
_MANY = 2_000
"""From this many matches on a word is common, and it no longer matters how common."""
_ENOUGH = 500
"""Matches among which the newest are picked, so that two letters cost no more than a whole name."""
_DIGITS = re.compile(r"[\d\s()+./\-\u2010-\u2015]+")
_STARTED = re.compile(rf"(?:{'|'.join(PREFIXES.values())})[\s-]*\d[\d\s-]*", re.IGNORECASE)
"""One of our numbers, or the beginning of one."""
_WORDS = 8
_ROWS = 5_000

Words = Sequence[Sequence[str]]
"""What was asked for: every word has to be met, by any of its beginnings."""


class Hit(NamedTuple):
    """Something that was found."""

    kind: str
    id: int


def tokens_of(thing: Customer | Order | Case | Product) -> set[str]:
    """Every token one thing is found by."""
    match thing:
        case Customer() if thing.merged_into_id is not None:  # found by its number, to be led on from
            return {*tokens.of_number(thing.number), *tokens.of_number(thing.source_id or "")}
        case Customer():
            return {
                *tokens.of_name(thing.name),
                *tokens.of_name(thing.organisation),
                *tokens.of_phone(thing.phone),
                *tokens.of_email(thing.email),
                *tokens.of_number(thing.number),
                *tokens.of_number(thing.source_id or ""),
                *tokens.of_home(thing.name, thing.postal_code),
            }
        case Order():
            return {
                *tokens.of_number(thing.number),
                *tokens.of_number(thing.source_id or ""),
                *tokens.of_name(thing.ship_name),
            }
        case Product():
            return {
                *tokens.of_number(thing.sku),
                *tokens.of_name(thing.sku),
                *tokens.of_name(thing.name),
                *tokens.of_name(thing.category),
            }
        case Case():
            return tokens.of_number(thing.number)


async def index(work: Work, thing: Customer | Order | Case | Product) -> None:
    """Bring the tokens of one thing up to date, in this transaction."""
    await work.session.flush()
    kind, wanted = KINDS[type(thing)], tokens_of(thing)
    mine = (SearchToken.kind == kind, SearchToken.thing_id == thing.id)
    known = set(await work.session.scalars(select(SearchToken.token).where(*mine)))
    if gone := known - wanted:
        await work.session.execute(
            delete(SearchToken)
            .where(*mine, SearchToken.token.in_(gone))
            .execution_options(synchronize_session=False)
        )
    await _add(work, [(kind, token, thing.id) for token in sorted(wanted - known)])


async def index_all(work: Work, kind: str, found: Iterable[tuple[int, set[str]]], *, known: bool) -> None:
    """Write the tokens of many things at once; `known` ones lose those they had."""
    things = list(found)
    if known and things:
        await work.session.execute(
            delete(SearchToken)
            .where(SearchToken.kind == kind, SearchToken.thing_id.in_([thing for thing, _ in things]))
            .execution_options(synchronize_session=False)
        )
    await _add(work, [(kind, token, thing) for thing, wanted in things for token in sorted(wanted)])


async def _add(work: Work, rows: list[tuple[str, str, int]]) -> None:
    for start in range(0, len(rows), _ROWS):
        await work.session.execute(
            insert(SearchToken),
            [
                {"kind": kind, "token": token, "thing_id": thing}
                for kind, token, thing in rows[start : start + _ROWS]
            ],
        )


def read(text: str) -> Words:
    """What a typed line asks for: at most its first eight words. Nothing when it holds none."""
    line = text.replace("\0", " ").strip()  # PostgreSQL takes no NUL, not even to look for
    given = tokens.digits(line)
    if read_number(line) or _STARTED.fullmatch(line):
        return ((squeezed(line).lower(),),)
    if _DIGITS.fullmatch(line) and len(given) >= tokens.SHORTEST_DIGITS:
        whole = tokens.digits(read_phone(line) or "")
        return ((given[: tokens.LONGEST], *tokens.asked_digits(given), *([whole] if whole else [])),)
    asked: list[Sequence[str]] = []
    for part in line.split():
        given = tokens.digits(part)
        if read_number(part):
            asked.append((squeezed(part).lower(),))
        elif "@" in part[1:]:
            asked += [(token,) for token in tokens.of_email(part)]
        elif _DIGITS.fullmatch(part) and len(given) >= tokens.SHORTEST_DIGITS:
            asked.append((given[: tokens.LONGEST], *tokens.asked_digits(given)))
        else:
            asked += [(token,) for token in tokens.asked_name(part)]
    return asked[:_WORDS]


def _begins(table: Any, token: str) -> ColumnElement[bool]:
    """A token with this beginning."""
    return and_(table.token >= token, table.token < token + _END)


def _any(table: Any, word: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(_begins(table, token) for token in dict.fromkeys(word)))


def _matching(kind: str, words: Words, *, common: bool = False) -> Select[int]:
    """The ids of one kind of thing that meet every word, in the order of the tokens of the first.

    Each beginning of the first word is a range of the index of its own; the other words are looked up for each
    id found, or gathered once where even the rarest is `common`.
    """
    first, others = dict.fromkeys(words[0]), words[1:]
    alone = not others and all(len(token) == 1 and token.isascii() for token in first)
    parts = [_part(kind, token, others, exact=alone, common=common) for token in first]
    if len(parts) == 1:
        return parts[0]
    ranges = union_all(*(select(part.limit(_ENOUGH).subquery()) for part in parts)).subquery()
    return select(ranges.c.thing_id)


def _part(kind: str, token: str, others: Words, *, exact: bool, common: bool) -> Select[int]:
    """The ids found by one beginning; a single letter on its own is meant as a whole word."""
    table = aliased(SearchToken)
    met = table.token == token if exact else _begins(table, token)
    statement = select(table.thing_id).where(table.kind == kind, met)
    for word in others:
        other = aliased(SearchToken)
        if common:
            gathered = select(other.thing_id).where(other.kind == kind, _any(other, word))
            statement = statement.where(table.thing_id.in_(gathered))
        else:
            same = (other.kind == kind, other.thing_id == table.thing_id)
            statement = statement.where(exists().where(*same, _any(other, word)))
    return statement.order_by(table.token, table.thing_id)


def matching(text: str, kind: str) -> Select[int] | None:
    """The ids of everything of one kind that the line finds, to stand inside another statement.

    None when the line asks for nothing that could be found.
    """
    words = sorted(read(text), key=_length, reverse=True)
    if not words:
        return None
    parts = [_part(kind, token, words[1:], exact=False, common=False) for token in dict.fromkeys(words[0])]
    ranges = union_all(*(part.order_by(None) for part in parts)).subquery()
    return select(ranges.c.thing_id)


def _length(word: Sequence[str]) -> int:
    return min(map(len, word))


async def _rarest_first(work: Work, kinds: Sequence[str], words: Words) -> tuple[Words, bool]:
    """The words in the order in which they leave least to look at, and whether even the first is common.

    Counting stops where it is enough.
    """
    if len(words) == 1:
        return words, False
    counts = [
        select(func.count())
        .select_from(
            select(SearchToken.thing_id)
            .where(SearchToken.kind == kinds[0], _any(SearchToken, word))
            .limit(_MANY)
            .subquery()
        )
        .scalar_subquery()
        for word in words
    ]
    found = (await work.session.execute(select(*counts))).one()
    order = sorted(range(len(words)), key=lambda at: (found[at], -_length(words[at])))
    return [words[at] for at in order], min(found) == _MANY


async def find(
    work: Work, text: str, kinds: Sequence[str] = ("customer", "order", "case"), limit: int = LIMIT
) -> list[Hit]:
    """At most `limit` things that meet every word of the line, newest first within each kind.

    Of very many matches the newest of the first few hundred in the order of the alphabet are given.
    """
    words = read(text)
    if not words or not kinds:
        return []
    words, common = await _rarest_first(work, kinds, words)
    found: list[Subquery] = []
    for kind in kinds:
        ids = _matching(kind, words, common=common).limit(max(limit, _ENOUGH)).subquery()
        found.append(
            select(literal(kind).label("kind"), ids.c.thing_id)
            .distinct()
            .order_by(ids.c.thing_id.desc())
            .limit(limit)
            .subquery()
        )
    rows = await work.session.execute(union_all(*(select(part) for part in found)))
    hits = sorted(
        (Hit(kind, thing) for kind, thing in rows), key=lambda hit: (kinds.index(hit.kind), -hit.id)
    )
    return hits[:limit]
