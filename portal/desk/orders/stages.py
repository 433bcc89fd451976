"""The way of an order, step by step. No step is skipped and none is taken twice. S1-0.1, S1-3.3"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models import Customer, Order, OrderLine, SpecialRequest
from models.words import DeliveryMethod, OrderStatus
from portal.desk import audit, followups, hours, notices, policy_versions, returns, stock, tone
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.fields.counting import spoken_day
from portal.desk.orders import approving, receiving
from portal.desk.orders.amending import IN_THE_HOUSE, LONGEST_REASON, lines_of, tell_the_house
from portal.desk.orders.owners import Call, owner_of, tell_or_call, the_desk
from portal.desk.orders.requests import UNDECIDED
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.work import Work

LONGEST = 120
"""Characters of a carrier's name or a tracking number."""
FURTHEST = timedelta(days=366)
"""How far ahead an order can be expected: beyond it a year was mistyped."""


@dataclass(frozen=True, slots=True)
class StageChange:
    """One step on the way: from where, to where, who may take it, and the column that keeps its moment."""

    after: frozenset[OrderStatus]
    to: OrderStatus
    may: May
    stamp: str = ""
    methods: frozenset[DeliveryMethod] = frozenset(DeliveryMethod)


def _after(*stages: OrderStatus) -> frozenset[OrderStatus]:
    return frozenset(stages)


CHANGES: dict[str, StageChange] = {
    "hand over": StageChange(_after(OrderStatus.CONFIRMED), OrderStatus.HANDED_OVER, May.PLACE_ORDERS),
    "prepare": StageChange(
        _after(OrderStatus.HANDED_OVER), OrderStatus.PREPARED, May.HAND_OUT_ORDERS, "prepared_at"
    ),
    "dispatch": StageChange(
        _after(OrderStatus.PREPARED),
        OrderStatus.DISPATCHED,
        May.HAND_OUT_ORDERS,
        "dispatched_at",
        frozenset({DeliveryMethod.DELIVERY}),
    ),
    "deliver": StageChange(
        _after(OrderStatus.DISPATCHED), OrderStatus.DELIVERED, May.HAND_OUT_ORDERS, "delivered_at"
    ),
    "hand out": StageChange(
        _after(OrderStatus.PREPARED),
        OrderStatus.DELIVERED,
        May.HAND_OUT_ORDERS,
        "delivered_at",
        frozenset({DeliveryMethod.PICKUP}),
    ),
    "cancel": StageChange(
        _after(OrderStatus.DRAFT, OrderStatus.CONFIRMED, OrderStatus.HANDED_OVER, OrderStatus.PREPARED),
        OrderStatus.CANCELLED,
        May.CANCEL_ORDERS,
        "cancelled_at",
    ),
}
"""Every step there is, by its name. What is picked up is handed out at the counter and never dispatched."""

Move = tuple[OrderStatus, OrderStatus, DeliveryMethod]

MOVES: frozenset[Move] = frozenset(
    {
        *(
            (before, change.to, method)
            for change in CHANGES.values()
            for before in change.after
            for method in change.methods
        ),
        # Agreed to by whoever had to: `approving`.
        *((OrderStatus.DRAFT, OrderStatus.CONFIRMED, method) for method in DeliveryMethod),
        # Amended while it was packed: `amending`.
        *(
            (before, after, method)
            for before in IN_THE_HOUSE
            for after in (OrderStatus.CONFIRMED, OrderStatus.HANDED_OVER)
            for method in DeliveryMethod
            if before is not after
        ),
    }
)
"""Every move of a state there is: from, to, and how it reaches the customer. The database refuses all others. S1-0.1"""


async def _take(work: Work, order: Order, step: str) -> None:
    """Take one step. Raises WrongMoment when the order is elsewhere on its way. S1-3.3c, S2-8.5"""
    change = CHANGES[step]
    work.require(change.may)
    await hold(work, order)
    if order.status not in change.after or order.delivery_method not in change.methods:
        stage = order.status.value.replace("_", " ")
        raise WrongMoment(f"{order.number} is {stage}: “{step}” is not possible now.")
    order.status = change.to
    if change.stamp:
        setattr(order, change.stamp, work.now)


