"""A fresh, migrated database for each test: migrated and filled once, then copied."""

import asyncio
import concurrent.futures
import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal.database import migrate
from tests.harness import postgres
from tests.harness.run import one_at_a_time

_numbers = itertools.count(1)


Fill = Callable[[str], Coroutine[Any, Any, None]]
"""Puts into the database at this address what many tests begin with."""


def fresh(kind: str, folder: Path, *, migrated: bool = True, fill: Fill | None = None) -> str:
    """Return the address of a database that nobody else uses, as SQLAlchemy writes it."""
    name = f"desk_{os.getpid()}_{next(_numbers)}"
    made = _fresh_file if kind == "sqlite" else _fresh_server
    return made(folder, name, migrated=migrated, fill=fill)


def discard(address: str) -> None:
    """Give the room of a test's database back: on PostgreSQL some ten megabytes of memory."""
    parts = urlsplit(address)
    if parts.scheme.startswith("postgresql"):
        server = parts._replace(scheme="postgresql", path="/postgres").geturl()
        postgres.execute(server, f'DROP DATABASE IF EXISTS "{parts.path[1:]}" WITH (FORCE)')
    if parts.scheme.startswith("sqlite"):
        at = Path(parts.path.removeprefix("/"))
        for ending in ("", "-wal", "-shm", "-journal"):
            at.with_name(at.name + ending).unlink(missing_ok=True)


def _fresh_file(folder: Path, name: str, *, migrated: bool, fill: Fill | None) -> str:
    at = folder / f"{name}.db"
    if migrated:
        shutil.copyfile(_file_template(folder, fill), at)
    return f"sqlite+aiosqlite:///{at}"


def _file_template(folder: Path, fill: Fill | None) -> Path:
    template = folder / f"template_{_called(fill)}.db"
    with one_at_a_time(folder, template.name):
        if not template.exists():
            working = template.with_name(f"making_{template.name}")
            address = f"sqlite+aiosqlite:///{working}"
            if fill is None:
                _apart(lambda: migrate(address))
            else:
                shutil.copyfile(_file_template(folder, None), working)
                _apart(lambda: asyncio.run(fill(address)))
            with closing(
                sqlite3.connect(working)
            ) as connection:  # nothing may stay behind in the write-ahead log
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            working.rename(template)
    return template


def _fresh_server(folder: Path, name: str, *, migrated: bool, fill: Fill | None) -> str:
    server = postgres.server(folder)
    if migrated:
        _copy(server, _server_template(folder, server, fill), name)
    else:
        postgres.execute(server, f'CREATE DATABASE "{name}"')
    return _named(server, name)


def _server_template(folder: Path, server: str, fill: Fill | None) -> str:
    run = folder.name.removeprefix("handrail-tests-").replace("-", "_").lower()
    template = f"template_{_called(fill)}_{run}"
    with one_at_a_time(folder, template):
        if not (done := folder / f"{template}.done").exists():
            address = _named(server, template)
            if fill is None:
                postgres.execute(server, f'CREATE DATABASE "{template}"')
                _apart(lambda: migrate(address))
            else:
                _copy(server, _server_template(folder, server, None), template)
                _apart(lambda: asyncio.run(fill(address)))
            done.touch()
    return template


def _copy(server: str, template: str, name: str) -> None:
    """Its files are copied, not its pages logged: half the time, as nothing here has to survive."""
    postgres.execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')


def _called(fill: Fill | None) -> str:
    return "bare" if fill is None else fill.__name__


def _named(server: str, database: str) -> str:
    parts = urlsplit(server)
    return parts._replace(scheme="postgresql+asyncpg", path=f"/{database}").geturl()


def _apart(make: Callable[[], None]) -> None:
    """In a thread, so that the tests' own event loop never notices."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(make).result()
