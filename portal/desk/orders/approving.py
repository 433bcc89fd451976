"""Orders that somebody else has to agree to: placed, and not confirmed before a second person has decided.

One mechanism whatever the cause is; nothing of it is handed over before. S1-4.2.1b, S1-4.3.2a, S1-3.3c
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from models import Customer, Order, OrderApproval, OrderLine, Person
from models.words import ApprovalCause, ApprovalStatus, OrderStatus, Role
from portal.desk import audit, notices, tax
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.listing import LIMIT, PAGE, Rows, cursor, first, newest_first, oldest_first
from portal.desk.notices import Notice
from portal.desk.orders.checking import expected_on
from portal.desk.orders.confirming import confirm
from portal.desk.orders.requests import assign
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.saving import hold
from portal.desk.work import Work

LONGEST = 2_000
"""Characters of a decision."""


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """What waits for a decision, as the list shows it."""

    approval: OrderApproval
    order: Order
    asked_by: str
    decided_by: str
    mine: bool
    """Whether the reader placed it, and so may not decide on it."""

    @property
    def own_prices(self) -> list[OrderLine]:
        """The lines that cost another price than the list says."""
        return [line for line in self.order.lines if line.price_reason]


async def ask(work: Work, order: Order, causes: Sequence[ApprovalCause], listed_minor: int) -> OrderApproval:
    """Let an order wait for somebody else; part of the deed that places or amends it, which is recorded there."""
    if work.actor.person_id is None:
        raise NotAllowed("Somebody else has to agree to this order, so a person has to place it.")
    approval = OrderApproval(
        order_id=order.id,
        causes=tuple(one.value for one in causes),
        listed_minor=listed_minor,
        status=ApprovalStatus.ASKED,
        asked_by_id=work.actor.person_id,
        asked_at=work.now,
    )
    work.session.add(approval)
    await work.session.flush()
    await _tell_who_decides(work, approval, order)
    return approval


async def approve(work: Work, approval: OrderApproval, words: str = "") -> None:
    """Agree to an order as it was placed: it is confirmed to the customer, and whoever placed it is told.

    Raises NotAllowed for who placed it, WrongMoment when it is decided or cancelled. S1-4.2.1b
    """
    order = await _taken(work, approval, words)
    _decided(work, approval, ApprovalStatus.APPROVED, words)
    await _confirm(work, order)
    await _tell(work, approval, order)
    await audit.record(work, "approve order", order, reason=words.strip())


async def refuse_price(work: Work, approval: OrderApproval, words: str) -> None:
    """Refuse the prices of one's own: those of the lists hold, as the customer agreed for that case.

    The order is confirmed so, and whoever placed it is told why. Raises as `approve` does, NotAccepted without a reason,
    WrongMoment where no price waits. S1-4.2.1b
    """
    order = await _refused(work, approval, words)
    if ApprovalCause.PRICE.value not in approval.causes:
        raise WrongMoment("No price waits here: agree to the order, or do not.")
    _decided(work, approval, ApprovalStatus.REFUSED, words)
    for line in order.lines:
        if line.price_reason and line.list_price_minor is not None:
            order.total_minor -= line.total_minor
            line.unit_price_minor, line.price_reason = line.list_price_minor, ""
            order.total_minor += line.total_minor
    tax.write_down(order.lines)
    await _confirm(work, order)
    await _tell(work, approval, order)
    await audit.record(work, "refuse price", order, reason=words.strip())


async def send_back(work: Work, approval: OrderApproval, words: str) -> None:
    """Do not agree to a large order as it was taken: it stays unconfirmed, and whoever placed it is told why.

    They amend it with the customer, and it is looked at anew, or cancel it. Raises as `approve` does, NotAccepted
    without a reason, WrongMoment where only a price waits. S1-4.3.2a
    """
    order = await _refused(work, approval, words)
    if ApprovalCause.VALUE.value not in approval.causes:
        raise WrongMoment("Only a price waits here: agree to it, or let the list price hold.")
    _decided(work, approval, ApprovalStatus.SENT_BACK, words)
    await _tell(work, approval, order)
    await audit.record(work, "send order back", order, reason=words.strip())


async def ask_anew(work: Work, order: Order, causes: Sequence[ApprovalCause], listed_minor: int) -> None:
    """Let an order that was put right before anybody agreed wait anew, or confirm it; part of amending it."""
    await withdraw(work, order)
    await work.session.flush()
    if causes:
        await ask(work, order, causes, listed_minor)
    else:
        await _stands(work, order)


async def withdraw(work: Work, order: Order) -> None:
    """End what waits on an order that somebody cancels or amends; part of that deed."""
    approval = await open_on(work, order)
    if approval is not None:
        await hold(work, approval)
        approval.status, approval.decided_at = ApprovalStatus.WITHDRAWN, work.now
        approval.decided_by_id = work.actor.person_id


async def open_on(work: Work, order: Order) -> OrderApproval | None:
    """What an order waits for; None where it waits for nobody."""
    found: OrderApproval | None = await work.session.scalar(
        select(OrderApproval).where(
            OrderApproval.order_id == order.id, OrderApproval.status == ApprovalStatus.ASKED
        )
    )
    return found


async def load(work: Work, approval_id: int) -> OrderApproval:
    """What waits, for a decision. Raises NotFound."""
    work.require(May.APPROVE_ORDERS)
    statement = select(OrderApproval).where(OrderApproval.id == approval_id)
    found: OrderApproval | None = await work.session.scalar(narrowed(work.actor, OrderApproval, statement))
    if found is None:
        raise NotFound
    return found


async def queue(
    work: Work, *, decided: bool = False, before: str = "", limit: int = PAGE
) -> Rows[ApprovalRow]:
    """What waits for a decision, oldest first; or what was decided, newest first. With the lines of each order."""
    work.require(May.APPROVE_ORDERS)
    by, moment = (
        (newest_first, OrderApproval.decided_at) if decided else (oldest_first, OrderApproval.asked_at)
    )
    waits = OrderApproval.status == ApprovalStatus.ASKED
    ids = select(OrderApproval.id).where(OrderApproval.decided_at.is_not(None) if decided else waits)
    page = first(by(narrowed(work.actor, OrderApproval, ids), moment, OrderApproval.id, before), limit + 1)
    shown = (joinedload(Order.customer), selectinload(Order.lines))
    statement = by(_told(*shown).where(OrderApproval.id.in_(page)), moment, OrderApproval.id, "")
    found = await _rows(work, statement)
    last = found[limit - 1].approval if len(found) > limit else None
    at = last and (last.decided_at if decided else last.asked_at)
    return Rows(found[:limit], cursor(at, last.id) if last and at else "")


async def of_order(work: Work, order: Order) -> list[ApprovalRow]:
    """What was asked for on an order and what came of it, the newest first."""
    work.require(May.SEE_ORDERS)
    asked = _told().where(OrderApproval.order_id == order.id).order_by(OrderApproval.id.desc())
    return await _rows(work, narrowed(work.actor, OrderApproval, asked).limit(LIMIT))


def _told(*loads: Any) -> Any:
    """Approvals with their orders and who asked for and decided on each; the loads are of the order."""
    asked_by, decided_by = aliased(Person), aliased(Person)
    return (
        select(OrderApproval, Order, asked_by.name, func.coalesce(decided_by.name, ""))
        .join(Order, Order.id == OrderApproval.order_id)
        .join(asked_by, asked_by.id == OrderApproval.asked_by_id)
        .outerjoin(decided_by, decided_by.id == OrderApproval.decided_by_id)
        .options(*loads)
    )


async def _rows(work: Work, statement: Any) -> list[ApprovalRow]:
    me = work.actor.person_id
    return [
        ApprovalRow(approval, order, asker, decider, mine=me in {approval.asked_by_id, order.taken_by_id})
        for approval, order, asker, decider in await work.session.execute(statement)
    ]


async def _taken(work: Work, approval: OrderApproval, words: str) -> Order:
    """Hold order and approval for a decision, and give the order with its lines and special requests."""
    work.require(May.APPROVE_ORDERS)
    if len(words) > LONGEST:
        raise NotAccepted(words=f"At most {LONGEST} characters.")
    refuse_card_numbers(words=words)
    order = await work.session.get_one(Order, approval.order_id)
    await hold(work, order)
    await hold(work, approval)
    if approval.status is not ApprovalStatus.ASKED:
        raise WrongMoment(f"This was already {approval.status.value.replace('_', ' ')}.")
    if work.actor.person_id in {None, approval.asked_by_id, order.taken_by_id}:
        raise NotAllowed("You placed this order yourself: somebody else has to decide.")
    await work.session.execute(  # only now that it is held: what waits may have come in meanwhile
        select(Order)
        .where(Order.id == order.id)
        .options(selectinload(Order.lines), selectinload(Order.requests))
        .execution_options(populate_existing=True)
    )
    return order


async def _refused(work: Work, approval: OrderApproval, words: str) -> Order:
    if not words.strip():
        work.require(May.APPROVE_ORDERS)
        raise NotAccepted(words="Say why not, in words for whoever placed it.")
    return await _taken(work, approval, words)


def _decided(work: Work, approval: OrderApproval, status: ApprovalStatus, words: str) -> None:
    approval.status, approval.decision = status, words.strip()
    approval.decided_by_id, approval.decided_at = work.actor.person_id, work.now


async def _confirm(work: Work, order: Order) -> None:
    """Confirm what waited: the day it is expected counts from now, where one was named."""
    await _stands(work, order)
    if order.expected_on is not None:
        day = await expected_on(work, order.delivery_method, order.wanted_on)
        order.expected_on = max(day, order.expected_on)
    customer = await work.session.get(Customer, order.customer_id) if order.customer_id is not None else None
    if customer is not None:
        await confirm(work, order, customer)


async def _stands(work: Work, order: Order) -> None:
    """Nobody has to agree to it any more: it is confirmed, and its departments are asked what the customer wishes."""
    order.status, order.confirmed_at = OrderStatus.CONFIRMED, work.now
    await assign(work, order)


async def _tell_who_decides(work: Work, approval: OrderApproval, order: Order) -> None:
    """Tell the supervisors that an order waits, but not who placed it; the managers where that leaves nobody."""
    others: list[Person] = []
    for role in (Role.SUPERVISOR, Role.MANAGER):
        people = await notices.people_in(work, role)
        others = [one for one in people if one.id != approval.asked_by_id]
        if others:
            break
    facts = {
        "causes": approval.causes,
        "who": work.actor.name,
        "total_minor": order.total_minor,
        "listed_minor": approval.listed_minor,
        "currency": order.currency,
        "approvals_link": f"{work.terms.address}/approvals",
    }
    once = f"order-waits-notice/{approval.id}"
    await notices.write_all(
        work,
        [
            Notice("order-waits-notice", one, f"{once}/{one.id}", order.number, order, facts=facts)
            for one in others
        ],
    )


async def _tell(work: Work, approval: OrderApproval, order: Order) -> None:
    """Tell whoever placed it what came of it, once."""
    asker = await work.session.get_one(Person, approval.asked_by_id)
    decider = await work.session.get_one(Person, approval.decided_by_id)
    await notices.write(
        work,
        "order-decided-notice",
        to=asker,
        once=f"order-decided-notice/{approval.id}",
        reference=order.number,
        order=order,
        decision=approval.status,
        who=decider.name,
        reason=approval.decision,
        total_minor=order.total_minor,
        currency=order.currency,
    )
