"""Returns: what a customer sends back of an order that has left the house, from the announcement to its end.

A return is expected, arrives and is settled; one that is only expected can be cancelled. S3-4.1.3c, S4-4.4
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, selectinload

from models import Case, Customer, Order, OrderLine, Person, Return, ReturnLine
from models.words import OrderStatus, ReturnReason, ReturnStatus, Role
from portal.desk import audit, in_hand, notices, policy, stock, tone, warranty
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.listing import LIMIT, PAGE, Rows, among, first, newest_first, oldest_first, paged
from portal.desk.numbers import next_number
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.saving import hold
from portal.desk.work import Work

SENT = frozenset({OrderStatus.DISPATCHED, OrderStatus.DELIVERED})
"""Where an order has to be for anything of it to come back."""
UNDER_WAY = (ReturnStatus.EXPECTED, ReturnStatus.ARRIVED)
LONGEST = 2_000
_WHOLE = (
    selectinload(Return.lines).joinedload(ReturnLine.order_line),
    joinedload(Return.order).joinedload(Order.customer),
    joinedload(Return.replacement),
)


def refusal(order: Order) -> str:
    """Say why nothing of an order can come back; empty when something may."""
    if order.status in SENT:
        return ""
    if order.status is OrderStatus.CANCELLED:
        return f"{order.number} was cancelled and never left the house."
    return f"{order.number} has not left the house: change or cancel it instead."


async def left(work: Work, order: Order) -> dict[int, int]:
    """How many units of each line of an order, by the line's id, may still be announced: one statement."""
    announced = (
        select(func.coalesce(func.sum(ReturnLine.quantity), 0))
        .join(Return, Return.id == ReturnLine.return_id)
        .where(ReturnLine.order_line_id == OrderLine.id, Return.status != ReturnStatus.CANCELLED)
        .scalar_subquery()
    )
    rows = await work.session.execute(
        select(OrderLine.id, OrderLine.quantity - announced).where(
            OrderLine.order_id == order.id, OrderLine.quantity > 0
        )
    )
    return {line_id: int(units) for line_id, units in rows}


async def announce(
    work: Work,
    order: Order,
    units: Mapping[int, int],
    *,
    reason: ReturnReason,
    words: str = "",
    serial: str = "",
    case: Case | None = None,
    exchange: bool = False,
) -> Return:
    """Take down which units of which lines come back, and why; tell the customer, the stock room and fulfilment.

    `units` are by the id of the order's line; never more than went out, less what was announced before, also for
    two who announce at once. Raises NotAccepted with a message per field (`units-7`), WrongMoment for an order that
    has not left the house. S3-4.1.3c, S4-4.4
    """
    work.require(May.ANNOUNCE_RETURNS)
    if case is not None:
        await in_hand.begin(work, case)
        if case.customer_id != order.customer_id:
            raise NotAccepted(order="This is the order of another customer than the case.")
    await hold(work, order)  # of two who announce the last unit, one does
    if why := refusal(order):
        raise WrongMoment(why)
    wanted = {line_id: count for line_id, count in units.items() if count}
    number = warranty.read_serial(serial) if serial.strip() else ""
    refused = _refused(wanted, await left(work, order))
    if number is None:
        refused["serial"] = warranty.NO_SERIAL
    if len(words) > LONGEST:
        refused["words"] = f"At most {LONGEST} characters; these are {len(words)}."
    if refused:
        raise NotAccepted.of(refused)
    refuse_card_numbers(words=words)
    today = work.now.astimezone(ZoneInfo(work.actor.zone)).date()
    made = Return(
        number=await next_number(work, "return"),
        order_id=order.id,
        case_id=case.id if case else None,
        status=ReturnStatus.EXPECTED,
        words=words.strip(),
        expected_by=today + timedelta(days=policy.RETURN_WITHIN),
        announced_by_id=work.actor.person_id,
        announced_at=work.now,
        lines=[
            ReturnLine(order_line_id=line_id, quantity=count, reason=reason, serial=number or "")
            for line_id, count in sorted(wanted.items())
        ],
    )
    work.session.add(made)
    made = await _as_saved(work, made)
    await _tell_customer(work, made, exchange=exchange)
    await _tell_the_house(work, made)
    await audit.record(work, "announce return", made)
    return made


def _refused(wanted: Mapping[int, int], free: Mapping[int, int]) -> dict[str, str]:
    if not wanted:
        return {"units": "Say how many units come back, of at least one line."}
    found: dict[str, str] = {}
    for line_id, count in wanted.items():
        most = free.get(line_id, 0)
        if not 1 <= count <= most:
            found[f"units-{line_id}"] = (
                f"A whole number, at most {most}." if most > 0 else "All of it was announced already."
            )
    return found


