"""A fresh, migrated database for each test: migrated once, then copied."""

import concurrent.futures
import itertools
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from portal.database import migrate
from tests.harness import postgres
from tests.harness.run import one_at_a_time

_numbers = itertools.count(1)


def fresh(kind: str, folder: Path, *, migrated: bool = True) -> str:
    """Return the address of a database that nobody else uses, as SQLAlchemy writes it."""
    name = f"desk_{os.getpid()}_{next(_numbers)}"
    made = _fresh_file if kind == "sqlite" else _fresh_server
    return made(folder, name, migrated=migrated)


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


def _fresh_file(folder: Path, name: str, *, migrated: bool) -> str:
    at = folder / f"{name}.db"
    if migrated:
        template = folder / "template.db"
        with one_at_a_time(folder, "template-sqlite"):
            if not template.exists():
                _make_file_template(folder / "migrating.db", template)
        shutil.copyfile(template, at)
    return f"sqlite+aiosqlite:///{at}"


def _make_file_template(working: Path, template: Path) -> None:
    _migrate_apart(f"sqlite+aiosqlite:///{working}")
    with closing(sqlite3.connect(working)) as connection:  # nothing may stay behind in the write-ahead log
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    working.rename(template)


def _fresh_server(folder: Path, name: str, *, migrated: bool) -> str:
    server = postgres.server(folder)
    template = f"template_{folder.name.removeprefix('handrail-tests-').replace('-', '_').lower()}"
    if migrated:
        with one_at_a_time(folder, "template-postgresql"):
            if not (done := folder / "template-postgresql.done").exists():
                postgres.execute(server, f'CREATE DATABASE "{template}"')
                _migrate_apart(_named(server, template))
                done.touch()
        postgres.execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    else:
        postgres.execute(server, f'CREATE DATABASE "{name}"')
    return _named(server, name)


def _named(server: str, database: str) -> str:
    parts = urlsplit(server)
    return parts._replace(scheme="postgresql+asyncpg", path=f"/{database}").geturl()


def _migrate_apart(address: str) -> None:
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(migrate, address).result()
