"""Tell of chats that wait for long, and let none be lost that nobody takes."""

from __future__ import annotations

from portal.desk import chat
from portal.desk.work import SYSTEM, Desk


async def tend_chats(desk: Desk) -> int:
    """Tell those on duty, once each, and make messages of what nobody took; return how many. S2-12.3, S2-12.5"""
    async with desk.work(SYSTEM) as work:
        told = await chat.tell_of_waiting(work)
    async with desk.work(SYSTEM) as work:
        return told + await chat.leave_untaken(work)
