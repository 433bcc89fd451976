"""Tell the owners of the library what ran out."""

from __future__ import annotations

from portal.desk import library
from portal.desk.work import SYSTEM, Desk


async def tell_owners(desk: Desk) -> int:
    """Tell the owner of every article that ran out, once; return how many articles. S2-7.1"""
    async with desk.work(SYSTEM) as work:
        return await library.tell_owners(work)
