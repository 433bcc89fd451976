"""How migrations reach the database. The address comes from the caller, else from HANDRAIL_DATABASE."""

from __future__ import annotations

import asyncio
import os
from typing import Any, Literal

from alembic import context
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from models import Base
from models.base import Moment, Words
from portal.database import sync_sqlite_engine


def plain_type(kind: str, thing: Any, _context: object) -> str | Literal[False]:
    """Write our own column types into a migration as the plain ones they store, so that it never needs our code."""
    if kind == "type" and isinstance(thing, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, Words):
        return "sa.String(length=200)"
    return False


def run(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        render_item=plain_type,
        render_as_batch=sqlite,
        transaction_per_migration=True,
    )
    if not sqlite:
        # A migration that cannot get its lock gives up instead of holding the desk up.
        connection.exec_driver_sql("SET lock_timeout = '10s'")
        connection.commit()
    with context.begin_transaction():
        context.run_migrations()


async def run_async(url: str | URL, schema: str) -> None:
    settings = {"server_settings": {"search_path": schema}} if schema else {}
    engine = create_async_engine(url, poolclass=NullPool, connect_args=settings)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


address = context.config.attributes.get("url") or make_url(os.environ["HANDRAIL_DATABASE"])
if address.get_backend_name() == "sqlite":
    engine = sync_sqlite_engine(address)
    with engine.connect() as connection:
        run(connection)
    engine.dispose()
else:
    asyncio.run(run_async(address, context.config.attributes.get("schema", "")))
