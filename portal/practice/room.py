"""Opening the practice room: its database, what it has of the house, its invented customers.

A file beside the house's own, or a schema of the same PostgreSQL database. No job runs on it and no message leaves
it. It is made when somebody first practises.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from portal.database import Database, migrate
from portal.desk import practising
from portal.desk.scripts import versions
from portal.desk.work import SYSTEM, Desk
from portal.practice import invented

SCHEMA = "practice"
LOCK = 7_241_508
"""Held on PostgreSQL while the room is made, so that of several replicas one makes it."""


class PracticeRoom:
    """The practice room of one house. Opened by the first who enters, closed with the portal."""

    def __init__(self, house: Desk, url: str) -> None:
        self.house = house
        self.url, self.schema = address_of(url)
        self._desk: Desk | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> Desk:
        """The room's desk, made now if nobody was here before."""
        async with self._opening:
            if self._desk is None:
                await self._prepare()
                database = Database(self.url, schema=self.schema)
                desk = Desk(database, replace(self.house.terms), self.house.clock, self.house.writer)
                self._desk = desk
                async with self.house.work(SYSTEM) as work:
                    await versions.install(work)  # so that both know each version by the same number
                await self.bring_over()
                async with desk.work(SYSTEM) as work:
                    await invented.ensure(work)
        return self._desk

    async def bring_over(self) -> None:
        """Let the room have the people, the policy, the scripts and the library as the house has them now."""
        if self._desk is None:
            return
        async with self.house.look(SYSTEM) as work:
            house = await practising.read_house(work)
        async with self._desk.work(SYSTEM) as work:
            await practising.bring_over(work, house)

    async def close(self) -> None:
        if self._desk is not None and isinstance(self._desk.database, Database):
            await self._desk.database.close()

    async def _prepare(self) -> None:
        """Make the tables. On PostgreSQL others wait until they are there."""
        if not self.schema:
            await asyncio.to_thread(migrate, self.url)
            return
        database = Database(self.url)
        try:
            async with database.alone(LOCK):
                async with database.writing() as session:
                    await session.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
                    await session.commit()
                await asyncio.to_thread(migrate, self.url, schema=self.schema)
        finally:
            await database.close()


def address_of(url: str) -> tuple[str, str]:
    """Where the practice room of a house is: (address, schema)."""
    found = make_url(url)
    if found.get_backend_name() != "sqlite":
        return url, SCHEMA
    path = Path(found.database or "handrail.db")
    return found.set(database=str(path.with_name(f"{path.stem}-practice{path.suffix}"))).render_as_string(
        hide_password=False
    ), ""
