"""Remind of follow-ups before they are due, and tell the supervisors of what is overdue: these, and hand-overs."""

from __future__ import annotations

from jobs.pace import in_batches
from jobs.sweep_deadlines import BATCH
from portal.desk import followups
from portal.desk.orders import receiving
from portal.desk.work import Desk

FEW = 15
"""Rows of a batch on SQLite: each has a letter of its own, which takes six times as long as anything else."""


async def remind_follow_ups(desk: Desk) -> int:
    """Remind owners once and tell supervisors once; return how many follow-ups and hand-overs. S2-6.3, S1-4.7.1"""
    reminded = await in_batches(desk, followups.remind_due, few=FEW, many=BATCH)
    return reminded + await in_batches(desk, receiving.tell_late, few=FEW, many=BATCH)
