"""Refunds: what was asked back and waits for somebody else's decision, beside the ledger of its order. S3-4.1.3b"""

from __future__ import annotations

from starlette.responses import Response

from models import Order
from portal.desk import money, refunds
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages import orders
from portal.web import Visit


async def index(visit: Visit) -> Response:
    """What waits for a decision, or what was decided."""
    return await queue(visit)


async def queue(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of the queue; after a refused form with what was typed. `form` is `<id>-<deed>`."""
    decided = visit.asked("show") == "decided"
    async with visit.look() as work:
        found = await refunds.queue(work, decided=decided, before=visit.asked("before"))
    chips = [
        ("/refunds", "Waiting", None, not decided),
        ("/refunds?show=decided", "Decided", None, decided),
    ]
    older = f"/refunds?show={'decided' if decided else 'waiting'}&before={found.older}" if found.older else ""
    return visit.page(
        "refunds/index.html", found=found, older=older, chips=chips, decided=decided, **refused.facts()
    )


async def ask_excess(visit: Visit) -> Response:
    """Ask for what was paid too much on an order: shown to be read back first, then asked for. S0-0.4, decision 19"""

    async def do(work: Work, order: Order, typed: Typed) -> None:
        refuse_card_numbers(reason=typed.get("reason", ""))
        found = {}
        if not money.read_amount(typed.get("amount", ""), order.currency):
            found["amount"] = "Enter an amount such as 12.50."
        if not typed.get("reason", "").strip():
            found["reason"] = "Say why, in words for the customer and for accounts."
        draft = None if found else await orders.refund_draft(work, order, typed)
        if draft is None:
            raise NotAccepted.of(found)
        if typed.get("agreed") != "yes" or typed.get("fingerprint") != draft.fingerprint:
            raise NotAccepted(
                agreed="Read it back as it stands here, hear the customer’s yes, then tick this."
            )
        await refunds.ask_excess(
            work,
            order,
            amount_minor=draft.amount_minor,
            reason=draft.reason,
            fingerprint=draft.fingerprint,
        )

    return await orders.deed(
        visit, "refund", do, "Asked for. Somebody else decides, and the customer is told."
    )


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
