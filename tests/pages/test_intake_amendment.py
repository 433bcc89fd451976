"""Amending and cancelling an order in the wizard, in a browser without a script. S1-4.6"""

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from models import Amendment, Contact, Intake, Message, Order
from models.words import ErrorCause, OrderStatus, Outcome, PaymentMethod
from portal.desk import audit, orders, payments, products, refunds
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, FIN, SAM
from tests.shop import ADVICE, CHAIR, DRAFT, led_to, of_lines, ordered
from tests.visits import Visitor
from tests.wizard import Walk, called_back, fingerprint, known, to_about


async def amending(desk: Desk, visitor: Visitor, what: str, number: int | None = None) -> Walk:
    """Up to the step behind the choice of the order."""
    await known(desk)
    order_id = number or await led_to(desk, OrderStatus.CONFIRMED)
    async with desk.look(CORA) as work:
        chosen = (await orders.load(work, order_id)).number
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="amendment")
    assert (walk.at, chosen in walk.text) == ("which", True)
    await walk.send(order=chosen, what=what)
    return walk


async def closed(walk: Walk, outcome: str = "order_amended") -> None:
    await walk.send(summary="As agreed.", understood="yes")
    await walk.send(anything_else="asked", satisfied="yes", outcome=outcome)


async def test_an_order_is_amended_from_its_choice_to_its_new_confirmation(
    desk: Desk, visitor: Visitor
) -> None:
    walk = await amending(desk, visitor, "lines")
    assert walk.at == "new_lines"
    assert 'name="quantity-1"' in walk.page.text
    await walk.send(**{"product-1": "1", "quantity-1": "3", "product-2": str(ADVICE), "quantity-2": "1"})
    assert walk.at == "look_again"
    assert "3 × Chair, €149.70" in walk.text
    await walk.send(checked="yes")
    assert walk.at == "read_changes"
    assert "Chair: 3 × 49.90 EUR, before 2 × 49.90 EUR." in walk.text
    assert "Total: 209.70 EUR, before 159.80 EUR." in walk.text
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    assert walk.at == "amend"
    assert (await walk.send()).status_code == 422
    uncoded = await walk.send(reason="One more guest.", our_error="yes")
    assert (uncoded.status_code, "Say how the mistake came about" in uncoded.text) == (422, True)
    await walk.send(reason="One more guest.", our_error="yes", error_cause="misheard")
    assert (walk.at, "€209.70" in walk.text or "209.70" in walk.text) == ("pay_rest", True)
    await walk.send(when="later")
    await closed(walk)
    assert walk.page.url.path == "/"
    async with desk.look(SYSTEM) as work:
        order = (await work.session.scalars(select(Order))).one()
        made = (await work.session.scalars(select(Amendment))).one()
        contact = await work.session.get_one(Contact, 1)
        written = (await work.session.scalars(select(Message.template).order_by(Message.id))).all()
    assert (order.amended, order.total_minor, made.reason, made.error_cause, made.contact_id) == (
        1, 20970, "One more guest.", ErrorCause.MISHEARD, contact.id,
    )  # fmt: skip
    assert contact.outcome is Outcome.ORDER_AMENDED
    assert written[:2] == ["order-confirmation", "order-amended"]


async def test_only_the_steps_that_are_asked_for_are_walked(desk: Desk, visitor: Visitor) -> None:
    walk = await amending(desk, visitor, "delivery")
    assert walk.at == "new_delivery"
    assert "Example Street 1" in walk.page.text
    await walk.send(method="pickup", ship_name="Ana Example")
    await walk.send(checked="yes")
    assert "How: pick-up, before delivery." in walk.text
    await walk.open("which")
    await walk.send(order=walk_number(walk), what="requests")
    assert walk.at == "new_requests"
    await walk.send(requests="Wrap it as a present")
    await walk.send(checked="yes")
    assert walk.at == "read_changes"
    assert "New: Special request, Wrap it as a present." in walk.text


async def test_what_an_order_waits_for_goes_with_it_and_can_be_asked_for_anew(
    desk: Desk, visitor: Visitor
) -> None:
    """S1-4.2.1a, S1-4.6.2"""
    await known(desk)
    order = await ordered(desk, replace(of_lines((CHAIR, 7)), waits=((CHAIR, date(2026, 3, 20)),)))
    walk = await amending(desk, visitor, "delivery", order.id)
    await walk.send(method="pickup", ship_name="Ana Example")
    await walk.send(checked="yes")
    assert (
        "2 of them come later: they are not in stock, and expected in on Friday, 20 March 2026." in walk.text
    )
    await walk.open("which")
    await walk.send(order=order.number, what="lines")
    assert 'value="2026-03-20"' in walk.page.text
    answer = await walk.send(**{"product-1": str(CHAIR), "quantity-1": "9"})
    assert (answer.status_code, "Only 5 left of Chair." in walk.text) == (422, True)
    assert "The customer waits for 4 × Chair" in walk.text
    await walk.send(**{"product-1": str(CHAIR), "quantity-1": "9", "wait-1": "yes"})
    assert walk.at == "look_again"
    assert "4 of 9 later, nobody knows when" in walk.text