async def arrive(work: Work, made: Return, *, resellable: bool) -> None:
    """What was sent back is here: what can be sold again is in stock from now on. S3-4.1.3c, S1-3.2b

    Units of an order whose delivery nobody has marked yet still counted as there and promised: they no longer do.
    Raises WrongMoment unless it is expected.
    """
    work.require(May.RECEIVE_RETURNS)
    order = await work.session.get_one(Order, made.order_id)
    await hold(work, order)  # as its delivery does, so that no unit moves twice
    await hold(work, made)
    _refuse_unless(made, ReturnStatus.EXPECTED)
    units = await _units(work, [made.id])
    moved: stock.Changes = {}
    if order.status is OrderStatus.DISPATCHED:
        moved = await stock.take_out(work, units)
    if resellable:
        moved = _both(moved, await stock.put_back(work, units))
    made.resellable, made.arrived_at, made.arrived_by_id = resellable, work.now, work.actor.person_id
    made.status = ReturnStatus.ARRIVED
    if made.replacement_id is not None:
        _end(work, made, ReturnStatus.SETTLED, "Exchanged.")
    made = await _as_saved(work, made)
    await _tell_customer(work, made)
    await _tell_who_announced(work, made)
    await audit.record(work, "receive return", made, changes=moved)


async def cancel(work: Work, made: Return, reason: str) -> None:
    """Nothing comes back after all; the customer and those who expected it are told.

    Raises NotAccepted without a reason, WrongMoment when it has arrived or its replacement went out.
    """
    work.require(May.ANNOUNCE_RETURNS)
    _checked(reason=reason, why="Say why nothing comes back. The customer reads this.")
    await hold(work, made)
    _refuse_unless(made, ReturnStatus.EXPECTED)
    if made.replacement_id is not None:
        raise WrongMoment(f"Another order was placed for {made.number}: what it replaces has to come back.")
    await tone.heed_reason(work, made.order.customer_id, made, reason=reason)
    _end(work, made, ReturnStatus.CANCELLED, reason)
    made = await _as_saved(work, made)
    await _tell_customer(work, made)
    await _tell_the_house(work, made)
    await audit.record(work, "cancel return", made, reason=reason.strip())


async def settle(work: Work, made: Return, words: str) -> None:
    """Say how a return that arrived was settled: money asked back, nothing owed. Raises as `cancel` does."""
    work.require(May.ANNOUNCE_RETURNS)
    _checked(words=words, why="Say how it was settled.")
    await hold(work, made)
    _refuse_unless(made, ReturnStatus.ARRIVED)
    _end(work, made, ReturnStatus.SETTLED, words)
    await audit.record(work, "settle return", made, reason=words.strip())


async def replace(work: Work, return_id: int, order: Order) -> None:
    """Let an order go out instead of what comes back, once. Raises WrongMoment when it cannot any more. S3-4.1.3c"""
    made = await work.session.get_one(Return, return_id)
    await hold(work, made)
    if made.replacement_id is not None or made.status not in UNDER_WAY:
        raise WrongMoment(f"{made.number} is {made.status.value}, or was replaced already.")
    made.replacement_id = order.id
    if made.status is ReturnStatus.ARRIVED:
        _end(work, made, ReturnStatus.SETTLED, "Exchanged.")
    await audit.record(work, "replace return", made)


async def came_back(work: Work, order_id: int) -> Counter[int]:
    """Units of an order, by product, that have arrived here again."""
    ids = await work.session.scalars(
        select(Return.id).where(Return.order_id == order_id, Return.arrived_at.is_not(None))
    )
    return await _units(work, ids.all())


async def load(work: Work, return_id: int) -> Return:
    """A return with its lines, its order and the order that replaces it. Raises NotFound."""
    work.require(May.SEE_ORDERS)
    made = await work.session.scalar(
        select(Return)
        .where(Return.id == return_id)
        .options(*_WHOLE)
        .execution_options(populate_existing=True)
    )
    if made is None:
        raise NotFound
    return made


async def _as_saved(work: Work, made: Return) -> Return:
    """The same with its lines and its order, for the letters that name them."""
    await work.session.flush()
    return await load(work, made.id)


def condition(made: Return) -> str:
    """In which state it arrived, in words."""
    return "It can be sold again." if made.resellable else "It cannot be sold again."


async def of_order(work: Work, order: Order) -> Sequence[Return]:
    """The returns of an order, and that which it replaces, newest first."""
    return await _some(work, (Return.order_id == order.id) | (Return.replacement_id == order.id))


async def of_case(work: Work, case: Case) -> Sequence[Return]:
    """The returns that a case led to, newest first; none for those who see no orders."""
    return await _some(work, Return.case_id == case.id) if work.may(May.SEE_ORDERS) else []


