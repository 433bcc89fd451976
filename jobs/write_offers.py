"""Write offers to those who agreed to them."""

from __future__ import annotations

from jobs.pace import until_done
from portal.desk import offers
from portal.desk.work import Desk


async def write_offers(desk: Desk) -> int:
    """Write the letters of every offer that is under way; return to how many customers. S4-3.1"""
    return await until_done(desk, offers.write_next, few=10, many=200)
