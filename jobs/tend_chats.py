"""Tell of chats that wait for long, and let none be lost that nobody takes."""

from __future__ import annotations

import logging

from portal.desk import chat
from portal.desk.work import SYSTEM, Desk

log = logging.getLogger(__name__)


async def tend_chats(desk: Desk) -> int:
    """Tell those on duty, once each, and make messages of what nobody took; return how many. S2-12.3, S2-12.5

    Each in its own transaction: one that fails is left to the next run, and the others go on.
    """
    acted = 0
    for find, do in ((chat.late, chat.tell), (chat.untaken, chat.leave_untaken)):
        async with desk.look(SYSTEM) as look:
            found = await find(look)
        for chat_id in found:
            try:
                async with desk.work(SYSTEM) as work:
                    acted += await do(work, chat_id)
            except Exception:
                log.exception("Chat %d could not be tended; going on.", chat_id)
    return acted
