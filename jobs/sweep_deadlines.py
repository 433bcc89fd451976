"""Act on every deadline that warns or has run out."""

from __future__ import annotations

from jobs.pace import in_batches
from portal.desk import sweep, turns
from portal.desk.work import Desk

BATCH_ON_SQLITE = 20
"""While others write, and one of them waits. Measured over a million cases: beside a sweep the p99 of a step is 15 ms at
20 rows and 23 ms at 50; the sweep itself takes half as long again."""
BATCH = 1000


async def sweep_deadlines(desk: Desk) -> int:
    """Warn, record and escalate batch by batch until nothing is due; return how many. S0-4, S3-5.2.2.

    Of a level that tells one after the other, and nobody accepted, the next one is told too. S2-13.2
    """
    swept = await in_batches(desk, sweep.act_on_due, few=BATCH_ON_SQLITE, many=BATCH)
    return swept + await in_batches(desk, turns.tell_due, few=BATCH_ON_SQLITE, many=BATCH)
