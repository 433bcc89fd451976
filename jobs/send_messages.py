"""Send what waits in the outbox."""

from __future__ import annotations

import asyncio
import logging
import uuid

from portal.desk import messages
from portal.desk.messages import Envelope, Line, NotTaken, Post, Unreachable
from portal.desk.work import SYSTEM, Desk

log = logging.getLogger(__name__)

BATCH = 50
LONGEST_BATCH = 40.0
"""Seconds after which the rest of a batch is put back: well before its lease ends."""


async def send_messages(desk: Desk, post: Post | None) -> int:
    """Send every message that is due. Returns how many were sent. Safe to run on every replica.

    Claims in one transaction, sends in none, marks in one a message. Stops at once when no server answers;
    without a post the messages wait.
    """
    if post is None:
        return 0
    owner, sent, reachable = uuid.uuid4().hex, 0, True
    async with post.line() as line:
        while reachable:
            async with desk.work(SYSTEM) as work:
                batch = await messages.claim_due(work, owner, BATCH)
            if not batch:
                break
            taken, reachable = await _send_batch(desk, line, batch)
            sent += taken
    return sent


async def _send_batch(desk: Desk, line: Line, batch: list[Envelope]) -> tuple[int, bool]:
    """Try one message after the other. Returns how many were sent, and whether the server can be reached."""
    sent, stopwatch = 0, asyncio.get_running_loop().time
    until = stopwatch() + LONGEST_BATCH
    for place, envelope in enumerate(batch):
        if stopwatch() > until:
            await _put_back(desk, batch[place:])
            break
        try:
            await line.send(envelope)
        except NotTaken as refusal:
            mark = messages.dead if refusal.for_good else messages.put_off
            async with desk.work(SYSTEM) as work:
                await mark(work, envelope, refusal.reason)
        except Unreachable as silence:
            async with desk.work(SYSTEM) as work:
                await messages.put_off(work, envelope, str(silence))
            await _put_back(desk, batch[place + 1 :])
            return sent, False
        except Exception:
            log.exception("Message %s could not be sent.", envelope.id)
            async with desk.work(SYSTEM) as work:
                await messages.put_off(work, envelope, "Something in Handrail failed; see the log.")
        else:
            async with desk.work(SYSTEM) as work:
                await messages.sent(work, envelope)
            sent += 1
    return sent, True


async def _put_back(desk: Desk, rest: list[Envelope]) -> None:
    async with desk.work(SYSTEM) as work:
        await messages.release(work, rest)
