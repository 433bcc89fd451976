"""Starting and stopping the portal: prepare, listen, tell, end cleanly."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from portal.app import create_app, make_desk, with_port
from portal.database import Database, migrate, newest_migration, sqlite_is_mended
from portal.desk import (
    calendars,
    channels,
    courses,
    library,
    mandates,
    needed,
    order_rules,
    paying,
    return_periods,
    rulebook,
    standards,
    tone,
    verification,
)
from portal.desk.errors import DeskError
from portal.desk.scripts import versions
from portal.desk.work import SYSTEM, Desk
from portal.logs import set_up_log
from portal.settings import Settings, make_home

if TYPE_CHECKING:
    from types import FrameType

DRAIN_SECONDS = 8
"""How long a half-finished request may take after the order to stop."""
PORTS_TRIED = 50
LOCK = 7_241_507
"""Of several processes that prepare one PostgreSQL database at once, each waits for the one before it."""


class CannotStart(DeskError):
    """Something outside Handrail has to change before it can start."""


@contextmanager
def only_server(settings: Settings) -> Iterator[None]:
    """Hold the lock of the data folder: SQLite is served by one process. Raises CannotStart when another holds it."""
    if not settings.database_url.startswith("sqlite"):
        yield
        return
    make_home(settings.data)
    path = settings.data / "server.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            other = os.read(handle, 40).decode(errors="replace").strip()
            raise CannotStart(
                f"Another Handrail (process {other or 'unknown'}) already serves {settings.data}. Stop it, or choose --data."
            ) from None
        os.truncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def beside_the_server() -> None:
    """Refuse a second writing process where SQLite has the WAL-reset defect. Raises CannotStart."""
    if not sqlite_is_mended():
        raise CannotStart(
            "This Python's SQLite is older than 3.51.3, so a command cannot run beside the server. Stop the server first."
        )


def prepare(settings: Settings) -> None:
    """Make the data folder, migrate, and see that the policy, its calendar and the scripts are there."""
    if settings.database_url.startswith("sqlite"):
        make_home(settings.data)
    asyncio.run(_prepare(settings))


def _is_current(settings: Settings) -> bool:
    """Whether the SQLite file already stands at the newest migration; asked without loading a migration."""
    if not settings.database_url.startswith("sqlite"):
        return False
    import sqlite3  # noqa: PLC0415  after portal.database has put the mended build in its place

    path = Path(settings.database_url.removeprefix("sqlite+aiosqlite:///"))
    if not path.exists():
        return False
    with sqlite3.connect(path) as connection:
        try:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.DatabaseError:
            return False
    return bool(found) and found[0] == newest_migration()


async def _prepare(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        async with database.alone(LOCK):
            if not _is_current(settings):
                await asyncio.to_thread(migrate, settings.database_url)
            await _ensure_policy(make_desk(settings, database), settings.zone)
    finally:
        await database.close()


async def _ensure_policy(desk: Desk, zone: str) -> None:
    async with desk.work(SYSTEM) as work:
        await calendars.ensure_default(work, zone=zone)
        await rulebook.ensure_defaults(work)
        await versions.install(work)
        await channels.ensure_defaults(work)
        await paying.ensure_defaults(work)
        await needed.ensure_defaults(work)
        await tone.ensure_defaults(work)
        await standards.ensure_defaults(work)
        await verification.ensure_defaults(work)
        await mandates.ensure_defaults(work)
        await order_rules.ensure_defaults(work)
        await return_periods.ensure_defaults(work)
        await library.install(work)
        await courses.install(work)


def free_port(settings: Settings, *, asked: bool) -> Settings:
    """The same settings on a port that is free: the one asked for, or the next free one after the default.

    Raises CannotStart when the port a person named is taken.
    """
    for port in range(settings.port, settings.port + (1 if asked else PORTS_TRIED)):
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError:
                continue
            return with_port(settings, int(probe.getsockname()[1]))
    raise CannotStart(f"Port {settings.port} is taken; choose another with --port.")


def settled() -> None:
    """Collect garbage from here on, and never look at what the start has made: it stays as long as the process."""
    gc.freeze()  # else each full collection goes through 120,000 objects of modules: 90 ms in which nobody is served
    gc.enable()


class Server(uvicorn.Server):
    """uvicorn that says when it is ready and takes one Ctrl-C as an order to finish up."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], Awaitable[None]]
    ) -> None:
        """`stopping` ends what would otherwise never end by itself, before open requests are waited for."""
        super().__init__(config)
        self.ready = ready
        self.stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            settled()
            self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.stopping()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGINT and not self.should_exit:
            sys.stderr.write("\nStopping: finishing what is under way.\n")
        super().handle_exit(sig, frame)
        # uvicorn would raise the signal again when it has stopped; a clean stop ends with status 0.
        self._captured_signals.clear()


def serve(settings: Settings, ready: Callable[[], None]) -> None:
    """Serve until told to stop."""
    set_up_log(settings.log_level)
    with only_server(settings):
        app = create_app(settings)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http="httptools",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies or None,
            timeout_graceful_shutdown=DRAIN_SECONDS,
            h11_max_incomplete_event_size=16_384,
            limit_concurrency=512,
        )
        Server(config, ready, app.state.watch.stop).run()
