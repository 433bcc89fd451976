"""Read what customers wrote from the mailbox."""

from __future__ import annotations

import asyncio
import logging

from portal.desk import mail
from portal.desk.mail import Arrived, Mailbox, MailLine, NotHandedOut, Waiting
from portal.desk.work import SYSTEM, Desk

log = logging.getLogger(__name__)

LONGEST_RUN = 45.0
"""Seconds after which the rest waits for the next run, in a minute."""
BATCH = 50
"""Mails after which those taken are marked in the mailbox."""
UNREADABLE = "It could not be taken in; the log says why. The mail itself is in the mailbox."


async def read_mail(desk: Desk) -> int:
    """Take in every mail that has come since the last run; return how many. Without a mailbox none.

    Each in a transaction of its own, which also moves the place up to which was read: a run that dies goes on where it
    was. One that cannot be taken in is rejected with a reason and the others go on. Raises messages.Unreachable, for
    the note, when the mailbox does not answer. S2-12.2, S0-5.1b
    """
    mailbox = desk.mailbox
    if mailbox is None:
        return 0
    taken, stopwatch = 0, asyncio.get_running_loop().time
    until = stopwatch() + LONGEST_RUN
    async with mailbox.line() as line:
        async with desk.look(SYSTEM) as look:
            after = await mail.place_of(look, mailbox.name, line.validity)
        waiting = await line.waiting(after)
        for begin in range(0, len(waiting), BATCH):
            done: list[int] = []
            over = False
            for one in waiting[begin : begin + BATCH]:
                taken += await _read(desk, mailbox, line, one)
                done.append(one.uid)
                over = stopwatch() > until
                if over:
                    break
            await line.taken(done)
            if over:
                break
    return taken


async def _read(desk: Desk, mailbox: Mailbox, line: MailLine, one: Waiting) -> bool:
    """Read one mail and take it in; tell whether it is new."""
    try:
        arrived = await line.read(one)
    except NotHandedOut as refusal:
        unread = Arrived(one.uid, line.validity, one.size, one.received_at, b"", whole=False)
        async with desk.work(SYSTEM) as work:
            return await mail.reject(work, mailbox.name, unread, None, str(refusal)) is not None
    if arrived is None:
        async with desk.work(SYSTEM) as work:
            await mail.skip(work, mailbox.name, line.validity, one.uid)
        return False
    return await _take(desk, mailbox, arrived)


async def _take(desk: Desk, mailbox: Mailbox, arrived: Arrived) -> bool:
    """Take one mail in, or reject it; tell whether it is new. Where not even that can be written, the run ends."""
    parsed = None
    try:
        parsed = await asyncio.to_thread(mail.parsed, arrived.raw, whole=arrived.whole)
        async with desk.work(SYSTEM) as work:
            return await mail.take_in(work, mailbox.name, mailbox.address, arrived, parsed) is not None
    except Exception:
        log.exception("Mail %d of the mailbox could not be taken in; going on.", arrived.uid)
    async with desk.work(SYSTEM) as work:
        return await mail.reject(work, mailbox.name, arrived, parsed, UNREADABLE) is not None
