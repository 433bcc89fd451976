"""The database: engines, sessions, migrations. SQLite in one file or PostgreSQL. Decisions 22 and 28"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if sys.implementation.name == "cpython":
    # SQLite before 3.51.3 can damage a WAL file when two connections checkpoint at once. The package carries
    # a mended build; putting it in the place of the standard module gives it to aiosqlite and SQLAlchemy alike.
    import pysqlite3

    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

import sqlite3

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from portal import sqlite_driver
from portal.desk.changes import AuditedSession

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection
    from sqlalchemy.pool import ConnectionPoolEntry

ROOT = Path(__file__).resolve().parent.parent
MENDED_SQLITE = (3, 51, 3)

POOL = 8
"""Connections of a replica on PostgreSQL, the readers among them."""
POOL_WAIT = 2.0
"""Seconds a request waits for a connection before it is told to come back."""
READERS = 4

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an acknowledged order survives a power cut
    "foreign_keys=ON",
    "busy_timeout=5000",
    "secure_delete=ON",
    "recursive_triggers=ON",
    "temp_store=MEMORY",
    "cache_size=-32000",
)

ON_POSTGRESQL = {"statement_timeout": "10000", "lock_timeout": "5000", "timezone": "UTC"}


def sqlite_is_mended() -> bool:
    """Whether this SQLite is past the WAL-reset defect."""
    return tuple(int(part) for part in sqlite3.sqlite_version.split(".")[:3]) >= MENDED_SQLITE


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def _tune_sqlite(engine: AsyncEngine, *, read_only: bool) -> None:
    """Set every new connection up; a writer says BEGIN IMMEDIATE itself: the driver's own is always deferred."""

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    if not read_only:

        @event.listens_for(engine.sync_engine, "begin")
        def begin_transaction(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")


class Database:
    """Sessions to write and to read with. SQLite: one connection writes; PostgreSQL: a few. Readers are refused it."""

    def __init__(self, url: str, *, plain_driver: bool = False, schema: str = "") -> None:
        """`plain_driver` leaves SQLAlchemy its own way to SQLite's driver, to compare with.

        `schema` names a room of its own within a PostgreSQL database, with tables of the same shape.
        """
        self.url: URL = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            driver: dict[str, Any] = {} if plain_driver else {"async_creator_fn": sqlite_driver.connect}
            self.writer = create_async_engine(
                self.url,
                pool_size=1,
                max_overflow=0,
                pool_timeout=10,
                hide_parameters=True,
                connect_args=driver,
            )
            # Readers refuse to write, so they need no transaction: BEGIN and ROLLBACK would each cost a hop to the
            # connection's thread, more than most of the reads themselves.
            self.reader = create_async_engine(
                self.url,
                pool_size=READERS,
                max_overflow=0,
                hide_parameters=True,  # what a person typed never reaches the log by an error's words
                pool_timeout=POOL_WAIT,
                isolation_level="AUTOCOMMIT",
                skip_autocommit_rollback=True,
                connect_args=driver,
            )
            _tune_sqlite(self.writer, read_only=False)
            _tune_sqlite(self.reader, read_only=True)
        else:
            path = {"search_path": schema} if schema else {}
            self.writer = create_async_engine(
                self.url,
                pool_size=POOL - READERS,
                hide_parameters=True,
                max_overflow=0,  # connections over the pool are opened and closed per request: slower than waiting
                pool_timeout=POOL_WAIT,
                connect_args={"timeout": 5, "server_settings": {**ON_POSTGRESQL, **path}},
            )
            # As above: the server itself refuses what these connections write, and each read is one round trip, not
            # three. Under READ COMMITTED every statement sees the newest rows, in a transaction or not.
            self.reader = create_async_engine(
                self.url,
                pool_size=READERS,
                hide_parameters=True,
                max_overflow=0,
                pool_timeout=POOL_WAIT,
                isolation_level="AUTOCOMMIT",
                skip_autocommit_rollback=True,
                connect_args={
                    "timeout": 5,
                    "server_settings": {**ON_POSTGRESQL, **path, "default_transaction_read_only": "on"},
                },
            )
        self._turns = 0
        self._writing = async_sessionmaker(
            self.writer, sync_session_class=AuditedSession, expire_on_commit=False
        )
        self._reading = async_sessionmaker(self.reader, expire_on_commit=False, autoflush=False)

    def writing(self) -> AsyncSession:
        self._turns += 1
        return self._writing()

    def reading(self) -> AsyncSession:
        return self._reading()

    def reading_maker(self) -> async_sessionmaker[AsyncSession]:
        """A maker of reading sessions of its own, for a library that changes the maker it is given."""
        return async_sessionmaker(self.reader, expire_on_commit=False, autoflush=False)

    async def written_by(self, session: AsyncSession) -> tuple[int, int]:
        """How often somebody in this process came to write, and a number that changes when another process has written.

        On SQLite, of whoever is at its one writer.
        """
        elsewhere = await session.scalar(text("PRAGMA data_version"))
        return self._turns, int(elsewhere or 0)

    @asynccontextmanager
    async def alone(self, lock: int) -> AsyncIterator[None]:
        """Hold `lock` among all the processes of a PostgreSQL database, waiting for whoever has it; no rows are held.

        On SQLite the file has one server, and nothing is held.
        """
        if self.is_sqlite:
            yield
            return
        async with self.writing() as session:
            for setting in ("statement_timeout", "lock_timeout"):
                await session.execute(text(f"SET LOCAL {setting} = 0"))  # a migration may take its time
            await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
            yield

    async def close(self) -> None:
        await self.writer.dispose()
        await self.reader.dispose()


def sync_url(url: str | URL) -> URL:
    """The same database for a tool that wants no event loop."""
    found = make_url(url)
    return found.set(drivername="sqlite" if found.get_backend_name() == "sqlite" else "postgresql+asyncpg")


def newest_migration() -> str:
    """The number of the newest migration: they are numbered, and asking the tool would cost half a second a start."""
    return max(path.name.partition("_")[0] for path in (ROOT / "models/migrations/versions").glob("0*.py"))


def alembic_config(url: str | URL, schema: str = "") -> Config:
    from alembic.config import Config  # noqa: PLC0415  only a start that migrates needs the tool

    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = make_url(url)
    config.attributes["schema"] = schema
    return config


def migrate(url: str, revision: str = "head", *, schema: str = "") -> None:
    """Bring the database, or a room of it on PostgreSQL, to `revision`. Blocks; not for use inside an event loop."""
    from alembic import command  # noqa: PLC0415  as above

    command.upgrade(alembic_config(url, schema), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take migrations back. Blocks."""
    from alembic import command  # noqa: PLC0415  as above

    command.downgrade(alembic_config(url), revision)


def sync_sqlite_engine(url: str | URL) -> Any:
    """A plain engine on the SQLite file, for migrations."""
    engine = create_engine(sync_url(url))

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return engine
