"""What has to be known of a new customer, by what kind of customer it is: a private person or a company. S1-4.1.2a

A name is asked of everybody; the rest are rows that managers switch on and off. Where there is no row the default holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import select

from models import CustomerNeed
from models.words import CustomerDetail, CustomerKind
from portal.desk import audit
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

REMEMBERED = "what is needed of customers"
Needed = Mapping[CustomerKind, frozenset[CustomerDetail]]
DEFAULTS: Needed = MappingProxyType(
    {
        CustomerKind.PERSON: frozenset({CustomerDetail.REACH}),
        CustomerKind.COMPANY: frozenset({CustomerDetail.REACH, CustomerDetail.ORGANISATION}),
    }
)
WORDS: Mapping[CustomerDetail, str] = MappingProxyType(
    {
        CustomerDetail.ORGANISATION: "Enter the company’s name.",
        CustomerDetail.REACH: "Enter a phone number or an e-mail address: one way to reach them.",
        CustomerDetail.PHONE: "Enter a phone number.",
        CustomerDetail.EMAIL: "Enter an e-mail address.",
        CustomerDetail.STREET: "Enter street and number.",
        CustomerDetail.CITY: "Enter the town.",
        CustomerDetail.COUNTRY: "Enter the country.",
    }
)
"""What is said at the field of a detail that is missing; a way to reach somebody is asked for at the phone number."""


async def needed(work: Work) -> Needed:
    """Read the rows over the defaults; once in a transaction."""
    known: Needed | None = work.remembered.get(REMEMBERED)
    if known is None:
        told = {kind: set(details) for kind, details in DEFAULTS.items()}
        for row in await work.session.scalars(select(CustomerNeed)):
            (told[row.kind].add if row.required else told[row.kind].discard)(row.detail)
        known = work.remembered[REMEMBERED] = MappingProxyType(
            {kind: frozenset(details) for kind, details in told.items()}
        )
    return known


async def missing(work: Work, kind: CustomerKind, given: Mapping[str, str]) -> dict[str, str]:
    """What to say at which field of the details that are required of this kind of customer and not given. S1-4.1.2a"""
    found: dict[str, str] = {}
    required = (await needed(work))[kind]
    for detail in CustomerDetail:
        fields = ("phone", "email") if detail is CustomerDetail.REACH else (detail.value,)
        if detail in required and not any(given.get(field, "").strip() for field in fields):
            found[fields[0]] = WORDS[detail]
    return found


async def change(work: Work, row: CustomerNeed, expected_version: int, *, required: bool) -> None:
    """Ask a detail of every new customer of a kind, or no longer; those who are known stay as they are. S1-4.1.2a

    Raises Conflict when somebody saved first.
    """
    work.require(May.EDIT_POLICY)
    await hold_version(work, row, expected_version, {"required": required})
    row.required = required
    work.remembered.pop(REMEMBERED, None)
    await audit.record(work, "change what is needed", row)


async def ensure_defaults(work: Work) -> int:
    """Write the row of every detail of every kind that has none yet; return how many."""
    work.require(May.EDIT_POLICY)
    rows = await work.session.execute(select(CustomerNeed.kind, CustomerNeed.detail))
    known = {(kind, detail) for kind, detail in rows}
    added = [
        CustomerNeed(kind=kind, detail=detail, required=detail in DEFAULTS[kind])
        for kind in CustomerKind
        for detail in CustomerDetail
        if (kind, detail) not in known
    ]
    if added:
        work.session.add_all(added)
        work.remembered.pop(REMEMBERED, None)
        await audit.record(work, "write default needs of customers")
    return len(added)


def refuse_none(kind: str) -> CustomerKind:
    """The kind of customer that a form names. Raises NotAccepted for none."""
    try:
        return CustomerKind(kind)
    except ValueError:
        raise NotAccepted(kind="Choose what kind of customer this is.") from None
