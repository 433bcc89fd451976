"""Customers: finding one, and what may be shown of them."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from models import Customer
from models.words import DataRequestKind
from portal.desk import chat, consents, customers, disclosure, merging, orders, policy, queues, verification
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.web import Visit, chosen

SHOWN = 25
TYPED = ("number", "merge_reason", "sure", "asks", "words", "received_on")
"""What the forms of a customer's page ask for."""


async def index(visit: Visit) -> Response:
    """One box for phone, e-mail, order number or name; results masked."""
    return await _found(visit, visit.looked_for())


async def look(visit: Visit) -> Response:
    """Take what was typed: the part that changes at once while it is typed, else the page of what it finds."""
    if visit.is_htmx:
        return await _found(visit, chosen(await visit.form(), "q"))
    return await visit.look_for("/customers")


async def _found(visit: Visit, text: str) -> Response:
    async with visit.look() as work:
        found = await customers.find(work, text) if text else []
    return visit.page(
        "customers/_found.html" if visit.is_htmx else "customers/index.html",
        q=text,
        found=[customers.masked(one) for one in found[:SHOWN]],
        more=len(found) > SHOWN,
    )


async def show(visit: Visit) -> Response:
    """One customer, masked unless the caller of an open contact of mine is verified."""
    return await detail(visit)


async def reveal(visit: Visit) -> Response:
    """Show the details for a reason, which is written down. Shown once: loading the page anew masks them again."""
    reason = chosen(await visit.form(), "reason")
    try:
        async with visit.work() as work:
            customer = await customers.load(work, visit.number("customer_id"))
            await verification.reveal(work, customer, reason)
    except NotAccepted as refused:
        return await detail(visit, status=422, errors=refused.fields)
    return await detail(visit, revealed=True)


async def unlock(visit: Visit) -> Response:
    """Let a locked customer be verified again."""
    reason = chosen(await visit.form(), "unlock_reason")
    customer_id = visit.number("customer_id")
    try:
        async with visit.work() as work:
            await verification.unlock(work, await customers.load(work, customer_id), reason)
    except NotAccepted as refused:
        return await detail(visit, status=422, errors={"unlock_reason": refused.message})
    return visit.go(f"/customers/{customer_id}", "Unlocked. The customer can be verified again.")


async def merge(visit: Visit) -> Response:
    """Let everything of another record be this one's. S2-6.5"""
    form, customer_id = await visit.form(), visit.number("customer_id")
    typed = {name: chosen(form, name) for name in ("number", "merge_reason", "sure")}
    unsure = {} if typed["sure"] == "yes" else {"sure": "Tick that both are the same customer."}
    if unsure:
        return await detail(visit, status=422, errors=unsure, typed=typed)
    try:
        async with visit.work() as work:
            kept = await customers.load(work, customer_id)
            await merging.merge(work, kept, typed["number"], typed["merge_reason"])
    except NotAccepted as refused:
        return await detail(visit, status=422, errors=refused.fields, typed=typed)
    return visit.go(f"/customers/{customer_id}", "Merged. Everything of the other record is here now.")


async def undo_merge(visit: Visit) -> Response:
    """Give the other record back what was its own. S2-6.5"""
    async with visit.work() as work:
        made = await merging.undo(work, visit.number("merge_id"))
        back = made.gone_id
    return visit.go(f"/customers/{back}", "Undone. This record has its own again.")


async def detail(
    visit: Visit,
    *,
    status: int = 200,
    revealed: bool = False,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The page of one customer."""
    async with visit.look() as work:
        customer: Customer = await customers.load(work, visit.number("customer_id"))
        shown = revealed or await disclosure.verified_with_me(work, customer.id)
        asked = not shown and await disclosure.asked_by_me(work, customer.id)
        last = (
            await orders.last_orders(work, customer.id, 10) if work.may(May.SEE_ORDERS) and not asked else []
        )
        open_cases = await queues.cases_of_customer(work, customer.id) if work.may(May.SEE_CASES) else []
        chats = await chat.of_customer(work, customer.id)
        merges = await merging.of_customer(work, customer.id)
        agreed = await consents.standing(work, customer)
        may_merge = merging.may_merge(work) and customer.merged_into_id is None
        undoable = {
            one.id for one in merges if merging.may_merge(work) and merging.undo_until(one) > work.now
        }
    return visit.page(
        "customers/detail.html",
        merges=[
            (one, one.kept_id == customer.id, one.id in undoable, merging.undo_until(one)) for one in merges
        ],
        may_merge=may_merge,
        undo_days=policy.UNDO_MERGE.days,
        typed={**dict.fromkeys(TYPED, ""), **(typed or {})},
        today=visit.desk.clock().date(),
        asks=[(one.value, one.value.capitalize()) for one in DataRequestKind],
        status=status,
        customer=customer if shown else None,
        masked=customers.masked(customer),
        revealed=revealed,
        locked_until=customer.locked_until,
        no_surveys_at=customer.no_surveys_at,
        consents=agreed,
        erased_at=customer.erased_at,
        held=bool(customer.held_because),
        orders=last,
        asked=asked,
        cases=open_cases,
        chats=chats,
        errors=dict(errors or {}),
    )
