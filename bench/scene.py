"""What the workloads of one run share: the desks, who is signed in, the servers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.databases import Place
from bench.loading import PEOPLE
from bench.processes import Servers
from bench.sheets import Plan
from models import Person
from models.words import Role
from portal.database import Database
from portal.desk import sessions
from portal.desk.work import SYSTEM, Actor, Desk, Terms

T = TypeVar("T")

CLERK = 1
MANAGER = 7
"""Ids of people in `loading.PEOPLE`."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One run on one kind of database."""

    kind: str
    url: str
    plan: Plan
    small_url: str
    folder: Path
    seconds: float
    """How long one comparison goes on."""
    servers: Servers
    place: Place
    """Where further desks are made, for those who need another."""

    @property
    def on_sqlite(self) -> bool:
        return self.kind == "sqlite"


def person(number: int) -> Actor:
    """One of the people of the measured desk."""
    name, role = PEOPLE[number - 1]
    return Actor.person(number, name, (Role(role).value,), "Europe/Berlin")


def with_desk(url: str, act: Callable[[Desk], Awaitable[T]]) -> T:
    """Open the desk, do one thing, close it."""

    async def go() -> T:
        database = Database(url)
        try:
            return await act(Desk(database, Terms()))
        finally:
            await database.close()

    return asyncio.run(go())


def signed_in(url: str, number: int) -> str:
    """The cookie of a person who has just signed in."""

    async def sign_in(desk: Desk) -> str:
        async with desk.work(SYSTEM) as work:
            return await sessions.start(work, await work.session.get_one(Person, number))

    return f"handrail={with_desk(url, sign_in)}"
