"""The floor: bare Starlette with the same driver and one prepared statement, answering as many bytes.

`/…` speaks with the driver itself, `/sa/…` through SQLAlchemy's Core. No session, no permission, no template:
what a page cannot be faster than. `/like` asks as Django's admin does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import escape
from typing import Any, Protocol

import aiosqlite
import asyncpg
from sqlalchemy import select, tuple_, update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from bench.loading import path_of, plain_address
from models import Customer, Intake, Order
from portal.database import PRAGMAS, Database

PAGE = 25
LIKE_PAGE = 100
"""Rows on a page of Django's admin."""

SHOWN = (
    "o.id, o.number, o.placed_at, o.status, o.channel, o.total_minor, c.name"
    " FROM orders o JOIN customers c ON c.id = o.customer_id"
)
NEWEST = "ORDER BY o.placed_at DESC, o.id DESC"
STATEMENTS = {
    "first": f"SELECT {SHOWN} {NEWEST} LIMIT {PAGE}",
    "after": f"SELECT {SHOWN} WHERE (o.placed_at, o.id) < (?1, ?2) {NEWEST} LIMIT {PAGE}",
    "offset": (
        f"SELECT {SHOWN} WHERE o.id IN (SELECT id FROM orders ORDER BY placed_at DESC, id DESC LIMIT {PAGE} OFFSET ?1)"
        f" {NEWEST}"
    ),
    "last": f"SELECT {SHOWN} ORDER BY o.placed_at, o.id LIMIT {PAGE}",
    "row": f"SELECT {SHOWN} WHERE o.id = ?1",
    "search": (
        "SELECT id, number, name, email, phone, city FROM customers WHERE id IN (SELECT thing_id FROM search_tokens"
        " WHERE kind = 'customer' AND token >= ?1 AND token < ?2 LIMIT 26) ORDER BY id DESC"
    ),
    "step": "UPDATE intakes SET answers = ?1, revision = revision + 1, saved_at = ?2 WHERE id = ?3 RETURNING revision",
}  # fmt: skip
LIKE = {
    True: "{0} LIKE ?1 ESCAPE '\\'",
    False: "UPPER({0}::text) LIKE UPPER($1)",
}
"""What `icontains` becomes, on SQLite and on PostgreSQL."""

Answer = Callable[[Request], Awaitable[HTMLResponse]]


class Driver(Protocol):
    """The database without anything on top."""

    async def rows(self, name: str, *values: Any) -> Sequence[Sequence[Any]]: ...
    async def change(self, name: str, *values: Any) -> Any: ...
    async def close(self) -> None: ...
    def moment(self, told: str) -> Any: ...


class SqliteDriver:
    """aiosqlite: a connection to read with, one to write with; the driver keeps statements prepared."""

    def __init__(self, reader: aiosqlite.Connection, writer: aiosqlite.Connection) -> None:
        self._reader, self._writer = reader, writer
        self._lock = asyncio.Lock()

    @classmethod
    async def open(cls, url: str) -> SqliteDriver:
        made = []
        for _ in range(2):
            connection = await aiosqlite.connect(path_of(url), isolation_level=None)
            for pragma in PRAGMAS:
                await connection.execute(f"PRAGMA {pragma}")
            made.append(connection)
        return cls(*made)

    async def rows(self, name: str, *values: Any) -> Sequence[Sequence[Any]]:
        return list(await self._reader.execute_fetchall(STATEMENTS.get(name, name), values))

    async def change(self, name: str, *values: Any) -> Any:
        async with self._lock:
            await self._writer.execute("BEGIN IMMEDIATE")
            found = list(await self._writer.execute_fetchall(STATEMENTS[name], values))
            await self._writer.execute("COMMIT")
        return found[0][0]

    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()

    def moment(self, told: str) -> str:
        return datetime.fromisoformat(told).replace(tzinfo=None).isoformat(" ", "microseconds")


