"""Ask customers how it went."""

from __future__ import annotations

import logging

from portal.desk import feedback
from portal.desk.work import SYSTEM, Desk

log = logging.getLogger(__name__)


async def ask_feedback(desk: Desk) -> int:
    """Invite the customers of cases resolved and orders delivered a while ago. Returns how many were asked.

    S0-3.7.1, S3-9.1.1
    """
    async with desk.look(SYSTEM) as look:
        due = await feedback.due(look)
    asked = 0
    for kind, about_id in due:
        try:
            async with desk.work(SYSTEM) as work:
                asked += await feedback.invite(work, kind, about_id) is not None
        except Exception:
            log.exception("Nobody could be asked about the %s of %d; going on.", kind.value, about_id)
    return asked
