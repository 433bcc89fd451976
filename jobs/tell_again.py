"""Tell again of escalations of which no notice went out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from jobs.batching import breathe, size_of
from jobs.sweep_deadlines import BATCH, BATCH_ON_SQLITE
from portal.desk import unheard
from portal.desk.work import SYSTEM, Desk

log = logging.getLogger(__name__)


async def tell_again(desk: Desk) -> int:
    """Tell a wider circle of every escalation nobody has heard of; return how many. Safe to run on every replica.

    S0-4, S3-5.2.2
    """
    async with desk.look(SYSTEM) as look:
        waiting = await unheard.waiting(look)
    batch = size_of(desk, BATCH, BATCH_ON_SQLITE)
    remembered: dict[str, Any] = {}
    acted = 0
    for begin in range(0, len(waiting), batch):
        acted += await _tell(desk, waiting[begin : begin + batch], remembered)
        await breathe(desk)
    return acted


async def _tell(desk: Desk, ids: Sequence[int], remembered: dict[str, Any]) -> int:
    """Tell of all in one transaction; if that fails, of one after the other, and leave those that fail to the next run."""
    try:
        async with desk.work(SYSTEM, remembered=remembered) as work:
            return await unheard.tell_again(work, ids)
    except Exception:
        remembered.clear()  # what was read in a transaction that was taken back is not to be used again
        if len(ids) == 1:
            log.exception("Nobody could be told again of escalation %d; going on.", ids[0])
            return 0
        log.exception("A batch of %d escalations failed; going on one by one.", len(ids))
    return sum([await _tell(desk, [one], remembered) for one in ids])
