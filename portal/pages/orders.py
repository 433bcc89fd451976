"""Orders: the lists by stage, one order with its lines and its money, and the deeds on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.responses import Response

from models import Order
from models.words import PaymentMethod
from portal.desk import (
    availability,
    backlog,
    disclosure,
    money,
    order_papers,
    order_story,
    order_terms,
    orders,
    paying,
    payments,
    queues,
    receipts,
    refunds,
    return_periods,
    returns,
    tax,
    ways_back,
)
from portal.desk.backlog import OrderAge, OrderQueue
from portal.desk.errors import NotAccepted
from portal.desk.fields.counting import day_of
from portal.desk.kinds.returning import REASONS
from portal.desk.orders import notes, receiving
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.receipts import Receipt
from portal.desk.ways_back import RefundDraft
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages.cases import capped
from portal.showing import exact, word
from portal.web import Visit, chosen

QUEUE_WORDS = {
    OrderQueue.ALL: "All",
    OrderQueue.TO_PREPARE: "To prepare",
    OrderQueue.HELD: "Somebody has to agree",
    OrderQueue.WAITING: "Waiting for goods",
    OrderQueue.TO_DISPATCH: "To dispatch or hand out",
    OrderQueue.ON_THE_WAY: "On the way",
    OrderQueue.DONE: "Delivered",
    OrderQueue.CANCELLED: "Cancelled",
}
AGE_WORDS = {
    OrderAge.DAY: "Under a day",
    OrderAge.DAYS: "1 to 3 days",
    OrderAge.WEEK: "3 to 7 days",
    OrderAge.OLDER: "A week and more",
}
STEP_WORDS = {
    "hand over": "Hand over to fulfilment",
    "prepare": "Prepared",
    "dispatch": "Dispatch",
    "deliver": "Delivered",
    "hand out": "Handed out to the customer",
}
STEP_SAID = {
    "hand over": "Handed over to fulfilment.",
    "prepare": "Prepared.",
    "dispatch": "On its way. The customer has been told.",
    "deliver": "Delivered.",
    "hand out": "Handed out.",
}

DAYS = ("since", "until")
"""Days that a search can name; they tell of nobody, and stand in the address."""

Deed = Callable[[Work, Order, Typed], Awaitable[None]]


async def index(visit: Visit) -> Response:
    """One list of orders, with the others as chips; or the orders that are looked for. S1-5.1a"""
    asked = visit.asked("show")
    typed = {"q": visit.looked_for(), **{name: visit.asked(name).strip() for name in DAYS}}
    errors = dict.fromkeys(_days_mistyped(typed), "Write a day such as 2026-03-05.")
    wanted = orders.Wanted(typed["q"], day_of(typed["since"]), day_of(typed["until"]))
    looks = bool(wanted) and not errors
    first = OrderQueue.TO_PREPARE if visit.person.may(May.HAND_OUT_ORDERS) else OrderQueue.ALL
    queue = OrderQueue(asked) if asked in list(OrderQueue) else first
    age = OrderAge(visit.asked("age")) if visit.asked("age") in list(OrderAge) else None
    asked_for = {"for": visit.asked("for"), **{name: typed[name] for name in DAYS}}
    shown = {"show": queue.value, **({"age": age.value} if age else {})}
    async with visit.look() as work:
        before = visit.asked("before")
        found = await (
            orders.found(work, wanted, before=before)
            if looks
            else queues.orders(work, queue, age=age, before=before)
        )
        counts = await backlog.order_counts(work)
    chips = [
        (f"/orders?show={one.value}", words, capped(counts.get(one)), one is queue and not looks)
        for one, words in QUEUE_WORDS.items()
    ]
    return visit.page(
        "orders/index.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        queue=queue,
        words="found" if looks else QUEUE_WORDS[queue],
        rows=[(order, queues.masked_or_none(order)) for order in found.rows],
        older=_next_page(asked_for if looks else shown, found.older),
        age=None if looks else age,
        ages=AGE_WORDS,
        chips=chips,
        looks=looks,
        typed=typed,
        errors=errors,
    )


async def board(visit: Visit) -> Response:
    """The flow of orders: how many of each age wait at each stage. S1-3.4a"""
    async with visit.look() as work:
        counts = await backlog.order_ages(work)
    stages = [
        (queue, QUEUE_WORDS[queue], [(age, capped(count)) for age, count in by_age.items()])
        for queue, by_age in counts.items()
    ]
    return visit.page("orders/board.html", stages=stages, ages=AGE_WORDS)


async def look(visit: Visit) -> Response:
    """Take what orders were looked for by, and go on to them: what was typed stands in no address. S0-3.2.3"""
    return await visit.look_for("/orders", *DAYS)


def _days_mistyped(typed: Mapping[str, str]) -> list[str]:
    return [name for name in DAYS if typed[name] and day_of(typed[name]) is None]


def _next_page(asked: Mapping[str, str], older: str) -> str:
    """Where the list goes on; empty at its end."""
    return f"/orders?{urlencode({**asked, 'before': older})}" if older else ""


async def show(visit: Visit) -> Response:
    """One order."""
    return await detail(visit)


async def detail(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of one order; after a refused form with what was typed and what is wrong with it."""
    async with visit.look() as work:
        order = await orders.load(work, visit.number("order_id"))
        sees, records = work.may(May.SEE_PAYMENTS), work.may(May.RECORD_PAYMENTS)
        ledger = await payments.entries(work, order) if sees else []
        owed = await payments.balance(work, order) if sees or records else None
        steps = next_steps(work, order)
        movable = not orders.unmovable(order) and (
            work.may(May.HAND_OUT_ORDERS) or work.may(May.PLACE_ORDERS)
        )
        open_to = await disclosure.address_shown(work, order.customer_id)
        approvals = await orders.of_order(work, order)
        terms = await order_terms.of_order(work, order)
        story = await order_story.of(work, order, shown=open_to)
        thread = await notes.thread(work, order, before=visit.asked("notes"))
        handed = await receiving.of_order(work, order)
        kept = await order_papers.of_order(work, order)
        looked_for = await availability.of_order(work, order)
        may_tick = work.may(May.RECEIVE_ORDERS) and any(
            one.received_at is None and one.department.value in work.actor.roles for one in handed
        )
        versions = await orders.versions(work, order) if order.amended else []
        returned = await returns.of_order(work, order)
        of_cases = await returns.case_numbers(work, returned)
        may_return = work.may(May.ANNOUNCE_RETURNS) and not returns.refusal(order)
        left = await returns.left(work, order) if may_return else {}
        until = await return_periods.of_order(work, order)
        if not any(left.values()):
            left = {}
        ways = await paying.offered(work) if records else []
        too_much = await refunds.too_much(work, order) if work.may(May.ASK_REFUNDS) else 0
        asked_back = await refund_draft(work, order, refused.typed) if refused.form == "refund" else None
        sent = await receipts.of_order(work, order) if records else []
    language = work.terms.language
    return visit.page(
        "orders/detail.html",
        order=order,
        customer=queues.masked_or_none(order),
        steps=[(step, STEP_WORDS[step]) for step in steps if step in STEP_WORDS],
        may_cancel="cancel" in steps,
        may_move_day=movable,
        story=story,
        terms=terms and (terms.id, order_terms.in_language(terms, work.terms.language)),
        thread=thread,
        thread_later=bool(visit.asked("notes")),
        ask_of=[(one.value, word(one)) for one in notes.ASKABLE],
        handed=handed,
        looked_for=looked_for,
        papers=kept,
        lines_of=[
            (str(line.id), f"{line.quantity} × {line.description or line.sku}")
            for line in order.lines
            if line.product_id is not None and line.quantity > 0
        ],
        may_tick=may_tick,
        receipts=[receipt_option(one, visit.person.zone) for one in sent],
        waits=any(line.waiting for line in order.lines),
        approvals=approvals,
        taxes=tax.by_rate(order.lines),
        returned=returned,
        of_cases=of_cases,
        may_come_back=[(line, left[line.id]) for line in order.lines if line.id in left],
        until=until,
        reasons=[(one.value, words) for one, words in REASONS.items()],
        ledger=ledger,
        owed=owed,
        owed_typed=typed_amount(owed or 0, order.currency),
        too_much=typed_amount(too_much, order.currency),
        asked_back=asked_back,
        shown=open_to,
        versions=versions,
        methods=[(one.method.value, word(one.method), one.told(language)) for one in ways],
        **refused.facts(),
    )


