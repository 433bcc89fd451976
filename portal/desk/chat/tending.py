"""Chats that nobody takes: those on duty are told once, and after a while it becomes a message. S2-12.3, S2-12.5

Each in a transaction of its own, in which it is held and looked at again: safe on every replica at once.
"""

from __future__ import annotations

from sqlalchemy import select

from models import Chat
from models.words import ChatStatus, Role
from portal.desk import audit, notices, policy
from portal.desk.chat.talking import become_case
from portal.desk.saving import hold
from portal.desk.work import Work

MOST = 100
"""Chats of one run."""


async def late(work: Work) -> list[int]:
    """The chats that wait longer than they should, of which nobody was told."""
    wanted = select(Chat.id).where(
        Chat.status == ChatStatus.WAITING, Chat.due_at <= work.now, Chat.told_at.is_(None)
    )
    return list(await work.session.scalars(wanted.order_by(Chat.due_at, Chat.id).limit(MOST)))


async def untaken(work: Work) -> list[int]:
    """The chats that nobody took for so long that nobody will."""
    before = work.now - policy.CHAT_LEFT_AFTER
    wanted = select(Chat.id).where(Chat.status == ChatStatus.WAITING, Chat.opened_at <= before)
    return list(await work.session.scalars(wanted.order_by(Chat.opened_at, Chat.id).limit(MOST)))


async def tell(work: Work, chat_id: int) -> bool:
    """Tell those on duty that a chat waits, once; say whether they were. S2-12.5"""
    chat = await _waiting(work, chat_id)
    if chat is None or chat.told_at is not None:
        return False
    chat.told_at = work.now
    await notices.tell_role(
        work,
        Role.REPRESENTATIVE,
        "chat-waits",
        once=f"chat-waits/{chat.id}",
        reference=chat.number,
        opened_at=chat.opened_at,
        subject=chat.subject,
        link=f"{work.terms.address}/chats/{chat.id}",
    )
    await audit.record(work, "tell of waiting chat", chat)
    return True


async def leave_untaken(work: Work, chat_id: int) -> bool:
    """Make an inquiry of a chat that nobody took; say whether it still waited. Nothing is lost. S0-5.1b, S2-12.3"""
    chat = await _waiting(work, chat_id)
    if chat is None:
        return False
    await become_case(work, chat)
    return True


async def _waiting(work: Work, chat_id: int) -> Chat | None:
    chat = await work.session.get_one(Chat, chat_id)
    await hold(work, chat)
    return chat if chat.status is ChatStatus.WAITING else None
