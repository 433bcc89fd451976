"""Chats with customers: who waits, one chat with its messages, and what can be done with it. S2-12.3"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from models.words import ChatStatus
from portal.desk import chat
from portal.desk.chat import ChatRow, Line, Queue
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.web import Visit

QUEUES = {Queue.RUNNING: "Now", Queue.ENDED: "Ended"}
COUNTS_AS = [
    ("answer", "An answer"),
    ("update", "How it stands"),
    ("question", "A question: the clocks stand still until it is answered"),
]
STATES = {
    ChatStatus.WAITING: "Waits for somebody.",
    ChatStatus.TAKEN: "Taken.",
    ChatStatus.ENDED: "This chat has ended.",
}
SAY = {"you": "Customer", "us": "Us", "log": "What was said"}

Deed = Callable[[Work, ChatRow, Typed], Awaitable[None]]


async def index(visit: Visit) -> Response:
    """Who waits, the longest first, and what runs; or those that have ended. Asked for anew it is the part that changes."""
    show = Queue.ENDED if visit.asked("show") == Queue.ENDED.value else Queue.RUNNING
    async with visit.look() as work:
        running = await chat.queue(work) if show is Queue.RUNNING else []
        ended = await chat.ended(work, before=visit.asked("before")) if show is Queue.ENDED else None
    return visit.page(
        "chats/_queue.html" if visit.is_htmx else "chats/index.html",
        rows=running if ended is None else ended.rows,
        older=ended.older if ended else "",
        show=show.value,
        chips=[(f"/chats?show={one.value}", words, None, one is show) for one, words in QUEUES.items()],
    )


async def show(visit: Visit) -> Response:
    """One chat."""
    return await detail(visit)


async def detail(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of a chat; after a refused form with what was typed."""
    async with visit.look() as work:
        row = await chat.load(work, visit.number("chat_id"))
        said = await chat.messages(work, row.chat)
        others = await chat.colleagues(work) if row.mine else []
    return visit.page(
        "chats/detail.html",
        row=row,
        log=said,
        others=[(str(one.id), one.name) for one in others],
        counts=COUNTS_AS,
        **_standing(visit, row),
        **refused.facts(),
    )


async def news(visit: Visit) -> Response:
    """What was said after a message, and how the chat stands: asked for by the page itself."""
    async with visit.look() as work:
        row = await chat.load(work, visit.number("chat_id"))
        said = await chat.messages(work, row.chat, number_in(visit.asked("after")) or 0)
    return visit.page("chat/_news.html", log=said, **_standing(visit, row))


def _standing(visit: Visit, row: ChatRow) -> dict[str, Any]:
    one, zone = row.chat, ZoneInfo(visit.person.zone)
    who = f"{one.taken_by.name} has it." if one.taken_by else ""
    state = (
        "You have it." if row.mine else who if one.status is ChatStatus.TAKEN and who else STATES[one.status]
    )
    return {
        "chat": one,
        "state": state,
        "say": SAY,
        "language": one.language,
        "clock": lambda line: _clock(line, zone),
    }


def _clock(line: Line, zone: ZoneInfo) -> str:
    return f"{line.at.astimezone(zone):%H:%M}"


async def take(visit: Visit) -> Response:
    """Take it: one does."""

    async def do(work: Work, row: ChatRow, _typed: Typed) -> None:
        await chat.take(work, row.chat)

    return await _answer(visit, "holder", do)


async def say(visit: Visit) -> Response:
    """Write to the customer, here or beside a step of the wizard."""

    async def do(work: Work, row: ChatRow, typed: Typed) -> None:
        await chat.say(work, row.chat, typed.get("words", ""), typed.get("counts_as", ""))

    return await _answer(visit, "messages", do)


async def begin(visit: Visit) -> Response:
    """Begin its contact in the wizard, or go on with it."""

    async def do(work: Work, typed: Typed) -> str:  # noqa: ARG001  a form without fields
        row = await chat.load(work, visit.number("chat_id"))
        return f"/intakes/{await chat.begin_contact(work, row.chat)}"

    return await answer_form(visit, "contact", do, detail, "The chat goes on below each step.")


async def hand_back(visit: Visit) -> Response:
    """Let somebody else take it."""

    async def do(work: Work, row: ChatRow, _typed: Typed) -> None:
        await chat.hand_back(work, row.chat)

    return await _answer(visit, "return", do, "/chats", "It waits for somebody else.")


async def hand_over(visit: Visit) -> Response:
    """Give it to a colleague."""

    async def do(work: Work, row: ChatRow, typed: Typed) -> None:
        await chat.hand_over(work, row.chat, number_in(typed.get("person_id", "")))

    return await _answer(visit, "colleague", do, "/chats", "Your colleague has it now.")


async def end(visit: Visit) -> Response:
    """End it."""

    async def do(work: Work, row: ChatRow, _typed: Typed) -> None:
        await chat.end(work, row.chat)

    return await _answer(visit, "end", do, said="The chat has ended. All that was said stays.")


async def _answer(visit: Visit, form: str, deed: Deed, after: str = "", said: str = "") -> Response:
    """Do what a form asks; go back to the chat, or to the contact from which it was asked."""

    async def do(work: Work, typed: Typed) -> str:
        row = await chat.load(work, visit.number("chat_id"))
        await deed(work, row, typed)
        walked = number_in(typed.get("intake", ""))
        return f"/intakes/{walked}" if walked else after or f"/chats/{row.chat.id}"

    return await answer_form(visit, form, do, detail, said)
