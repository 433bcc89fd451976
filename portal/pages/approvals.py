"""Orders that somebody else has to agree to, with what each comes to and why it waits. S1-4.2.1b"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import orders
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.web import Visit


async def index(visit: Visit) -> Response:
    """What waits for a decision, or what was decided."""
    return await queue(visit)


async def queue(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of the queue; after a refused form with what was typed. `form` is `<id>-<deed>`."""
    decided = visit.asked("show") == "decided"
    async with visit.look() as work:
        rows = await orders.queue(work, decided=decided)
    chips = [
        ("/approvals", "Waiting", None, not decided),
        ("/approvals?show=decided", "Decided", None, decided),
    ]
    return visit.page("approvals/index.html", rows=rows, chips=chips, decided=decided, **refused.facts())


async def approve(visit: Visit) -> Response:
    """Agree to the order as it was placed."""
    approval_id = visit.number("approval_id")

    async def do(work: Work, typed: Typed) -> str:
        await orders.approve(work, await orders.load_approval(work, approval_id), typed.get("words", ""))
        return "/approvals"

    said = "Agreed. The order is confirmed, and whoever placed it is told."
    return await answer_form(visit, f"{approval_id}-approval", do, queue, said)


async def refuse_price(visit: Visit) -> Response:
    """Let the list prices hold."""
    approval_id = visit.number("approval_id")

    async def do(work: Work, typed: Typed) -> str:
        await orders.refuse_price(work, await orders.load_approval(work, approval_id), typed.get("words", ""))
        return "/approvals"

    said = "Refused. The order is confirmed with the list prices, and whoever placed it is told why."
    return await answer_form(visit, f"{approval_id}-price", do, queue, said)


async def send_back(visit: Visit) -> Response:
    """Give it back to whoever placed it, unconfirmed."""
    approval_id = visit.number("approval_id")

    async def do(work: Work, typed: Typed) -> str:
        await orders.send_back(work, await orders.load_approval(work, approval_id), typed.get("words", ""))
        return "/approvals"

    said = "Sent back. The order is not confirmed, and whoever placed it is told why."
    return await answer_form(visit, f"{approval_id}-return", do, queue, said)
