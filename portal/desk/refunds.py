"""Money a customer shall have back: asked for by one person, decided by another. S3-4.1.3b, S3-13.2.1, S4-4.5"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from models import CaseNote, Contact, Customer, Order, PaymentEntry, Person, RefundRequest
from models.words import NoteKind, RefundReason, RefundStatus, SensitiveDeed
from portal.desk import audit, notices, payments, rows, tone, verification
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.listing import PAGE, Rows, cursor, first, newest_first, oldest_first
from portal.desk.money import in_words
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.ways_back import THE_WAY_IT_CAME, TOO_MUCH, WayBack, draft_of
from portal.desk.work import Work

LONGEST = 2_000
"""Characters of a reason or a decision."""


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A request as the queue shows it, with the ledger of its order."""

    request: RefundRequest
    order: Order
    asked_by: str
    decided_by: str
    paid_minor: int
    ledger: Sequence[PaymentEntry]
    mine: bool
    """Whether the reader asked for it, and so may not decide on it."""


async def open_amount(work: Work, order: Order) -> int:
    """The most that may still be asked back: what was paid, less what was given back or is asked for already."""
    waiting = select(func.coalesce(func.sum(RefundRequest.amount_minor), 0)).where(
        RefundRequest.order_id == order.id, RefundRequest.status == RefundStatus.ASKED
    )
    return await payments.paid(work, order) - int(await work.session.scalar(waiting) or 0)


async def too_much(work: Work, order: Order) -> int:
    """What was paid beyond what the order comes to, less what is asked back already, in minor units. S0-0.4"""
    over = await payments.paid(work, order) - payments.due(order)
    if over <= 0:
        return 0
    waiting = await payments.paid(work, order) - await open_amount(work, order)
    return max(over - waiting, 0)


async def ask(
    work: Work,
    order: Order,
    *,
    amount_minor: int,
    reason: str,
    fingerprint: str,
    case_id: int | None = None,
    contact: Contact | None = None,
    correction: bool = False,
    way: WayBack = THE_WAY_IT_CAME,
) -> RefundRequest:
    """Ask for money back, or for a correction of the ledger, as it was read back and agreed. S3-4.1.3b

    `amount_minor` is at most what was paid less what was given back or is asked for already, also for two who ask
    at once. Raises NotAccepted with a message per field, WrongMoment unless `fingerprint` is of exactly this
    content, NotVerified unless the caller of the contact is verified strongly enough. S2-2.1, decision 19
    """
    work.require(May.ASK_REFUNDS)
    if work.actor.person_id is None:
        raise NotAllowed("A refund is asked for by a person.")
    refuse_card_numbers(reason=reason)
    if contact is not None:
        await verification.require(work, contact, SensitiveDeed.ASK_REFUND)
    await hold(work, order)  # two who ask for the same money do so one after the other
    most = await open_amount(work, order)
    found: dict[str, str] = {}
    if most <= 0:
        found["amount"] = f"Nothing paid on {order.number} is left to give back."
    elif not 0 < amount_minor <= most:
        least = in_words(1, order.currency).removesuffix(f" {order.currency}")
        found["amount"] = f"Between {least} and {in_words(most, order.currency)}."
    if not reason.strip():
        found["reason"] = "Say why, in words for the customer and for accounts."
    elif len(reason) > LONGEST:
        found["reason"] = f"At most {LONGEST} characters."
    if found:
        raise NotAccepted.of(found)
    await tone.heed_reason(work, order.customer_id, order, reason=reason)
    draft = await draft_of(work, order, amount_minor, reason, correction=correction, way=way)
    if draft.fingerprint != fingerprint:
        raise WrongMoment("This is no longer what was read back. Read it back once more.")
    request = RefundRequest(
        order_id=order.id,
        case_id=case_id,
        contact_id=contact.id if contact else None,
        amount_minor=amount_minor,
        currency=order.currency,
        reason=draft.reason,
        code=way.code,
        other_method=way.other_method,
        other_because=way.other_because,
        goodwill=way.code is RefundReason.GOODWILL,
        correction=correction,
        fingerprint=fingerprint,
        status=RefundStatus.ASKED,
        asked_by_id=work.actor.person_id,
        asked_at=work.now,
    )
    work.session.add(request)
    await audit.record(work, "ask for refund", request, reason=draft.reason)
    return request


