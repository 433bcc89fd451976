"""SQLite's asynchronous driver with one hop to the connection's thread for a statement, where it has four.

The driver itself hops to make the cursor, to run the statement, to fetch and to close. Each hop wakes a thread and is
waited for, which costs more than most statements do. Only `portal.database` imports this: it needs the mended sqlite3.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import aiosqlite

Row = tuple[Any, ...]


class Cursor:
    """Runs a statement and has all its rows at once, as SQLAlchemy fetches them anyway. Does not stream."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Row] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> Cursor:
        return await self._run(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Iterable[Any]) -> Cursor:
        return await self._run(lambda cursor: cursor.executemany(statement, parameters))

    async def fetchall(self) -> Sequence[Row]:
        return self._rows

    async def close(self) -> None:
        """Nothing is open: the statement was reset as soon as its rows were read."""

    async def _run(self, statement: Callable[[sqlite3.Cursor], object]) -> Cursor:
        await self._connection.in_thread(lambda connection: self._here(connection, statement))
        return self

    def _here(self, connection: sqlite3.Connection, statement: Callable[[sqlite3.Cursor], object]) -> None:
        cursor = connection.cursor()
        try:
            statement(cursor)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else ()
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


class Connection(aiosqlite.Connection):
    """A connection whose cursors cost one hop, and which rolls back only what was begun."""

    def cursor(self) -> Cursor:  # type: ignore[override]  # the driver's own needs a hop to be made
        return Cursor(self)

    async def in_thread(self, act: Callable[[sqlite3.Connection], None]) -> None:
        """Do something with the connection in its own thread."""
        await self._execute(act, self._conn)  # type: ignore[no-untyped-call]  # the driver has no types here

    async def rollback(self) -> None:
        if self.in_transaction:
            await super().rollback()


def connect(database: str, **options: Any) -> Connection:
    """Open a connection, as `aiosqlite.connect` does. Its thread does not keep a process alive."""
    made = Connection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    made._thread.daemon = True  # noqa: SLF001  as SQLAlchemy sets it on the driver's own
    return made
