"""Special requests: assigned to a department, looked into, decided, and told to the customer. S1-4.5, S1-4.4.2"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from models import Customer, Order, SpecialRequest
from models.words import Department, OrderStatus, Role, SpecialRequestStatus
from portal.desk import audit, notices, policy_versions, tone
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.listing import PAGE, Rows, among, first, oldest_first, paged
from portal.desk.orders.owners import Call, tell_or_call
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.saving import hold
from portal.desk.work import Work

UNDECIDED = (SpecialRequestStatus.NEW, SpecialRequestStatus.UNDER_REVIEW)
"""What keeps an order from being handed over. S1-4.4.2b, S1-4.5.1a"""
OVER = frozenset({OrderStatus.CANCELLED, OrderStatus.DELIVERED})
LONGEST_REASON = 2_000
SPOKEN = {SpecialRequestStatus.FEASIBLE: "will be done", SpecialRequestStatus.NOT_FEASIBLE: "is not possible"}
_WHOLE = (
    joinedload(SpecialRequest.order).joinedload(Order.customer),
    joinedload(SpecialRequest.reviewed_by),
    joinedload(SpecialRequest.decided_by),
)


def made(work: Work, wish: str) -> SpecialRequest:
    """A special request as it comes in: nobody has looked at it, and those who send things out are asked first."""
    return SpecialRequest(
        wish=wish,
        status=SpecialRequestStatus.NEW,
        department=Department.FULFILMENT,
        reason="",
        created_at=work.now,
    )


def undecided(order: Order) -> list[SpecialRequest]:
    """The special requests of an order, loaded with them, on which nobody has decided yet."""
    return [one for one in order.requests if one.status in UNDECIDED]


async def assign(work: Work, order: Order) -> None:
    """Say by when the new special requests of an order are decided, and tell their departments. S1-4.5.2

    The caller records the deed it is part of.
    """
    new = [one for one in undecided(order) if one.due_at is None]
    if not new:
        return
    due_at = await policy_versions.due(work, "decide-request")
    for request in new:
        request.due_at = request.next_at = due_at
    for department in dict.fromkeys(request.department for request in new):
        asked = [one for one in new if one.department is department]
        await _tell_department(work, order, department, asked, f"{order.amended + 1}")


async def take_up(work: Work, request: SpecialRequest) -> None:
    """Say that somebody of the department looks into it. Raises WrongMoment once somebody does. S1-4.5.1a"""
    await _held(work, request)
    _refuse_others(work, request)
    if request.status is not SpecialRequestStatus.NEW:
        raise WrongMoment("Somebody looks into this request already.")
    request.status, request.reviewed_by_id = SpecialRequestStatus.UNDER_REVIEW, work.actor.person_id
    await audit.record(work, "review special request", request)


async def hand_on(work: Work, request: SpecialRequest) -> None:
    """Give a request to the other department, whose people are told; it is new there, and due when it was. S1-4.5.2

    Whoever takes orders may say whose it is, and whoever decides on it.
    """
    if not work.may(May.PLACE_ORDERS):
        _refuse_others(work, request)
    order = await _held(work, request)
    (other,) = set(Department) - {request.department}
    request.department = other
    request.status, request.reviewed_by_id = SpecialRequestStatus.NEW, None
    await _tell_department(work, order, other, [request], work.now.isoformat())
    await audit.record(work, "hand special request on", request)


async def decide_request(work: Work, request: SpecialRequest, *, feasible: bool, reason: str = "") -> None:
    """Say whether a special request can be met, once; a no needs its reason. S1-4.4.2a, S1-4.5.1a

    The customer is told once nothing of the order is left to decide. Raises NotAllowed outside of its department.
    """
    work.require(May.DECIDE_REQUESTS)
    found = {}
    if not feasible and not reason.strip():
        found["reason"] = "Say why it is not possible, in words for the customer."
    if len(reason) > LONGEST_REASON:
        found["reason"] = f"At most {LONGEST_REASON} characters."
    if found:
        raise NotAccepted.of(found)
    refuse_card_numbers(reason=reason)
    order = await _held(work, request)
    _refuse_others(work, request)
    await tone.heed_reason(work, order.customer_id, request, reason=reason)
    request.status = SpecialRequestStatus.FEASIBLE if feasible else SpecialRequestStatus.NOT_FEASIBLE
    request.next_at = None
    request.reason, request.decided_by_id, request.decided_at = (
        reason.strip(),
        work.actor.person_id,
        work.now,
    )
    await _tell_customer(work, order, request)
    await audit.record(work, "decide special request", request, reason=reason.strip())


async def load(work: Work, request_id: int) -> SpecialRequest:
    """A special request with its order. Raises NotFound."""
    work.require(May.SEE_ORDERS)
    statement = select(SpecialRequest).where(SpecialRequest.id == request_id).options(*_WHOLE)
    request: SpecialRequest | None = await work.session.scalar(statement)
    if request is None:
        raise NotFound
    return request


async def of_order(work: Work, order_id: int) -> list[SpecialRequest]:
    """Every special request of an order, oldest first."""
    work.require(May.SEE_ORDERS)
    statement = select(SpecialRequest).where(SpecialRequest.order_id == order_id).options(*_WHOLE)
    return list(await work.session.scalars(statement.order_by(SpecialRequest.id)))


async def queue(
    work: Work, department: Department | None = None, *, after: str = "", limit: int = PAGE
) -> Rows[SpecialRequest]:
    """What a department, or each of them, has to decide; the oldest first. S1-4.5.2"""
    work.require(May.SEE_ORDERS)
    ids = narrowed(work.actor, SpecialRequest, select(SpecialRequest.id))
    stands = exists().where(Order.id == SpecialRequest.order_id, Order.status != OrderStatus.CANCELLED)
    ids = ids.where(among(SpecialRequest.status, UNDECIDED), stands)
    if department is not None:
        ids = ids.where(SpecialRequest.department == department)
    page = first(oldest_first(ids, SpecialRequest.created_at, SpecialRequest.id, after), limit + 1).subquery()
    statement = select(SpecialRequest).join(page, page.c.id == SpecialRequest.id).options(*_WHOLE)
    found = list(
        await work.session.scalars(oldest_first(statement, SpecialRequest.created_at, SpecialRequest.id, ""))
    )
    return paged(found, limit, lambda row: row.created_at)


def own_department(work: Work) -> Department | None:
    """The department whose list the actor begins with; None for all of them."""
    mine = [one for one in Department if one.value in work.actor.roles]
    return mine[0] if len(mine) == 1 else None


def may_decide(work: Work, request: SpecialRequest) -> bool:
    """Whether the actor is of the department whose it is to decide, or leads the desk."""
    of_it = request.department.value in work.actor.roles or work.may(May.SEE_TEAM)
    return of_it and work.may(May.DECIDE_REQUESTS)


def _refuse_others(work: Work, request: SpecialRequest) -> None:
    if not may_decide(work, request):
        raise NotAllowed(f"This request is for {request.department.value} to decide.")


async def _held(work: Work, request: SpecialRequest) -> Order:
    """Hold the order and the request, so that two who decide do so in turn; raise WrongMoment once it is decided."""
    order = await work.session.get_one(Order, request.order_id)
    await hold(work, order)
    await hold(work, request)
    if request.status not in UNDECIDED:
        raise WrongMoment("This request is already decided.")
    if order.status in OVER:
        raise WrongMoment(f"{order.number} is {order.status.value}: nothing of it is to be decided.")
    return order


async def _tell_department(
    work: Work, order: Order, department: Department, asked: Sequence[SpecialRequest], once: str
) -> None:
    await notices.tell_role(
        work,
        Role(department.value),
        "special-request-notice",
        once=f"special-request-notice/{order.number}/{department.value}/{once}",
        reference=order.number,
        order=order,
        wishes=[one.wish for one in asked],
        due_at=asked[0].due_at,
        requests_link=f"{work.terms.address}/special-requests?department={department.value}",
    )


async def _tell_customer(work: Work, order: Order, last: SpecialRequest) -> None:
    """Tell what was decided on all requests of an order, once the last of them is: by letter, or by a call."""
    rows = await work.session.scalars(
        select(SpecialRequest)
        .where(SpecialRequest.order_id == order.id)
        .order_by(SpecialRequest.id)
        .execution_options(populate_existing=True)
    )
    requests = rows.all()
    if any(one.status in UNDECIDED for one in requests):
        return
    customer = await work.session.get(Customer, order.customer_id) if order.customer_id is not None else None
    if customer is None or order.source is not None:
        return
    told = [f"“{one.wish}” {SPOKEN[one.status]}{f': {one.reason}' if one.reason else ''}" for one in requests]
    words = (
        f"Call {customer.name} about the special requests of {order.number}: {'; '.join(told).rstrip('.')}."
    )
    await tell_or_call(
        work,
        order,
        customer,
        "special-requests-decided",
        Call(words, f"special-requests-call/{order.number}/{last.id}"),
        once=f"special-requests-decided/{order.number}/{last.id}",
        requests=[{"wish": one.wish, "status": one.status, "reason": one.reason} for one in requests],
    )
