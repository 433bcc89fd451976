"""Run drafts of the policy over past and open cases."""

from __future__ import annotations

import asyncio

from jobs.sweep_deadlines import BREATH
from portal.desk import replay
from portal.desk.work import SYSTEM, Desk

BATCH = 100
"""Cases in one transaction: counting them takes the process some 60 ms, in which it answers nobody."""
BATCH_ON_SQLITE = 50
"""The same, and meanwhile others wait for the one writer."""


async def replay_policies(desk: Desk) -> int:
    """Go on with every replay that was asked for, batch by batch; return how many batches there were. S2-14.1"""
    on_sqlite = desk.database.is_sqlite
    batch = BATCH_ON_SQLITE if on_sqlite else BATCH
    batches = 0
    while True:
        async with desk.work(SYSTEM) as work:
            went_on = await replay.step(work, batch)
        if not went_on:
            return batches
        batches += 1
        await asyncio.sleep(BREATH if on_sqlite else 0)
