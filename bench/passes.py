"""One pass through many cases in batches: how long, how many a second, and whether memory stays flat.

What goes through the past case by case is measured alike: it needs a function as `_verified`, which tells a `Pass`
how far it has come, and its lines.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

from bench.following import OPEN_CASES
from bench.measure import MILLI, Line, within
from bench.scene import Scene, with_desk
from jobs.replay_policies import BATCH
from models import Replay
from portal.desk import drift, policy_versions, replay, rulebook
from portal.desk.work import SYSTEM, Desk

MOST_GROWTH_MB = 8
"""From the first tenth of a pass to the last."""
TENTH = 10
AGES = timedelta(days=3650)


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
    """Every clock of the open and the closed cases is counted anew and compared; and a draft is tried on them all. P19"""
    url, _ = scene.place.clocks(min(OPEN_CASES, scene.plan.rows))
    yield from with_desk(url, _verified).lines("P19", "verify clocks")
    yield from with_desk(url, _replayed).lines("P19", "replay a draft")


async def _verified(desk: Desk) -> Pass:
    """The second of two passes: the first fills the cache of its connection, 32 MB on SQLite, which is held from then on."""
    async for _ in drift.verify(desk, everything=True):
        pass
    under_way = Pass()
    async for batch in drift.verify(desk, everything=True):
        under_way.note(batch.cases)
    return under_way


async def _replayed(desk: Desk) -> Pass:
    """Every target is a fifth longer, so that every clock is counted under both."""
    async with desk.work(SYSTEM) as work:
        draft = await rulebook.draft(work)
        document = deepcopy(draft.document)
        for row in (*document["targets"], *document["levels"]):
            row["amount"] += row["amount"] // 5
        await rulebook.save(work, draft, draft.version, document)
        asked = await replay.ask(work, draft, work.now - AGES, work.now)
        known, all_of_them = asked.cases, asked.expected
    under_way = Pass()
    under_way.note(known)
    while True:
        async with desk.work(SYSTEM) as work:
            if not await replay.step(work, BATCH):
                break
        async with desk.look(SYSTEM) as look:
            found = await look.session.get_one(Replay, asked.id)
        under_way.note(found.cases - under_way.cases)
    if under_way.cases != all_of_them:
        raise RuntimeError(f"{under_way.cases:,} of {all_of_them:,} cases were replayed: {found.words}")
    async with desk.work(SYSTEM) as work:
        await rulebook.drop(work, await policy_versions.load(work, draft.id))
    return under_way
