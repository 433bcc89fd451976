"""The databases of a run: filled once, kept if asked for, and a PostgreSQL server that stops with the run."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from alembic.script import ScriptDirectory

from bench.loading import fill, fill_clocks
from bench.sheets import Plan
from portal.database import alembic_config

SMALL = 1_000
FILLED = 3
"""Grows when a desk is filled otherwise: one that was kept is then built anew."""
OPEN = 0o711
"""PostgreSQL's own user passes through the folder of a run, and nobody lists it."""
LONGEST_STOP = 60.0
"""Seconds for PostgreSQL to write down what it holds."""
POSTGRESQL = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "random_page_cost": "1.1",
}
"""Durable as in real use: fsync is on for the portal and the floor alike."""


@contextmanager
def home(keep: Path | None) -> Iterator[Path]:
    """The folder of a run: the one to keep, or one that goes with the run."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        keep.chmod(OPEN)
        yield keep.resolve()
        return
    made = Path(tempfile.mkdtemp(prefix="handrail-bench-"))
    made.chmod(OPEN)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Place]:
    """The place where this kind of database lives while the block lasts."""
    if kind == "sqlite":
        yield Place(folder, "")
        return
    from tests.harness import postgres

    programs = postgres.binaries(folder)
    address = postgres.start(folder, programs, POSTGRESQL)
    try:
        yield Place(folder, address)
    finally:
        note = folder / "postgres/postmaster.pid"
        pid = int(note.read_text(encoding="utf-8").split("\n", 1)[0])
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
            end = time.monotonic() + LONGEST_STOP
            while note.exists() and time.monotonic() < end:
                time.sleep(0.05)


class Place:
    """Where the databases of one run are, and what is in them."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder = folder
        self.server = server

    def desk(self, rows: int) -> tuple[str, Plan]:
        """The address and the plan of a desk with so many rows, filled unless it is there already."""
        url, now = self._kept(f"bench_{rows}", lambda url, now: fill(url, Plan(rows, now)))
        return url, Plan(rows, now)

    def clocks(self, rows: int) -> tuple[str, datetime]:
        """The address of a desk with so many open and as many closed cases, and the moment as of which it was filled."""
        return self._kept(f"clocks_{rows}", lambda url, now: fill_clocks(url, rows, now))

    def _kept(self, name: str, make: Callable[[str, datetime], None]) -> tuple[str, datetime]:
        note = self.folder / f"{'postgresql' if self.server else 'sqlite'}-{name}.json"
        url = self._url(name)
        schema = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
        if note.exists():
            told = json.loads(note.read_text(encoding="utf-8"))
            if (told["schema"], told.get("filled")) == (schema, FILLED):
                return url, datetime.fromisoformat(told["now"])
        self._empty(name)
        now = datetime.now(UTC)
        make(url, now)
        note.write_text(
            json.dumps({"now": now.isoformat(), "schema": schema, "filled": FILLED}), encoding="utf-8"
        )
        return url, now

    def _url(self, name: str) -> str:
        if not self.server:
            return f"sqlite+aiosqlite:///{self.folder / name}.db"
        return self.server.replace("postgresql:", "postgresql+asyncpg:", 1).rpartition("/")[0] + f"/{name}"

    def _empty(self, name: str) -> None:
        if not self.server:
            for ending in ("", "-wal", "-shm"):
                (self.folder / f"{name}.db{ending}").unlink(missing_ok=True)
            return
        from tests.harness import postgres

        postgres.execute(self.server, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')


def size(place: Place, url: str) -> str:
    """How large a database is, in words; nothing where that is not easily known."""
    if place.server:
        return ""
    path = Path(url.removeprefix("sqlite+aiosqlite:///"))
    return f"{path.stat().st_size / 1e9:.2f} GB"
