"""Seal the audit trail, and see every day that it is as it was sealed. S2-8.7"""

from __future__ import annotations

import asyncio

from portal.desk import audit_seals
from portal.desk.errors import WrongMoment
from portal.desk.work import SYSTEM, Desk

MOST = 200
"""Stretches of one run: a desk from before seals a hundred thousand entries at a time."""
BREATH = 0.01
"""Seconds between two stretches, for the people whom the same process answers."""


async def seal_audit(desk: Desk) -> int:
    """Seal what was written since the last run; return how many entries."""
    sealed = 0
    for _ in range(MOST):
        async with desk.work(SYSTEM) as work:
            done = await audit_seals.seal_next(work)
        sealed += done
        if done < audit_seals.STRETCH:
            break
        await asyncio.sleep(BREATH)
    return sealed


async def verify_audit(desk: Desk) -> int:
    """Verify the whole trail; return how many entries. Raises WrongMoment, for the note, when anything is wrong."""
    found = audit_seals.Verified()
    async for so_far in audit_seals.verify(desk):
        found = so_far
        await asyncio.sleep(BREATH)
    if found.wrong:
        raise WrongMoment(
            f"{len(found.wrong):,} wrong in the audit trail, the first: {found.wrong[0]} "
            "Ask `handrail audit verify` for all."
        )
    return found.entries
