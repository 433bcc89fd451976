"""Filling a migrated database with many rows: indexes last, each table in one go, a bar for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
import click
from sqlalchemy import select, text

from bench.clock_desk import ClockPlan, lengthen
from bench.past import Past, Walks, walks
from bench.sheets import CALENDAR, POLICY, Plan, Rows, Sheet, customer, moments, tokens_of
from models import Person, StepCount
from models.words import Role
from portal.database import Database, migrate
from portal.desk import audit, calendars, evidence, policy_versions, rulebook, search
from portal.desk.matrix import Policy
from portal.desk.work import SYSTEM, Desk, Terms

CHUNK = 20_000
TICK = 10_000
LONG_AGO = timedelta(days=800)
ISSUER = "https://people.example.com"
PEOPLE: tuple[tuple[str, Role], ...] = (
    ("Rolf Reach", Role.REPRESENTATIVE),
    ("Rita Reach", Role.REPRESENTATIVE),
    ("Ruth Reach", Role.REPRESENTATIVE),
    ("Ralf Reach", Role.REPRESENTATIVE),
    ("Rosa Reach", Role.REPRESENTATIVE),
    ("Susan Watch", Role.SUPERVISOR),
    ("Maud Lead", Role.MANAGER),
    ("Fran Coin", Role.FINANCE),
)
"""In the order of their ids. One person for each level: whatever runs out is named once."""


def fill(url: str, plan: Plan) -> None:
    """Migrate an empty database and put the plan's desk into it. Raises ValueError when the search would not find it."""
    for at in (1, 2, plan.rows):
        if search.tokens_of(customer(at)) != set(tokens_of(at)):
            raise ValueError("The search takes names apart in another way than the measured data.")
    click.echo(f"A desk with {plan.rows:,} customers, orders and cases:")
    migrate(url)
    found = asyncio.run(_open(url))
    past = Past(plan, found, moments(on_sqlite=_on_sqlite(url)))
    _put_in(url, [*plan.sheets(past.moment), *past.sheets()])
    done = _say("days counted")
    asyncio.run(_count(url))
    done()


def fill_clocks(url: str, rows: int, now: datetime) -> None:
    """Migrate an empty database and put so many open and as many closed cases into it, with all their clocks."""
    click.echo(f"A desk with {rows:,} open and as many closed cases and all their clocks:")
    migrate(url)
    plan = ClockPlan(rows, now, *asyncio.run(_open_clocks(url, now)))
    _put_in(url, plan.sheets(moments(on_sqlite=_on_sqlite(url))))


def _on_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def _put_in(url: str, sheets: list[Sheet]) -> None:
    (_fill_sqlite if _on_sqlite(url) else _fill_postgresql)(url, sheets)


async def _open_clocks(url: str, now: datetime) -> tuple[Policy, Policy]:
    """The policy that ships, and after it the long one, as of a while ago."""
    await _open(url)
    database = Database(url)
    desk = Desk(database, Terms(), lambda: now - LONG_AGO)
    async with desk.work(SYSTEM) as work:
        await lengthen(work)
    async with desk.look(SYSTEM) as work:
        long = await policy_versions.in_force(work)
        shipped = (await policy_versions.of_numbers(work, {POLICY}))[POLICY]
    await database.close()
    return shipped, long


async def _open(url: str) -> Walks:
    """People, targets, opening hours and scripts, by the desk's own deeds; gives how contacts run here."""
    database = Database(url)
    async with Desk(database, Terms()).work(SYSTEM) as work:
        await calendars.ensure_default(work)
        await rulebook.ensure_defaults(work)
        for name, role in PEOPLE:
            person = Person(
                issuer=ISSUER,
                subject=name.lower(),
                name=name,
                email=f"{name.lower().replace(' ', '.')}@example.com",
                roles=(role.value,),
                created_at=work.now,
            )
            work.session.add(person)
            await work.session.flush()
            await audit.record(work, "take in", person)
    async with Desk(database, Terms()).work(SYSTEM) as work:
        found = await walks(work)
        shipped = await policy_versions.in_force(work)
    await database.close()
    if (shipped.number, shipped.default_calendar) != (POLICY, CALENDAR):
        raise ValueError(
            "The first policy and its calendar have other numbers than the measured clocks name."
        )
    return found


async def _count(url: str) -> None:
    """Count the days that are over, as the job does, and tell the database how many rows that made."""
    database = Database(url)
    desk = Desk(database, Terms())
    counted = 1
    while counted:
        async with desk.work(SYSTEM) as work:
            counted = await evidence.count_days(work)
    async with database.writer.begin() as connection:
        if await connection.scalar(select(StepCount.day).limit(1)):
            await connection.execute(text("ANALYZE step_counts"))
    await database.close()


