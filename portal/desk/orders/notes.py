"""What the teams write to each other on an order: read by all who see the order, never by a customer. S1-4.7.2

A note can name colleagues with `@` or ask a department. Each of those finds it on their desk, once, until they say
that they have read it; whoever answers has read what was there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from models import Order, OrderNote, OrderNoteCall, Person
from models.words import Role
from portal.desk import audit, notices
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.listing import cursor, first, newest_first
from portal.desk.permissions import GRANTS, May, granted
from portal.desk.saving import storable
from portal.desk.work import Work

LONGEST = 4_000
SHOWN = 10
"""Notes of one order on a page; the older ones are a page further."""
ASKABLE = tuple(role for role in Role if May.SEE_ORDERS in GRANTS[role])
"""The departments that can be asked: those that see orders."""
_AT = re.compile(r"(?<![\w.+\-])@(?=\w)")


@dataclass(frozen=True, slots=True)
class Noted:
    """One note as somebody reads it: whom it calls by name, and whether the reader is asked and has not read it."""

    note: OrderNote
    called: tuple[str, ...]
    unread: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A page of the notes on one order, the newest first; `older` is where the next page begins."""

    notes: tuple[Noted, ...]
    older: str
    unread: int
    """How many notes on the order, of this page or another, the reader is asked for and has not read."""


async def write(work: Work, order: Order, words: str, asked: str = "") -> OrderNote:
    """Write a note on an order; `asked` is the role of the department that is to read it, or "". S1-4.7.2

    Whoever is named or asked is told once, however often; the author never. What the author was asked on this order
    is read with it. Raises NotAccepted for no words, too many, a card number, or a name that is no colleague's.
    """
    work.require(May.SEE_ORDERS)
    words = storable(words).strip()
    found = {}
    if not 0 < len(words) <= LONGEST:
        found["words"] = f"Between 1 and {LONGEST} characters."
    if asked and asked not in list(ASKABLE):
        found["asked"] = "Choose one of the departments."
    if found:
        raise NotAccepted.of(found)
    refuse_card_numbers(words=words)
    called = {one.id: one for one in await _named(work, words)}
    role = Role(asked) if asked else None
    if role is not None:
        called |= {one.id: one for one in await notices.people_in(work, role)}
    note = OrderNote(
        order_id=order.id,
        words=words,
        asked_role=role,
        written_by_id=work.actor.person_id,
        written_at=work.now,
    )
    work.session.add(note)
    await work.session.flush()
    for one in sorted(called):
        if one != work.actor.person_id:
            work.session.add(OrderNoteCall(note_id=note.id, person_id=one))
    for call in await _to_read(work, order):
        call.read_at = work.now
    await audit.record(work, "note on order", note)
    return note


async def have_read(work: Work, order: Order) -> None:
    """Say that the actor has read what they were asked on this order. Raises WrongMoment where nothing is left."""
    work.require(May.SEE_ORDERS)
    calls = await _to_read(work, order)
    if not calls:
        raise WrongMoment(f"You have read everything on {order.number} already.")
    for call in calls:
        call.read_at = work.now
    await audit.record(work, "read notes on order", calls[0])


async def thread(work: Work, order: Order, *, before: str = "", limit: int = SHOWN) -> Thread:
    """Notes on an order, the newest first, with those that the reader is asked for marked."""
    work.require(May.SEE_ORDERS)
    ids = select(OrderNote.id).where(OrderNote.order_id == order.id)
    page = first(newest_first(ids, OrderNote.written_at, OrderNote.id, before), limit + 1).subquery()
    unread = select(func.count()).select_from(_unread(work, order).subquery()).scalar_subquery()
    statement = select(OrderNote, unread).join(page, page.c.id == OrderNote.id)
    newest = newest_first(statement, OrderNote.written_at, OrderNote.id, "")
    found = (await work.session.execute(newest.options(joinedload(OrderNote.written_by)))).all()
    rows = [note for note, _ in found[:limit]]
    calls, mine = await _calls(work, [one.id for one in rows])
    return Thread(
        tuple(Noted(one, calls.get(one.id, ()), one.id in mine) for one in rows),
        cursor(rows[-1].written_at, rows[-1].id) if len(found) > limit else "",
        found[0][1] if found else 0,
    )


