"""Orders, to find and to read. They are worked on at the desk's own pages, and never deleted. S0-5.1a"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload, selectinload

from admin_views import columns as c
from admin_views.base import DeskView, Panel
from admin_views.filters import Choice, Days, Saved
from models import Case, Customer, Order, PaymentEntry, Person
from models.words import OrderStatus
from portal import showing
from portal.desk import rows
from portal.desk.customers import masked_name
from portal.desk.money import percent
from portal.desk.permissions import May
from portal.desk.work import Actor, Work


class OrderView(DeskView, model=Order):
    """Every order with its lines, payments and special requests."""

    address, title, thing, group = "orders", "Orders", "order", "Sales"
    told = "Every order with its lines, payments and special requests."
    see = May.SEE_ORDERS
    order = ("placed_at", True)
    columns = (
        c.text("number", "Number"),
        c.moment("placed_at", "Placed", sort=True),
        c.chip("status", "State"),
        c.customer(),
        c.word("channel", "By"),
        c.word("delivery_method", "Way"),
        c.day("wanted_on", "Wanted"),
        c.money("total_minor", "Total", sort=True),
        c.text("taken_by.name", "Taken by"),
    )
    facts = (
        ("Order", columns),
        (
            "Delivery",
            (
                c.masked("ship_name", "To", unless=(May.SEE_TEAM, May.HAND_OUT_ORDERS), how=masked_name),
                c.long_text("ship_address", "Address", full=True, needs=(May.SEE_TEAM, May.HAND_OUT_ORDERS)),
                c.day("expected_on", "Expected"),
                c.text("carrier", "Carrier"),
                c.text("tracking", "Tracking"),
                c.long_text("note", "Note", full=True),
            ),
        ),
        (
            "On its way",
            (
                c.moment("confirmed_at", "Confirmed"),
                c.moment("prepared_at", "Prepared"),
                c.moment("dispatched_at", "Dispatched"),
                c.moment("delivered_at", "Delivered"),
                c.moment("cancelled_at", "Cancelled"),
                c.long_text("cancelled_because", "Cancelled because", full=True),
            ),
        ),
    )
    filters = (
        Choice("status", "State", Order.status, OrderStatus),
        Days("placed", "Placed", Order.placed_at),
    )
    saved = (
        Saved(
            "to-prepare",
            "To prepare",
            lambda _: Order.status == OrderStatus.HANDED_OVER,
            needs=May.HAND_OUT_ORDERS,
        ),
        Saved(
            "to-dispatch",
            "To dispatch",
            lambda _: Order.status == OrderStatus.PREPARED,
            needs=May.HAND_OUT_ORDERS,
        ),
        Saved("on-the-way", "On the way", lambda _: Order.status == OrderStatus.DISPATCHED),
        Saved("cancelled", "Cancelled", lambda _: Order.status == OrderStatus.CANCELLED, needs=May.SEE_TEAM),
    )
    loads = (
        joinedload(Order.customer).load_only(Customer.id, Customer.name),
        joinedload(Order.taken_by).load_only(Person.id, Person.name),
        defer(Order.note, raiseload=True),
        defer(Order.ship_address, raiseload=True),
        defer(Order.cancelled_because, raiseload=True),
    )
    detail_loads = (*loads[:2], selectinload(Order.lines), selectinload(Order.requests))
    finds = {"order": Order.id, "customer": Order.customer_id}
    finds_by = "order number, customer, phone or e-mail"
    empty = "No order has been placed yet."

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        return [(f"/orders/{row.id}", "Open at the desk")]

    async def panels(self, work: Work, row: Any) -> list[Panel]:
        """Lines and special requests; payments and cases for those who may see them."""
        found = [
            Panel(
                title="Lines",
                columns=(
                    c.number("line_no", "Line"),
                    c.text("sku", "Code"),
                    c.text("description", "What"),
                    c.number("quantity", "Quantity"),
                    c.number("waiting", "Not there yet"),
                    c.made(
                        "price",
                        "Each",
                        lambda line: showing.money(line.unit_price_minor, row.currency),
                        number=True,
                    ),
                    c.made(
                        "listed",
                        "By the list",
                        lambda line: (
                            showing.money(line.list_price_minor, row.currency) if line.price_reason else ""
                        ),
                        number=True,
                    ),
                    c.text("price_reason", "Because"),
                    c.made(
                        "discount",
                        "Discount",
                        lambda line: f"{line.discount_bp / 100:g} %" if line.discount_bp else "",
                        number=True,
                    ),
                    c.made(
                        "tax",
                        "Tax in it",
                        lambda line: (
                            ""
                            if line.tax_minor is None
                            else f"{showing.money(line.tax_minor, row.currency)} ({percent(line.tax_bp)})"
                        ),
                        number=True,
                    ),
                    c.made(
                        "total",
                        "Total",
                        lambda line: showing.money(line.total_minor, row.currency),
                        number=True,
                    ),
                ),
                rows=row.lines,
                empty="This order has no lines.",
            ),
        ]
        if row.requests:
            found.append(
                Panel(
                    title="Special requests",
                    columns=(
                        c.long_text("wish", "Wish"),
                        c.chip("status", "State"),
                        c.word("department", "Whose"),
                        c.text("reason", "Because"),
                    ),
                    rows=row.requests,
                    empty="",
                )
            )
        if work.may(May.SEE_PAYMENTS):
            statement = select(PaymentEntry).where(PaymentEntry.order_id == row.id).order_by(PaymentEntry.id)
            paid = await work.session.scalars(rows.narrowed(work.actor, PaymentEntry, statement).limit(50))
            found.append(
                Panel(
                    title="Payments",
                    columns=(
                        c.made_link("receipt_number", "Receipt", "payments"),
                        c.moment("taken_at", "Taken"),
                        c.chip("kind", "Kind"),
                        c.word("method", "By"),
                        c.money("amount_minor", "Amount"),
                    ),
                    rows=paid.all(),
                    empty="Nothing has been paid yet.",
                )
            )
        if work.may(May.SEE_CASES):
            about = select(Case).where(Case.order_id == row.id).order_by(Case.id.desc())
            cases = (await work.session.scalars(rows.narrowed(work.actor, Case, about).limit(20))).all()
            if cases:
                found.append(
                    Panel(
                        title="Cases",
                        columns=(
                            c.made_link("number", "Case", "cases"),
                            c.word("kind", "Kind"),
                            c.chip("status", "State"),
                            c.text("subject", "About"),
                        ),
                        rows=cases,
                        empty="",
                    )
                )
        return found
