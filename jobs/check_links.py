"""Look whether the links that are sent to customers still lead somewhere. S3-3.1.3b"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from portal import outside
from portal.desk import dead_links
from portal.desk.work import SYSTEM, Desk

AT_ONCE = 8
"""Pages that are asked for side by side."""

Look = Callable[[str], Awaitable[str]]


async def check_links(desk: Desk, look: Look = outside.look) -> int:
    """Look at every link that is due; return how many. Asks in no transaction.

    When not one of several pages answers, it is our own line that is down, and nothing is noted of any.
    """
    async with desk.work(SYSTEM) as work:
        await dead_links.gather(work)
    looked, turns = 0, asyncio.Semaphore(AT_ONCE)

    async def one(address: str) -> tuple[str, str]:
        async with turns:
            return address, await look(address)

    while True:
        async with desk.look(SYSTEM) as work:
            due = await dead_links.due(work)
        found = dict(await asyncio.gather(*(one(address) for address in due)))
        if not found or (len(found) > 1 and set(found.values()) == {outside.NO_ANSWER}):
            return looked
        async with desk.work(SYSTEM) as work:
            await dead_links.note(work, found)
        looked += len(found)
