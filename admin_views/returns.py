"""What came back or is to, to find and to read. Returns are announced and received at the desk, never here. S4-4.4"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import defer, joinedload, selectinload

from admin_views import columns as c
from admin_views.base import DeskView, Panel
from admin_views.filters import Choice, Days, Saved
from models import Order, Return, ReturnLine
from models.words import ReturnStatus
from portal.desk.permissions import May
from portal.desk.work import Actor, Work


class ReturnView(DeskView, model=Return):
    """Every return with what comes back of which order, and why. S3-4.2.2"""

    address, title, thing, group = "returns", "Returns", "return", "Sales"
    told = "What customers send back: of which order, why, and what became of it."
    see = May.SEE_ORDERS
    order = ("announced_at", True)
    columns = (
        c.text("number", "Number"),
        c.chip("status", "State"),
        c.link("order.number", "Order", to="orders", allow=May.SEE_ORDERS),
        c.link("replacement.number", "Replaced by", to="orders", allow=May.SEE_ORDERS),
        c.moment("announced_at", "Announced", sort=True),
        c.day("expected_by", "Expected by"),
        c.moment("arrived_at", "Arrived"),
        c.yes_no("resellable", "Can be sold again"),
    )
    facts = (
        ("Return", (*columns, c.moment("ended_at", "Ended"))),
        (
            "Words",
            (
                c.long_text("words", "For whoever opens it", full=True),
                c.long_text("ended_because", "How it ended", full=True),
            ),
        ),
    )
    filters = (
        Choice("status", "State", Return.status, ReturnStatus),
        Days("announced", "Announced", Return.announced_at),
    )
    saved = (
        Saved("expected", "Expected", lambda _: Return.status == ReturnStatus.EXPECTED),
        Saved("to-settle", "To settle", lambda _: Return.status == ReturnStatus.ARRIVED),
    )
    loads = (
        joinedload(Return.order).load_only(Order.id, Order.number),
        joinedload(Return.replacement).load_only(Order.id, Order.number),
        defer(Return.words, raiseload=True),
        defer(Return.ended_because, raiseload=True),
    )
    detail_loads = (*loads[:2], selectinload(Return.lines).joinedload(ReturnLine.order_line))
    finds = {"order": Return.order_id}
    finds_by = "order number"
    empty = "Nothing has come back yet."

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        return [(f"/orders/{row.order_id}#returns", "With its order at the desk")]

    async def panels(self, work: Work, row: Any) -> list[Panel]:
        """Which units of which line, and why."""
        return [
            Panel(
                title="What comes back",
                columns=(
                    c.text("description", "What"),
                    c.number("quantity", "Quantity"),
                    c.word("reason", "Why"),
                    c.text("serial", "Serial number"),
                ),
                rows=row.lines,
                empty="Nothing was named.",
            )
        ]