def typed_amount(minor: int, currency: str) -> str:
    """An amount as it stands in a field to begin with; empty for none, and below it."""
    return money.in_words(minor, currency).removesuffix(f" {currency}") if minor > 0 else ""


async def refund_draft(work: Work, order: Order, typed: Typed) -> RefundDraft | None:
    """What would be read back before it is asked for; None while amount or reason are missing."""
    amount, reason = money.read_amount(typed.get("amount", ""), order.currency), typed.get("reason", "")
    return await ways_back.excess_draft(work, order, amount, reason) if amount and reason.strip() else None


def receipt_option(receipt: Receipt, zone: str) -> tuple[str, str]:
    """One receipt to choose from; its value also says how many copies there are, so that a second click sends none."""
    again = f", sent again {receipt.copies} ×" if receipt.copies else ""
    return f"{receipt.number}/{receipt.copies}", f"{receipt.number}, {exact(receipt.taken_at, zone)}{again}"


def next_steps(work: Work, order: Order) -> list[str]:
    """The steps this order can take now and this person may do; none on the way while it waits for goods."""
    waits = any(line.waiting for line in order.lines)
    return [
        name
        for name, change in orders.CHANGES.items()
        if not (waits and name == "hand over")
        and order.status in change.after
        and order.delivery_method in change.methods
        and work.may(change.may)
    ]