async def queue(work: Work, status: ReturnStatus, *, before: str = "", limit: int = PAGE) -> Rows[Return]:
    """The returns of one state: expected ones from the oldest on, the others newest first."""
    work.require(May.SEE_ORDERS)
    by = oldest_first if status is ReturnStatus.EXPECTED else newest_first
    ids = narrowed(work.actor, Return, select(Return.id)).where(among(Return.status, [status]))
    page = first(by(ids, Return.announced_at, Return.id, before), limit + 1).subquery()
    statement = select(Return).join(page, page.c.id == Return.id).options(*_WHOLE)
    found = list(await work.session.scalars(by(statement, Return.announced_at, Return.id, "")))
    return paged(found, limit, lambda row: row.announced_at)


async def case_numbers(work: Work, found: Iterable[Return]) -> dict[int | None, str]:
    """The numbers of the cases of these returns that the actor may see. S3-5.1.2"""
    wanted = {one.case_id for one in found if one.case_id is not None}
    if not wanted or not work.may(May.SEE_CASES):
        return {}
    statement = narrowed(work.actor, Case, select(Case.id, Case.number)).where(Case.id.in_(wanted))
    return dict(iter(await work.session.execute(statement)))


async def _some(work: Work, which: ColumnElement[bool]) -> Sequence[Return]:
    found = await work.session.scalars(
        narrowed(work.actor, Return, select(Return))
        .where(which)
        .options(*_WHOLE)
        .order_by(Return.id.desc())
        .limit(LIMIT)
    )
    return found.all()


async def _units(work: Work, return_ids: Sequence[int]) -> Counter[int]:
    rows = await work.session.execute(
        select(OrderLine.product_id, ReturnLine.quantity)
        .join(ReturnLine, ReturnLine.order_line_id == OrderLine.id)
        .where(ReturnLine.return_id.in_(return_ids))
    )
    units: Counter[int] = Counter()
    for product_id, quantity in rows:
        if product_id is not None:
            units[product_id] += quantity
    return units


def _both(before: stock.Changes, after: stock.Changes) -> stock.Changes:
    """Two movements of the same products as one, for the audit entry."""
    made = {key: dict(moved) for key, moved in before.items()}
    for key, moved in after.items():
        for name, (old, new) in moved.items():
            known = made.setdefault(key, {})
            known[name] = [known.get(name, [old])[0], new]
    return made


def _checked(*, why: str, **words: str) -> None:
    for name, said in words.items():
        if not said.strip():
            raise NotAccepted.of({name: why})
    refuse_card_numbers(**words)


def _refuse_unless(made: Return, status: ReturnStatus) -> None:
    if made.status is not status:
        raise WrongMoment(f"{made.number} is {made.status.value}: this is not possible now.")


def _end(work: Work, made: Return, status: ReturnStatus, words: str) -> None:
    made.status, made.ended_at, made.ended_because = status, work.now, words.strip()


def _facts(made: Return) -> dict[str, Any]:
    """What every letter about a return has to tell."""
    return {
        "status": made.status.value if made.arrived_at is None else ReturnStatus.ARRIVED.value,
        "lines": [{"description": line.description, "quantity": line.quantity} for line in made.lines],
        "order_number": made.order.number,
        "expected_by": made.expected_by,
    }


async def _tell_customer(work: Work, made: Return, *, exchange: bool = False) -> None:
    """Tell the customer what to send back and until when; that it arrived; or that it need not come. S2-8.6"""
    if made.order.customer_id is None:
        return
    facts = _facts(made)
    await notices.write(
        work,
        "return-update",
        to=await work.session.get_one(Customer, made.order.customer_id),
        once=f"return-update/{made.number}/{facts['status']}",
        reference=made.number,
        order=made.order,
        case=made.case_id,
        reason=made.ended_because if made.status is ReturnStatus.CANCELLED else "",
        exchange=exchange,
        **facts,
    )


async def _tell_the_house(work: Work, made: Return) -> None:
    """Tell stock room and fulfilment what they have to expect, or no longer. S1-4.7.1"""
    for role in (Role.INVENTORY, Role.FULFILMENT):
        await notices.tell_role(
            work,
            role,
            "return-notice",
            once=f"return-notice/{made.number}/{made.status.value}",
            reference=made.number,
            order=made.order,
            reason=made.ended_because if made.status is ReturnStatus.CANCELLED else made.words,
            **_facts(made),
        )


async def _tell_who_announced(work: Work, made: Return) -> None:
    """Whoever announced it has something to settle with the customer now."""
    by = await work.session.get(Person, made.announced_by_id) if made.announced_by_id else None
    if by is None or not by.active or by.id == work.actor.person_id:
        return
    await notices.write(
        work,
        "return-notice",
        to=by,
        once=f"return-notice/{made.number}/arrived/{by.id}",
        reference=made.number,
        order=made.order,
        reason=condition(made),
        **_facts(made),
    )
