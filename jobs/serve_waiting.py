"""Promise goods that have come in to the orders that wait for them."""

from __future__ import annotations

import logging

from portal.desk import orders
from portal.desk.work import SYSTEM, Desk

log = logging.getLogger(__name__)


async def serve_waiting(desk: Desk) -> int:
    """Serve every order that waits for something that is there, the longest first; return how many.

    Each in a transaction of its own; one that fails is left to the next run. Safe to run on every replica. S1-4.2.1a
    """
    async with desk.look(SYSTEM) as look:
        due = await orders.come_in(look)
    served = 0
    for order_id in due:
        try:
            async with desk.work(SYSTEM) as work:
                served += await orders.serve(work, order_id)
        except Exception:
            log.exception("Order %d could not be promised what came in; going on.", order_id)
    return served
