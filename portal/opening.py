"""What every command needs that works on a desk: where its data is, and opening it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from portal.desk.work import Desk
    from portal.settings import Settings

T = TypeVar("T")
DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the database and its secrets.  [default: var]",
)


def with_desk(settings: Settings, act: Callable[[Desk], Awaitable[T]]) -> T:
    """Open the desk, do one thing, close it."""
    from portal.app import make_desk
    from portal.database import Database

    async def go() -> T:
        database = Database(settings.database_url)
        try:
            return await act(make_desk(settings, database))
        finally:
            await database.close()

    return asyncio.run(go())
