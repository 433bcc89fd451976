"""The chats as each person may see them, and one with its messages. Reads only. S2-12.3

What belongs to a restricted case is seen by those alone who may see the case. S3-5.1.2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import CompoundSelect, Select, or_, select, union
from sqlalchemy.orm import joinedload

from models import Chat, ChatMessage, Contact, Intake, Person
from models.words import ChatStatus
from portal.desk.chat.lines import Line
from portal.desk.errors import NotFound
from portal.desk.listing import LIMIT, PAGE, Rows, first, newest_first, paged
from portal.desk.permissions import May, granted
from portal.desk.rows import narrowed
from portal.desk.work import Work

SHOWN = 10
"""Chats on the page of their customer."""


class Queue(StrEnum):
    """A list of chats."""

    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ChatRow:
    """One chat with what hangs on it."""

    chat: Chat
    intake_id: int | None = None
    mine: bool = False


def waiting(work: Work) -> Select[Any]:
    """The ids of chats that nobody has taken."""
    return narrowed(work.actor, Chat, select(Chat.id)).where(Chat.status == ChatStatus.WAITING)


def _with(statement: Select[Any]) -> Select[Any]:
    return statement.options(
        joinedload(Chat.taken_by), joinedload(Chat.customer), joinedload(Chat.contact), joinedload(Chat.case)
    )


async def queue(work: Work) -> list[Chat]:
    """The chats that run and may be seen: those that wait first, who waits longest above."""
    work.require(May.TAKE_CONTACTS)
    running = narrowed(work.actor, Chat, select(Chat)).where(
        or_(Chat.status == ChatStatus.WAITING, Chat.status == ChatStatus.TAKEN)
    )
    found = await work.session.scalars(_with(running).order_by(Chat.opened_at, Chat.id).limit(2 * LIMIT))
    return sorted(found, key=lambda one: one.status is not ChatStatus.WAITING)


async def ended(work: Work, *, before: str = "", limit: int = PAGE) -> Rows[Chat]:
    """The chats that have ended, newest first."""
    work.require(May.TAKE_CONTACTS)
    ids = narrowed(work.actor, Chat, select(Chat.id)).where(Chat.status == ChatStatus.ENDED)
    page = first(newest_first(ids, Chat.ended_at, Chat.id, before), limit + 1).subquery()
    statement = _with(select(Chat).join(page, page.c.id == Chat.id))
    found = list(await work.session.scalars(statement.order_by(Chat.ended_at.desc(), Chat.id.desc())))
    return paged(found, limit, lambda row: row.ended_at or row.opened_at)


async def load(work: Work, chat_id: int) -> ChatRow:
    """One chat. Raises NotFound, also for one that may not be seen."""
    work.require(May.TAKE_CONTACTS)
    statement = narrowed(work.actor, Chat, select(Chat)).where(Chat.id == chat_id)
    chat: Chat | None = await work.session.scalar(_with(statement))
    if chat is None:
        raise NotFound
    begun = None
    if chat.contact_id is not None:
        begun = await work.session.scalar(select(Intake.id).where(Intake.contact_id == chat.contact_id))
    mine = chat.taken_by_id == work.actor.person_id and chat.status is ChatStatus.TAKEN
    return ChatRow(chat, begun, mine)


async def of_customer(work: Work, customer_id: int) -> list[Chat]:
    """The last chats of a customer that may be seen, newest first: of their contacts, and of their address. S2-15.5a"""
    met = select(Contact.id).where(Contact.customer_id == customer_id)
    theirs: CompoundSelect[Any] = union(  # each by an index of its own
        select(Chat.id).where(Chat.customer_id == customer_id),
        select(Chat.id).where(Chat.contact_id.in_(met)),
    )
    statement = narrowed(work.actor, Chat, _with(select(Chat))).where(Chat.id.in_(theirs))
    found = await work.session.scalars(statement.order_by(Chat.opened_at.desc(), Chat.id.desc()).limit(SHOWN))
    return list(found)


async def messages(work: Work, chat: Chat, after: int = 0) -> list[Line]:
    """What was said in a chat that the caller has got hold of, or what came after a message."""
    rows = await work.session.execute(
        select(ChatMessage, Person.name)
        .outerjoin(Person, Person.id == ChatMessage.person_id)
        .where(ChatMessage.chat_id == chat.id, ChatMessage.id > after)
        .order_by(ChatMessage.id)
    )
    return [Line(one.id, one.author, name or "", one.words, one.written_at) for one, name in rows]


async def colleagues(work: Work) -> Sequence[Person]:
    """The others who take contacts, by name."""
    found = await work.session.scalars(
        select(Person)
        .where(Person.active, Person.roles != (), Person.id != work.actor.person_id)
        .order_by(Person.name, Person.id)
        .limit(500)
    )
    return [one for one in found if May.TAKE_CONTACTS in granted(one.roles)]


async def name_of(work: Work, person_id: int | None) -> str:
    found: str | None = await work.session.scalar(select(Person.name).where(Person.id == person_id))
    return found or "A colleague"
