"""The ledger, to read. Nothing here writes, whoever asks: money is corrected by a further entry. Decision 6"""

from __future__ import annotations

from sqlalchemy.orm import joinedload

from admin_views import columns as c
from admin_views.base import DeskView
from admin_views.filters import Choice, Days
from models import Order, PaymentEntry, Person
from models.words import PaymentKind
from portal.desk.permissions import May


class PaymentView(DeskView, model=PaymentEntry):
    """Finance reads here and can change nothing. S0-2.3a"""

    address, title, thing = "payments", "Payments", "payment entry"
    group = "Money"
    told = "The ledger: every charge and refund, only ever added to."
    see = May.SEE_PAYMENTS
    order = ("taken_at", True)
    columns = (
        c.text("receipt_number", "Receipt"),
        c.moment("taken_at", "Taken", sort=True),
        c.link("order.number", "Order", to="orders", allow=May.SEE_ORDERS),
        c.chip("kind", "Kind"),
        c.word("method", "By"),
        c.money("amount_minor", "Amount", sort=True),
        c.text("reference", "Reference"),
        c.text("taken_by.name", "Taken by"),
    )
    facts = (
        ("Entry", columns),
        (
            "Note",
            (
                c.long_text("note", "Note", full=True),
                c.number("reverses_id", "Reverses entry"),
                c.number("limit_id", "Limits it followed"),
            ),
        ),
    )
    filters = (
        Choice("kind", "Kind", PaymentEntry.kind, PaymentKind),
        Days("taken", "Taken", PaymentEntry.taken_at),
    )
    loads = (
        joinedload(PaymentEntry.order).load_only(Order.id, Order.number),
        joinedload(PaymentEntry.taken_by).load_only(Person.id, Person.name),
    )
    detail_loads = loads
    finds = {"order": PaymentEntry.order_id}
    exact = (PaymentEntry.receipt_number,)
    finds_by = "receipt or order number"
    empty = "No payment has been recorded yet."
