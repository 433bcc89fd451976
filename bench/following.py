"""A hundred thousand open cases follow a change of the policy, against set-based SQL that writes the same rows. P18"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import asyncpg

from bench.loading import plain_address
from bench.measure import Line, Timing, at_most
from bench.processes import sweeper
from bench.scene import Scene

OPEN_CASES = 100_000
ROUNDS = 4
MOST = 3
CONTENDERS = {"portal": "portal", "floor": "floor", "same batches": "same-batches"}


def following(scene: Scene) -> Iterator[Line]:
    """Each in turn writes every clock that runs or stands still, each case's fact and its first due moment.

    As with sweeps: on SQLite the portal breathes between batches, so compared is what each process computes, the
    database included; on PostgreSQL compared is the time it takes.
    """
    rows = min(OPEN_CASES, scene.plan.rows)
    url, moment = scene.place.clocks(rows)
    cost: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    alone: list[float] = []
    with ExitStack() as stack:
        followers = {
            name: stack.enter_context(sweeper(kind, url, "bench.follower"))
            for name, kind in CONTENDERS.items()
        }
        for _ in range(ROUNDS if scene.seconds >= 1 else 2):
            for name, one in followers.items():
                if not scene.on_sqlite:
                    asyncio.run(_vacuum(url))
                moment += timedelta(seconds=1)
                seconds = _whole(one.sweep(moment), rows)
                cost[name].append(one.computing if scene.on_sqlite else seconds)
                if name == "portal":
                    alone.append(seconds)
    ours, floor, small = (Timing(tuple(taken)) for taken in cost.values())
    yield at_most("P18", f"{rows:,} cases follow a policy", "set-based SQL", ours, floor, MOST)
    yield at_most("", f"{rows:,} cases follow a policy", "set-based SQL, same batches", ours, small, None)
    took = Timing(tuple(alone))
    yield Line("", f"{rows:,} cases, until the last has followed", took.median, "", None, None, "", None)


def _whole(taken: tuple[int, float], rows: int) -> float:
    followed, seconds = taken
    if followed != rows:
        raise RuntimeError(f"{followed:,} of {rows:,} cases followed.")
    return seconds


async def _vacuum(url: str) -> None:
    """Each finds what the one before wrote cleared away and on the disk."""
    connection = await asyncpg.connect(plain_address(url), command_timeout=None)
    await connection.execute("VACUUM ANALYZE deadlines, cases, clock_events")
    await connection.execute("CHECKPOINT")
    await connection.close()
