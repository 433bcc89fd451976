"""Make the reviews of the month that is over."""

from __future__ import annotations

from portal.desk import month_reviews
from portal.desk.work import SYSTEM, Desk


async def review_month(desk: Desk) -> int:
    """Make the review of every team and of the whole desk once the month is over; return how many. S0-6.1"""
    async with desk.work(SYSTEM) as work:
        return await month_reviews.make_due(work)