async def stage(visit: Visit) -> Response:
    """Take the order one step on."""
    step = chosen(await visit.form(), "step")
    if step not in STEP_WORDS:
        raise NotAccepted(step="Choose one of the steps.")

    async def do(work: Work, order: Order, typed: Typed) -> None:
        match step:
            case "hand over":
                await orders.hand_over(work, order)
            case "prepare":
                await orders.prepare(work, order)
            case "dispatch":
                await orders.dispatch(
                    work, order, carrier=typed.get("carrier", ""), tracking=typed.get("tracking", "")
                )
            case _:
                await orders.deliver(work, order)

    return await deed(visit, "stage", do, STEP_SAID[step])


async def receive(visit: Visit) -> Response:
    """Tick that the department has it. S1-4.7.1"""

    async def do(work: Work, order: Order, _typed: Typed) -> None:
        await receiving.receive(work, order)

    return await deed(visit, "received", do, "Ticked: your department has it.")


async def cancel(visit: Visit) -> Response:
    async def do(work: Work, order: Order, typed: Typed) -> None:
        if typed.get("sure") != "yes":
            raise NotAccepted(sure="Tick that the customer knows and agrees.")
        await orders.cancel(work, order, typed.get("reason", ""))

    return await deed(
        visit, "cancellation", do, "Cancelled. The goods are free again and the customer is told."
    )


async def expect(visit: Visit) -> Response:
    """Move the day the order is expected. S0-3.6.2"""

    async def do(work: Work, order: Order, typed: Typed) -> None:
        await orders.expect_on(work, order, day_of(typed.get("day", "")), typed.get("reason", ""))

    return await deed(visit, "expected-day", do, "The day is moved, and the customer is told.")


async def pay(visit: Visit) -> Response:
    async def do(work: Work, order: Order, typed: Typed) -> None:
        amount = money.read_amount(typed.get("amount", ""), order.currency)
        method = typed.get("method", "")
        found: dict[str, str] = {}
        if amount is None:
            found["amount"] = "Enter an amount such as 12.50."
        if method not in list(PaymentMethod):
            found["method"] = "Choose how it was paid."
        if found or amount is None:
            raise NotAccepted.of(found)
        over, owed = typed.get("over") == "yes", await payments.balance(work, order)
        if amount > owed and not over:
            told = f"This is more than the {money.in_words(max(owed, 0), order.currency)} that are owed."
            raise NotAccepted(over=f"{told} Tick this if it was really paid.")
        await payments.charge(
            work,
            order,
            over=over,
            method=PaymentMethod(method),
            amount_minor=amount,
            reference=typed.get("reference", ""),
            note=typed.get("note", ""),
        )

    return await deed(visit, "payment", do, "Recorded. The receipt is on its way.")


async def send_receipt(visit: Visit) -> Response:
    """Send a receipt again. What is chosen names how many copies there were when the page was shown. S0-3.5.3"""

    async def do(work: Work, order: Order, typed: Typed) -> None:
        number, _, told = typed.get("receipt", "").partition("/")
        copies = number_in(told) if number else None
        found = {"receipt": "Choose a receipt."} if copies is None else {}
        if typed.get("sure") != "yes":
            found["sure"] = "Tick that the customer asked for it."
        if found or copies is None:
            raise NotAccepted.of(found)
        await receipts.send_again(work, order, number, copies=copies)

    return await deed(visit, "receipt", do, "A copy of the receipt is on its way.")


async def deed(visit: Visit, form: str, do: Deed, said: str, at: str = "") -> Response:
    """Do one deed on the order of the address and come back, to a part of its page where `at` names one."""
    order_id = visit.number("order_id")

    async def on_it(work: Work, typed: Typed) -> str:
        await do(work, await orders.load(work, order_id), typed)
        return f"/orders/{order_id}{at}"

    return await answer_form(visit, form, on_it, detail, said)
