"""The pick list of fulfilment: chosen on the screen, printed, and ticked off order by order. S1-3.3a"""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from portal.desk import orders
from portal.desk.fields.counting import day_of
from portal.desk.plain_numbers import number_in
from portal.web import Visit

HERE = "/orders/pick-list"


async def show(visit: Visit) -> Response:
    """What to take from which shelf, for all that was handed over, of a day, or for the orders that are ticked."""
    typed = visit.asked("day").strip()
    day = day_of(typed)
    errors = {"day": "Write a day such as 2026-03-05."} if typed and day is None else {}
    chosen = [
        number
        for one in visit.request.query_params.getlist("order")
        if (number := number_in(one)) is not None
    ]
    async with visit.look() as work:
        found = await orders.pick_list(work, day=day, chosen=chosen, after=visit.asked("after"))
    return visit.page(
        "print/pick_list.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        found=found,
        chosen=chosen,
        typed=typed,
        day=day,
        after=visit.asked("after"),
        errors=errors,
    )


async def prepare(visit: Visit) -> Response:
    """Tick that an order of the list is packed and ready; who and when stand on the order."""
    async with visit.work() as work:
        order = await orders.load(work, visit.number("order_id"))
        await orders.prepare(work, order)
        number = order.number
    return visit.go(HERE, f"{number} is prepared.")
