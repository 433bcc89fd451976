"""Who saw or verified whom, when and why: the access log, read from the audit trail. S0-3.2.3, S2-2.4"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select

from models import AuditEntry, Contact, Customer
from models.records import ACCESS_DEEDS
from portal.desk import customers
from portal.desk.customers import MaskedCustomer
from portal.desk.listing import PAGE, Rows, among, cursor, first, newest_first
from portal.desk.permissions import May
from portal.desk.work import Work

DEEDS: Mapping[str, str] = MappingProxyType(
    {
        "reveal customer": "saw the details, with a reason",
        "verify caller": "verified by facts",
        "verify caller by code": "verified by a one-time code",
        "verify caller by call back": "verified by a call back",
        "show number to call back": "saw the number to call back",
        "send one-time code": "sent a one-time code",
        "fail verification": "facts did not match",
        "fail one-time code": "the code was wrong",
        "fail call back": "somebody else answered",
        "lock customer": "customer locked",
        "unlock customer": "customer unlocked",
        "lock caller": "caller locked",
        "change customer": "changed the details",
    }
)
"""Every deed of the log, as it is called there. An index of the audit trail holds the same ones."""


@dataclass(frozen=True, slots=True)
class Access:
    """One entry of the log."""

    id: int
    at: datetime
    who: str
    deed: str
    reason: str
    customer: MaskedCustomer | None
    contact: str
    """Number of the contact it happened in; empty outside of one."""


async def log(work: Work, *, before: str = "", failed: bool = False) -> Rows[Access]:
    """A page of the log, newest first; `failed` leaves only tries that failed, and what was locked. S2-2.4, S2-2.6"""
    work.require(May.SEE_TEAM)
    wanted = [deed for deed in DEEDS if not failed or deed.startswith(("fail", "lock"))]
    statement = select(AuditEntry).where(among(AuditEntry.deed, ACCESS_DEEDS))  # as its index says it
    if failed:
        statement = statement.where(AuditEntry.deed.in_(wanted))
    found = list(
        await work.session.scalars(
            first(newest_first(statement, AuditEntry.at, AuditEntry.id, before), PAGE + 1)
        )
    )
    rows = found[:PAGE]
    contacts = await _contacts(work, rows)
    known = await _customers(work, rows, contacts)
    told = [_told(one, contacts, known) for one in rows]
    return Rows(told, cursor(rows[-1].at, rows[-1].id) if len(found) > PAGE else "")


def _told(entry: AuditEntry, contacts: Mapping[int, Contact], known: Mapping[int, Customer]) -> Access:
    contact = contacts.get(_about(entry, Contact) or 0)
    customer = known.get(_about(entry, Customer) or (contact.customer_id if contact else None) or 0)
    return Access(
        entry.id,
        entry.at,
        entry.who,
        DEEDS[entry.deed],
        entry.reason,
        customers.masked(customer) if customer else None,
        contact.number if contact else "",
    )


def _about(entry: AuditEntry, model: type[Contact | Customer]) -> int | None:
    """The id of the contact or customer an entry is about; None where it is about something else."""
    mine = entry.subject_kind == model.__tablename__ and entry.subject_id.isdecimal()
    return int(entry.subject_id) if mine else None


async def _contacts(work: Work, rows: list[AuditEntry]) -> dict[int, Contact]:
    ids = {found for one in rows if (found := _about(one, Contact))}
    if not ids:
        return {}
    return {one.id: one for one in await work.session.scalars(select(Contact).where(Contact.id.in_(ids)))}


async def _customers(
    work: Work, rows: list[AuditEntry], contacts: Mapping[int, Contact]
) -> dict[int, Customer]:
    ids = {found for one in rows if (found := _about(one, Customer))}
    ids |= {one.customer_id for one in contacts.values() if one.customer_id is not None}
    if not ids:
        return {}
    return {one.id: one for one in await work.session.scalars(select(Customer).where(Customer.id.in_(ids)))}
