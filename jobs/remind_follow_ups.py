"""Remind of follow-ups before they are due, and tell of what is overdue: these, hand-overs and special requests."""

from __future__ import annotations

from jobs.pace import in_batches
from jobs.sweep_deadlines import BATCH
from portal.desk import data_requests, followups
from portal.desk.orders import chasing, receiving
from portal.desk.work import Desk

FEW = 15
"""Rows of a batch on SQLite: each has a letter of its own, which takes six times as long as anything else."""


async def remind_follow_ups(desk: Desk) -> int:
    """Remind and tell of each once; return how many of all. S2-6.3, S1-4.7.1, S1-4.5.2, S2-2.3"""
    reminded = await in_batches(desk, followups.remind_due, few=FEW, many=BATCH)
    reminded += await in_batches(desk, receiving.tell_late, few=FEW, many=BATCH)
    reminded += await in_batches(desk, data_requests.remind, few=FEW, many=BATCH)
    return reminded + await in_batches(desk, chasing.tell_late, few=FEW, many=BATCH)
