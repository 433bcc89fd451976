"""Erasing a customer on the screen: what would go and what stays, asking for it, and the second person. S3-10.1.1"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import customers, erasing
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.web import Visit

TABLES: dict[str, str] = {
    "customers": "Records of this customer, with all that are merged into it",
    "mails": "Mail that came in",
    "messages": "Letters and notices",
    "orders": "Orders",
    "amendments": "Earlier versions of orders",
    "payment_entries": "Payments",
}
"""How a table is called where its own name says too little."""


async def show(visit: Visit) -> Response:
    """What erasing this customer would do. Changes nothing."""
    return await _page(visit)


async def _page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    async with visit.look() as work:
        customer = await customers.load(work, visit.number("customer_id"))
        shown = await erasing.preview(work, customer)
    return visit.page(
        "erasures/show.html",
        masked=customers.masked(customer),
        held_because=customer.held_because,
        erased_at=customer.erased_at,
        shown=shown,
        mine=shown.asked is not None and shown.asked.asked_by_id == visit.person.person_id,
        called=called,
        **refused.facts(),
    )


def called(table: str) -> str:
    """A table as one reads it."""
    return TABLES.get(table, table.replace("_", " ").capitalize())


async def ask(visit: Visit) -> Response:
    """Ask that this customer is erased; somebody else does it."""
    customer_id = visit.number("customer_id")

    async def do(work: Work, typed: Typed) -> str:
        customer = await customers.load(work, customer_id)
        await erasing.ask(work, customer, typed.get("number", ""), typed.get("reason", ""))
        return f"/customers/{customer_id}/erasure"

    return await answer_form(visit, "ask", do, _page, "Asked for. Somebody else has to do it.")


async def hold(visit: Visit) -> Response:
    """Let nothing of this customer be erased. S0-5.2"""
    customer_id = visit.number("customer_id")

    async def do(work: Work, typed: Typed) -> str:
        customer = await customers.load(work, customer_id)
        await erasing.hold_back(work, customer, typed.get("hold_reason", ""))
        return f"/customers/{customer_id}/erasure"

    return await answer_form(visit, "hold", do, _page, "On hold. Nothing of this customer is erased.")


async def release(visit: Visit) -> Response:
    """Let this customer be erased again."""
    customer_id = visit.number("customer_id")
    async with visit.work() as work:
        await erasing.release(work, await customers.load(work, customer_id))
    return visit.go(f"/customers/{customer_id}/erasure", "Not on hold any more.")


async def erase(visit: Visit) -> Response:
    """Erase the customer for good."""

    async def do(work: Work, typed: Typed) -> str:
        erasure = await erasing.load(work, visit.number("erasure_id"))
        await erasing.erase(work, erasure, typed.get("number", ""))
        return "/erasures"

    return await answer_form(visit, "erase", do, _page, "Erased. The proof stands here.")


async def drop(visit: Visit) -> Response:
    """Do not erase after all."""
    async with visit.work() as work:
        await erasing.drop(work, await erasing.load(work, visit.number("erasure_id")))
    return visit.go(f"/customers/{visit.number('customer_id')}/erasure", "Not erased.")


async def index(visit: Visit) -> Response:
    """What waits for a second person, and what was erased: the proof."""
    async with visit.look() as work:
        found = await erasing.listed(work, visit.asked("before"))
    older = f"/erasures?before={found.older}" if found.older else ""
    return visit.page("erasures/index.html", found=found.rows, older=older, called=called)
