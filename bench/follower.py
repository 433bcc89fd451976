"""One who lets clocks follow a policy, in a process of its own: `python -m bench.follower portal|floor|… --database …`.

For each line, which is a moment, it first gets ready, then does its work as of then, and answers with a line: how many
cases, in how many seconds, and how many of those this process was computing.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple

import click
import uvloop

from bench.bare_clocks import EVERYTHING, READY, statements
from bench.clock_desk import lengthen
from bench.loading import path_of, plain_address
from jobs.recompute_clocks import BATCH, BATCH_ON_SQLITE, recompute_clocks
from portal.database import PRAGMAS, Database
from portal.desk import recomputing
from portal.desk.work import SYSTEM, Desk, Terms
from portal.running import settled


class Follower(NamedTuple):
    """What is done first, and what is measured."""

    ready: Callable[[], Awaitable[None]]
    follow: Callable[[datetime], Awaitable[int]]


async def portal(url: str) -> Follower:
    """A version with every target an hour longer or shorter is published, and the job lets all clocks follow it."""
    database, turn = Database(url), 0

    async def ready() -> None:
        nonlocal turn
        turn += 1

    async def follow(moment: datetime) -> int:
        desk = Desk(database, Terms(), lambda: moment)
        async with desk.work(SYSTEM) as work:
            await lengthen(work, 60 * (turn % 2))
        return recomputing.AT_ONCE + await recompute_clocks(desk)

    return Follower(ready, follow)


async def floor(url: str) -> Follower:
    """Set-based SQL that writes the same rows, in one transaction."""
    return await _bare(url, EVERYTHING)


async def same_batches(url: str) -> Follower:
    """The same in transactions of as many cases as the portal's."""
    return await _bare(url, BATCH_ON_SQLITE if url.startswith("sqlite") else BATCH)


async def _bare(url: str, batch: int) -> Follower:
    on_sqlite = url.startswith("sqlite")
    run = await (_sqlite if on_sqlite else _postgresql)(url)
    last = 0

    async def ready() -> None:
        nonlocal last
        for statement in READY["sqlite" if on_sqlite else "postgresql"]:
            last = await run([statement])

    async def follow(moment: datetime) -> int:
        for first in range(1, last + 1, batch):
            await run(statements(moment, first, min(last, first + batch - 1), on_sqlite=on_sqlite))
        return last

    return Follower(ready, follow)


Run = Callable[[list[str]], Awaitable[int]]
"""One transaction of these statements; gives what the last one answers first, else 0."""


async def _sqlite(url: str) -> Run:
    import aiosqlite

    connection = await aiosqlite.connect(path_of(url), isolation_level=None)
    for pragma in PRAGMAS:
        await connection.execute(f"PRAGMA {pragma}")

    async def run(statements: list[str]) -> int:
        found: Any = []
        await connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            found = await connection.execute_fetchall(statement)
        await connection.execute("COMMIT")
        return int(found[0][0]) if found else 0

    return run


async def _postgresql(url: str) -> Run:
    import asyncpg

    connection = await asyncpg.connect(plain_address(url), command_timeout=None)

    async def run(statements: list[str]) -> int:
        found: Any = []
        async with connection.transaction():
            for statement in statements:
                found = await connection.fetch(statement)
        return int(found[0][0]) if found else 0

    return run


KINDS: dict[str, Callable[[str], Awaitable[Follower]]] = {
    "portal": portal,
    "floor": floor,
    "same-batches": same_batches,
}


async def _answer(kind: str, url: str) -> None:
    follower = await KINDS[kind](url)
    settled()  # jobs run in a server that has
    click.echo("ready")
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        moment = datetime.fromisoformat(line)
        await follower.ready()
        began, computing = time.perf_counter(), time.process_time()
        acted = await follower.follow(moment)
        told = {"seconds": time.perf_counter() - began, "computing": time.process_time() - computing}
        click.echo(json.dumps({"acted": acted, **told}))


@click.command()
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.option("--database", required=True)
def main(kind: str, database: str) -> None:
    """Follow whenever a moment comes in."""
    uvloop.run(_answer(kind, database))


if __name__ == "__main__":
    main()
