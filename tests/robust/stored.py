"""Everything a database holds, as text: to look for what must not be there."""

from __future__ import annotations

from sqlalchemy import select

from models import Base
from portal.desk.work import SYSTEM, Desk


async def everything(desk: Desk, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Every row of every table, by table; `without` names columns to leave out, such as `sessions.id_token`."""
    found = {}
    async with desk.look(SYSTEM) as work:
        for table in Base.metadata.sorted_tables:
            columns = [one for one in table.columns if f"{table.name}.{one.name}" not in without]
            rows = await work.session.execute(select(*columns))
            found[table.name] = "\n".join(repr(tuple(row)) for row in rows)
    return found


async def holding(desk: Desk, word: str, *, without: tuple[str, ...] = ()) -> list[str]:
    """The tables in which a word stands somewhere."""
    tables = await everything(desk, without=without)
    return [name for name, text in tables.items() if word in text]
