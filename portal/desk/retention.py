"""How long things stay: whoever forgets something asks here from when on it may be forgotten. S1-4.5.1b, S1-5.2b

The numbers stand in `policy`, with their clauses. What is not named here is never forgotten.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from models import Amendment, Base, IdempotencyKey, JobSlot, SpecialRequest
from portal.desk import policy
from portal.desk.errors import WrongMoment

KEPT: dict[type[Base], timedelta] = {
    JobSlot: policy.KEEP_JOB_SLOTS,
    IdempotencyKey: policy.KEEP_KEYS,
    SpecialRequest: policy.KEEP_REQUESTS,
    Amendment: policy.KEEP_AMENDMENTS,
}
"""The least time that a row of each stays. Of requests and amendments nothing is forgotten so far, however old."""


def before(table: type[Base], now: datetime) -> datetime:
    """Rows of this table from before this moment may be forgotten. Raises WrongMoment for what stays for good."""
    if table not in KEPT:
        raise WrongMoment(f"Nothing of {table.__tablename__} is ever forgotten.")
    return now - KEPT[table]
