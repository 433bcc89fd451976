"""Promises to customers: what, who, by when, kept or broken. Made in a contact, closed with their follow-up. S2-9.4"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import defer, joinedload

from admin_views import columns as c
from admin_views.base import DeskView
from admin_views.filters import Choice, Days, Saved
from models import Contact, Customer, Person, Promise
from models.words import PromiseStatus
from portal.desk.permissions import May
from portal.desk.work import Actor


class PromiseView(DeskView, model=Promise):
    """What was promised. Each sees their own, those who lead see all. S2-9.4"""

    address, title, thing = "promises", "Promises", "promise"
    told = "What was promised to customers: who keeps it and by when, kept or broken."
    see = May.SEE_FOLLOW_UPS
    order = ("due_at", True)
    columns = (
        c.long_text("what", "What"),
        c.moment("due_at", "By", sort=True),
        c.chip("status", "State"),
        c.customer(),
        c.text("owner.name", "Who"),
        c.moment("closed_at", "Closed"),
    )
    facts = (
        (
            "Promise",
            (
                c.long_text("what", "What", full=True),
                *columns[1:],
                c.link("contact.number", "Contact", to="contacts", allow=May.SEE_CONTACTS),
                c.moment("made_at", "Made"),
                c.long_text("result", "What came of it", full=True),
            ),
        ),
    )
    filters = (
        Choice("status", "State", Promise.status, PromiseStatus),
        Days("due", "By", Promise.due_at),
    )
    saved = (
        Saved(
            "late",
            "Late",
            lambda look: (Promise.status == PromiseStatus.OPEN) & (Promise.due_at < look.now),
        ),
        Saved(
            "mine",
            "Mine, open",
            lambda look: (Promise.owner_id == look.actor.person_id) & (Promise.status == PromiseStatus.OPEN),
        ),
    )
    loads = (
        joinedload(Promise.customer).load_only(Customer.id, Customer.name),
        joinedload(Promise.owner).load_only(Person.id, Person.name),
        defer(Promise.result, raiseload=True),
    )
    detail_loads = (*loads[:2], joinedload(Promise.contact).load_only(Contact.id, Contact.number))
    finds = {"customer": Promise.customer_id, "order": Promise.order_id, "case": Promise.case_id}
    finds_by = "customer, order or case number"
    empty = "Nothing was promised yet. What a contact ends with stands here."

    def name_of(self, row: Any) -> str:
        return c.shortened(row.what)

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        return [("/follow-ups", "My follow-ups")]
