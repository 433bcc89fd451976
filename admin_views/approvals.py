"""Orders that somebody else has to agree to, to find and to read. They are decided on at the desk, never here."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import defer, joinedload

from admin_views import columns as c
from admin_views.base import DeskView
from admin_views.filters import Choice, Days, Saved
from models import Order, OrderApproval, Person
from models.words import ApprovalStatus
from portal.desk.permissions import May
from portal.desk.work import Actor


class ApprovalView(DeskView, model=OrderApproval):
    """Every order that waited for a second person: why, who asked, who decided and with which words. S1-4.2.1b, S1-4.3.2a"""

    address, title, thing, group = "approvals", "Approvals", "approval", "Sales"
    told = "Orders that somebody else had to agree to: why, and what they decided."
    see = May.APPROVE_ORDERS
    order = ("asked_at", True)
    columns = (
        c.link("order.number", "Order", to="orders", allow=May.SEE_ORDERS),
        c.chip("status", "State"),
        c.words("causes", "Because of"),
        c.money("listed_minor", "By the list prices", "order.currency"),
        c.moment("asked_at", "Asked", sort=True),
        c.text("asked_by.name", "By"),
        c.moment("decided_at", "Decided"),
        c.text("decided_by.name", "Decided by"),
    )
    facts = (("Approval", (*columns, c.long_text("decision", "Decision", full=True))),)
    filters = (
        Choice("status", "State", OrderApproval.status, ApprovalStatus),
        Days("asked", "Asked", OrderApproval.asked_at),
    )
    saved = (Saved("waiting", "Waiting", lambda _: OrderApproval.status == ApprovalStatus.ASKED),)
    loads = (
        joinedload(OrderApproval.order).load_only(Order.id, Order.number, Order.currency),
        joinedload(OrderApproval.asked_by).load_only(Person.id, Person.name),
        joinedload(OrderApproval.decided_by).load_only(Person.id, Person.name),
        defer(OrderApproval.decision, raiseload=True),
    )
    detail_loads = loads[:3]
    finds = {"order": OrderApproval.order_id}
    finds_by = "order number"
    empty = "No order had to be agreed to yet."

    def name_of(self, row: Any) -> str:
        return f"Approval of {row.order.number}"

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        return [("/approvals", "The queue")]
