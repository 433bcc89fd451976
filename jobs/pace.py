"""How much a job takes at once: as much as nobody has to wait for.

On PostgreSQL a batch is as large as pays, and others write beside it. SQLite has one writer, so a batch is what
somebody's save may come to wait for: there a job begins with a few rows and takes twice as many each time, as long as
nobody else writes; as soon as somebody does, it takes a few again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from portal.desk.work import SYSTEM, Desk, Work

Act = Callable[[Work, int], Awaitable[int]]
"""Does at most so many, and says how many it did."""
BREATH = 0.010
"""Seconds between two batches on SQLite: its one writer is asked for by polling, and whoever waits comes in here."""
LISTENING = 0.050
"""The same at the beginning, while nobody can know yet whether others write: small batches are dear, so few are taken."""
LONGEST = 0.040
"""Seconds for which a batch may hold that writer while nobody else writes. A person does not notice that it was held,
and whoever comes into it is the first and the last to wait for so long."""
QUIET = 0.5
"""Seconds without a write of anybody else, after which nobody is taken to be writing. Who waits for the writer is not seen,
and asks again after a tenth of a second at the latest."""


@dataclass(slots=True)
class Pace:
    """How many rows the next batch has on SQLite."""

    few: int
    rows: int = field(init=False)
    listening: bool = field(init=False, default=True)
    """Whether it is too early to say that nobody else writes."""
    _seen: tuple[int, int] | None = field(init=False, default=None)
    _began: float = field(init=False, default=0.0)
    _quiet_since: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.rows = self.few

    def note(self, seen: tuple[int, int], seconds: float, now: float) -> None:
        """Take in what a batch of so many rows took, and `seen`: the turns in this process, and what others wrote."""
        turns, elsewhere = seen
        began = self._began = self._began or now
        self.listening = now - began < QUIET
        if self._seen != (turns - 1, elsewhere):  # another turn than the batch's own
            self.rows, self._quiet_since = self.few, now
        elif seconds > LONGEST:
            self.rows = max(self.rows // 2, self.few)
        elif seconds < LONGEST / 2 and now - self._quiet_since >= QUIET:
            self.rows *= 2
        self._seen = seen


async def in_batches(
    desk: Desk, act: Act, *, few: int, many: int, stopwatch: Callable[[], float] = time.monotonic
) -> int:
    """Let `act` take batch after batch, each a transaction of its own, until one is not full; return how many in all.

    `few` rows are a batch on SQLite while others write, `many` one on PostgreSQL. What the first batch has read of the
    policy and of the people holds for all.
    """
    pace, acted = _Paced(desk, few, many, stopwatch), 0
    remembered: dict[str, Any] = {}
    while True:
        batch = pace.rows
        taken = await pace.take(act, remembered)
        acted += taken
        if taken < batch:
            return acted
        await pace.breathe()


async def until_done(desk: Desk, act: Act, *, few: int, many: int) -> int:
    """As `in_batches`, until there is nothing left, and each batch reads anew what may have changed meanwhile."""
    pace, acted = _Paced(desk, few, many, time.monotonic), 0
    while taken := await pace.take(act, {}):
        acted += taken
        await pace.breathe()
    return acted


class _Paced:
    """Batches of one job, as large as its database and those who write beside it allow."""

    def __init__(self, desk: Desk, few: int, many: int, stopwatch: Callable[[], float]) -> None:
        self._desk, self._many, self._stopwatch = desk, many, stopwatch
        self._pace = Pace(few) if desk.database.is_sqlite else None

    @property
    def rows(self) -> int:
        return self._pace.rows if self._pace else self._many

    async def take(self, act: Act, remembered: dict[str, Any]) -> int:
        """One batch in its transaction; return how many there were."""
        began, desk = self._stopwatch(), self._desk
        async with desk.work(SYSTEM, remembered=remembered) as work:
            taken = await act(work, self.rows)
            ask = self._pace and taken == self.rows  # a look that finds little is one statement
            seen = await desk.database.written_by(work.session) if ask else None
        if self._pace and seen:
            now = self._stopwatch()
            self._pace.note(seen, now - began, now)
        return taken

    async def breathe(self) -> None:
        """Let others come in."""
        if self._pace:
            await asyncio.sleep(LISTENING if self._pace.listening else BREATH)
        else:
            await asyncio.sleep(0)