async def waiting(work: Work, limit: int) -> list[OrderNote]:
    """What the actor is asked on orders and has not read, the oldest first, with its order and author."""
    work.require(May.SEE_ORDERS)
    rows = await work.session.scalars(
        select(OrderNote)
        .join(OrderNoteCall, OrderNoteCall.note_id == OrderNote.id)
        .where(OrderNoteCall.person_id == work.actor.person_id, OrderNoteCall.read_at.is_(None))
        .options(joinedload(OrderNote.order), joinedload(OrderNote.written_by))
        .order_by(OrderNoteCall.id)
        .limit(limit)
    )
    return list(rows)


async def everything(work: Work, order: Order, limit: int) -> list[OrderNote]:
    """The newest notes on an order with their authors, for its printed trail. S1-4.7.2"""
    work.require(May.SEE_ORDERS)
    rows = await work.session.scalars(
        select(OrderNote)
        .where(OrderNote.order_id == order.id)
        .options(joinedload(OrderNote.written_by))
        .order_by(OrderNote.written_at.desc(), OrderNote.id.desc())
        .limit(limit)
    )
    return list(rows)


def _unread(work: Work, order: Order) -> Select[OrderNoteCall]:
    """What the actor is asked on an order and has not read."""
    return (
        select(OrderNoteCall)
        .join(OrderNote, OrderNote.id == OrderNoteCall.note_id)
        .where(
            OrderNote.order_id == order.id,
            OrderNoteCall.person_id == work.actor.person_id,
            OrderNoteCall.read_at.is_(None),
        )
    )


async def _to_read(work: Work, order: Order) -> Sequence[OrderNoteCall]:
    rows = await work.session.scalars(_unread(work, order).order_by(OrderNoteCall.id))
    return rows.all()


async def _calls(work: Work, note_ids: Sequence[int]) -> tuple[dict[int, tuple[str, ...]], set[int]]:
    """Who was called by each of these notes, by name; and which of them the actor has to read."""
    names: dict[int, tuple[str, ...]] = {}
    mine: set[int] = set()
    if not note_ids:
        return names, mine
    rows = await work.session.execute(
        select(OrderNoteCall.note_id, Person.name, Person.id, OrderNoteCall.read_at)
        .join(Person, Person.id == OrderNoteCall.person_id)
        .where(OrderNoteCall.note_id.in_(note_ids))
        .order_by(OrderNoteCall.id)
    )
    for note_id, name, person_id, read_at in rows:
        names[note_id] = (*names.get(note_id, ()), name)
        if person_id == work.actor.person_id and read_at is None:
            mine.add(note_id)
    return names, mine


async def _named(work: Work, words: str) -> list[Person]:
    """The colleagues that the words name with `@`, by their whole name or by a first name that one of them has.

    Raises NotAccepted of `words` for a name that is nobody's, several people's, or of somebody who sees no orders.
    """
    places = [found.end() for found in _AT.finditer(words)]
    if not places:
        return []
    people = list(await work.session.scalars(select(Person).where(Person.active).order_by(Person.id)))
    named, wrong = [], []
    for place in places:
        told = words[place:].casefold()
        found = _longest(people, told)
        token = re.split(r"[^\w\-]", words[place:], maxsplit=1)[0]
        if not found:
            found = [one for one in people if one.name.split(maxsplit=1)[:1] == [token]]
        if not found:
            wrong.append(f"Nobody here is called “{token}”: name a colleague, or leave out the @.")
        elif len(found) > 1:
            wrong.append(f"Several are called “{token}”: write the whole name.")
        elif May.SEE_ORDERS not in granted(found[0].roles):
            wrong.append(f"{found[0].name} sees no orders.")
        else:
            named += found
    if wrong:
        raise NotAccepted(words=" ".join(dict.fromkeys(wrong)))
    return named


def _longest(people: Iterable[Person], told: str) -> list[Person]:
    """Those whose whole name the text begins with, of the longest such name."""
    begun = [one for one in people if _begins(told, one.name.casefold())]
    longest = max((len(one.name) for one in begun), default=0)
    return [one for one in begun if len(one.name) == longest]


def _begins(told: str, name: str) -> bool:
    after = told[len(name) : len(name) + 1]
    return bool(name) and told.startswith(name) and not (after.isalnum() or after == "_")
