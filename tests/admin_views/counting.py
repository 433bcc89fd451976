"""Exact counters of what a page costs: the same on every machine, so that they may be asserted."""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from sqlalchemy import event, insert

from models import Customer
from portal.database import Database
from portal.desk import audit
from portal.desk.work import SYSTEM, Desk

HOUSEKEEPING = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")
BATCH = 5_000


@dataclass
class Counter:
    """How often something happened."""

    times: int = 0
    told: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)


@contextmanager
def statements(database: Database) -> Iterator[Counter]:
    """Count the statements sent to the database, without BEGIN and COMMIT."""
    counter = Counter()

    def count(_conn: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if not statement.startswith(HOUSEKEEPING):
            counter.times += 1
            counter.told.append(statement)
            counter.values.append(values)

    engines = [database.writer.sync_engine, database.reader.sync_engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", count)
    yield counter
    for engine in engines:
        event.remove(engine, "before_cursor_execute", count)


@asynccontextmanager
async def sqlite_steps(database: Database) -> AsyncIterator[Counter]:
    """Count the steps of SQLite's machine on the reading connection of requests one after another."""
    counter = Counter()

    def step() -> int:
        counter.times += 1
        return 0

    async def watch(handler: Any) -> None:
        async with database.reader.connect() as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            await driver.set_progress_handler(handler, 1)

    await watch(step)
    counter.times = 0
    yield counter
    await watch(None)


@contextmanager
def python_calls() -> Iterator[Counter]:
    """Count the calls of Python functions in this thread."""
    counter = Counter()

    def seen(_frame: FrameType, kind: str, _argument: Any) -> None:
        if kind == "call":
            counter.times += 1

    sys.setprofile(seen)
    yield counter
    sys.setprofile(None)


async def many_customers(desk: Desk, count: int, start: int = 1) -> None:
    """Put customers in, one a second, as an import would."""
    for first in range(start, start + count, BATCH):
        numbers = range(first, min(first + BATCH, start + count))
        async with desk.work(SYSTEM) as work:
            rows = [
                {
                    "number": f"HK-24-{number:07}",
                    "name": f"Customer {number:07}",
                    "email": f"c{number}@example.com",
                    "phone": f"+4930{number:07}",
                    "city": f"Town {number % 97:02}",
                    "created_at": work.now.replace(year=2024).fromtimestamp(
                        1_700_000_000 + number // 3, tz=work.now.tzinfo
                    ),
                }
                for number in numbers
            ]
            await work.session.execute(insert(Customer).execution_options(audited=True), rows)
            await audit.record(work, "import customers")
