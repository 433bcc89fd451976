"""Returns: what is expected, what arrived, and what may be done about each. S3-4.1.3c, S4-4.4"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from models import Return
from models.words import ReturnReason, ReturnStatus
from portal.desk import orders, returns
from portal.desk.errors import NotAccepted
from portal.desk.kinds.returning import units_in
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages.orders import detail
from portal.web import Visit

STATUS_WORDS = {
    ReturnStatus.EXPECTED: "Expected",
    ReturnStatus.ARRIVED: "Arrived, to settle",
    ReturnStatus.SETTLED: "Settled",
    ReturnStatus.CANCELLED: "Cancelled",
}
CONDITIONS = {"resellable": True, "broken": False}

Deed = Callable[[Work, Return, Typed], Awaitable[None]]


async def index(visit: Visit) -> Response:
    """The returns of one state, with the others as chips. S1-2.1"""
    return await listed(visit)


async def listed(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of the list; after a refused form with what was typed. `form` is `<id>-<deed>`."""
    asked = visit.asked("show")
    status = ReturnStatus(asked) if asked in list(ReturnStatus) else ReturnStatus.EXPECTED
    async with visit.look() as work:
        if refused.form:  # that return alone: it may be far down its list
            found, older = [await returns.load(work, visit.number("return_id"))], ""
        else:
            page = await returns.queue(work, status, before=visit.asked("before"))
            found, older = page.rows, page.older
        of_cases = await returns.case_numbers(work, found)
    return visit.page(
        "returns/index.html",
        rows=found,
        older=older,
        show=status.value,
        words=STATUS_WORDS[status],
        of_cases=of_cases,
        chips=[
            (f"/returns?show={one.value}", words, None, one is status) for one, words in STATUS_WORDS.items()
        ],
        **refused.facts(),
    )


async def announce(visit: Visit) -> Response:
    """Make a return of an order that has left the house. S4-4.4"""
    order_id = visit.number("order_id")

    async def do(work: Work, typed: Typed) -> str:
        reason = typed.get("reason", "")
        found = {} if reason in list(ReturnReason) else {"reason": "Say why it comes back."}
        if typed.get("sure") != "yes":
            found["sure"] = "Tick that the customer knows and agrees."
        if found:
            raise NotAccepted.of(found)
        await returns.announce(
            work,
            await orders.load(work, order_id),
            units_in(dict(typed)),
            reason=ReturnReason(reason),
            words=typed.get("words", ""),
            serial=typed.get("serial", ""),
        )
        return f"/orders/{order_id}#returns"

    said = "Announced. The customer, the stock room and fulfilment are told."
    return await answer_form(visit, "returning", do, detail, said)


async def arrive(visit: Visit) -> Response:
    """What was sent back is here, as new or not. S1-3.2b"""

    async def do(work: Work, made: Return, typed: Typed) -> None:
        if typed.get("condition") not in CONDITIONS:
            raise NotAccepted(condition="Say in which state it is.")
        await returns.arrive(work, made, resellable=CONDITIONS[typed["condition"]])

    return await deed(visit, "arrival", do, "Arrived. The customer and who announced it are told.")


async def cancel(visit: Visit) -> Response:
    async def do(work: Work, made: Return, typed: Typed) -> None:
        await returns.cancel(work, made, typed.get("reason", ""))

    return await deed(visit, "cancellation", do, "Cancelled. The customer and the house are told.")


async def settle(visit: Visit) -> Response:
    async def do(work: Work, made: Return, typed: Typed) -> None:
        await returns.settle(work, made, typed.get("words", ""))

    return await deed(visit, "settlement", do, "Settled.")


async def deed(visit: Visit, form: str, do: Deed, said: str) -> Response:
    """Do one deed on the return of the address and come back to the list."""
    return_id = visit.number("return_id")

    async def on_it(work: Work, typed: Typed) -> str:
        made = await returns.load(work, return_id)
        before = made.status.value
        await do(work, made, typed)
        return f"/returns?show={before}"

    return await answer_form(visit, f"{return_id}-{form}", on_it, listed, said)
