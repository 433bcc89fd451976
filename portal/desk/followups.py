"""Follow-ups: what somebody has promised or has yet to do, by when, and what came of it. S0-2.1d, S2-6.3, S2-9.4.

The owner is reminded once before it is due, the supervisors are told once when it is overdue. Both are stamped by
the statement that takes the row, in the transaction that writes the notice, so that neither is doubled or lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case as either
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from models import Case, Customer, FollowUp, Order, Person, Promise
from models.words import CaseStatus, FollowUpKind, FollowUpStatus, PromiseStatus, Role
from portal.desk import audit, batches, bulk, hours, notices, policy, policy_versions, solved
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.notices import Notice
from portal.desk.permissions import May
from portal.desk.phones import read_phone
from portal.desk.solved import Asked
from portal.desk.work import Work

_rows: Any = FollowUp.__table__
_overdue = _rows.c.due_at <= batches.MOMENT
_CLAIM = batches.claiming(
    FollowUp,
    next_at=either((_overdue, None), else_=_rows.c.due_at),
    reminded_at=either((_overdue, _rows.c.reminded_at), else_=batches.MOMENT),
    overdue_told_at=either((_overdue, batches.MOMENT), else_=_rows.c.overdue_told_at),
)


async def plan(  # noqa: PLR0913 - what it is about is said in up to four ways
    work: Work,
    kind: FollowUpKind,
    words: str,
    owner_id: int | None,
    due_at: datetime | None,
    *,
    customer_id: int | None = None,
    contact_id: int | None = None,
    case_id: int | None = None,
    order_id: int | None = None,
    once: str | None = None,
    message: str = "",
) -> FollowUp:
    """Note what has to be done for a customer, by whom and until when. S2-6.3, S2-9.4.

    `message` is what to send by hand, where it is that.
    `once` keeps it the only one of its kind: planned again, the one already there is returned.
    Raises NotAccepted without words, owner or a moment to come.
    """
    work.require(May.WORK_FOLLOW_UPS)
    if once is not None:
        known = await work.session.scalar(select(FollowUp).where(FollowUp.once == once))
        if known is not None:
            return known
    owner, due_at = await _accepted(work, words, owner_id, due_at)
    follow_up = FollowUp(
        kind=kind,
        words=words.strip(),
        owner_id=owner.id,
        customer_id=customer_id,
        contact_id=contact_id,
        case_id=case_id,
        order_id=order_id,
        once=once,
        message=message,
        created_at=work.now,
        due_at=due_at,
        next_at=_reminder(work.now, due_at),
    )
    work.session.add(follow_up)
    await audit.record(work, "plan follow-up", follow_up)
    return follow_up


async def change(
    work: Work, follow_up: FollowUp, words: str, owner_id: int | None, due_at: datetime | None
) -> None:
    """Say anew what has to be done, by whom and until when. Raises as `plan` does, WrongMoment when it is closed."""
    work.require(May.WORK_FOLLOW_UPS)
    if follow_up.status is not FollowUpStatus.OPEN:
        raise WrongMoment(f"This follow-up is already {follow_up.status.value}.")
    owner, due_at = await _accepted(work, words, owner_id, due_at)
    follow_up.words, follow_up.owner_id, follow_up.due_at = words.strip(), owner.id, due_at
    follow_up.next_at, follow_up.reminded_at = _reminder(work.now, due_at), None
    await audit.record(work, "change follow-up", follow_up)


async def _accepted(
    work: Work, words: str, owner_id: int | None, due_at: datetime | None
) -> tuple[Person, datetime]:
    """Give who does it and until when. Raises NotAccepted for what is missing or over. S2-9.4"""
    refused: dict[str, str] = {}
    if not words.strip():
        refused["words"] = "Say what has to be done."
    owner = await work.session.get(Person, owner_id) if owner_id is not None else None
    if owner is None or not owner.active:
        refused["owner_id"] = "Say who does it."
    if due_at is None or due_at <= work.now:
        refused["due_at"] = "Say until when; the moment has to be still to come."
    if refused or owner is None or due_at is None:
        raise NotAccepted.of(refused)
    refuse_card_numbers(words=words)
    return owner, due_at


async def check_resolution(
    work: Work, case: Case, owner_id: int | None, at: datetime | None = None
) -> FollowUp:
    """Plan to ask whether a solution holds, once for each time the case was resolved. S3-4.1.4.

    Without a moment it is due when the policy says. S3-12.2.1
    """
    return await plan(
        work,
        FollowUpKind.RESOLUTION_CHECK,
        f"Ask whether the solution of {case.number} holds.",
        owner_id,
        at or await business_due(work, policy.RESOLUTION_CHECK),
        customer_id=case.customer_id,
        case_id=case.id,
        order_id=case.order_id,
        once=_check(case.id, case.cycle),
    )


async def drop_check(work: Work, case_id: int, cycle: int, reason: str) -> None:
    """Drop the question whether a solution holds, where it was not asked yet: the case was taken up again. S3-4.1.4"""
    check = await _open_check(work, case_id, cycle)
    if check is not None:
        await _drop(work, check, reason)


async def close_unasked(work: Work, case: Case, reason: str) -> None:
    """Close a resolved case of which nobody can be asked whether its solution holds, and say why. S3-4.2.1c

    Raises NotAccepted without a reason, NotAllowed while asking is a colleague's, WrongMoment when it is not resolved.
    """
    work.require(May.WORK_CASES)
    check = await _open_check(work, case.id, case.cycle)
    if check is not None:
        await cancel(work, check, reason)
        return
    if not reason.strip():
        raise NotAccepted(reason="Say why nobody can be asked.")
    await solved.close(work, case, reason)


async def check_delivery(work: Work, order: Order, owner_id: int | None) -> FollowUp:
    """Plan to ask whether a delivery was as it should be, once for each order. S0-3.6.3."""
    return await plan(
        work,
        FollowUpKind.DELIVERY_CHECK,
        f"Ask whether {order.number} arrived as it should.",
        owner_id,
        await business_due(work, policy.DELIVERY_CHECK),
        customer_id=order.customer_id,
        order_id=order.id,
        once=f"delivery-check/{order.id}",
    )


async def plan_each(work: Work, wanted: Sequence[tuple[int, str, int, int | None, str]]) -> None:
    """Plan many at once for what clocks ask: (owner, words, case, customer, once). The caller records them. S2-6.3

    One with a key that is there already stays as it is.
    """
    if not wanted:
        return
    due_at = await business_due(work, policy.TASK_OF_A_CLOCK)
    rows = [
        {
            "kind": FollowUpKind.CALL_BACK,
            "words": words,
            "owner_id": owner_id,
            "case_id": case_id,
            "customer_id": customer_id,
            "once": once,
            "status": FollowUpStatus.OPEN,
            "result": "",
            "created_at": work.now,
            "due_at": due_at,
            "next_at": _reminder(work.now, due_at),
            "put_off": 0,
            "message": "",
            "version": 1,
        }
        for owner_id, words, case_id, customer_id, once in wanted
    ]
    make = bulk.insert_of(work.session)
    written = make(_rows).on_conflict_do_nothing(index_elements=["once"])
    await work.session.execute(written, rows, execution_options={"audited": True})


async def business_due(work: Work, target: hours.Target) -> datetime:
    """Say when a span of the default calendar that starts now is over."""
    return hours.due((await policy_versions.in_force(work)).calendar().opening, work.now, target)


async def next_slots(work: Work, count: int = 8) -> list[datetime]:
    """Give the next open half-hours to offer for a follow-up: no holiday, no evening. S2-10.4."""
    return hours.next_slots((await policy_versions.in_force(work)).calendar().opening, work.now, count)


async def done(
    work: Work, follow_up: FollowUp, result: str, *, kept: bool | None = None, asked: Asked | None = None
) -> None:
    """Close a follow-up with what came of it; of a promise, with whether it was kept. S3-4.2.1c, S2-9.4.

    Of a question whether a solution holds, `asked` says whether it does: its case is closed, or taken up again.
    Whoever was not reached is tried again, so often as the policy says; then the case is closed with that as reason.
    Raises NotAccepted without a result, or when nobody says whether a promise was kept or a solution holds.
    """
    _refuse_others(work, follow_up)
    promise = await _promise_of(work, follow_up)
    case = await _resolved_by(work, follow_up)
    refused: dict[str, str] = {}
    if case is not None and asked is None:
        refused["asked"] = "Say whether the solution holds."
    if not result.strip():
        refused["result"] = "Say what came of it."
    if promise is not None and kept is None:
        refused["kept"] = "Say whether the promise was kept."
    if refused:
        raise NotAccepted.of(refused)
    refuse_card_numbers(result=result)
    if case is not None and asked is Asked.NOT_REACHED:
        await _not_reached(work, follow_up, case, result)
        return
    follow_up.status, follow_up.result, follow_up.done_at = FollowUpStatus.DONE, result.strip(), work.now
    follow_up.next_at = None
    if promise is not None:
        promise.status = PromiseStatus.KEPT if kept else PromiseStatus.BROKEN
        promise.closed_at, promise.result = work.now, result.strip()
    await audit.record(work, "close follow-up", follow_up)
    if case is not None and asked is Asked.HOLDS:
        await solved.close(work, case)
    elif case is not None:
        await solved.reopen(work, case, result)


async def _not_reached(work: Work, follow_up: FollowUp, case: Case, result: str) -> None:
    """Write a try down, and try again later; after the last one nobody was asked. S3-4.2.1c"""
    follow_up.tries += 1
    solved.not_reached(work, case, follow_up.tries, result)
    if follow_up.tries < policy.TRIES_TO_REACH:
        follow_up.due_at = await business_due(work, policy.TRY_AGAIN)
        follow_up.next_at = _reminder(work.now, follow_up.due_at)
        follow_up.reminded_at = follow_up.overdue_told_at = None
        await audit.record(work, "try follow-up again", follow_up)
        return
    reason = f"Not reached in {follow_up.tries} tries. {result.strip()}"
    await _drop(work, follow_up, reason)
    await solved.close(work, case, reason)


async def open_message(work: Work, follow_up: FollowUp) -> tuple[str, str]:
    """Give what is to be sent by hand and the number to send it to, if one is known; who saw it is written down.

    Raises NotFound where nothing is, NotAllowed for a colleague's, WrongMoment once it is done. S1-4.4.1d, S0-3.2.3
    """
    work.require(May.SEE_CUSTOMERS)
    _refuse_others(work, follow_up)
    if not follow_up.message or follow_up.customer_id is None:
        raise NotFound("There is nothing to send here.")
    customer = await work.session.get_one(Customer, follow_up.customer_id)
    await audit.record(work, "reveal customer", customer, reason=follow_up.words)
    return follow_up.message, read_phone(customer.phone, customer.country) or ""


async def cancel(work: Work, follow_up: FollowUp, reason: str) -> None:
    """Drop a follow-up that is no longer needed, and say why. Raises NotAccepted without a reason.

    The resolved case that it was to ask after is closed with that reason. S3-4.2.1c

    Raises WrongMoment for a promise: it is kept or broken, never dropped. S2-9.4.
    """
    _refuse_others(work, follow_up)
    if await _promise_of(work, follow_up) is not None:
        raise WrongMoment("A promise is kept or broken, never dropped. Say under Done what came of it.")
    if not reason.strip():
        raise NotAccepted(reason="Say why it is no longer needed.")
    refuse_card_numbers(reason=reason)
    await _drop(work, follow_up, reason)
    case = await _resolved_by(work, follow_up)
    if case is not None:
        await solved.close(work, case, reason)


async def hand_over(work: Work, follow_up: FollowUp, to_id: int) -> None:
    """Give a follow-up to a colleague, who is reminded anew. Raises NotAccepted for somebody who has left."""
    _refuse_others(work, follow_up)
    to = await work.session.get(Person, to_id)
    if to is None or not to.active:
        raise NotAccepted(to_id="Choose a colleague who is here.")
    follow_up.owner_id, follow_up.reminded_at = to.id, None
    promise = await _promise_of(work, follow_up)
    if promise is not None:
        promise.owner_id = to.id
    if follow_up.due_at > work.now:
        follow_up.next_at = _reminder(work.now, follow_up.due_at)
    await audit.record(work, "hand follow-up over", follow_up)


async def mine(work: Work) -> list[FollowUp]:
    """Give the actor's open follow-ups, soonest first, with the customer, case and order they are about. S0-2.1d."""
    work.require(May.SEE_FOLLOW_UPS)
    found = await work.session.scalars(
        select(FollowUp)
        .where(FollowUp.owner_id == work.actor.person_id, FollowUp.status == FollowUpStatus.OPEN)
        .options(joinedload(FollowUp.customer), joinedload(FollowUp.case), joinedload(FollowUp.order))
        .order_by(FollowUp.due_at, FollowUp.id)
    )
    return list(found)


