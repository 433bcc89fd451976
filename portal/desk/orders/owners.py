"""Who on the desk looks after an order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from models import Customer, Order, Person
from models.words import FollowUpKind, Role
from portal.desk import followups, notices, policy, rota
from portal.desk.work import SYSTEM, Work


def the_desk(work: Work) -> Work:
    """The same transaction in the name of the desk itself: for what follows from a deed by rule."""
    return replace(work, actor=SYSTEM)


async def owner_of(work: Work, order: Order) -> int | None:
    """Who took the order, who does this deed, or else the first representative; only people who are here."""
    for person_id in (order.taken_by_id, work.actor.person_id):
        person = await work.session.get(Person, person_id) if person_id is not None else None
        if person is not None and person.active and person.roles:
            return person.id
    for role in (Role.REPRESENTATIVE, Role.SUPERVISOR, Role.MANAGER):
        if people := await rota.holding(work, role):
            return people[0].id
    return None


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody is to call a customer with who is not written to, and what makes it the only call of its kind."""

    words: str
    once: str


async def tell_or_call(
    work: Work, order: Order, customer: Customer, template: str, call: Call, *, once: str, **facts: Any
) -> None:
    """Write to the customer about an order, or let whoever looks after it call who wants that. S0-3.6.1"""
    if not notices.by_call(customer):
        await notices.write(
            work, template, to=customer, once=once, reference=order.number, order=order, **facts
        )
        return
    owner_id = await owner_of(work, order)
    if owner_id is not None:
        await plan_call(work, order, customer, owner_id, call.words, once=call.once)


async def plan_call(
    work: Work, order: Order, customer: Customer, owner_id: int, words: str, *, once: str, message: str = ""
) -> None:
    """Let whoever looks after an order call the customer with what would be written else, once. S0-3.6.1

    With a message they send that by hand instead. S1-4.4.1d
    """
    await followups.plan(
        the_desk(work),
        FollowUpKind.CONFIRMATION_CALL,
        words,
        owner_id,
        await followups.business_due(work, policy.CONFIRMATION_CALL),
        customer_id=customer.id,
        contact_id=order.contact_id,
        order_id=order.id,
        once=once,
        message=message,
    )
