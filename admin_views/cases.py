"""Cases, to find and to read with their clocks. They are worked on at the desk's own pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import defer, joinedload

from admin_views import columns as c
from admin_views.base import DeskView, Panel
from admin_views.filters import Choice, Days, Saved
from models import Case, CaseNote, Customer, Deadline, Escalation, Order, Person
from models.words import CaseKind, CaseStatus, DeadlineStatus
from portal.desk.permissions import May
from portal.desk.work import Actor, Work

SOON = timedelta(minutes=30)
OPEN = (CaseStatus.OPEN, CaseStatus.WAITING)
MOST = 50
"""Notes shown on a case's page here; the desk's own page has them all."""


def _breaching(look: c.Look) -> ColumnElement[bool]:
    """A clock of it runs out within half an hour: one range of the index of due times."""
    soon = select(Deadline.case_id).where(
        Deadline.due_at >= look.now,
        Deadline.due_at < look.now + SOON,
        Deadline.status == DeadlineStatus.RUNNING,
    )
    return Case.id.in_(soon)


def _overdue(look: c.Look) -> ColumnElement[bool]:
    """It is open and a clock of it ran out, swept yet or not."""
    late = or_(
        Deadline.status == DeadlineStatus.MISSED,
        (Deadline.status == DeadlineStatus.RUNNING) & (Deadline.due_at < look.now),
    )
    return Case.status.in_(OPEN) & exists().where(
        Deadline.case_id == Case.id, Deadline.cycle == Case.cycle, late
    )


class CaseView(DeskView, model=Case):
    """What customers are owed an answer or a remedy for. S0-3.3, S0-3.4"""

    address, title, thing = "cases", "Cases", "case"
    told = "Inquiries, complaints, errors and payment issues, with their clocks."
    see = May.SEE_CASES
    order = ("opened_at", True)
    columns = (
        c.text("number", "Number"),
        c.moment("opened_at", "Opened", sort=True),
        c.word("kind", "Kind"),
        c.chip("status", "State"),
        c.chip("severity", "Severity"),
        c.text("subject", "About"),
        c.customer(),
        c.word("held_by_role", "Held by"),
        c.text("held_by.name", "Who"),
        c.number("escalation_level", "Level"),
    )
    facts = (
        ("Case", columns),
        (
            "What was said",
            (
                c.long_text("statement", "In their words", full=True),
                c.long_text("restated", "As we understood it", full=True),
                c.long_text("apology", "Apology", full=True),
                c.long_text("options", "What we offered", full=True),
                c.link("order.number", "Order", to="orders", allow=May.SEE_ORDERS),
            ),
        ),
        (
            "How it went",
            (
                c.moment("acknowledged_at", "Acknowledged"),
                c.moment("answered_at", "Answered"),
                c.moment("resolved_at", "Resolved"),
                c.moment("closed_at", "Closed"),
                c.long_text("closed_because", "Closed without a follow-up, because", full=True),
                c.word("resolution_code", "Solved by"),
                c.long_text("resolution", "What was done", full=True),
                c.yes_no("legal", "Legal", needs=May.SEE_RESTRICTED),
                c.yes_no("regulatory", "Regulatory", needs=May.SEE_RESTRICTED),
            ),
        ),
    )
    filters = (
        Choice("status", "State", Case.status, CaseStatus),
        Choice("kind", "Kind", Case.kind, CaseKind),
        Days("opened", "Opened", Case.opened_at),
    )
    saved = (
        Saved("breaching", "Breaching in 30 min", _breaching),
        Saved("overdue", "Overdue", _overdue),
        Saved("open", "Open", lambda _: Case.status.in_(OPEN)),
        Saved(
            "escalated",
            "Escalated",
            lambda _: Case.status.in_(OPEN) & (Case.escalation_level > 0),
            needs=May.TAKE_ESCALATIONS,
        ),
        Saved(
            "restricted",
            "Legal and regulatory",
            lambda _: or_(Case.legal, Case.regulatory),
            needs=May.SEE_RESTRICTED,
        ),
    )
    loads = (
        joinedload(Case.customer).load_only(Customer.id, Customer.name),
        joinedload(Case.held_by).load_only(Person.id, Person.name),
        *(
            defer(wide, raiseload=True)
            for wide in (Case.statement, Case.restated, Case.apology, Case.options, Case.resolution)
        ),
    )
    detail_loads = (*loads[:2], joinedload(Case.order).load_only(Order.id, Order.number))
    finds = {"case": Case.id, "customer": Case.customer_id, "order": Case.order_id}
    finds_by = "case or order number, customer, phone or e-mail"
    empty = "No case is open, and none ever was."

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        return [(f"/cases/{row.id}", "Open at the desk")]

    async def panels(self, work: Work, row: Any) -> list[Panel]:
        """Clocks, escalations and notes. Seeing the case is seeing these."""
        mine = (Deadline.case_id == row.id, Escalation.case_id == row.id, CaseNote.case_id == row.id)
        clocks = await work.session.scalars(
            select(Deadline).where(mine[0]).order_by(Deadline.cycle, Deadline.due_at)
        )
        handed_up = await work.session.scalars(select(Escalation).where(mine[1]).order_by(Escalation.id))
        notes = await work.session.scalars(
            select(CaseNote)
            .where(mine[2])
            .options(joinedload(CaseNote.written_by).load_only(Person.id, Person.name))
            .order_by(CaseNote.id.desc())
            .limit(MOST)
        )
        return [
            Panel(
                title="Clocks",
                columns=(
                    c.word("kind", "Clock"),
                    c.chip("status", "State"),
                    c.moment("started_at", "Started"),
                    c.moment("due_at", "Due"),
                    c.moment("met_at", "Met"),
                    c.moment("missed_at", "Missed"),
                    c.text("source", "Clause"),
                ),
                rows=clocks.all(),
                empty="No clock was started.",
            ),
            Panel(
                title="Escalations",
                columns=(
                    c.number("level", "Level"),
                    c.word("to_role", "To"),
                    c.chip("status", "State"),
                    c.word("target", "Because of"),
                    c.long_text("reason", "Reason"),
                    c.moment("raised_at", "Raised"),
                    c.moment("accepted_at", "Accepted"),
                ),
                rows=handed_up.all(),
                empty="It was never handed up.",
            ),
            Panel(
                title="Notes",
                columns=(
                    c.moment("written_at", "Noted"),
                    c.moment("happened_at", "Happened"),
                    c.text("written_by.name", "Who"),
                    c.word("kind", "Kind"),
                    c.long_text("words", "Words", full=True),
                    c.text("happened_why", "Why noted later"),
                ),
                rows=notes.all(),
                empty="No notes yet.",
            ),
        ]