def _told(sheet: Sheet) -> Rows:
    """The sheet's rows with what is alike in all of them, moving a bar along."""
    alike = tuple(sheet.defaults.values())
    with click.progressbar(length=sheet.count, label=f"  {sheet.table.name:<14}") as bar:
        for number, row in enumerate(sheet.rows(), 1):
            yield row + alike
            if number % TICK == 0:
                bar.update(TICK)
        bar.update(sheet.count % TICK)


def _columns(sheet: Sheet) -> list[str]:
    return [*sheet.columns, *sheet.defaults]


def _chunks(rows: Rows) -> Iterator[list[tuple[Any, ...]]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _say(what: str) -> Callable[[], None]:
    click.echo(f"  {what} …", nl=False)
    return lambda: click.echo(" done")


def path_of(url: str) -> Path:
    """The file of a SQLite address."""
    return Path(url.removeprefix("sqlite+aiosqlite:///"))


def _fill_sqlite(url: str, sheets: list[Sheet]) -> None:
    import sqlite3  # after portal.database has put the mended build in its place

    connection = sqlite3.connect(path_of(url), isolation_level=None)
    for pragma in (
        "journal_mode=OFF",
        "synchronous=OFF",
        "foreign_keys=OFF",
        "cache_size=-500000",
        "threads=2",
    ):
        connection.execute(f"PRAGMA {pragma}")
    names = tuple(sheet.table.name for sheet in sheets)
    marks = ", ".join("?" * len(names))
    indexes = connection.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
        names,
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    for sheet in sheets:
        columns = _columns(sheet)
        insert = (
            f"INSERT INTO {sheet.table.name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        )
        connection.execute("BEGIN")
        if sheet.ordered:
            connection.executemany(insert, _told(sheet))
        else:
            _insert_sorted(connection, sheet, columns)
        connection.execute("COMMIT")
    done = _say("indexes and statistics")
    for _, sql in indexes:
        connection.execute(sql)
    for name in names:  # not the others: statistics of an empty table mislead for as long as they stand
        connection.execute(f"ANALYZE {name}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    done()


def _insert_sorted(connection: Any, sheet: Sheet, columns: list[str]) -> None:
    """A table that is kept in the order of a long key grows fastest in that order."""
    key = ", ".join(column.name for column in sheet.table.primary_key)
    named = ", ".join(columns)
    connection.execute(f"CREATE TEMP TABLE unsorted ({named})")
    connection.executemany(f"INSERT INTO unsorted VALUES ({', '.join('?' * len(columns))})", _told(sheet))
    connection.execute(
        f"INSERT INTO {sheet.table.name} ({named}) SELECT {named} FROM unsorted ORDER BY {key}"
    )
    connection.execute("DROP TABLE unsorted")


def plain_address(url: str) -> str:
    """The same PostgreSQL database as its driver writes it."""
    return url.replace("postgresql+asyncpg:", "postgresql:", 1)


def _fill_postgresql(url: str, sheets: list[Sheet]) -> None:
    asyncio.run(_copy(plain_address(url), sheets))


async def _copy(address: str, sheets: list[Sheet]) -> None:
    connection = await asyncpg.connect(address, command_timeout=None)
    await connection.execute(
        "SET session_replication_role = replica"
    )  # no foreign key is looked up row by row
    await connection.execute("SET synchronous_commit = off")
    await connection.execute("SET maintenance_work_mem = '512MB'")
    names = [sheet.table.name for sheet in sheets]
    again = await _without_indexes(connection, names)
    for sheet in sheets:
        for chunk in _chunks(_told(sheet)):
            await connection.copy_records_to_table(sheet.table.name, records=chunk, columns=_columns(sheet))
    done = _say("indexes and statistics")
    for statement in again:
        await connection.execute(statement)
    for sheet in sheets:
        if "id" in sheet.columns:
            sequence = f"pg_get_serial_sequence('{sheet.table.name}', 'id')"
            await connection.execute(f"SELECT setval({sequence}, {sheet.count})")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    done()


async def _without_indexes(connection: Any, names: list[str]) -> list[str]:
    """Drop the indexes, and the keys of tables loaded out of order; give the statements that make them again."""
    again = []
    key = await connection.fetchrow(
        "SELECT conname, pg_get_constraintdef(oid) AS told FROM pg_constraint"
        " WHERE conrelid = 'search_tokens'::regclass AND contype = 'p'"
    )
    await connection.execute(f"ALTER TABLE search_tokens DROP CONSTRAINT {key['conname']}")
    again.append(f"ALTER TABLE search_tokens ADD CONSTRAINT {key['conname']} {key['told']}")
    rows = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY($1)"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        names,
    )
    for row in rows:
        await connection.execute(f'DROP INDEX "{row["indexname"]}"')
        again.append(row["indexdef"])
    return again
