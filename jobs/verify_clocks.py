"""See every day that the due times written down are those the facts give."""

from __future__ import annotations

import asyncio

from portal.desk import drift
from portal.desk.errors import WrongMoment
from portal.desk.work import Desk

BATCH = 100
"""Few at a time: the same process answers people meanwhile."""
BREATH = 0.01
"""Seconds between two batches, for those people."""


async def verify_clocks(desk: Desk) -> int:
    """Verify the clocks of all open cases; return how many there are. Raises WrongMoment, for the note, when any drift.

    Decision 8.
    """
    clocks = 0
    found: list[drift.Drift] = []
    async for batch in drift.verify(desk, batch=BATCH):
        clocks += batch.clocks
        found += batch.drifts
        await asyncio.sleep(BREATH)
    if found:
        first = found[0]
        raise WrongMoment(
            f"{len(found):,} of {clocks:,} clocks drift, the first {first.case} {first.clock}. "
            "Ask `handrail clocks verify` for all."
        )
    return clocks
