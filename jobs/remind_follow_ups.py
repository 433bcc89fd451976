"""Remind of follow-ups before they are due, and tell the supervisors of those overdue."""

from __future__ import annotations

from jobs.batching import in_batches
from jobs.sweep_deadlines import BATCH
from portal.desk import followups
from portal.desk.work import Desk

FEW = 15
"""Rows of a batch on SQLite: each has a letter of its own, which takes six times as long as anything else."""


async def remind_follow_ups(desk: Desk) -> int:
    """Remind owners once and tell supervisors once; return how many follow-ups. S2-6.3."""
    taken = await in_batches(desk, followups.remind_due, BATCH, FEW, remembering=True, short_is_last=True)
    return taken.rows
