"""One sweeper in a process of its own: `python -m bench.sweeper portal|floor|lookup --database …`.

Reads a moment a line, sweeps as of then, and answers with a line: how many, and in how many seconds.
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

from bench.loading import path_of, plain_address
from portal.database import PRAGMAS, Database
from portal.desk.work import Desk, Terms
from portal.letters import Letters

Sweep = Callable[[datetime], Awaitable[int]]

SET_BASED = {
    "messages": (
        "INSERT INTO messages (once, template, audience, language, to_name, to_address, subject, body_text, body_html,"
        " reference, message_id, person_id, case_id, status, attempts, last_error, created_at, next_at, claimed_by)"
        " SELECT 'floor/' || d.id, 'deadline-warning', 'colleague', 'en', p.name, p.email, 'Deadline missed', {0}, {1},"
        " c.number, '<' || d.id || '@example.com>', p.id, c.id, 'queued', 0, '', {2}, {2}, ''"
        " FROM {3} d JOIN cases c ON c.id = d.case_id JOIN people p ON p.id = 6"
    ),
    "deadlines": "UPDATE deadlines SET status = 'missed', missed_at = due_at, next_at = NULL WHERE next_at <= {0}",
}
"""What a sweep cannot be faster than: mark what is due and write one message of the same length each."""


def _letter() -> tuple[str, str]:
    """The two bodies the floor writes: as long as the portal's own notice."""
    from datetime import UTC

    letter = Letters()(
        "deadline-warning",
        "en",
        {
            "company": "Handrail", "address": "", "name": "Susan Watch", "reference": "HC-24-000001-1", "link": "",
            "zone": "Europe/Berlin", "kind": "complaint", "subject": "Parcel 1 and what became of it",
            "deadline": "resolve", "due_at": datetime.now(UTC),
        },
    )  # fmt: skip
    return letter.text, letter.html


async def portal(url: str) -> Sweep:
    """The job, as the portal runs it."""
    from jobs.sweep_deadlines import sweep_deadlines

    database, letters = Database(url), Letters()

    async def sweep(moment: datetime) -> int:
        return await sweep_deadlines(Desk(database, Terms(), lambda: moment, letters))

    return sweep


async def floor(url: str) -> Sweep:
    """Two statements over everything due, in one transaction."""
    text, html = _letter()
    if url.startswith("sqlite"):
        reading = await _sqlite(url)

        async def on_sqlite(moment: datetime) -> int:
            now = moment.replace(tzinfo=None).isoformat(" ", "microseconds")
            due = f"(SELECT * FROM deadlines WHERE next_at <= '{now}')"
            await reading.execute("BEGIN IMMEDIATE")
            await reading.execute(SET_BASED["messages"].format("?1", "?2", "?3", due), (text, html, now))
            done = await reading.execute(SET_BASED["deadlines"].format("?1"), (now,))
            await reading.execute("COMMIT")
            return int(done.rowcount)

        return on_sqlite
    connection = await _postgresql(url)
    marked = SET_BASED["deadlines"].format("$3") + " RETURNING id, case_id"
    whole = f"WITH due AS ({marked}) {SET_BASED['messages'].format('$1', '$2', '$3', 'due')}"

    async def on_postgresql(moment: datetime) -> int:
        said: str = await connection.execute(whole, text, html, moment)
        return int(said.rsplit(" ", 1)[1])

    return on_postgresql


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
    "idle": idle,
    "lookup": lookup,
}


async def _answer(kind: str, url: str) -> None:
    sweep = await KINDS[kind](url)
    click.echo("ready")
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        began = time.perf_counter()
        acted = await sweep(datetime.fromisoformat(line))
        click.echo(json.dumps({"acted": acted, "seconds": time.perf_counter() - began}))


@click.command()
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.option("--database", required=True)
def main(kind: str, database: str) -> None:
    """Sweep whenever a moment comes in."""
    uvloop.run(_answer(kind, database))


if __name__ == "__main__":
    main()
