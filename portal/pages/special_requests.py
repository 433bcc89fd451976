"""Special requests: each department's list of what it has to decide, and the deeds on them. S1-4.5"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from models import SpecialRequest
from models.words import Department
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.orders import requests
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.queues import masked_or_none
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.showing import word
from portal.web import Visit

ALL = "all"

Deed = Callable[[Work, SpecialRequest, Typed], Awaitable[None]]


async def index(visit: Visit) -> Response:
    """What a department has to decide, with the others as chips; or everything asked for with one order."""
    return await listed(visit)


async def listed(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of the list; after a refused form with what was typed. `form` is `<id>-<deed>`."""
    asked, of_order = visit.asked("department"), visit.asked("order")
    async with visit.look() as work:
        queue = Department(asked) if asked in list(Department) else None
        if not asked:
            queue = requests.own_department(work)
        if refused.form:  # that order alone: it may be far down the list
            of_order = str((await requests.load(work, visit.number("request_id"))).order_id)
        if of_order:
            if (order_id := number_in(of_order)) is None:
                raise NotFound
            found, older = await requests.of_order(work, order_id), ""
        else:
            page = await requests.queue(work, queue, after=visit.asked("after"))
            found, older = page.rows, page.older
        rows = [
            (one, masked_or_none(one.order), requests.may_decide(work, one), work.may(May.PLACE_ORDERS))
            for one in found
        ]
    return visit.page(
        "special_requests/index.html",
        rows=rows,
        older=older,
        show=queue.value if queue else ALL,
        of_order=of_order,
        undecided=requests.UNDECIDED,
        chips=[
            (f"/special-requests?department={value}", words, None, not of_order and here)
            for value, words, here in (
                (ALL, "All", queue is None),
                *((one.value, word(one), one is queue) for one in Department),
            )
        ],
        **refused.facts(),
    )


async def take_up(visit: Visit) -> Response:
    """Look into a request. S1-4.5.1a"""

    async def do(work: Work, request: SpecialRequest, _typed: Typed) -> None:
        await requests.take_up(work, request)

    return await deed(visit, "review", do, "It is under review, with your name.")


async def hand_on(visit: Visit) -> Response:
    """Give a request to the other department. S1-4.5.2"""

    async def do(work: Work, request: SpecialRequest, _typed: Typed) -> None:
        await requests.hand_on(work, request)

    return await deed(visit, "department", do, "Handed on. The other department is told.")


async def decide(visit: Visit) -> Response:
    """Say whether a special request can be met. S1-4.4.2a"""

    async def do(work: Work, request: SpecialRequest, typed: Typed) -> None:
        refuse_card_numbers(reason=typed.get("reason", ""))
        if typed.get("decision") not in {"yes", "no"}:
            raise NotAccepted(decision="Choose whether it can be done.")
        await requests.decide_request(
            work, request, feasible=typed["decision"] == "yes", reason=typed.get("reason", "")
        )

    said = "Decided. The customer is told as soon as nothing of the order is left to decide."
    return await deed(visit, "decision", do, said)


async def deed(visit: Visit, form: str, do: Deed, said: str) -> Response:
    """Do one deed on the request of the address, and show those of its order."""
    request_id = visit.number("request_id")

    async def on_it(work: Work, typed: Typed) -> str:
        request = await requests.load(work, request_id)
        await do(work, request, typed)
        return f"/special-requests?order={request.order_id}"

    return await answer_form(visit, f"{request_id}-{form}", on_it, listed, said)
