"""One box for customers, orders and cases: what a line finds, as far as the reader may see it. S2-6.4"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Case, Contact, Customer, Order
from portal.desk import case_words, orders, search, transcripts
from portal.desk.customers import MaskedCustomer, masked
from portal.desk.fields.counting import day_of
from portal.desk.listing import Rows
from portal.desk.numbers import read_number
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work

BATCH = 500
"""Cases whose words are written anew in one transaction."""
NEEDED = {"customer": May.SEE_CUSTOMERS, "order": May.SEE_ORDERS, "case": May.SEE_CASES}


@dataclass(frozen=True, slots=True)
class Found:
    """What one line finds; `straight_to` is the address of the one thing that a whole number names."""

    customers: list[MaskedCustomer] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    """Those in whose transcript the words stand. S3-6.1.1a"""
    straight_to: str = ""
    more: bool = False

    @property
    def nothing(self) -> bool:
        return not (self.customers or self.orders or self.cases or self.contacts)


async def find(work: Work, text: str) -> Found:
    """Find what the line names among what the actor may see, newest first within each kind.

    S1-5.1a, S2-15.7, S3-6.1.1a
    """
    kinds = tuple(kind for kind, may in NEEDED.items() if kind != "order" and work.may(may))
    hits = await search.find(work, text, kinds) if text.strip() and kinds else []
    ids: dict[str, list[int]] = {kind: [hit.id for hit in hits if hit.kind == kind] for kind in NEEDED}
    customers = await _customers(work, ids["customer"])
    ordered = await _orders(work, text)
    cases = await _cases(work, ids["case"])
    told = await _by_words(work, text)
    said = await transcripts.found(work, text)
    known = {case.id for case in cases}
    return Found(
        customers,
        ordered.rows,
        [*cases, *(case for case in told if case.id not in known)],
        said,
        _straight_to(text, ordered.rows, cases, customers),
        bool(ordered.older) or any(len(one) >= search.LIMIT for one in (hits, told, said)),
    )


def _straight_to(text: str, orders: list[Order], cases: list[Case], customers: list[MaskedCustomer]) -> str:
    number = read_number(text) or text.strip().upper()
    named = (("orders", orders), ("cases", cases), ("customers", customers))
    return next((f"/{room}/{one.id}" for room, found in named for one in found if one.number == number), "")


async def _customers(work: Work, ids: list[int]) -> list[MaskedCustomer]:
    if not ids:
        return []
    statement = narrowed(work.actor, Customer, select(Customer)).where(Customer.id.in_(ids))
    return [masked(one) for one in await work.session.scalars(statement.order_by(Customer.id.desc()))]


async def _orders(work: Work, text: str) -> Rows[Order]:
    """The newest orders that the line names: by number, customer, the code of an article, or the day of placing."""
    if not text.strip() or not work.may(NEEDED["order"]):
        return Rows([])
    day = day_of(text)
    return await orders.found(work, orders.Wanted(since=day, until=day) if day else orders.Wanted(text))


async def _by_words(work: Work, text: str) -> list[Case]:
    """The newest cases in which each of these words was said, among those the actor may see. S2-15.7, S1-5.1b

    The rule for rows stands in the statement itself: not even how many there are is told of what may not be seen.
    """
    matching = search.matching(case_words.asked(text), case_words.KIND) if work.may(May.SEE_CASES) else None
    if matching is None:
        return []
    statement = narrowed(work.actor, Case, select(Case)).where(Case.id.in_(matching))
    return list(
        await work.session.scalars(
            statement.options(joinedload(Case.held_by)).order_by(Case.id.desc()).limit(search.LIMIT)
        )
    )


async def write_words_anew(work: Work, after: int = 0) -> int:
    """Write the words of the next cases after this id anew; the last id, 0 at the end. For a desk with cases from before.

    S2-15.7
    """
    work.require(May.EDIT_POLICY)
    ids = select(Case.id).where(Case.id > after).order_by(Case.id).limit(BATCH)
    found = list(await work.session.scalars(ids))
    if found:
        await case_words.anew(work.session, found)
    return found[-1] if len(found) == BATCH else 0


async def _cases(work: Work, ids: list[int]) -> list[Case]:
    if not ids:
        return []
    statement = narrowed(work.actor, Case, select(Case)).where(Case.id.in_(ids))
    return list(
        await work.session.scalars(
            statement.options(joinedload(Case.held_by)).order_by(Case.opened_at.desc(), Case.id.desc())
        )
    )
