"""Contacts and follow-ups: conversations, and what somebody has yet to do. Each sees their own, leads see all."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import defer, joinedload

from admin_views import columns as c
from admin_views.base import DeskView
from admin_views.filters import Choice, Days, Saved
from models import Case, Contact, Customer, FollowUp, Order, Person
from models.words import ContactStatus, FollowUpStatus
from portal import showing
from portal.desk.permissions import May
from portal.desk.work import Actor


class ContactView(DeskView, model=Contact):
    """One conversation with a customer on one channel. Closed or abandoned, never deleted. S0-3.3.3"""

    address, title, thing = "contacts", "Contacts", "contact"
    told = "Conversations with customers, each on one channel."
    see = May.SEE_CONTACTS
    order = ("started_at", True)
    columns = (
        c.text("number", "Number"),
        c.moment("started_at", "Started", sort=True),
        c.made("channel", "By", lambda row: showing.word(row.came_by)),
        c.word("direction", "Way"),
        c.customer(),
        c.word("situation", "About"),
        c.chip("status", "State"),
        c.word("outcome", "Outcome"),
        c.text("taken_by.name", "Taken by"),
    )
    facts = (
        ("Contact", columns),
        (
            "How it went",
            (
                c.moment("greeted_at", "Greeted"),
                c.yes_no("approved", "Channel approved"),
                c.text("network", "Network"),
                c.text("language", "Language"),
                c.text("verified_by", "Verified by"),
                c.number("verified_strength", "Strength"),
                c.number("failed_verifications", "Failed verifications"),
                c.text("suspect", "Look who is calling", needs=May.SEE_TEAM),
                c.moment("closed_at", "Ended"),
                c.long_text("summary", "Summary", full=True),
                c.long_text("abandoned_because", "Abandoned because", full=True),
            ),
        ),
    )
    filters = (
        Choice("status", "State", Contact.status, ContactStatus),
        Days("started", "Started", Contact.started_at),
    )
    saved = (
        Saved("open", "Open", lambda _: Contact.status == ContactStatus.OPEN),
        Saved(
            "abandoned", "Abandoned", lambda _: Contact.status == ContactStatus.ABANDONED, needs=May.SEE_TEAM
        ),
    )
    loads = (
        joinedload(Contact.customer).load_only(Customer.id, Customer.name),
        joinedload(Contact.taken_by).load_only(Person.id, Person.name),
        defer(Contact.summary, raiseload=True),
        defer(Contact.abandoned_because, raiseload=True),
    )
    detail_loads = loads[:2]
    finds = {"customer": Contact.customer_id}
    exact = (Contact.number,)
    finds_by = "contact number, customer, phone or e-mail"
    empty = "No contact has been taken yet. New contact, above, begins one."


class FollowUpView(DeskView, model=FollowUp):
    """What was promised and is still to do. S0-2.1d"""

    address, title, thing = "follow-ups", "Follow-ups", "follow-up"
    told = "What was promised to customers and is still to do."
    see = May.SEE_FOLLOW_UPS
    order = ("due_at", True)
    columns = (
        c.long_text("words", "What"),
        c.moment("due_at", "Due", sort=True),
        c.made("kind", "Kind", lambda row: showing.word(row.told_as)),
        c.chip("status", "State"),
        c.customer(),
        c.text("owner.name", "Whose"),
        c.moment("done_at", "Done"),
    )
    facts = (
        (
            "Follow-up",
            (
                c.long_text("words", "What", full=True),
                *columns[1:],
                c.link("case.number", "Case", to="cases", allow=May.SEE_CASES),
                c.link("order.number", "Order", to="orders", allow=May.SEE_ORDERS),
            ),
        ),
        (
            "How it went",
            (
                c.moment("created_at", "Planned"),
                c.moment("reminded_at", "Reminded"),
                c.moment("overdue_told_at", "Told it was late"),
                c.number("tries", "Not reached"),
                c.long_text("result", "Result", full=True),
            ),
        ),
    )
    filters = (
        Choice("status", "State", FollowUp.status, FollowUpStatus),
        Days("due", "Due", FollowUp.due_at),
    )
    saved = (
        Saved(
            "mine",
            "Mine, open",
            lambda look: (
                (FollowUp.owner_id == look.actor.person_id) & (FollowUp.status == FollowUpStatus.OPEN)
            ),
        ),
        Saved(
            "overdue",
            "Overdue",
            lambda look: (FollowUp.status == FollowUpStatus.OPEN) & (FollowUp.due_at < look.now),
        ),
    )
    loads = (
        joinedload(FollowUp.customer).load_only(Customer.id, Customer.name),
        joinedload(FollowUp.owner).load_only(Person.id, Person.name),
        defer(FollowUp.result, raiseload=True),
    )
    detail_loads = (
        *loads[:2],
        joinedload(FollowUp.case).load_only(Case.id, Case.number),
        joinedload(FollowUp.order).load_only(Order.id, Order.number),
    )
    finds = {"customer": FollowUp.customer_id, "order": FollowUp.order_id, "case": FollowUp.case_id}
    finds_by = "customer, order or case number"
    empty = "Nothing is promised, nothing is due."

    def name_of(self, row: Any) -> str:
        return c.shortened(row.words)

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        return [("/follow-ups", "My follow-ups")]