async def hand_over(work: Work, order: Order) -> None:
    """Give a confirmed order to those who prepare it: they are told, and tick that they have it. S1-3.3, S1-4.7.1

    Raises WrongMoment while a special request waits for its decision, or something is not there yet. S1-4.4.2b, S1-3.3c
    """
    work.require(CHANGES["hand over"].may)
    waiting = select(SpecialRequest.id).where(
        SpecialRequest.order_id == order.id, SpecialRequest.status.in_(UNDECIDED)
    )
    if order.status is OrderStatus.CONFIRMED and await work.session.scalar(waiting.limit(1)) is not None:
        raise WrongMoment(f"{order.number} has a special request that nobody has decided yet.")
    await _take(work, order, "hand over")
    lines = select(OrderLine.id).where(OrderLine.order_id == order.id, OrderLine.waiting > 0)
    if await work.session.scalar(lines.limit(1)) is not None:
        raise WrongMoment(f"{order.number} waits for goods: it is handed over once all of it is there.")
    await receiving.tell(
        work,
        order,
        "hand-over-notice",
        work.now.isoformat(),
        delivery_method=order.delivery_method,
        wanted_on=order.wanted_on,
        wanted_hours=order.wanted_hours,
    )
    await audit.record(work, "hand over order", order)


async def prepare(work: Work, order: Order) -> None:
    """The order is packed and ready. S1-3.3a"""
    await _take(work, order, "prepare")
    await receiving.ticked(work, order)
    if order.delivery_method is DeliveryMethod.PICKUP:
        await _tell(work, order)
    await audit.record(work, "prepare order", order)


async def dispatch(work: Work, order: Order, *, carrier: str, tracking: str = "") -> None:
    """The order left the house with a carrier; the customer is told. S0-3.6.2, S1-3.3b"""
    found = {
        name: f"At most {LONGEST} characters."
        for name, text in (("carrier", carrier), ("tracking", tracking))
        if len(text) > LONGEST
    }
    if not carrier.strip():
        found["carrier"] = "Say who carries it."
    if found:
        raise NotAccepted.of(found)
    refuse_card_numbers(carrier=carrier, tracking=tracking)
    await _take(work, order, "dispatch")
    order.carrier, order.tracking = carrier.strip(), tracking.strip()
    await _tell(work, order)
    await audit.record(work, "dispatch order", order)


async def deliver(work: Work, order: Order) -> None:
    """The customer has it: the units leave the stock, and somebody asks later how it went. S0-3.6.3

    S0-0.5, S4-4.1
    """
    await _take(work, order, "hand out" if order.delivery_method is DeliveryMethod.PICKUP else "deliver")
    gone = await _units(work, order) - await returns.came_back(work, order.id)
    moved = await stock.take_out(work, gone)
    await audit.record(work, "deliver order", order, changes=moved)
    owner_id = await owner_of(work, order)
    if owner_id is not None and order.customer_id is not None:
        await followups.check_delivery(the_desk(work), order, owner_id)


async def cancel(work: Work, order: Order, reason: str) -> None:
    """Cancel an order that has not left the house, and give its units back. Decision 20

    Those who pack it are told when they had it already. Raises NotAccepted without a reason, WrongMoment when it
    is already on its way. S4-4.4
    """
    if not reason.strip():
        raise NotAccepted(reason="Say why the order is cancelled.")
    refuse_card_numbers(reason=reason)
    await hold(work, order)
    await _heed(work, order, reason)
    packed = order.status in IN_THE_HOUSE
    await _take(work, order, "cancel")
    order.cancelled_because = reason
    await approving.withdraw(work, order)
    if packed:
        await tell_the_house(work, order, amended=[], reason=reason)
    moved = await _give_back(work, order)
    await _tell(work, order, reason)
    await audit.record(work, "cancel order", order, reason=reason, changes=moved)


async def expect_on(work: Work, order: Order, day: date | None, reason: str) -> None:
    """Move the day an order is expected, and tell the customer once: old and new day, and why. S0-3.6.2

    Raises NotAccepted for no day, one that has passed, is closed, or is the same as before, and without a reason;
    WrongMoment once the order has ended, or where it was taken elsewhere.
    """
    if not work.may(May.HAND_OUT_ORDERS):
        work.require(May.PLACE_ORDERS)
    refuse_card_numbers(reason=reason)
    await hold(work, order)
    if why := unmovable(order):
        raise WrongMoment(why)
    found = {"day": told} if (told := await _refused_day(work, order, day)) else {}
    if not reason.strip() or len(reason) > LONGEST_REASON:
        found["reason"] = (
            f"Say why the day changes, in words for the customer and at most {LONGEST_REASON} characters."
        )
    if found:
        raise NotAccepted.of(found)
    await _heed(work, order, reason)
    before, order.expected_on = order.expected_on, day
    await _tell_moved(work, order, before, reason.strip())
    await audit.record(work, "move expected day", order, reason=reason.strip())


