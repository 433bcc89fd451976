"""One pass through many cases in batches: how long, how many a second, and whether memory stays flat.

What goes through the past case by case is measured alike: it needs a function as `_verified`, which tells a `Pass`
how far it has come, and its lines.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from bench.following import OPEN_CASES
from bench.measure import MILLI, Line, within
from bench.scene import Scene, with_desk
from portal.desk import drift
from portal.desk.work import Desk

MOST_GROWTH_MB = 8
"""From the first tenth of a pass to the last."""
TENTH = 10


class Pass:
    """A pass under way: how much memory this process holds at each batch."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.cases = 0
        self.held: list[tuple[int, float]] = []
        """(cases so far, MB)."""

    def note(self, cases: int, held: float | None = None) -> None:
        """Another batch is done."""
        self.cases += cases
        self.held.append((self.cases, resident() if held is None else held))

    @property
    def growth(self) -> float:
        """In MB, from the first tenth of the cases to the last: each by its median."""
        edge = self.cases / TENTH
        first = [held for so_far, held in self.held if so_far <= edge] or [self.held[0][1]]
        last = [held for so_far, held in self.held if so_far > self.cases - edge]
        return statistics.median(last) - statistics.median(first)

    def lines(self, goal: str, what: str) -> Iterator[Line]:
        """What to tell of a pass that is over."""
        seconds = time.perf_counter() - self.began
        told = f"{what}, {self.cases:,} cases"
        yield Line("", told, seconds * MILLI, "", None, None, "", None)
        yield Line("", f"{told}, a second", self.cases / seconds, "", None, None, "", None, unit="")
        yield within(
            goal, f"{told}, memory from the first tenth to the last", self.growth, MOST_GROWTH_MB, "MB"
        )


def resident() -> float:
    """Memory of this process in MB; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def passes(scene: Scene) -> Iterator[Line]:
    """Every clock of the open and the closed cases is counted anew and compared. P19"""
    url, _ = scene.place.clocks(min(OPEN_CASES, scene.plan.rows))
    yield from with_desk(url, _verified).lines("P19", "verify clocks")


async def _verified(desk: Desk) -> Pass:
    under_way = Pass()
    async for batch in drift.verify(desk, everything=True):
        under_way.note(batch.cases)
    return under_way
