"""Whether a number or an address has stood long enough to verify by: who changed it is not verified by it. S2-2.6"""

from __future__ import annotations

from sqlalchemy import select

from models import AuditEntry, Customer
from portal.desk import policy
from portal.desk.errors import WrongMoment
from portal.desk.work import Work

SAID = {"email": "address", "phone": "number"}


async def refuse_unsettled(work: Work, customer: Customer, detail: str) -> None:
    """Raise WrongMoment where this detail was changed of late: a stranger may have put their own there."""
    table = Customer.__tablename__
    entries = await work.session.scalars(
        select(AuditEntry.changes).where(
            AuditEntry.subject_kind == table,
            AuditEntry.subject_id == str(customer.id),
            AuditEntry.at > work.now - policy.DETAILS_SETTLE,
        )
    )
    for changes in entries:
        old, _ = changes.get(f"{table}/{customer.id}", {}).get(detail, (None, None))
        if old is not None:
            raise WrongMoment(
                f"The {SAID[detail]} on record was changed only days ago, so it verifies nobody yet."
                " Use another way, or ask a supervisor."
            )
