"""What a mail belongs to: the letter of ours it answers, else a number it names, if its sender may name it.

S1-4.4.1c, S3-6.1.1b

Our Message-IDs cannot be guessed, so whoever names one has the letter. A number can: it counts only from the address
that the customer of the case or order is written to at, and from nobody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Case, Customer, Mail, Message, Order
from models.words import MailKind, MailStatus
from portal.desk import customers, due
from portal.desk.mail.parsing import Parsed
from portal.desk.numbers import read_number
from portal.desk.work import Work

_NAMED = re.compile(r"\bH[CR][-\s]?\d\d[-\s]?\d{6,9}[-\s]?\d\b", re.IGNORECASE)
MOST_NAMED = 5
LONGEST_NUMBER = 30


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a mail belongs, as far as it can be told."""

    letter: Message | None = None
    case: Case | None = None
    order: Order | None = None
    customer: Customer | None = None
    """By the address it came from, if that is one customer's alone. Never taken as verified."""
    how: str = ""
    """How it was found, in words."""


async def find(work: Work, mail: Parsed) -> Thread:
    """Find what a mail belongs to, in a handful of statements however much there is."""
    customer = await by_address(work, mail.sender_address)
    letter = await letter_of(work, mail.references)
    if letter is not None:
        case = await work.session.get(Case, letter.case_id) if letter.case_id else None
        order = await work.session.get(Order, letter.order_id) if letter.order_id else None
        if case is None and order is not None:
            case = await _about(work, order, mail.sender_address)
        if customer is None and letter.customer_id is not None:
            written_to = await work.session.get(Customer, letter.customer_id)
            customer = written_to if _same(written_to, mail.sender_address) else None
        return Thread(letter, case, order, customer, f"It answers “{letter.subject}”."[:500])
    for number in _numbers(mail):
        if number.startswith("HC"):
            case = await work.session.scalar(
                select(Case).where(Case.number == number).options(joinedload(Case.customer))
            )
            if case is not None and await _is_theirs(work, case, mail.sender_address):
                return Thread(
                    None,
                    case,
                    None,
                    customer or case.customer,
                    f"It names {number}, from the address known there.",
                )
        else:
            order = await work.session.scalar(
                select(Order).where(Order.number == number).options(joinedload(Order.customer))
            )
            if order is not None and _same(order.customer, mail.sender_address):
                case = await _about(work, order, mail.sender_address)
                return Thread(
                    None,
                    case,
                    order,
                    customer or order.customer,
                    f"It names {number}, from the address known there.",
                )
    return Thread(customer=customer)


async def letter_of(work: Work, message_ids: tuple[str, ...]) -> Message | None:
    """The letter of ours that is named first among these Message-IDs."""
    if not message_ids:
        return None
    found = {
        one.message_id: one
        for one in await work.session.scalars(
            select(Message).where(Message.message_id.in_(message_ids[:250]))
        )
    }
    return next((found[one] for one in message_ids if one in found), None)


async def by_address(work: Work, address: str) -> Customer | None:
    """The one customer who has this address; None for nobody, and where several have it. S2-6.4"""
    if not address:
        return None
    asked = customers.CustomerDetails(name="", email=address)
    found = [one.customer for one in await customers.duplicates(work, asked) if _same(one.customer, address)]
    return found[0] if len(found) == 1 else None


def _numbers(mail: Parsed) -> list[str]:
    """The case and order numbers in the subject, and those that our own letters carry in their References."""
    named = [*_NAMED.findall(mail.subject), *(one[1:].partition("@")[0] for one in mail.references)]
    read = (read_number(one) for one in named if len(one) < LONGEST_NUMBER)
    return list(dict.fromkeys(one for one in read if one and one[:2] in {"HC", "HR"}))[:MOST_NAMED]


def _same(customer: Customer | None, address: str) -> bool:
    return customer is not None and bool(address) and customer.email.strip().lower() == address


async def _is_theirs(work: Work, case: Case, address: str) -> bool:
    """Whether mail about this case goes to this address: its customer's, or whoever wrote the mail it came of."""
    if case.customer is not None:
        return _same(case.customer, address)
    wrote = select(Mail.id).where(
        Mail.case_id == case.id, Mail.kind == MailKind.CONCERN, Mail.sender_address == address
    )
    return bool(address) and await work.session.scalar(wrote.limit(1)) is not None


async def _about(work: Work, order: Order, address: str) -> Case | None:
    """The open case that an earlier mail of the same sender about this order came to: one matter stays one thread.

    S2-10.5
    """
    found: Case | None = await work.session.scalar(
        select(Case)
        .join(Mail, Mail.case_id == Case.id)
        .where(
            Mail.order_id == order.id,
            Mail.sender_address == address,
            Mail.status == MailStatus.FILED,
            due.is_open(),
        )
        .order_by(Case.id.desc())
        .limit(1)
    )
    return found
