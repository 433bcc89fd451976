"""What a page costs, in figures that are the same on every machine: statements, steps of SQLite, calls, bytes."""

from __future__ import annotations

import cProfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from portal.app import create_app
from portal.database import Database
from portal.settings import Settings

HOST = b"127.0.0.1:8000"


class Statements:
    """The statements that one or two engines were given, as long as the block lasts."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, *told: Any) -> None:
        statement = told[2]
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            self.said.append(statement)


def _engines(database: Database) -> set[Any]:
    return {database.writer.sync_engine, database.reader.sync_engine}


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that changes or reads rows."""
    heard = Statements()
    for engine in _engines(database):
        event.listen(engine, "before_cursor_execute", heard.note)
    yield heard.said
    for engine in _engines(database):
        event.remove(engine, "before_cursor_execute", heard.note)


class Steps:
    """How many instructions SQLite's machine has carried out on the connections opened since."""

    def __init__(self, *engines: AsyncEngine) -> None:
        self.taken = 0
        for engine in engines:
            event.listen(engine.sync_engine, "connect", self._watch)

    def _watch(self, connection: Any, _entry: object) -> None:
        connection.run_async(lambda driver: driver.set_progress_handler(self._step, 1))

    def _step(self) -> None:
        self.taken += 1


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def ask(app: Starlette, path: str, cookie: str, form: Mapping[str, str] | None = None) -> Answer:
    """Put one request straight to the application, with nothing of a client in the way."""
    parts = urlsplit(path)
    body = urlencode(form).encode() if form is not None else b""
    headers = [
        (b"host", HOST),
        (b"sec-fetch-site", b"same-origin"),
        (b"cookie", f"handrail={cookie}".encode()),
    ]
    if form is not None:
        headers += [(b"hx-request", b"true"), (b"content-type", b"application/x-www-form-urlencoded")]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "root_path": "",
        "method": "GET" if form is None else "POST", "path": parts.path, "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(), "headers": headers, "server": ("127.0.0.1", 8000), "client": None,
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    told = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], told, b"".join(one.get("body", b"") for one in sent[1:]))


async def calls(app: Starlette, path: str, cookie: str) -> int:
    """How many calls Python makes for a page that has been asked for before."""
    await ask(app, path, cookie)
    profile = cProfile.Profile()
    profile.enable()
    await ask(app, path, cookie)
    profile.disable()
    return sum(one.callcount for one in profile.getstats())


@asynccontextmanager
async def portal(address: str, folder: Path) -> AsyncIterator[Starlette]:
    """The portal on this database, without jobs."""
    made = create_app(Settings(data=folder, database=address, jobs=False))
    yield made
    await made.state.database.close()
