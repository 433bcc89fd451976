"""Forget what the house no longer needs to remember."""

from __future__ import annotations

from portal.desk import slots
from portal.desk.work import SYSTEM, Desk


async def prune(desk: Desk) -> int:
    """Remove old notes of runs and used keys; return how many. No business fact is ever removed."""
    async with desk.work(SYSTEM) as work:
        return await slots.prune(work)
