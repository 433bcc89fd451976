"""Refunds: what was asked back and waits for somebody else's decision, beside the ledger of its order. S3-4.1.3b"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import refunds
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
        rows = await refunds.queue(work, decided=decided)
    chips = [
        ("/refunds", "Waiting", None, not decided),
        ("/refunds?show=decided", "Decided", None, decided),
    ]
    return visit.page("refunds/index.html", rows=rows, chips=chips, decided=decided, **refused.facts())


async def approve(visit: Visit) -> Response:
    """Append the refund to the ledger."""
    request_id = visit.number("request_id")

    async def do(work: Work, typed: Typed) -> str:
        await refunds.approve(work, await refunds.load(work, request_id), typed.get("words", ""))
        return "/refunds"

    said = "Approved. The ledger has its entry, and the customer is told."
    return await answer_form(visit, f"{request_id}-approval", do, queue, said)


async def refuse(visit: Visit) -> Response:
    """Say no, with the reason the customer reads."""
    request_id = visit.number("request_id")

    async def do(work: Work, typed: Typed) -> str:
        await refunds.refuse(work, await refunds.load(work, request_id), typed.get("words", ""))
        return "/refunds"

    return await answer_form(visit, f"{request_id}-refusal", do, queue, "Refused. The customer is told why.")
