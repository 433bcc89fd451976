"""An intake as it stands: read by one statement, its steps with their state, and where to go next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, select

from models import Chat, Contact, Customer, HelpCall, Intake, Order, Person
from models.cases import Case
from models.words import ContactStatus, Situation
from portal.desk import announcements, disclosure
from portal.desk.errors import Conflict, NotAllowed, NotFound, WrongMoment
from portal.desk.kinds import KINDS, Caller, Run
from portal.desk.kinds.need import serial_first
from portal.desk.permissions import May
from portal.desk.scripts import Step, composing
from portal.desk.scripts.steps import ASIDE_FROM, DIFFICULT
from portal.desk.work import Work

_CALLER = tuple(Caller.__dataclass_fields__)
_intakes, _contacts, _people, _customers, _orders, _cases, _calls, _chats = (
    model.__table__ for model in (Intake, Contact, Person, Customer, Order, Case, HelpCall, Chat)
)
_helpers = Person.__table__.alias("helpers")
_READ = (
    select(
        _intakes.c.id,
        _intakes.c.revision,
        _intakes.c.script,
        _intakes.c.script_version,
        _intakes.c.step,
        _intakes.c.answers,
        _intakes.c.done,
        _intakes.c.read_back,
        _intakes.c.order_id,
        _intakes.c.case_id,
        _intakes.c.held_by_id,
        _intakes.c.started_at,
        _intakes.c.saved_at,
        _intakes.c.finished_at,
        _people.c.name.label("held_by"),
        _contacts.c.id.label("contact_id"),
        _contacts.c.number.label("contact_number"),
        _contacts.c.status.label("contact_status"),
        _contacts.c.channel,
        _contacts.c.own_channel,
        _contacts.c.direction,
        _contacts.c.greeted_at,
        _contacts.c.verified_until,
        _contacts.c.verified_strength,
        _contacts.c.approved,
        _contacts.c.language,
        _contacts.c.handle,
        _contacts.c.network,
        _contacts.c.link,
        _contacts.c.cues,
        disclosure.NEEDED_TO_SEE.label("needed_to_see"),
        announcements.IN_FORCE.label("announcements"),
        _orders.c.number.label("order_number"),
        _orders.c.total_minor.label("order_total_minor"),
        _orders.c.currency,
        _cases.c.number.label("case_number"),
        _cases.c.legal,
        _cases.c.regulatory,
        _chats.c.id.label("chat_id"),
        _calls.c.called_at.label("help_called_at"),
        _helpers.c.name.label("help_answered_by"),
        *(_customers.c[name].label(f"customer_{name}") for name in _CALLER),
    )
    .join(_contacts, _contacts.c.id == _intakes.c.contact_id)
    .join(_people, _people.c.id == _intakes.c.held_by_id)
    .outerjoin(_customers, _customers.c.id == _contacts.c.customer_id)
    .outerjoin(_orders, _orders.c.id == _intakes.c.order_id)
    .outerjoin(_cases, _cases.c.id == _intakes.c.case_id)
    .outerjoin(_chats, _chats.c.contact_id == _contacts.c.id)
    .outerjoin(_calls, and_(_calls.c.contact_id == _contacts.c.id, _calls.c.ended_at.is_(None)))
    .outerjoin(_helpers, _helpers.c.id == _calls.c.answered_by_id)
    .where(_intakes.c.id == bindparam("intake_id"))
)
"""Made once, and of columns: what SQLAlchemy does for rows of its own is not needed."""
_PLAIN = (
    "id",
    "revision",
    "step",
    "answers",
    "done",
    "read_back",
    "order_id",
    "case_id",
    "held_by_id",
    "held_by",
    "started_at",
    "saved_at",
    "finished_at",
    "contact_id",
    "contact_number",
    "contact_status",
    "channel",
    "own_channel",
    "direction",
    "greeted_at",
    "verified_until",
    "verified_strength",
    "approved",
    "language",
    "handle",
    "network",
    "link",
    "cues",
    "needed_to_see",
    "chat_id",
    "help_called_at",
)


LEAD = frozenset({"say", "serial"})
"""Kinds of steps that may come before the serial number in support."""


class Place(NamedTuple):
    """One step in the list of steps, and how it stands."""

    step: Step
    state: str
    """`todo`, `started`, `done`, `skipped`, `needless`, `attention` or `locked`."""
    why: str = ""
    """Why it cannot start yet, is due again, was skipped or is not needed."""

    @property
    def behind(self) -> bool:
        """Whether nothing is left to do here."""
        return self.state in {"done", "skipped", "needless"}


async def find(work: Work, intake_id: int) -> Run:
    """Read an intake with everything its steps need, in one statement.

    Raises NotFound, also for a colleague's whose case is legal or regulatory and out of the actor's sight. S3-5.1.2
    """
    work.require(May.TAKE_CONTACTS)
    row = (await work.session.execute(_READ, {"intake_id": intake_id, "today": work.now.date()})).first()
    if row is None or _hidden(work, row):
        raise NotFound("There is no such contact.")
    told = row._mapping  # noqa: SLF001  this is how SQLAlchemy names a row's columns
    caller = None
    if told["customer_id"] is not None:
        caller = Caller(**{name: told[f"customer_{name}"] for name in _CALLER})
    script = await composing.composed(work, told["script"], told["script_version"], told["language"])
    run = Run(
        **{name: told[name] for name in _PLAIN},
        script=script,
        newer=composing.outdated(work, script),
        order_number=told["order_number"] or "",
        order_total_minor=told["order_total_minor"] or 0,
        currency=told["currency"] or work.terms.currency,
        case_number=told["case_number"] or "",
        help_answered_by=told["help_answered_by"] or "",
        caller=caller,
        announced=announcements.owed(
            told["announcements"], caller.country if caller else "", told["channel"]
        ),
    )
    if all(step.key != run.step for step in run.walk):
        run = replace(run, step=script.steps[0].key)  # a step that its script no longer has
    return run


def _hidden(work: Work, row: Any) -> bool:
    """Whether the case of this intake is for others alone; whoever is in the contact goes on with it."""
    mine = row.held_by_id == work.actor.person_id
    return bool(row.legal or row.regulatory) and not mine and not work.may(May.SEE_RESTRICTED)


def progress(run: Run) -> list[Place]:
    """Every step these answers lead through, and how it stands: reads nothing but the run itself."""
    places: dict[str, Place] = {}
    lead = _lead(run)
    for step in run.walk:
        kind = KINDS[step.kind]
        mark = run.done.get(step.key)
        if mark is None and (why := kind.needless(run)):
            state = "needless"
        elif mark is None:
            missing = [
                places[key].step.name for key in step.needs if key in places and not places[key].behind
            ]
            why = f"First: {', '.join(missing)}." if missing else kind.locked(run)
            if lead and not why and step.script == run.script.key and step.kind not in LEAD:
                why = lead
            state = "locked" if why else "started" if any(run.typed(step.key).values()) else "todo"
        elif "skipped" in mark:
            state, why = "skipped", str(mark["skipped"])
        else:
            why = kind.stale(run, step)
            state = "attention" if why else "done"
        places[step.key] = Place(step, state, why)
    return list(places.values())


def _lead(run: Run) -> str:
    """Why nothing of support may start yet, wherever its author put the serial number. S4-5.3"""
    support = run.script.key == Situation.SUPPORT and run.script.of_kind("serial") is not None
    return serial_first(run) if support else ""


def place_of(run: Run, key: str) -> Place:
    """Say how one step stands. Raises NotFound for a step these answers do not lead through."""
    found = next((place for place in progress(run) if place.step.key == key), None)
    if found is None:
        raise NotFound("These answers do not lead to that step.")
    return found


def next_step(run: Run, key: str, back: str) -> str:
    """The step to go to: the one asked for, else the first behind this one that is left to do.

    The guide for difficult contacts is entered by its key alone, and its last step leads back to where it was opened.
    """
    places = progress(run)
    keys = [place.step.key for place in places]
    if back in keys:
        return back
    here = keys.index(key)
    aside = places[here].step.aside
    left = [place for place in places[here + 1 :] if not place.behind and place.step.aside is aside]
    if aside and not left:
        return run.typed(DIFFICULT).get(ASIDE_FROM, run.script.steps[0].key)
    if left:
        return left[0].step.key
    return keys[min(here + 1, len(keys) - 1)]


def refuse_other_holder(work: Work, run: Run) -> None:
    """Raise Conflict when somebody else holds the intake, WrongMoment when it has ended."""
    if run.finished_at is not None or run.contact_status is not ContactStatus.OPEN:
        raise WrongMoment(
            f"Contact {run.contact_number} is {run.contact_status.value}. Nothing more can be entered."
        )
    if run.held_by_id != work.actor.person_id:
        raise Conflict(
            f"{run.held_by} took this contact over. What you typed here was not saved.", saved_by=run.held_by
        )


def may_see(work: Work, run: Run) -> bool:
    """Whether the actor may read what was entered: the holder and the team's leads."""
    return run.held_by_id == work.actor.person_id or work.may(May.SEE_TEAM)


def refuse_unseen(work: Work, run: Run) -> None:
    """Raise NotAllowed when the actor may not read what was entered here."""
    if not may_see(work, run):
        raise NotAllowed(f"{run.held_by} holds this contact.")
