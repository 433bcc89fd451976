"""Doing much in batches, each a transaction of its own, so that nobody who saves something waits long for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from portal.desk.work import SYSTEM, Desk, Work

BREATH = 0.010
"""Seconds between two batches on SQLite: its one writer is asked for by polling, and whoever waits comes in here."""
Act = Callable[[Work, int], Awaitable[int]]
"""Something that acts on up to so many rows in one transaction and says how many there were."""


class Taken(NamedTuple):
    """What was done by the time nothing was left."""

    batches: int
    rows: int


def size_of(desk: Desk, many: int, few: int) -> int:
    """How many rows a batch takes: `few` on SQLite, where everybody waits for the one writer that holds it."""
    return few if desk.database.is_sqlite else many


async def breathe(desk: Desk) -> None:
    """Let those in who wait for the writer; elsewhere only those who wait for this process."""
    await asyncio.sleep(BREATH if desk.database.is_sqlite else 0)


async def in_batches(
    desk: Desk, act: Act, many: int, few: int, *, remembering: bool = False, short_is_last: bool = False
) -> Taken:
    """Let `act` take batch after batch until it takes nothing.

    `remembering` lets each batch go by what the one before it read, such as the policy. `short_is_last` saves the look
    that finds nothing, where a batch that is not full says that nothing is left.
    """
    batch = size_of(desk, many, few)
    remembered: dict[str, Any] = {}
    batches = rows = 0
    while True:
        async with desk.work(SYSTEM, remembered=remembered if remembering else None) as work:
            taken = await act(work, batch)
        if taken:
            batches, rows = batches + 1, rows + taken
        if not taken or (short_is_last and taken < batch):
            return Taken(batches, rows)
        await breathe(desk)
