"""SQLite's driver with one hop for a statement behaves as the driver it stands for."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from portal.database import Database, sqlite_url

CUPS = Table("cups", MetaData(), Column("id", Integer, primary_key=True), Column("name", String, unique=True))


@pytest.fixture(params=["ours", "theirs"])
async def writing(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    database = Database(sqlite_url(tmp_path / "cups.db"), plain_driver=request.param == "theirs")
    async with database.writer.connect() as connection:
        await connection.run_sync(CUPS.metadata.create_all)
        await connection.commit()
        yield connection
    await database.close()


async def names(connection: AsyncConnection) -> list[str]:
    return list(await connection.scalars(select(CUPS.c.name).order_by(CUPS.c.id)))


async def test_rows_counts_and_new_numbers_come_back(writing: AsyncConnection) -> None:
    made: Any = await writing.execute(insert(CUPS).values(name="blue").inline())
    many = await writing.execute(insert(CUPS), [{"name": "red"}, {"name": "green"}])
    told = await writing.execute(
        update(CUPS).where(CUPS.c.id > 1).values(name=CUPS.c.name + "!").returning(CUPS.c.id)
    )
    gone = await writing.execute(delete(CUPS).where(CUPS.c.name == "red!"))
    assert (made.lastrowid, many.rowcount, sorted(told.scalars()), gone.rowcount) == (1, 2, [2, 3], 1)
    assert await names(writing) == ["blue", "green!"]


async def test_a_refused_statement_is_an_error_and_can_be_taken_back(writing: AsyncConnection) -> None:
    await writing.execute(insert(CUPS).values(name="blue"))
    with pytest.raises(IntegrityError):
        await writing.execute(insert(CUPS).values(name="blue"))
    await writing.rollback()
    assert await names(writing) == []


async def test_a_connection_given_back_in_the_middle_keeps_nothing(writing: AsyncConnection) -> None:
    await writing.execute(insert(CUPS).values(name="blue"))
    engine = writing.engine
    await writing.close()
    async with engine.connect() as another:
        assert await names(another) == []