async def ask_excess(
    work: Work, order: Order, *, amount_minor: int, reason: str, fingerprint: str
) -> RefundRequest:
    """Ask for what was paid too much, as it was read back and agreed, outside of a contact. S0-0.4

    It goes back the way it came, and somebody else decides. Raises NotAccepted for more than is too much, else as `ask`.
    """
    work.require(May.ASK_REFUNDS)
    await hold(work, order)
    most = await too_much(work, order)
    if amount_minor > most:
        raise NotAccepted(amount=f"At most what is too much: {in_words(most, order.currency)}.")
    return await ask(
        work, order, amount_minor=amount_minor, reason=reason, fingerprint=fingerprint, way=TOO_MUCH
    )


async def approve(work: Work, request: RefundRequest, words: str = "") -> PaymentEntry:
    """Append the refund, or the correction, to the ledger and tell the customer old and new amount. S3-13.2.1

    Raises NotAllowed for who asked, WrongMoment when it is decided or no longer covered by what was paid.
    """
    order = await _taken(work, request, words)
    await tone.heed_reason(work, order.customer_id, request, words=words)
    before = await payments.paid(work, order)
    if before < request.amount_minor:
        raise WrongMoment(
            f"Only {in_words(max(before, 0), order.currency)} of {order.number} is paid by now."
        )
    entry = await payments.give_back(
        work,
        order,
        amount_minor=request.amount_minor,
        note=request.reason,
        correction=request.correction,
        other_method=request.other_method,
    )
    request.entry_id = entry.id
    _decided(work, request, RefundStatus.APPROVED, words)
    amount = in_words(request.amount_minor, request.currency)
    did = "The ledger was corrected by" if request.correction else "A refund was approved:"
    await _tell(work, request, order, before, before - request.amount_minor, f"{did} {amount}.")
    await audit.record(work, "approve refund", request, reason=words.strip())
    return entry


async def refuse(work: Work, request: RefundRequest, words: str) -> None:
    """Say no, with the reason the customer reads. Raises as `approve` does, NotAccepted without a reason."""
    if not words.strip():
        work.require(May.DECIDE_REFUNDS)
        raise NotAccepted(words="Say why not, in words for the customer.")
    order = await _taken(work, request, words)
    await tone.heed_reason(work, order.customer_id, request, words=words)
    _decided(work, request, RefundStatus.REFUSED, words)
    paid = await payments.paid(work, order)
    amount = in_words(request.amount_minor, request.currency)
    await _tell(work, request, order, paid, paid, f"A refund of {amount} was refused: {words.strip()}")
    await audit.record(work, "refuse refund", request, reason=words.strip())


async def load(work: Work, request_id: int) -> RefundRequest:
    """A request, for a decision. Raises NotFound, also where its case is out of the actor's sight. S3-5.1.2"""
    work.require(May.DECIDE_REFUNDS)
    statement = select(RefundRequest).where(RefundRequest.id == request_id)
    narrowed = rows.narrowed(work.actor, RefundRequest, statement)
    request: RefundRequest | None = await work.session.scalar(narrowed)
    if request is None:
        raise NotFound
    return request


