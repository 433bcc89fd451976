"""What inventory is asked to look for: the list of it, asking, answering, and having read. S1-3.2a"""

from __future__ import annotations

from starlette.responses import Response

from models import Order
from models.words import Availability
from portal.desk import availability, products
from portal.desk.availability import Answer
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted
from portal.desk.fields.counting import day_of
from portal.desk.listing import LIMIT
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages import orders
from portal.web import Visit

ANSWERS = [
    (Availability.YES.value, "Yes, all of them"),
    (Availability.PARTIAL.value, "Some of them"),
    (Availability.NO.value, "No, none"),
]


async def index(visit: Visit) -> Response:
    """What inventory has to answer, the oldest first; and the answers that the reader waits for."""
    return await listed(visit)


async def listed(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of the list; after a refused form with what was typed. `form` is `ask` or `<id>-answer`."""
    about = visit.number("availability_id") if refused.form not in {"", "ask"} else None
    async with visit.look() as work:
        found = await availability.open_ones(work, after=visit.asked("after"))
        rows, older = found.rows, found.older
        if about is not None:  # that one alone: it may be far down the list
            rows, older = [await availability.load(work, about)], ""
        mine = await availability.to_read(work, LIMIT) if work.may(May.PLACE_ORDERS) else []
    return visit.page(
        "availability/index.html",
        rows=rows,
        older=older,
        mine=mine,
        sku=visit.asked("sku"),
        quantity=visit.asked("quantity"),
        answers=ANSWERS,
        **refused.facts(),
    )


async def ask(visit: Visit) -> Response:
    """Ask for a product by its code, of no order yet."""

    async def do(work: Work, typed: Typed) -> str:
        refuse_card_numbers(sku=typed.get("sku", ""))
        try:
            product = await products.by_code(work, typed.get("sku", ""))
        except NotAccepted as unknown:
            raise NotAccepted(sku=unknown.fields["code"]) from None
        quantity = number_in(typed.get("quantity", "").strip())
        await availability.ask(work, product, quantity, typed.get("question", ""))
        return "/availability"

    return await answer_form(visit, "ask", do, listed, "Inventory is asked. The answer comes to your desk.")


async def ask_for_order(visit: Visit) -> Response:
    """Ask for a line of an order."""

    async def do(work: Work, order: Order, typed: Typed) -> None:
        line, product = await availability.line_of(work, order, number_in(typed.get("line", "")))
        await availability.ask(work, product, max(line.quantity, 0), typed.get("question", ""), line)

    said = "Inventory is asked. The answer comes to your desk."
    return await orders.deed(visit, "availability", do, said)


async def answer(visit: Visit) -> Response:
    """Say what is there of it."""
    availability_id = visit.number("availability_id")

    async def do(work: Work, typed: Typed) -> str:
        request = await availability.load(work, availability_id)
        found = {}
        chosen, day = typed.get("answer", ""), typed.get("expected_on", "").strip()
        if chosen not in list(Availability):
            found["answer"] = "Choose what is there."
        if day and day_of(day) is None:
            found["expected_on"] = "Write a day such as 2026-03-05."
        if found:
            raise NotAccepted.of(found)
        units = number_in(typed.get("units", "").strip())
        told = Answer(Availability(chosen), units, day_of(day), typed.get("remark", ""))
        await availability.answer(work, request, told)
        return "/availability"

    said = "Answered. Whoever asked finds it on their desk."
    return await answer_form(visit, f"{availability_id}-answer", do, listed, said)


async def have_read(visit: Visit) -> Response:
    """Say that the answer to one's question is read."""
    async with visit.work() as work:
        request = await availability.load(work, visit.number("availability_id"))
        await availability.have_read(work, request)
    return visit.go("/availability", "Marked as read.")
