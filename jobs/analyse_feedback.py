"""Analyse what customers said in the months that are over."""

from __future__ import annotations

from portal.desk import feedback_analysis
from portal.desk.work import SYSTEM, Desk


async def analyse_feedback(desk: Desk) -> int:
    """Make the analysis of each month that is over, those missed while nothing ran as well; return how many. S3-11.1.1a"""
    async with desk.work(SYSTEM) as work:
        return await feedback_analysis.make_due(work)
