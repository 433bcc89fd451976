"""Statements are compiled once for all the databases of a process: each test has its own, of two kinds.

SQLAlchemy keeps what it compiled by engine and by dialect. Here the dialects of one kind count as one and all engines
have one cache; otherwise compiling is a fifth of the computing of a run.
"""

from typing import Any

from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

SIZE = 4000
"""Statements of the whole portal, with room: the size SQLAlchemy trims to."""


def share() -> None:
    """Let every engine made from now on have the one cache."""
    cache: Any = LRUCache(SIZE)

    def engine_created(engine: Engine) -> None:
        engine._compiled_cache = cache

    for kind in (PGDialect_asyncpg, SQLiteDialect_aiosqlite):
        kind.engine_created = staticmethod(engine_created)  # type: ignore[method-assign] # a hook it asks to be put in
        kind.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign] # so that one is as good as another
        kind.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign] # as above