async def remind_due(work: Work, batch: int) -> int:
    """Remind owners and tell supervisors of what is overdue, for up to so many follow-ups; return how many.

    One that was not reminded of in time is only told as overdue. Safe on every replica at once.
    """
    return await batches.take(work, FollowUp, _CLAIM, batch, _tell)


async def _tell(work: Work, ids: Sequence[int]) -> None:
    loaded = select(FollowUp).where(FollowUp.id.in_(ids)).order_by(FollowUp.id)
    found = await work.session.scalars(
        loaded.options(
            selectinload(FollowUp.owner), selectinload(FollowUp.case), selectinload(FollowUp.order)
        ),
        execution_options={"populate_existing": True},
    )
    told: list[Notice] = []
    changes: list[tuple[int, dict[str, Any]]] = []
    for one in found:
        reference = one.case.number if one.case else one.order.number if one.order else ""
        again = f"/{one.tries}" if one.tries else ""
        facts: dict[str, object] = {"kind": one.told_as, "words": one.words, "due_at": one.due_at}
        if one.due_at > work.now:
            once = f"follow-up-reminder/{one.id}/{one.owner_id}{again}"
            told.append(
                Notice("follow-up-reminder", one.owner, once, reference, one.order_id, one.case_id, facts)
            )
            changes.append((one.id, {"reminded_at": [None, work.now.isoformat()]}))
            continue
        hidden = one.case is not None and one.case.restricted  # S3-5.1.2: not for every supervisor
        for person in await notices.people_in(work, Role.MANAGER if hidden else Role.SUPERVISOR):
            once = f"follow-up-overdue/{one.id}/{person.id}{again}"
            facts = facts | {"owner": one.owner.name}
            told.append(
                Notice("follow-up-overdue", person, once, reference, one.order_id, one.case_id, facts)
            )
        changes.append((one.id, {"overdue_told_at": [None, work.now.isoformat()]}))
    await notices.write_all(work, told)
    await audit.record_each(work, "remind of follow-up", "follow_ups", changes)