async def queue(work: Work, *, decided: bool = False, before: str = "", limit: int = PAGE) -> Rows[RefundRow]:
    """What waits for a decision, oldest first; or what was decided, newest first. With the ledger of each order."""
    work.require(May.DECIDE_REFUNDS, May.SEE_PAYMENTS)
    asked_by, decided_by = aliased(Person), aliased(Person)
    by, moment = (
        (newest_first, RefundRequest.decided_at) if decided else (oldest_first, RefundRequest.asked_at)
    )
    asked = RefundRequest.status == RefundStatus.ASKED
    ids = select(RefundRequest.id).where(RefundRequest.decided_at.is_not(None) if decided else asked)
    page = first(
        by(rows.narrowed(work.actor, RefundRequest, ids), moment, RefundRequest.id, before), limit + 1
    )
    statement: Any = (
        select(RefundRequest, Order, asked_by.name, func.coalesce(decided_by.name, ""))
        .join(Order, Order.id == RefundRequest.order_id)
        .join(asked_by, asked_by.id == RefundRequest.asked_by_id)
        .outerjoin(decided_by, decided_by.id == RefundRequest.decided_by_id)
        .where(RefundRequest.id.in_(page))
        .options(joinedload(Order.customer))
    )
    whole = (await work.session.execute(by(statement, moment, RefundRequest.id, ""))).all()
    found = whole[:limit]
    last = found[-1][0] if len(whole) > limit else None
    at = last and (last.decided_at if decided else last.asked_at)
    ledger: dict[int, list[PaymentEntry]] = {order.id: [] for _, order, _, _ in found}
    entries = select(PaymentEntry).where(PaymentEntry.order_id.in_(ledger)).order_by(PaymentEntry.id)
    for entry in await work.session.scalars(entries):
        ledger[entry.order_id].append(entry)
    shown = [
        RefundRow(
            request,
            order,
            asker,
            decider,
            sum(one.amount_minor for one in ledger[order.id]),
            ledger[order.id],
            mine=request.asked_by_id == work.actor.person_id,
        )
        for request, order, asker, decider in found
    ]
    return Rows(shown, cursor(at, last.id) if last and at else "")


async def of_order(work: Work, order: Order) -> list[RefundRequest]:
    """What was asked back on an order, oldest first; not for a case out of the actor's sight. S3-5.1.2"""
    if not work.may(May.SEE_PAYMENTS):
        work.require(May.ASK_REFUNDS)
    statement = select(RefundRequest).where(RefundRequest.order_id == order.id).order_by(RefundRequest.id)
    if (open_to := rows.unless_restricted(work.actor, RefundRequest.case_id)) is not None:
        statement = statement.where(open_to)
    return list(await work.session.scalars(statement))


async def _taken(work: Work, request: RefundRequest, words: str) -> Order:
    """Hold order and request for a decision, in the order in which asking holds them."""
    work.require(May.DECIDE_REFUNDS)
    if len(words) > LONGEST:
        raise NotAccepted(words=f"At most {LONGEST} characters.")
    refuse_card_numbers(words=words)
    order = await work.session.get_one(Order, request.order_id)
    await hold(work, order)
    await hold(work, request)
    if request.status is not RefundStatus.ASKED:
        raise WrongMoment(f"This was already {request.status.value}.")
    if work.actor.person_id is None or work.actor.person_id == request.asked_by_id:
        raise NotAllowed("You asked for this yourself: somebody else has to decide.")
    return order


def _decided(work: Work, request: RefundRequest, status: RefundStatus, words: str) -> None:
    request.status, request.decision = status, words.strip()
    request.decided_by_id, request.decided_at = work.actor.person_id, work.now


async def _tell(
    work: Work, request: RefundRequest, order: Order, old_minor: int, new_minor: int, note: str
) -> None:
    """Write to the customer with old and new amount, and an action onto the case. S3-13.2.1c"""
    if request.case_id is not None:
        work.session.add(
            CaseNote(
                case_id=request.case_id,
                kind=NoteKind.ACTION,
                words=note,
                written_by_id=work.actor.person_id,
                written_at=work.now,
            )
        )
    if order.customer_id is None:
        return
    original = await payments.original_of(work, order, request.amount_minor)
    await notices.write(
        work,
        "refund-decided",
        to=await work.session.get_one(Customer, order.customer_id),
        once=f"refund-decided/{request.id}",
        reference=order.number,
        order=order,
        case=request.case_id,
        approved=request.status is RefundStatus.APPROVED,
        correction=request.correction,
        amount_minor=request.amount_minor,
        old_minor=old_minor,
        new_minor=new_minor,
        currency=request.currency,
        method=request.other_method or (original.method if original else None),
        payment_reference=original.reference if original and not request.other_method else "",
        another_way=request.other_method is not None,
        reason=request.decision or request.reason,
    )
