"""The register of disclosures: who was given which data of customers, by whom, when, why and on what ground. S4-3.3

Every export of a table that tells of customers writes into it; what is given out by other ways is noted by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import select

from models import AuditEntry, Base, Customer, Disclosure
from models.words import DisclosureGround
from portal.desk import audit
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted
from portal.desk.numbers import read_number
from portal.desk.permissions import May
from portal.desk.work import Work

ASKED = ("reason", "recipient", "ground")
"""What the form of an export asks for."""
LONGEST = {"recipient": 300, "what": 500, "reason": 500}
_LACKING = {
    "recipient": "Say who gets it.",
    "what": "Say what is given out.",
    "reason": "Say what it is for.",
}


@dataclass(frozen=True, slots=True)
class Given:
    """Who gets it, what for and on what ground; no ground where nothing of it tells of a customer."""

    recipient: str
    reason: str
    ground: DisclosureGround | None


@cache
def tells_of_customers(model: type[Base]) -> bool:
    """Whether a row of this table leads to a customer, by whatever way; or may hold anything, as the audit trail does."""
    if model is AuditEntry:
        return True
    seen, wanted = set(), [model.metadata.tables[model.__tablename__]]
    while wanted:
        table = wanted.pop()
        if table.name == Customer.__tablename__:
            return True
        seen.add(table.name)
        wanted += [key.column.table for key in table.foreign_keys if key.column.table.name not in seen]
    return False


def read(typed: Mapping[str, str], *, of_customers: bool) -> Given:
    """What the form of an export says. Raises NotAccepted with a message for each field."""
    words = {name: typed.get(name, "").strip() for name in ("recipient", "reason")}
    if not of_customers:
        words["recipient"] = words["recipient"] or "-"
    wrong, ground = _wrong(words), typed.get("ground", "")
    if of_customers and ground not in list(DisclosureGround):
        wrong["ground"] = "Choose on what ground."
    if wrong:
        raise NotAccepted.of(wrong)
    refuse_card_numbers(**words)
    return Given(**words, ground=DisclosureGround(ground) if of_customers else None)


def _wrong(words: Mapping[str, str]) -> dict[str, str]:
    found = {name: _LACKING[name] for name, text in words.items() if not text}
    long = {name: LONGEST[name] for name, text in words.items() if len(text) > LONGEST[name]}
    return found | {name: f"At most {longest} characters." for name, longest in long.items()}


def exported(work: Work, given: Given, what: str, rows: int) -> None:
    """Note an export; the caller records its deed. Nothing where no customer is told of."""
    work.require(May.EXPORT)
    if given.ground is not None:
        work.session.add(
            _made(work, given.recipient, what[: LONGEST["what"]], given.ground, given.reason, rows=rows)
        )


async def note(
    work: Work, recipient: str, what: str, ground: DisclosureGround, reason: str, customer_number: str = ""
) -> Disclosure:
    """Note what was given out by another way; `customer_number` is that of whose it is, empty for several.

    Raises NotAccepted with a message for each field.
    """
    work.require(May.EXPORT)
    words = {"recipient": recipient.strip(), "what": what.strip(), "reason": reason.strip()}
    wrong, customer_id = _wrong(words), None
    if customer_number.strip():
        number = read_number(customer_number) or customer_number.strip().upper()
        customer_id = await work.session.scalar(select(Customer.id).where(Customer.number == number))
        if customer_id is None:
            wrong["customer_number"] = "No customer has this number."
    if wrong:
        raise NotAccepted.of(wrong)
    refuse_card_numbers(**words)
    row = _made(work, words["recipient"], words["what"], ground, words["reason"], customer_id=customer_id)
    work.session.add(row)
    await audit.record(work, "note disclosure", row)
    return row


def _made(
    work: Work,
    recipient: str,
    what: str,
    ground: DisclosureGround,
    reason: str,
    *,
    rows: int | None = None,
    customer_id: int | None = None,
) -> Disclosure:
    return Disclosure(
        at=work.now,
        person_id=work.actor.person_id,
        who=work.actor.name[:200],
        recipient=recipient,
        what=what,
        customer_id=customer_id,
        ground=ground,
        reason=reason,
        exported=rows,
    )