def unmovable(order: Order) -> str:
    """Say why the day an order is expected cannot be moved any more; empty when it can."""
    if order.status in {OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.DRAFT}:
        return f"{order.number} is {order.status.value}: no day of it can be moved."
    if order.source is not None:
        return f"{order.number} was taken elsewhere, so its day is moved there."
    return ""


async def _refused_day(work: Work, order: Order, day: date | None) -> str:
    """Say why an order cannot be expected on a day; empty when it can.

    A day on which we are closed is taken only where the customer asked for it.
    """
    if day is None:
        return "Enter a day such as 2026-03-14."
    calendar = (await policy_versions.in_force(work)).calendar()
    today = work.now.astimezone(ZoneInfo(calendar.zone)).date()
    if day == order.expected_on:
        return "It is expected on this day already."
    if day < today:
        return "This day has passed."
    if day > today + FURTHEST:
        return "This is more than a year ahead. Look at the year."
    if day != order.wanted_on and not hours.is_open_on(calendar.opening, day):
        return f"We are closed on {spoken_day(day)}. Choose a day on which we are open."
    return ""


async def _tell_moved(work: Work, order: Order, before: date | None, reason: str) -> None:
    """Write the old and the new day to the customer, or have them called, once for each time it is moved."""
    customer = await work.session.get(Customer, order.customer_id) if order.customer_id is not None else None
    if customer is None or order.expected_on is None:
        return
    once = f"{order.number}/{work.now.isoformat()}"
    was = f", no longer on {spoken_day(before)}" if before else ""
    words = (
        f"Call {customer.name}: {order.number} is expected on {spoken_day(order.expected_on)}{was}. {reason}"
    )
    await tell_or_call(
        work,
        order,
        customer,
        "expected-day-moved",
        Call(words, f"expected-day-call/{once}"),
        once=f"expected-day-moved/{once}",
        delivery_method=order.delivery_method,
        expected_on=order.expected_on,
        before_on=before,
        reason=reason,
    )


async def _heed(work: Work, order: Order, reason: str) -> None:
    """The customer reads why, unless the order was taken elsewhere and is told of there. S0-3.2.1"""
    if order.source is None:
        await tone.heed_reason(work, order.customer_id, order, reason=reason)


async def _give_back(work: Work, order: Order) -> stock.Changes:
    """Give back what was promised, and nothing of what never came in. S1-4.2.1a"""
    shifts: dict[int, stock.Shift] = {}
    for line in await lines_of(work, order.id):
        if line.product_id is not None:
            before = shifts.get(line.product_id, stock.Shift())
            promised = line.quantity - line.waiting
            shifts[line.product_id] = stock.Shift(before.reserved - promised, before.waiting - line.waiting)
        line.waiting, line.waits_since, line.waits_until = 0, None, None
    return await stock.shift(work, shifts)


async def _units(work: Work, order: Order) -> Counter[int]:
    rows: Iterable[tuple[int | None, int]] = await work.session.execute(
        select(OrderLine.product_id, OrderLine.quantity).where(OrderLine.order_id == order.id)
    )
    units: Counter[int] = Counter()
    for product_id, quantity in rows:
        if product_id is not None:
            units[product_id] += quantity
    return units


async def _tell(work: Work, order: Order, reason: str = "") -> None:
    """Tell the customer where the order stands: once for each state and expected day. S2-8.6"""
    if order.customer_id is None or order.source is not None:  # what was imported was told elsewhere
        return
    customer = await work.session.get_one(Customer, order.customer_id)
    await notices.write(
        work,
        "delivery-update",
        to=customer,
        once=f"delivery-update/{order.number}/{order.status.value}/{order.expected_on}",
        reference=order.number,
        order=order,
        status=order.status,
        delivery_method=order.delivery_method,
        expected_on=order.expected_on,
        carrier=order.carrier,
        tracking=order.tracking,
        reason=reason,
    )
