"""Run drafts of the policy over past and open cases."""

from __future__ import annotations

from jobs.batching import in_batches
from portal.desk import replay
from portal.desk.work import Desk

BATCH = 100
"""Cases in one transaction: counting them takes the process some 60 ms, in which it answers nobody."""
BATCH_ON_SQLITE = 50
"""The same, and meanwhile others wait for the one writer."""


async def replay_policies(desk: Desk) -> int:
    """Go on with every replay that was asked for, batch by batch; return how many batches there were. S2-14.1"""
    return (await in_batches(desk, replay.step, BATCH, BATCH_ON_SQLITE)).batches
