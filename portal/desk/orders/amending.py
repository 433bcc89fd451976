"""Amending an order: what was read back and agreed becomes its next version; the old ones stay readable.

S1-4.6, S0-0.7, decision 19
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from models import Amendment, Contact, Customer, Order, OrderLine, Person
from models.words import Channel, DeliveryMethod, ErrorCause, OrderStatus, SensitiveDeed
from portal.desk import audit, channels, notices, order_rules, search, stock, tax, verification
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import Conflict, NotAccepted, WrongMoment
from portal.desk.orders import approving, receiving
from portal.desk.orders.checking import CheckedDraft, OrderDraft, check
from portal.desk.orders.checking import fingerprint as fingerprint_of
from portal.desk.orders.confirming import confirm
from portal.desk.orders.contents import (
    Change,
    content_after,
    content_of,
    differences,
    plain_wish,
    same,
    wishes_of,
)
from portal.desk.orders.kept import KeptLines
from portal.desk.orders.placing import wanted
from portal.desk.orders.requests import assign, made, undecided
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.work import Work

IN_THE_HOUSE = frozenset({OrderStatus.HANDED_OVER, OrderStatus.PREPARED})
"""Stages in which those who pack it have to be told."""
AMENDABLE = frozenset({OrderStatus.DRAFT, OrderStatus.CONFIRMED, *IN_THE_HOUSE})
"""One that somebody has yet to agree to is put right so as well, and looked at anew."""
LONGEST_REASON = 2_000


def draft_of(order: Order) -> OrderDraft:
    """The draft that would make this order once more; loaded with its lines and special requests."""
    return OrderDraft(
        customer_id=order.customer_id,
        lines=tuple((line.product_id, line.quantity) for line in order.lines if line.product_id is not None),
        delivery_method=order.delivery_method,
        ship_name=order.ship_name,
        ship_address=order.ship_address,
        wanted_on=order.wanted_on,
        wanted_from=order.wanted_from,
        wanted_until=order.wanted_until,
        note=order.note,
        requests=tuple(plain_wish(one.wish) for one in order.requests),
        channel=order.channel,
        waits=tuple(
            (line.product_id, line.waits_until) for line in order.lines if line.product_id and line.waiting
        ),
    )


def unamendable(order: Order) -> str:
    """Say why an order, loaded with its lines, cannot be amended any more; empty when it can."""
    if order.status in {OrderStatus.DISPATCHED, OrderStatus.DELIVERED}:
        return f"{order.number} has left the house: take it as a return, and a new order for what is wanted."
    if order.status not in AMENDABLE:
        return f"{order.number} is {order.status.value}: nothing of it can be amended."
    if order.source is not None or any(line.product_id is None for line in order.lines):
        return f"{order.number} was taken elsewhere, so it is amended there."
    return ""


async def refuse_channel(work: Work, channel: Channel, own: str = "") -> None:
    """Raise WrongMoment where orders are neither amended nor cancelled on this channel. S1-4.6.1"""
    rule = await channels.rule_of(work, channel, own)
    if not (rule.approved and rule.amendments):
        where = rule.sends_to(notices.LANGUAGES[0])
        words = "Orders are not amended or cancelled on this channel. The contact is kept."
        raise WrongMoment(f"{words} {where}".strip())


async def check_amendment(work: Work, order: Order, draft: OrderDraft) -> CheckedDraft:
    """Look at what an order shall become: what stays keeps its price, what is new has the price of now.

    `order` is loaded with its lines and special requests. The problem `order` says why nothing can be amended.
    """
    checked = await check(work, draft, order)
    if why := unamendable(order):
        checked.problems["order"] = why
    elif not checked.problems and same(content_of(order), content_after(order, checked)):
        checked.problems["order"] = f"Nothing differs from {order.number} as it is."
    elif not checked.problems and await _grows_beyond_one_person(work, order, checked):
        checked.problems["order"] = (
            "An order of so much has two people look at it: somebody who leads the desk and did not place it amends it so."
        )
    return checked


async def _grows_beyond_one_person(work: Work, order: Order, checked: CheckedDraft) -> bool:
    """Whether a confirmed order comes to more than one person may confirm, in the hands of that one person.

    It is not held as a new one is: those who pack it have it. S1-4.3.2a, S0-2.1a
    """
    if order.status is OrderStatus.DRAFT or checked.total_minor <= order.total_minor:
        return False
    second = work.may(May.APPROVE_ORDERS) and work.actor.person_id != order.taken_by_id
    return not second and await order_rules.needs_a_second(work, checked.total_minor, checked.currency)


async def amend(
    work: Work,
    order: Order,
    draft: OrderDraft,
    *,
    fingerprint: str,
    expected_amended: int,
    reason: str,
    our_error: bool = False,
    error_cause: ErrorCause | None = None,
    contact: Contact | None = None,
) -> Amendment:
    """Make what was read back and agreed the next version of an order, and confirm it anew. S1-4.6.2, S1-4.6.3

    Stock and balance follow, those who pack it are told. What was packed is handed over again, or confirmed
    again while a new special request waits for its decision or something is not there yet. One that somebody has yet
    to agree to is looked at anew, and confirmed where nobody has to. S1-4.2.1b, S1-4.3.2a. `expected_amended` is
    how often the order had been amended when it was looked at: Conflict names what somebody else amended since.
    Raises WrongMoment once it has left the house, on a channel without amendments, or unless `fingerprint` is of
    exactly this content; NotVerified for the caller of a contact; NotAccepted with a message per field.
    """
    work.require(May.AMEND_ORDERS)
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise NotAccepted(reason=f"Say why the order changes, in at most {LONGEST_REASON} characters.")
    refuse_card_numbers(reason=reason)
    by = (contact.channel, contact.own_channel) if contact else (draft.channel, "")
    await refuse_channel(work, *by)
    if contact is not None:
        await verification.require(work, contact, SensitiveDeed.AMEND_ORDER)
    await hold(work, order)
    await refuse_second(work, order, expected_amended)
    await lines_of(work, order.id)  # what waits may have come in since they were looked at
    if why := unamendable(order):
        raise WrongMoment(why)
    checked = await check_amendment(work, order, draft)
    if checked.problems:
        raise NotAccepted.of(checked.problems)
    if fingerprint_of(checked) != fingerprint:
        raise WrongMoment("The amendment is no longer what was read back. Read it back once more.")
    before, after = content_of(order), content_after(order, checked)
    moved = await _move_stock(work, order, checked)
    packed = order.status in IN_THE_HOUSE
    await _write_down(work, order, checked, fingerprint)
    amendment = Amendment(
        order_id=order.id,
        number=order.amended + 1,
        before=before,
        after=after,
        fingerprint=fingerprint,
        reason=reason.strip(),
        our_error=our_error,
        error_cause=error_cause if our_error else None,
        contact_id=contact.id if contact else None,
        made_by_id=work.actor.person_id,
        made_at=work.now,
    )
    work.session.add(amendment)
    if packed:
        await tell_the_house(
            work, order, amended=[one.words for one in differences(before, after)], reason=reason
        )
    first = order.status is OrderStatus.DRAFT
    if first:
        await approving.ask_anew(work, order, checked.causes, checked.listed_minor)
    await audit.record(work, "amend order", order, reason=reason.strip(), changes=moved)
    customer = await work.session.get(Customer, order.customer_id) if order.customer_id is not None else None
    if customer is not None and order.status is not OrderStatus.DRAFT:
        await confirm(work, order, customer, None if first else before["total_minor"])
    return amendment


async def refuse_second(work: Work, order: Order, expected_amended: int) -> None:
    """Raise Conflict when the order was amended since it was looked at, saying by whom and how. S1-4.6.2b"""
    if order.amended == expected_amended:
        return
    last = await work.session.scalar(
        select(Amendment).where(Amendment.order_id == order.id).order_by(Amendment.number.desc()).limit(1)
    )
    by = await work.session.get(Person, last.made_by_id) if last and last.made_by_id else None
    who = by.name if by else "Somebody"
    told = " ".join(one.words for one in differences(last.before, last.after)) if last else ""
    raise Conflict(
        f"{who} amended {order.number} meanwhile: it is version {order.amended + 1} now. Nothing was overwritten.",
        yours={"version": str(expected_amended + 1)},
        theirs={"version": f"{order.amended + 1}. {told}".strip()},
        saved_by=who,
    )


@dataclass(frozen=True, slots=True)
class OrderVersion:
    """One amendment as it is read later: what it changed, when, by whom and why."""

    number: int
    made_at: datetime
    by: str
    reason: str
    our_error: bool
    error_cause: ErrorCause | None
    changes: Sequence[Change]


async def versions(work: Work, order: Order) -> list[OrderVersion]:
    """Every amendment of an order, the newest first, with what it changed. S1-4.6.2b"""
    work.require(May.SEE_ORDERS)
    rows = await work.session.execute(
        select(Amendment, func.coalesce(Person.name, ""))
        .outerjoin(Person, Person.id == Amendment.made_by_id)
        .where(Amendment.order_id == order.id)
        .order_by(Amendment.number.desc())
    )
    return [
        OrderVersion(
            one.number,
            one.made_at,
            by,
            one.reason,
            one.our_error,
            one.error_cause,
            differences(one.before, one.after),
        )
        for one, by in rows
    ]


async def tell_the_house(work: Work, order: Order, *, amended: list[str], reason: str) -> None:
    """Tell stock room and fulfilment that an order they have already is another, or cancelled. S1-4.7.1, S4-4.4"""
    await receiving.tell(
        work,
        order,
        "order-changed-notice",
        f"{order.amended + 1}" if amended else "cancelled",
        cancelled=not amended,
        changes=amended,
        status=order.status,
        reason=reason.strip(),
    )


async def lines_of(work: Work, order_id: int) -> list[OrderLine]:
    """The lines of an order that is held, as they are now; those that were loaded before are brought up to date."""
    rows = await work.session.scalars(
        select(OrderLine)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.line_no)
        .execution_options(populate_existing=True)
    )
    return list(rows)


async def _move_stock(work: Work, order: Order, checked: CheckedDraft) -> stock.Changes:
    """Promise what it has more of, take back what it has less of: of what is waited for nothing was ever promised."""
    kept, now = KeptLines(order), wanted(checked)
    shifts = {}
    for product_id in {*kept.ordered, *now}:
        one = now.get(product_id, stock.Shift())
        shifts[product_id] = stock.Shift(
            one.reserved - kept.reserved(product_id), one.waiting - kept.waiting[product_id]
        )
    return await stock.shift(work, shifts)


async def _write_down(work: Work, order: Order, checked: CheckedDraft, fingerprint: str) -> None:
    draft = checked.draft
    order.delivery_method = draft.delivery_method or DeliveryMethod.DELIVERY
    order.ship_name = draft.ship_name or checked.customer_name
    order.ship_address, order.note = draft.ship_address, draft.note
    order.wanted_from, order.wanted_until = draft.wanted_from, draft.wanted_until
    order.wanted_on, order.expected_on = draft.wanted_on, checked.expected_on
    order.total_minor, order.fingerprint = checked.total_minor, fingerprint
    order.amended += 1
    await _write_lines(work, order, checked)
    await _write_requests(work, order, draft)
    if order.status in IN_THE_HOUSE:
        waits = bool(undecided(order)) or checked.waits
        order.status = OrderStatus.CONFIRMED if waits else OrderStatus.HANDED_OVER
        order.prepared_at = None
    await search.index(work, order)


async def _write_lines(work: Work, order: Order, checked: CheckedDraft) -> None:
    """Each line takes the place of the one with its number; what is over goes."""
    held, since = list(order.lines), KeptLines(order).waits_since
    last = held[-1].line_no if held else 0
    for number, line in enumerate(checked.lines, 1):
        values = {
            "product_id": line.product_id,
            "sku": line.sku,
            "description": line.description,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price_minor,
            "list_price_minor": line.list_price_minor,
            "price_reason": line.price_reason,
            "tax_bp": line.tax_bp,
            "discount_bp": line.discount_bp,
            "waiting": line.waiting,
            "waits_since": since.get(line.product_id, work.now) if line.waiting else None,
            "waits_until": line.waits_until,
        }
        if number > len(held):
            order.lines.append(OrderLine(line_no=last + number - len(held), **values))
            continue
        for name, value in values.items():
            setattr(held[number - 1], name, value)
    for gone in held[len(checked.lines) :]:
        order.lines.remove(gone)
        await work.session.delete(gone)
    tax.write_down(order.lines)


async def _write_requests(work: Work, order: Order, draft: OrderDraft) -> None:
    """A wish that stays keeps what was decided on it; the amendment remembers the others."""
    known = {plain_wish(one.wish): one for one in order.requests}
    wanted = wishes_of(draft.requests)
    for wish, one in known.items():
        if wish not in wanted:
            order.requests.remove(one)
            await work.session.delete(one)
    for wish in wanted:
        if wish not in known:
            order.requests.append(made(work, wish))
    if order.status is not OrderStatus.DRAFT:  # what somebody has yet to agree to is nobody's to look into
        await assign(work, order)
