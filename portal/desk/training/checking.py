"""Looking at a practised contact: its facts, and whether each check of the scenario is met. Reads the room alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from models import (
    Case,
    Contact,
    ContactStep,
    Customer,
    Escalation,
    Message,
    Order,
    Promise,
    RefundRequest,
    Return,
    Serial,
)
from models.words import StepState
from portal.desk.errors import NotFound
from portal.desk.kinds import Run
from portal.desk.training.scenarios import Scenario, scenario
from portal.desk.work import Work

MARK = "practice"
"""Where the intake of a practised contact keeps which scenario it is."""

Facts = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Checked:
    """One check and how it went."""

    asks: str
    met: bool
    clause: str


def scenario_of(work: Work, run: Run) -> Scenario | None:
    """The scenario that a practised contact plays; None for one taken freely."""
    key = run.typed(MARK).get("scenario", "")
    try:
        return scenario(key, work.terms.language) if key else None
    except NotFound:
        return None


async def check(work: Work, run: Run, played: Scenario) -> list[Checked]:
    """Look at each check of the scenario. A constant number of statements."""
    facts = await facts_of(work, run)
    return [Checked(one.asks, one.met(facts), one.clause) for one in played.checks]


async def facts_of(work: Work, run: Run) -> Facts:
    """What happened in the contact, as names with their values."""
    contact = await work.session.get_one(Contact, run.contact_id)
    customer = await work.session.get(Customer, contact.customer_id) if contact.customer_id else None
    steps = list(
        await work.session.scalars(select(ContactStep).where(ContactStep.contact_id == run.contact_id))
    )
    states = Counter(step.state for step in steps)
    facts: dict[str, tuple[str, ...]] = {
        "status": (contact.status.value,),
        "situation": (contact.situation.value if contact.situation else "",),
        "outcome": (contact.outcome.value if contact.outcome else "",),
        "customer": (customer.source_id or "" if customer else "",),
        "verified": ("yes" if contact.verified_by or contact.verified_strength else "no",),
        "done": tuple(step.kind for step in steps if step.state is StepState.DONE),
        "left_out": (str(sum(step.required and step.state is StepState.MISSING for step in steps)),),
        "skipped": (str(states[StepState.SKIPPED]),),
        "order": ("placed",) if run.order_id is not None else (),
        "summary": ("written",) if contact.summary.strip() else (),
    }
    for step in run.script.steps:
        for name, value in run.typed(step.key).items():
            facts.setdefault(f"{step.kind}.{name}", tuple(value.split("\n")))
    return {**facts, **await _of_cases(work, run), **await _of_the_rest(work, run)}


async def _of_cases(work: Work, run: Run) -> dict[str, tuple[str, ...]]:
    cases = list(await work.session.scalars(select(Case).where(Case.contact_id == run.contact_id)))
    ids = [case.id for case in cases]
    handed = await work.session.scalars(select(Escalation).where(Escalation.case_id.in_(ids)))
    returned = list(await work.session.scalars(select(Return).where(Return.case_id.in_(ids))))
    return {
        "case.kind": tuple(case.kind.value for case in cases),
        "case.status": tuple(case.status.value for case in cases),
        "case.resolution": tuple(case.resolution_code.value for case in cases if case.resolution_code),
        "case.apology": tuple("said" for case in cases if case.apology),
        "case.options": (
            str(sum(case.options.count("\n- ") + case.options.startswith("- ") for case in cases)),
        ),
        "return": tuple("announced" for _ in returned),
        "replacement": tuple("ordered" for one in returned if one.replacement_id is not None),
        "escalated_to": tuple(one.to_role.value for one in handed),
    }


async def _of_the_rest(work: Work, run: Run) -> dict[str, tuple[str, ...]]:
    promises = await work.session.scalars(select(Promise.id).where(Promise.contact_id == run.contact_id))
    refunds = list(
        await work.session.scalars(select(RefundRequest).where(RefundRequest.contact_id == run.contact_id))
    )
    letters = await work.session.scalars(
        select(Message.template).where(
            Message.customer_id == (run.caller.id if run.caller else None),
            Message.created_at >= run.started_at,
        )
    )
    return {
        "promises": (str(len(promises.all())),),
        "refund": tuple("asked" for _ in refunds),
        "refund.minor": tuple(str(one.amount_minor) for one in refunds),
        "letters": tuple(letters),
    }


async def tells(work: Work, played: Scenario) -> list[tuple[str, str]]:
    """What the caller answers when asked: (what, answer)."""
    caller = await work.session.scalar(select(Customer).where(Customer.source_id == played.caller))
    if caller is None:
        return []
    order = await work.session.scalar(
        select(Order).where(Order.customer_id == caller.id).order_by(Order.placed_at.desc()).limit(1)
    )
    known = {
        "name": ("Name", caller.name),
        "phone": ("Phone number", caller.phone),
        "email": ("E-mail address", caller.email),
        "postcode": ("Postcode", caller.postal_code),
        "order": ("Order number", order.number if order else ""),
        "last_order_on": ("Day of the last order", order.placed_at.date().isoformat() if order else ""),
    }
    if "serial" in played.knows:
        serial = await work.session.scalar(
            select(Serial.number).where(Serial.customer_id == caller.id).limit(1)
        )
        known["serial"] = ("Serial number", serial or "")
    return [known[name] for name in played.knows if name in known]


@dataclass(frozen=True, slots=True)
class Card:
    """The caller of a practised contact: what they say, and what they can tell when asked."""

    scenario: Scenario
    tells: tuple[tuple[str, str], ...]


async def card_of(work: Work, run: Run) -> Card | None:
    """The caller's card, in the practice room and where the contact plays a scenario; else None and no statement."""
    played = scenario_of(work, run) if work.actor.practice else None
    return Card(played, tuple(await tells(work, played))) if played else None
