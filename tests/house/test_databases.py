"""The two databases under every test are real, fresh and apart."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.harness import databases


async def say(address: str, *statements: str) -> object:
    engine = create_async_engine(address)
    try:
        async with engine.begin() as connection:
            answers = [await connection.execute(text(statement)) for statement in statements]
            return answers[-1].scalar() if answers[-1].returns_rows else None
    finally:
        await engine.dispose()


async def test_a_database_arrives_migrated(database: str) -> None:
    assert await say(database, "SELECT count(*) FROM alembic_version") == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_two_tests_never_share_a_database(kind: str, run_folder: Path) -> None:
    one, other = (databases.fresh(kind, run_folder, migrated=False) for _ in range(2))
    await say(one, "CREATE TABLE mine (id integer)", "INSERT INTO mine VALUES (1)")
    await say(other, "CREATE TABLE mine (id integer)")
    assert [await say(at, "SELECT count(*) FROM mine") for at in (one, other)] == [1, 0]
