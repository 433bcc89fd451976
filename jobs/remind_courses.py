"""Remind those who have to take a course."""

from __future__ import annotations

from portal.desk import courses
from portal.desk.work import SYSTEM, Desk


async def remind_courses(desk: Desk) -> int:
    """Tell everybody which courses they have to take, once for each time one falls due; return how many people. S2-7.3"""
    told = 0
    while True:
        async with desk.work(SYSTEM) as work:
            few = await courses.remind(work)
        told += few
        if not few:
            return told