def walk_number(walk: Walk) -> str:
    """The number of the order that is listed."""
    return next(word.rstrip(",") for word in walk.text.split() if word.startswith("HR-"))


async def test_nothing_changes_without_the_read_back(desk: Desk, visitor: Visitor) -> None:
    walk = await amending(desk, visitor, "lines")
    revision = walk.revision
    await walk.open("amend")
    assert "This cannot start yet." in walk.text
    answer = await walk.client.post(
        f"/intakes/{walk.id}/amend", data={"revision": revision, "reason": "Anyway."}
    )
    assert answer.status_code == 409
    async with desk.look(SYSTEM) as work:
        assert (await work.session.scalars(select(Order.amended))).all() == [0]


async def test_who_comes_second_is_told_and_begins_from_the_new_version(desk: Desk, visitor: Visitor) -> None:
    """S1-4.6.2b"""
    number = await led_to(desk, OrderStatus.CONFIRMED)
    walk = await amending(desk, visitor, "lines", number)
    await walk.send(**{"product-1": "1", "quantity-1": "3"})
    await walk.send(checked="yes")
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    async with desk.work(SAM) as work:
        order = await orders.load(work, number)
        draft = of_lines((CHAIR, 4))
        agreed = orders.fingerprint(await orders.check_amendment(work, order, draft))
        await orders.amend(work, order, draft, fingerprint=agreed, expected_amended=0, reason="Four.")
    answer = await walk.send(reason="Three.")
    assert answer.status_code == 409
    assert "Sam amended" in walk.text
    await walk.open("read_changes")
    assert "Somebody amended" in walk.text
    await walk.open("which")
    await walk.send(order=walk_number(walk), what="lines")
    assert 'value="4"' in walk.page.text
    async with desk.look(SYSTEM) as work:
        assert (await products.load(work, CHAIR)).reserved == 4


async def test_a_situation_may_still_change_while_an_order_is_only_chosen(
    desk: Desk, visitor: Visitor
) -> None:
    walk = await amending(desk, visitor, "lines")
    await walk.open("about")
    await walk.send(situation="payment_issue")
    assert (walk.at, "The situation changed since." in walk.text) == ("which", True)
    await walk.open("compare")
    assert "This cannot start yet." in walk.text
    await walk.open("about")
    await walk.send(situation="order")
    assert walk.at == "lines"
    assert (await walk.open("payment")).text.count("This cannot start yet.") == 1
    async with desk.look(SYSTEM) as work:
        intake = await work.session.get_one(Intake, walk.id)
        assert intake.order_id is None


async def test_what_left_the_house_is_not_chosen(desk: Desk, visitor: Visitor) -> None:
    number = await led_to(desk, OrderStatus.DISPATCHED)
    walk = await amending(desk, visitor, "lines", number)
    assert (walk.at, walk.page.status_code) == ("which", 422)
    assert "has left the house: take it as a return" in walk.text


async def test_another_customers_order_is_not_found(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    placed = await ordered(desk, replace(DRAFT, note=""))
    async with desk.work(SYSTEM) as work:
        order = await orders.load(work, placed.id)
        order.customer_id = None
        await audit.record(work, "change order", order)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="amendment")
    await walk.send(number=placed.number, what="lines")
    assert "This customer has no order of that number." in walk.text


async def test_an_order_is_cancelled_and_its_money_asked_back(desk: Desk, visitor: Visitor) -> None:
    """S4-4.4, S4-4.5"""
    number = await led_to(desk, OrderStatus.CONFIRMED)
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        await payments.charge(work, order, method=PaymentMethod.CASH, amount_minor=5000)
    walk = await amending(desk, visitor, "cancel", number)
    assert walk.at == "cancel"
    assert (await walk.send(reason="She moves away.")).status_code == 422
    await walk.send(reason="She moves away.", agreed="yes")
    assert (walk.at, 'value="50.00"' in walk.page.text) == ("give_back", True)
    assert (await walk.send(amount="50.00", reason="The order was cancelled.")).status_code == 422
    assert "We ask our accounts to give 50.00 EUR back" in walk.text
    told = {"amount": "50.00", "reason": "The order was cancelled.", "agreed": "yes"}
    assert "A refund needs a stronger proof of who is asking." in walk.text
    assert (await walk.send(**told, fingerprint=fingerprint(walk))).status_code == 409
    await called_back(desk, walk)
    await walk.open("give_back")
    await walk.send(**told, fingerprint=fingerprint(walk))
    assert walk.at == "summary"
    async with desk.look(FIN) as work:
        row = (await refunds.queue(work)).rows[0]
        assert (row.order.status, row.request.amount_minor, row.asked_by) == (
            OrderStatus.CANCELLED, 5000, "Cora",
        )  # fmt: skip


async def test_an_order_that_is_not_paid_is_cancelled_without_a_refund(desk: Desk, visitor: Visitor) -> None:
    walk = await amending(desk, visitor, "cancel")
    await walk.send(reason="She moves away.", agreed="yes")
    assert (walk.at, f"Order {walk_number(walk)} was cancelled." in walk.text) == ("summary", True)
