"""Chats that nobody takes: those on duty are told once, and after a while it becomes a message. S2-12.3, S2-12.5"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from models import Chat
from models.words import ChatStatus, Role
from portal.desk import audit, notices, policy
from portal.desk.chat import lines
from portal.desk.chat.talking import become_case
from portal.desk.errors import WrongMoment
from portal.desk.saving import hold
from portal.desk.work import Work

MOST = 100


async def _ids(work: Work, *, due_by: timedelta | None = None) -> list[int]:
    wanted = select(Chat.id).where(Chat.status == ChatStatus.WAITING)
    if due_by is None:
        wanted = wanted.where(Chat.due_at <= work.now, Chat.told_at.is_(None))
    else:
        wanted = wanted.where(Chat.opened_at <= work.now - due_by)
    return list(await work.session.scalars(wanted.order_by(Chat.opened_at, Chat.id).limit(MOST)))


async def tell_of_waiting(work: Work) -> int:
    """Tell those on duty of chats that wait longer than they should, once each; return how many. S2-12.5

    Safe on every replica: each chat is held while it is told of.
    """
    told = 0
    for chat_id in await _ids(work):
        chat = await work.session.get_one(Chat, chat_id)
        await hold(work, chat)
        if chat.status is not ChatStatus.WAITING or chat.told_at is not None:
            continue
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
        told += 1
    return told


async def leave_untaken(work: Work) -> int:
    """Make inquiries of chats that nobody took for long: nothing that was written is lost. S0-5.1b, S2-12.3"""
    left = 0
    for chat_id in await _ids(work, due_by=policy.CHAT_LEFT_AFTER):
        chat = await work.session.get_one(Chat, chat_id)
        try:
            await lines.hold_running(work, chat)
        except WrongMoment:
            continue
        if chat.status is ChatStatus.WAITING:
            await become_case(work, chat)
            left += 1
    return left
