"""Orders that somebody else has to agree to, with what each comes to and why it waits. S1-4.2.1b"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from models import OrderApproval
from portal.desk import orders
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.web import Visit

Decide = Callable[[Work, OrderApproval, str], Awaitable[None]]


async def index(visit: Visit) -> Response:
    """What waits for a decision, or what was decided."""
    return await queue(visit)


async def queue(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of the queue; after a refused form with what was typed. `form` is `<id>-<deed>`."""
    decided = visit.asked("show") == "decided"
    async with visit.look() as work:
        found = await orders.queue(work, decided=decided, before=visit.asked("before"))
    chips = [
        ("/approvals", "Waiting", None, not decided),
        ("/approvals?show=decided", "Decided", None, decided),
    ]
    older = (
        f"/approvals?show={'decided' if decided else 'waiting'}&before={found.older}" if found.older else ""
    )
    return visit.page(
        "approvals/index.html", found=found, older=older, chips=chips, decided=decided, **refused.facts()
    )


async def approve(visit: Visit) -> Response:
    """Agree to the order as it was placed."""
    said = "Agreed. The order is confirmed, and whoever placed it is told."
    return await deed(visit, "approval", orders.approve, said)


async def refuse_price(visit: Visit) -> Response:
    """Let the list prices hold."""
    said = "Refused. The order is confirmed with the list prices, and whoever placed it is told why."
    return await deed(visit, "price", orders.refuse_price, said)


async def send_back(visit: Visit) -> Response:
    """Give it back to whoever placed it, unconfirmed."""
    said = "Sent back. The order is not confirmed, and whoever placed it is told why."
    return await deed(visit, "return", orders.send_back, said)


async def deed(visit: Visit, form: str, decide: Decide, said: str) -> Response:
    """Decide on what waits at the address, with the words that were typed."""
    approval_id = visit.number("approval_id")

    async def on_it(work: Work, typed: Typed) -> str:
        await decide(work, await orders.load_approval(work, approval_id), typed.get("words", ""))
        return "/approvals"

    return await answer_form(visit, f"{approval_id}-{form}", on_it, queue, said)
