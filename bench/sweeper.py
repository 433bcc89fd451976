"""One sweeper in a process of its own: `python -m bench.sweeper portal|floor|… --database …`.

Reads a moment a line, sweeps as of then, and answers with a line: how many, in how many seconds, and how many of
those this process was computing.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import click
import uvloop

from bench.bare import EVERYTHING, statements
from bench.loading import path_of, plain_address
from jobs.sweep_deadlines import BATCH, BATCH_ON_SQLITE
from portal.database import PRAGMAS, Database
from portal.desk.work import Desk, Terms
from portal.letters import Letters
from portal.running import settled

Sweep = Callable[[datetime], Awaitable[int]]


async def portal(url: str) -> Sweep:
    """The job, as the portal runs it."""
    from jobs.sweep_deadlines import sweep_deadlines

    database, letters = Database(url), Letters()

    async def sweep(moment: datetime) -> int:
        return await sweep_deadlines(Desk(database, Terms(), lambda: moment, letters))

    return sweep


async def floor(url: str) -> Sweep:
    """Set-based SQL that writes the same rows, in one transaction."""
    return await _bare(url, EVERYTHING)


async def same_batches(url: str) -> Sweep:
    """The same in transactions of as many rows as the portal's."""
    return await _bare(url, BATCH_ON_SQLITE if url.startswith("sqlite") else BATCH)


async def _bare(url: str, batch: int) -> Sweep:
    once = await (_on_sqlite if url.startswith("sqlite") else _on_postgresql)(url)

    async def until_done(moment: datetime) -> int:
        acted = 0
        while True:
            done = await once(moment, batch)
            acted += done
            if done < batch:
                return acted

    return until_done


async def _on_sqlite(url: str) -> Callable[[datetime, int], Awaitable[int]]:
    connection = await _sqlite(url)

    async def once(moment: datetime, batch: int) -> int:
        done = 0
        await connection.execute("BEGIN IMMEDIATE")
        for statement in statements(moment, batch, on_sqlite=True):
            done = (await connection.execute(statement)).rowcount
        await connection.execute("COMMIT")
        return done

    return once


async def _on_postgresql(url: str) -> Callable[[datetime, int], Awaitable[int]]:
    connection = await _postgresql(url)

    async def once(moment: datetime, batch: int) -> int:
        said = ""
        async with connection.transaction():
            for statement in statements(moment, batch, on_sqlite=False):
                said = await connection.execute(statement)
        return int(said.rsplit(" ", 1)[1])

    return once


async def idle(url: str) -> Sweep:
    """The job when nothing is due, a thousand times over; the answer is in thousandths."""
    sweep = await portal(url)

    async def many(moment: datetime) -> int:
        for _ in range(IDLE):
            await sweep(moment)
        return IDLE

    return many


async def lookup(url: str) -> Sweep:
    """The bare question whether anything is due, as often."""
    if url.startswith("sqlite"):
        reading = await _sqlite(url)

        async def on_sqlite(moment: datetime) -> int:
            now = moment.replace(tzinfo=None).isoformat(" ", "microseconds")
            for _ in range(IDLE):
                await reading.execute_fetchall(LOOKUP.format("?1"), (now,))
            return IDLE

        return on_sqlite
    connection = await _postgresql(url)
    prepared = await connection.prepare(LOOKUP.format("$1"))

    async def on_postgresql(moment: datetime) -> int:
        for _ in range(IDLE):
            await prepared.fetch(moment)
        return IDLE

    return on_postgresql


IDLE = 200
LOOKUP = "SELECT id FROM deadlines WHERE next_at <= {0} ORDER BY next_at LIMIT 1"


async def _sqlite(url: str) -> Any:
    import aiosqlite

    connection = await aiosqlite.connect(path_of(url), isolation_level=None)
    for pragma in PRAGMAS:
        await connection.execute(f"PRAGMA {pragma}")
    return connection


async def _postgresql(url: str) -> Any:
    import asyncpg

    return await asyncpg.connect(plain_address(url))


KINDS: dict[str, Callable[[str], Awaitable[Sweep]]] = {
    "portal": portal,
    "floor": floor,
    "same-batches": same_batches,
    "idle": idle,
    "lookup": lookup,
}


async def _answer(kind: str, url: str) -> None:
    sweep = await KINDS[kind](url)
    settled()  # jobs run in a server that has
    click.echo("ready")
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        began, computing = time.perf_counter(), time.process_time()
        acted = await sweep(datetime.fromisoformat(line))
        told = {"seconds": time.perf_counter() - began, "computing": time.process_time() - computing}
        click.echo(json.dumps({"acted": acted, **told}))


@click.command()
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.option("--database", required=True)
def main(kind: str, database: str) -> None:
    """Sweep whenever a moment comes in."""
    uvloop.run(_answer(kind, database))


if __name__ == "__main__":
    main()
