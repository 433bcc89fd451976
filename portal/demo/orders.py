"""Sixty orders in six weeks, each as far on its way as the story says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from models.words import Channel, DeliveryMethod, OrderStatus, PaymentMethod
from portal.demo.story import ORDERS, WISHES
from portal.demo.timeline import Story
from portal.desk import orders, payments
from portal.desk.orders import receiving
from portal.desk.work import Work

FEW = 4
"""Units of a product that are left alone, so that every order can be met."""
STATES = [status for status, _ in ORDERS]
CHANNELS = (Channel.PHONE, Channel.PHONE, Channel.EMAIL, Channel.CHAT)
NEIGHBOUR = "Leave with the neighbour if nobody is there."


@dataclass(frozen=True, slots=True)
class Planned:
    """One order that is going to be placed."""

    story: Story
    place: int
    status: OrderStatus
    placed_at: datetime
    undecided: bool
    """Whether its special request still waits for a decision."""

    @property
    def seller(self) -> str:
        return ("cora", "cem")[self.place % 2]

    @property
    def pickup(self) -> bool:
        return self.place % 5 == 0 and self.status is not OrderStatus.DISPATCHED

    @property
    def wish(self) -> tuple[str, bool, str] | None:
        return WISHES[self.place // 7 % len(WISHES)] if self.place % 7 == 0 else None

    def after(self, hours: float, who: str, deed: Callable[[Work], Awaitable[object]]) -> None:
        self.story.plan(self.placed_at + timedelta(hours=hours), who, deed)

    def reached(self, status: OrderStatus) -> bool:
        """Whether the order has come at least so far."""
        cancelled = self.status is OrderStatus.CANCELLED
        return not cancelled and STATES.index(self.status) <= STATES.index(status)


def plan_orders(story: Story) -> None:
    """Plan every order and its way."""
    place, last = 0, sum(count for status, count in ORDERS if status is not OrderStatus.CANCELLED) - 1
    for status, count in ORDERS:
        for number in range(count):
            moment = _placed_at(story, status, number, count)
            _plan_order(Planned(story, place, status, moment, undecided=place == last))
            place += 1


def _placed_at(story: Story, status: OrderStatus, number: int, count: int) -> datetime:
    minute = story.chance.randrange(0, 440)
    match status:
        case OrderStatus.DELIVERED:
            return story.on_day(40 - 34 * number / count, minute)
        case OrderStatus.DISPATCHED:
            return story.on_day(4 - number / count, minute)
        case OrderStatus.PREPARED | OrderStatus.HANDED_OVER:
            return story.on_day(2 - number / count, minute)
        case OrderStatus.CANCELLED:
            return story.on_day(20 - 4 * number, minute)
        case _:
            return story.ago(12 + 43 * (count - 1 - number))


def _plan_order(order: Planned) -> None:
    order.after(0, order.seller, partial(_put, order))
    if order.wish and not order.undecided:
        order.after(0.2, "fred", partial(_decide, order))
    if order.status is OrderStatus.CANCELLED:
        reason = "The customer found it elsewhere."
        order.after(2, order.seller, partial(_step, order, orders.cancel, reason=reason))
        return
    if order.status is not OrderStatus.CONFIRMED or order.place % 2:
        order.after(0.1 if order.pickup else 0.6, order.seller, partial(_pay, order))
    if order.reached(OrderStatus.HANDED_OVER):
        order.after(1, order.seller, partial(_step, order, orders.hand_over))
        for who in ("ina", "fred"):
            order.after(1.3, who, partial(_step, order, receiving.receive))
    if order.reached(OrderStatus.PREPARED):
        order.after(3, "fred", partial(_step, order, orders.prepare))
    if order.reached(OrderStatus.DISPATCHED) and not order.pickup:
        carrier = ("Fernpost", "Kestrel Parcel")[order.place % 2]
        tracking = f"FP{order.place:03}55{order.place * 37:05}"
        order.after(22, "fred", partial(_step, order, orders.dispatch, carrier=carrier, tracking=tracking))
    if order.reached(OrderStatus.DELIVERED):
        order.after(24 if order.pickup else 70, "fred", partial(_step, order, orders.deliver))


async def _put(order: Planned, work: Work) -> None:
    draft = _draft(order)
    checked = await orders.check(work, draft)
    fingerprint = orders.fingerprint(checked)
    order.story.orders[order.place] = await orders.place(work, draft, fingerprint=fingerprint)


async def _step(order: Planned, deed: Callable[..., Awaitable[None]], work: Work, **more: str) -> None:
    await deed(work, order.story.orders[order.place], **more)


async def _decide(order: Planned, work: Work) -> None:
    for request in (await orders.load(work, order.story.orders[order.place].id)).requests:
        if order.wish:
            await orders.decide_request(work, request, feasible=order.wish[1], reason=order.wish[2])


def _draft(order: Planned) -> orders.OrderDraft:
    story, place = order.story, order.place
    customer = story.customers[place * 7 % len(story.customers)]
    plenty = [product for product in story.products if product.available is None or product.available > FEW]
    chosen = story.chance.sample(plenty, story.chance.choice((1, 1, 2, 2, 3, 4)))
    address = f"{customer.street}\n{customer.postal_code} {customer.city}\n{customer.country}"
    wishes = (WISHES[0][0],) if order.undecided else (order.wish[0],) if order.wish else ()
    return orders.OrderDraft(
        customer_id=customer.id,
        lines=tuple((product.id, story.chance.choice((1, 1, 1, 2, 2, 4))) for product in chosen),
        delivery_method=DeliveryMethod.PICKUP if order.pickup else DeliveryMethod.DELIVERY,
        ship_name=customer.name,
        ship_address="" if order.pickup else address,
        note=NEIGHBOUR if place % 11 == 0 else "",
        requests=wishes,
        channel=CHANNELS[place % len(CHANNELS)],
    )


async def _pay(planned: Planned, work: Work) -> None:
    """Most pay at once, some half of it; cash at the counter, else by transfer or at the terminal."""
    place, order = planned.place, planned.story.orders[planned.place]
    owed = await payments.balance(work, order)
    part = owed // 2 if place % 9 == 0 else owed
    if planned.pickup:
        await payments.charge(work, order, method=PaymentMethod.CASH, amount_minor=part)
        return
    method = (PaymentMethod.TRANSFER, PaymentMethod.TERMINAL)[place % 2]
    reference = f"TRX-{place:04}-{order.id:04}" if method is PaymentMethod.TRANSFER else f"SLIP-{place:05}"
    await payments.charge(work, order, method=method, amount_minor=part, reference=reference)
