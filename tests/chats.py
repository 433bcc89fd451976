"""A customer in a chat, as their browser has it: a secret, and what is done with it."""

from typing import Any

from sqlalchemy import select

from models import Chat, ChatMessage
from portal.desk import chat, runs
from portal.desk.chat import CHATTER, Opening
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CORA

SECRET = "a secret that only one browser holds"


async def begun(desk: Desk, words: str = "Where is my chair?", *, secret: str = SECRET, **told: Any) -> int:
    """Begin a chat as Ana does; give its id."""
    given = {"name": "Ana", "address": "ana@example.com", "language": "en", "came_from": "192.0.2.7", **told}
    async with desk.work(CHATTER) as work:
        return (await chat.begin(work, secret, Opening(words=words, **given))).id


async def taken(desk: Desk, chat_id: int, actor: Actor = CORA) -> None:
    async with desk.work(actor) as work:
        await chat.take(work, (await chat.load(work, chat_id)).chat)


async def wrote(desk: Desk, words: str, secret: str = SECRET) -> None:
    async with desk.work(CHATTER) as work:
        await chat.write(work, secret, words)


async def said(desk: Desk, chat_id: int, words: str, counts_as: str = "", actor: Actor = CORA) -> None:
    async with desk.work(actor) as work:
        await chat.say(work, (await chat.load(work, chat_id)).chat, words, counts_as)


async def walked(desk: Desk, chat_id: int, actor: Actor = CORA) -> tuple[int, int]:
    """Begin the contact of a chat; give the intake and the contact."""
    async with desk.work(actor) as work:
        intake_id = await chat.begin_contact(work, (await chat.load(work, chat_id)).chat)
    async with desk.look(actor) as work:
        return intake_id, (await runs.find(work, intake_id)).contact_id


async def row(desk: Desk, chat_id: int) -> Chat:
    async with desk.look(SYSTEM) as work:
        return await work.session.get_one(Chat, chat_id)


async def lines(desk: Desk, chat_id: int) -> list[tuple[str, str]]:
    """What stands in a chat, as (author, words)."""
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(
            select(ChatMessage).where(ChatMessage.chat_id == chat_id).order_by(ChatMessage.id)
        )
        return [(one.author.value, one.words) for one in rows]


__all__ = ["SECRET", "begun", "lines", "row", "said", "taken", "walked", "wrote"]