async def _promise_of(work: Work, follow_up: FollowUp) -> Promise | None:
    """The promise that this follow-up keeps; None for any other follow-up."""
    if follow_up.kind is not FollowUpKind.PROMISE:
        return None
    found: Promise | None = await work.session.scalar(
        select(Promise).where(Promise.follow_up_id == follow_up.id)
    )
    return found


def _check(case_id: int, cycle: int) -> str:
    """The key of the one question whether a solution holds, for each time the case was resolved."""
    return f"resolution-check/{case_id}/{cycle}"


async def _open_check(work: Work, case_id: int, cycle: int) -> FollowUp | None:
    """That question, where nobody has asked it yet."""
    found: FollowUp | None = await work.session.scalar(
        select(FollowUp).where(
            FollowUp.once == _check(case_id, cycle), FollowUp.status == FollowUpStatus.OPEN
        )
    )
    return found


async def _drop(work: Work, follow_up: FollowUp, reason: str) -> None:
    follow_up.status, follow_up.result, follow_up.next_at = FollowUpStatus.CANCELLED, reason.strip(), None
    await audit.record(work, "cancel follow-up", follow_up, reason=reason)


async def _resolved_by(work: Work, follow_up: FollowUp) -> Case | None:
    """The case that this follow-up is to close; None for any other follow-up, and once the case is not resolved."""
    if follow_up.kind is not FollowUpKind.RESOLUTION_CHECK or follow_up.case_id is None:
        return None
    case = await work.session.get_one(Case, follow_up.case_id)
    waits = case.status is CaseStatus.RESOLVED and follow_up.once == _check(case.id, case.cycle)
    return case if waits else None


def _reminder(now: datetime, due_at: datetime) -> datetime:
    """Say when to remind: some time before it is due, or halfway when that is over already."""
    return max(due_at - policy.FOLLOW_UP_REMINDER, now + (due_at - now) / 2)


def _refuse_others(work: Work, follow_up: FollowUp) -> None:
    """Raise NotAllowed for somebody else's follow-up, WrongMoment when it is closed."""
    work.require(May.WORK_FOLLOW_UPS)
    if follow_up.owner_id != work.actor.person_id and not work.may(May.SEE_TEAM):
        raise NotAllowed("This follow-up is a colleague's.")
    if follow_up.status is not FollowUpStatus.OPEN:
        raise WrongMoment(f"This follow-up is already {follow_up.status.value}.")