class PostgresDriver:
    """asyncpg with a pool as large as the portal's."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, url: str) -> PostgresDriver:
        return cls(await asyncpg.create_pool(plain_address(url), min_size=8, max_size=8))

    async def rows(self, name: str, *values: Any) -> Sequence[Sequence[Any]]:
        async with self._pool.acquire() as connection:
            found: Sequence[Sequence[Any]] = await connection.fetch(_dollars(name), *values)
            return found

    async def change(self, name: str, *values: Any) -> Any:
        async with self._pool.acquire() as connection:
            return await connection.fetchval(_dollars(name), *values)

    async def close(self) -> None:
        await self._pool.close()

    def moment(self, told: str) -> datetime:
        return datetime.fromisoformat(told)


def _dollars(name: str) -> str:
    return STATEMENTS.get(name, name).replace("?", "$")


def page(rows: Sequence[Sequence[Any]], request: Request) -> HTMLResponse:
    """The rows as a table, filled up to as many bytes as were asked for."""
    told = "".join(f"<tr>{''.join(f'<td>{escape(str(value))}</td>' for value in row)}</tr>" for row in rows)
    wanted = int(request.query_params.get("bytes", "0"))
    return HTMLResponse(f"<table>{told}</table>".ljust(wanted))


def create_app(url: str) -> Starlette:
    """The floor on this database."""
    on_sqlite = url.startswith("sqlite")
    held: dict[str, Driver] = {}

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        held["driver"] = await (SqliteDriver.open(url) if on_sqlite else PostgresDriver.open(url))
        yield
        await held["driver"].close()

    async def rows(request: Request) -> HTMLResponse:
        driver, asked = held["driver"], request.query_params
        values: list[Any] = []
        if asked["way"] == "after":
            values = [driver.moment(asked["at"]), int(asked["id"])]
        elif asked["way"] == "offset":
            values = [int(asked["skip"])]
        elif asked["way"] == "row":
            values = [int(asked["id"])]
        elif asked["way"] == "search":
            values = [asked["begins"], asked["begins"] + "\U0010ffff"]
        return page(await driver.rows(asked["way"], *values), request)

    async def like(request: Request) -> HTMLResponse:
        wanted = f"%{request.query_params['q']}%"
        where = " OR ".join(LIKE[on_sqlite].format(column) for column in ("name", "phone", "email"))
        driver = held["driver"]
        counted = await driver.rows(f"SELECT count(*) FROM customers WHERE {where}", wanted)
        found = await driver.rows(
            f"SELECT id, number, name, email, phone, city FROM customers WHERE {where} ORDER BY id DESC LIMIT {LIKE_PAGE}",
            wanted,
        )
        return page([*found, *counted], request)

    async def step(request: Request) -> HTMLResponse:
        form, driver = await request.form(), held["driver"]
        now = driver.moment(datetime.now(UTC).isoformat())
        typed = json.dumps({"delivery": {name: str(value) for name, value in form.items()}})
        revision = await driver.change("step", typed, now, int(request.query_params["id"]))
        return page([[revision]], request)

    routes = [Route("/rows", rows), Route("/like", like), Route("/step", step, methods=["POST"])]
    return Starlette(routes=[*routes, *_through_sqlalchemy(url)], lifespan=lifespan)


def _through_sqlalchemy(url: str) -> list[Route]:
    """The same answers through SQLAlchemy's async Core, which uses the driver as it comes."""
    database = Database(url, plain_driver=True)
    shown = (
        select(
            Order.id,
            Order.number,
            Order.placed_at,
            Order.status,
            Order.channel,
            Order.total_minor,
            Customer.name,
        )
        .join(Customer, Customer.id == Order.customer_id)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(PAGE)
    )

    async def rows(request: Request) -> HTMLResponse:
        asked, statement = request.query_params, shown
        if asked["way"] == "after":
            place = tuple_(datetime.fromisoformat(asked["at"]), int(asked["id"]))
            statement = shown.where(tuple_(Order.placed_at, Order.id) < place)
        elif asked["way"] == "row":
            statement = shown.where(Order.id == int(asked["id"]))
        async with database.reader.connect() as connection:
            found = (await connection.execute(statement)).all()
        return page(found, request)

    async def step(request: Request) -> HTMLResponse:
        form = await request.form()
        statement = (
            update(Intake)
            .where(Intake.id == int(request.query_params["id"]))
            .values(
                answers={"delivery": {name: str(value) for name, value in form.items()}},
                revision=Intake.revision + 1,
                saved_at=datetime.now(UTC),
            )
            .returning(Intake.revision)
        )
        async with database.writer.begin() as connection:
            revision = (await connection.execute(statement)).scalar_one()
        return page([[revision]], request)

    return [Route("/sa/rows", rows), Route("/sa/step", step, methods=["POST"])]
