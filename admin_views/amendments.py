"""Amendments of orders and money asked back, to find and to read. Both are made at the desk, never here. S1-4.6"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import defer, joinedload

from admin_views import columns as c
from admin_views.base import DeskView, Panel
from admin_views.filters import Choice, Days, Saved
from models import Amendment, Order, Person, RefundRequest
from models.words import RefundStatus
from portal.desk import orders
from portal.desk.permissions import May
from portal.desk.work import Actor, Work


class AmendmentView(DeskView, model=Amendment):
    """Each version of an order after the first, with what it changed. S1-4.6.2b, S1-5.2b"""

    address, title, thing = "amendments", "Amendments", "amendment"
    group = "Sales"
    told = "Every change of an order after it was confirmed: what it was, what it is, and why."
    see = May.SEE_ORDERS
    order = ("made_at", True)
    columns = (
        c.number("number", "Version"),
        c.link("order.number", "Order", to="orders", allow=May.SEE_ORDERS),
        c.moment("made_at", "Made", sort=True),
        c.text("made_by.name", "By"),
        c.yes_no("our_error", "Our mistake"),
        c.word("error_cause", "How it came about"),
        c.long_text("reason", "Why"),
    )
    facts = (("Amendment", (*columns[:-1], c.long_text("reason", "Why", full=True))),)
    filters = (Days("made", "Made", Amendment.made_at),)
    saved = (Saved("our-mistakes", "Our mistakes", lambda _: Amendment.our_error.is_(True)),)
    loads = (
        joinedload(Amendment.order).load_only(Order.id, Order.number),
        joinedload(Amendment.made_by).load_only(Person.id, Person.name),
        defer(Amendment.before, raiseload=True),
        defer(Amendment.after, raiseload=True),
    )
    detail_loads = loads[:2]
    finds = {"order": Amendment.order_id}
    finds_by = "order number"
    empty = "No order has been amended yet."

    def name_of(self, row: Any) -> str:
        return f"{row.order.number}, version {row.number}"

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        return [(f"/orders/{row.order_id}#versions", "Its versions at the desk")]

    async def panels(self, work: Work, row: Any) -> list[Panel]:
        """What it changed; where the customer lives is read at the desk, by those who may."""
        changes = [one for one in orders.changes_between(row.before, row.after) if not one.private]
        return [
            Panel(
                title="Changed",
                columns=(c.text("what", "What"), c.text("old", "Before"), c.text("new", "Now")),
                rows=changes,
                empty="Only name, address or note changed.",
            )
        ]


class RefundView(DeskView, model=RefundRequest):
    """Money asked back and decided on; finance reads here and decides at the desk. S3-4.1.3b, S0-2.3"""

    address, title, thing = "refunds", "Refunds", "refund"
    group = "Money"
    told = "Money that was asked back, and what somebody else decided on it."
    see = May.SEE_PAYMENTS
    order = ("asked_at", True)
    columns = (
        c.link("order.number", "Order", to="orders", allow=May.SEE_ORDERS),
        c.chip("status", "State"),
        c.money("amount_minor", "Amount"),
        c.word("code", "For"),
        c.yes_no("correction", "Ledger only"),
        c.moment("asked_at", "Asked", sort=True),
        c.text("asked_by.name", "By"),
        c.moment("decided_at", "Decided"),
        c.text("decided_by.name", "Decided by"),
    )
    facts = (
        (
            "Refund",
            (*columns, c.yes_no("goodwill", "Goodwill"), c.word("other_method", "Another way than it came")),
        ),
        (
            "Words",
            (
                c.long_text("reason", "Why", full=True),
                c.long_text("other_because", "Why another way", full=True),
                c.long_text("decision", "Decision", full=True),
            ),
        ),
    )
    filters = (
        Choice("status", "State", RefundRequest.status, RefundStatus),
        Days("asked", "Asked", RefundRequest.asked_at),
    )
    saved = (Saved("waiting", "Waiting", lambda _: RefundRequest.status == RefundStatus.ASKED),)
    loads = (
        joinedload(RefundRequest.order).load_only(Order.id, Order.number),
        joinedload(RefundRequest.asked_by).load_only(Person.id, Person.name),
        joinedload(RefundRequest.decided_by).load_only(Person.id, Person.name),
        defer(RefundRequest.reason, raiseload=True),
        defer(RefundRequest.decision, raiseload=True),
    )
    detail_loads = loads[:3]
    finds = {"order": RefundRequest.order_id, "case": RefundRequest.case_id}
    finds_by = "order or case number"
    empty = "Nobody has asked for money back yet."

    def name_of(self, row: Any) -> str:
        return f"Refund on {row.order.number}"

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        return [("/refunds", "The queue")] if actor.may(May.DECIDE_REFUNDS) else []
