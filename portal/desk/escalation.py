"""Handing a case up: by hand, by a clock that ran out, or at once for a legal or regulatory concern. S0-4, S3-5.

One escalation per (case, target, level, cycle), by the database: whoever comes second finds it done. The case
moves to the group and everybody in it is told in the same transaction (S3-5.2.2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Update, and_, bindparam, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models import Case, Contact, Deadline, Escalation
from models.base import Moment
from models.words import CaseKind, DeadlineStatus, EscalationStatus, NoteKind, Role, Severity
from portal.desk import (
    audit,
    bulk,
    case_notes,
    deadlines,
    notices,
    policy,
    policy_versions,
    reclassifying,
    turns,
)
from portal.desk.bulk import Rows, numbers
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.notices import Mention
from portal.desk.permissions import May
from portal.desk.work import Work

ASKED = "asked"
LEGAL = "legal"
REGULATORY = "regulatory"
ACTIVE = (EscalationStatus.RAISED, EscalationStatus.ACCEPTED)
_KEY = ("case_id", "target", "level", "cycle")
_AUDITED = {"audited": True}


class Wanted(NamedTuple):
    """One thing that whoever takes a case over needs."""

    name: str
    words: str
    there: bool


def wanted_for_escalation(case: Case) -> list[Wanted]:
    """Everything the next one needs to go on without asking again, and whether it is there. S2-13.3, S3-5.2.3."""
    wanted = [
        Wanted("customer", "the customer", case.customer_id is not None),
        Wanted("statement", "the concern in the customer's own words", bool(case.statement.strip())),
    ]
    if case.kind is CaseKind.COMPLAINT:
        wanted += [
            Wanted("restate", "the concern as restated and confirmed", bool(case.restated.strip())),
            Wanted("options", "the solutions offered", bool(case.options.strip())),
        ]
    if case.kind in {CaseKind.ORDER_ERROR, CaseKind.PAYMENT_ISSUE}:
        wanted.append(Wanted("order", "the order it is about", case.order_id is not None))
    return wanted


def missing_for_escalation(case: Case) -> list[str]:
    """Name what whoever takes the case over would have to ask for. S2-13.3, S3-5.2.3."""
    return [one.words for one in wanted_for_escalation(case) if not one.there]


async def raise_by_hand(
    work: Work, case: Case, reason: str, *, severity: Severity | None, in_spite_of_gaps: str = ""
) -> Escalation:
    """Hand the case to the next level now, with its severity assessed and its package complete. S2-13.1, S3-5.2.3.

    The next level is that of the matrix; above its top, or without one, the supervisor and then the manager. A
    clock that would have called that level is stopped. `in_spite_of_gaps` is the reason to go on in an emergency
    although something is missing.

    Raises NotAccepted without severity or reason, or naming what is missing; WrongMoment when the case is over.
    """
    work.require(May.WORK_CASES)
    refuse_hidden(work, case)
    await deadlines.hold(work, case)
    refuse_ended(case)
    refused: dict[str, str] = {}
    if severity is None:
        refused["severity"] = "Say how severe it is before it is handed up."
    if not reason.strip():
        refused["reason"] = "Say why it cannot be solved here."
    missing = missing_for_escalation(case)
    if missing and not in_spite_of_gaps.strip():
        refused["missing"] = f"Still missing: {', '.join(missing)}."
    if refused:
        raise NotAccepted.of(refused)
    refuse_card_numbers(reason=reason, in_spite_of_gaps=in_spite_of_gaps)
    anew, case.severity = severity is not case.severity, severity or case.severity
    step = (await policy_versions.in_force(work)).next_level(case, case.escalation_level)
    if step is None:
        to_role = Role.SUPERVISOR if case.escalation_level == 0 else Role.MANAGER
        level, source, turn = case.escalation_level + 1, "S2-13.1", 0
    else:
        to_role, level, source, turn = step.to_role, step.level, step.clause, step.turn_minutes
    gaps = f" Handed up although something is missing: {in_spite_of_gaps.strip()}" if missing else ""
    raised = await _raise_one(work, case, ASKED, level, to_role, reason.strip() + gaps, source, turn)
    await deadlines.stop_chase(work, case, up_to=level)
    await audit.record(work, "escalate case", case, reason=reason)
    if anew:
        await reclassifying.follow(work, [case.id], f"severity {case.severity.value}")
    return raised


async def flag_concern(
    work: Work, case: Case, reason: str, *, legal: bool = False, regulatory: bool = False
) -> Escalation:
    """Mark a legal or regulatory concern: to the managers at once, and out of everybody else's sight. S3-5.1.2.

    Needs no complete package: waiting would be worse. Raises NotAccepted without a reason or a kind of concern.
    """
    work.require(May.WORK_CASES)
    refuse_hidden(work, case)
    await deadlines.hold(work, case)
    refuse_ended(case)
    if not reason.strip():
        raise NotAccepted(reason="Say what the concern is.")
    if not (legal or regulatory):
        raise NotAccepted(concern="Say whether the concern is legal or regulatory.")
    refuse_card_numbers(reason=reason)
    raised = await restrict(work, case, reason.strip(), legal=legal, regulatory=regulatory)
    await audit.record(work, "flag concern", case, reason=reason)
    return raised


async def restrict(work: Work, case: Case, reason: str, *, legal: bool, regulatory: bool) -> Escalation:
    """Do what `flag_concern` says, as part of another deed that records it."""
    case.legal, case.regulatory = case.legal or legal, case.regulatory or regulatory
    target = LEGAL if legal else REGULATORY
    clause = "S3-5.1.2a" if legal else "S3-5.1.2b"
    level = case.escalation_level + 1
    raised = await _raise_one(work, case, target, level, Role.MANAGER, reason, clause)
    await deadlines.stop_chase(work, case)
    return raised


async def raise_struck(work: Work, struck: Sequence[Any]) -> frozenset[int]:
    """Hand up the cases whose clocks ran out, and tell each group once; return the ids of those clocks.

    `struck` are rows of a sweep: clock and case. Each goes up by the version of the policy under which it ran out, so
    that a change a moment later takes nothing back. Left out is a case that was handed up so before. Records each case
    with its clock, so that the caller records nothing of these. A case that somebody already has at this level or above
    stays there, with the escalation on record. S0-3.4.3b, S0-4.1b, S0-4.2b, S0-4.3b
    """
    if not struck:
        return frozenset()
    named = {one.policy for one in struck}
    versions = await policy_versions.of_numbers(work, named)
    if 0 in named - versions.keys():  # ran out before anything was published, and a sweep comes after
        versions[0] = await policy_versions.as_shipped(work)
    steps = {
        (one.policy, one.rule): step
        for one in struck
        if one.policy in versions
        and (row := versions[one.policy].rows.get(one.rule))
        and (step := row.as_level())
    }
    reasons = {key: f"Not solved within {policy.in_words(step.target)}." for key, step in steps.items()}
    told = {
        "ids": [one.id for one in struck],
        "steps": [[*key, step.to_role, reasons[key], step.turn_minutes] for key, step in steps.items()],
        "by": work.actor.person_id,
        "moment": work.now,
    }
    written = _insert_struck(work.session.get_bind().dialect.name)
    made = await work.session.execute(written, told, execution_options=_AUDITED)
    fresh = {(row.case_id, row.level, row.cycle): row.id for row in made}
    new = [one for one in struck if (one.case_id, one.level, one.cycle) in fresh]
    if not new:
        return frozenset()
    moves: dict[int, list[Any]] = {}
    groups: dict[tuple[str, str, int, str], list[Mention]] = defaultdict(list)
    changes = []
    in_turn: list[int] = []
    for one in new:
        changed: dict[str, Any] = {one.kind: [DeadlineStatus.RUNNING, DeadlineStatus.MISSED]}
        if one.level > moves.get(one.case_id, (0, one.escalation_level))[1]:
            to_role = steps[one.policy, one.rule].to_role
            moves[one.case_id] = [one.case_id, one.level, to_role]
            changed["escalation_level"] = [one.escalation_level, one.level]
            changed["held_by_role"] = [one.held_by_role, to_role]
            changed["held_by_id"] = [one.held_by_id, None]
        changes.append((one.case_id, changed))
        if steps[one.policy, one.rule].turn_minutes:
            in_turn.append(fresh[one.case_id, one.level, one.cycle])
            continue
        once = f"{one.case_id}/{one.kind}/{one.level}/{one.cycle}"
        mention = Mention(one.number, one.subject, one.case_id, once, bool(one.hidden))
        groups[one.team, one.case_kind, one.policy, one.rule].append(mention)
    gathered = notices.Gathered()
    for (team, kind, *of), mentions in groups.items():
        key = (of[0], of[1])
        heading = _heading(kind, steps[key].level, steps[key].to_role, reasons[key])
        gathered.add(await notices.people_in(work, steps[key].to_role, team), heading, mentions)
    if moves:
        await move(work, list(moves.values()))
    await notices.write_gathered(work, "escalation-notice", gathered)
    await turns.begin(work, in_turn)
    await audit.record_each(work, "escalate case", "cases", changes, reason="A deadline ran out.")
    return frozenset(one.id for one in new)


async def move(work: Work, moves: list[list[Any]]) -> None:
    """Move cases, told as id, level and role, unless somebody has them at that level or above. The caller records it."""
    await work.session.execute(_MOVE, {"moves": moves}, execution_options=_AUDITED)


async def accept(work: Work, escalation: Escalation) -> None:
    """Take an escalated case in hand: it is held by this person and no further level is called for. S2-13.4.

    S0-2.2b
    """
    case = await _taken(work, escalation, EscalationStatus.RAISED)
    escalation.status = EscalationStatus.ACCEPTED
    escalation.accepted_by_id, escalation.accepted_at = work.actor.person_id, work.now
    case.held_by_id = work.actor.person_id
    await deadlines.stop_chase(work, case)
    await audit.record(work, "accept escalation", escalation)


async def comment(work: Work, escalation: Escalation, words: str) -> None:
    """Leave a note on an escalated case, for those too who work no cases. Raises NotAccepted when empty."""
    case = await _taken(work, escalation, *ACTIVE)
    case_notes.write(work, case, NoteKind.NOTE, words, "comment")
    await audit.record(work, "comment on escalation", escalation)


async def hand_back(work: Work, escalation: Escalation, reason: str) -> None:
    """Give the case back to the representatives with a reason; the levels above call again when due.

    Raises NotAccepted without a reason, WrongMoment for a legal or regulatory case, which stays where it is. S0-2.2b
    """
    case = await _taken(work, escalation, *ACTIVE)
    if case.restricted:
        raise WrongMoment("A legal or regulatory case stays with the managers.")
    case_notes.write(work, case, NoteKind.NOTE, reason, "reason")
    await _end(work, case, escalation, EscalationStatus.HANDED_BACK)
    await deadlines.chase_again(work, case, above=escalation.level)
    await audit.record(work, "hand escalation back", escalation, reason=reason)


async def resolve(work: Work, escalation: Escalation, what_was_done: str) -> None:
    """Say what was done at this level; the case goes back to be closed with the customer. S2-13.5.

    Raises NotAccepted when nothing is said to have been done.
    """
    case = await _taken(work, escalation, *ACTIVE)
    case_notes.write(work, case, NoteKind.ACTION, what_was_done, "what_was_done")
    await _end(work, case, escalation, EscalationStatus.RESOLVED)
    await audit.record(work, "resolve escalation", escalation)


async def end_all(work: Work, case: Case) -> None:
    """End every escalation of a case that ends. Part of the deed that ends it."""
    active = select(Escalation).where(Escalation.case_id == case.id, Escalation.status.in_(ACTIVE))
    for escalation in await work.session.scalars(active):
        escalation.status, escalation.ended_at = EscalationStatus.RESOLVED, work.now


def refuse_hidden(work: Work, case: Case) -> None:
    """Raise NotFound for a legal or regulatory case that the actor may not see. S3-5.1.2."""
    if case.restricted and not work.may(May.SEE_RESTRICTED):
        raise NotFound


def refuse_ended(case: Case) -> None:
    """Raise WrongMoment when the case is over."""
    if case.status not in deadlines.OPEN_CASES:
        raise WrongMoment(f"Case {case.number} is {case.status.value}. Reopen it first.")


async def _raise_one(
    work: Work, case: Case, target: str, level: int, to_role: Role, reason: str, source: str, turn: int = 0
) -> Escalation:
    """Hand up the one case of this deed and tell its group, together or one after the other with `turn` minutes each.

    Raises WrongMoment when it was.

    S2-13.2
    """
    row = {
        "case_id": case.id,
        "target": target,
        "level": level,
        "cycle": case.cycle,
        "to_role": to_role,
        "status": EscalationStatus.RAISED,
        "reason": reason,
        "source": source,
        "raised_by_id": work.actor.person_id,
        "raised_at": work.now,
        "turn_minutes": turn,
    }
    written = _insert(work).returning(Escalation, sort_by_parameter_order=False)
    raised: Escalation | None = await work.session.scalar(written, [row], execution_options=_AUDITED)
    if raised is None:
        raise WrongMoment(f"Case {case.number} was already handed up to this level.")
    case.escalation_level, case.held_by_role, case.held_by_id = (
        max(level, case.escalation_level),
        to_role,
        None,
    )
    if turn:
        await work.session.flush()
        await turns.begin(work, [raised.id])
        return raised
    gathered = notices.Gathered()
    once = f"{case.id}/{target}/{level}/{case.cycle}"
    gathered.add(
        await notices.people_in(work, to_role, case.team),
        _heading(case.kind.value, level, to_role, reason),
        [Mention(case.number, case.subject, case.id, once, case.restricted)],
    )
    await notices.write_gathered(work, "escalation-notice", gathered)  # S3-5.2.2: at once
    return raised


def _heading(kind: str, level: int, to_role: Role, reason: str) -> dict[str, object]:
    return {"kind": kind, "level": level, "to_role": to_role.value, "reason": reason}


async def _taken(work: Work, escalation: Escalation, *states: EscalationStatus) -> Case:
    """Take the case of an escalation for a deed of its group. Raises NotAllowed, NotFound or WrongMoment."""
    work.require(May.TAKE_ESCALATIONS)
    case = await work.session.get_one(Case, escalation.case_id)
    await deadlines.hold(work, case)
    refuse_hidden(work, case)
    roles = work.actor.roles
    if roles and escalation.to_role not in roles and Role.MANAGER not in roles:
        raise NotAllowed(f"This escalation is for another group: {escalation.to_role.value}.")
    await work.session.refresh(escalation, attribute_names=["status", "version"])
    if escalation.status not in states:
        raise WrongMoment(f"This escalation is already {escalation.status.value.replace('_', ' ')}.")
    return case


async def _end(work: Work, case: Case, escalation: Escalation, status: EscalationStatus) -> None:
    escalation.status, escalation.ended_at = status, work.now
    if not case.restricted:
        first = await work.session.get(Contact, case.contact_id) if case.contact_id else None
        case.held_by_role = Role.REPRESENTATIVE
        case.held_by_id = escalation.raised_by_id or (first.taken_by_id if first else None)


def _insert(work: Work) -> Any:
    """An insert that leaves an escalation already there as it is."""
    return bulk.insert_of(work.session)(Escalation).on_conflict_do_nothing(index_elements=_KEY)


@cache
def _insert_struck(dialect: str) -> Any:
    """One for each of the clocks `ids` whose row is among `steps`: policy and key of a row, role and reason."""
    made, clocks = Escalation.__table__.c, Deadline.__table__.c
    step = Rows("steps")
    chosen = (
        select(
            clocks.case_id,
            clocks.kind,
            clocks.level,
            clocks.cycle,
            step.text(2),
            literal(EscalationStatus.RAISED.value),
            step.text(3),
            clocks.source,
            bindparam("by", type_=Integer),
            bindparam("moment", type_=Moment()),
            step.number(4),
            literal(1),
        )
        .join_from(
            Deadline.__table__,
            step.table,
            and_(step.number(0) == clocks.policy, step.text(1) == clocks.rule),
        )
        .where(clocks.id.in_(numbers("ids")))
        .order_by(clocks.id)
    )
    named = ["case_id", "target", "level", "cycle", "to_role", "status", "reason", "source"]
    make: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    written = make(Escalation.__table__).from_select(
        [*named, "raised_by_id", "raised_at", "turn_minutes", "version"], chosen
    )
    return written.on_conflict_do_nothing(index_elements=_KEY).returning(
        made.id, made.case_id, made.level, made.cycle
    )


def _moving() -> Update:
    """Move the cases of `moves`, rows of id, level and role, unless somebody has them at that level or above."""
    cases, move = Case.__table__.c, Rows("moves")
    return (
        update(Case.__table__)  # type: ignore[arg-type]  # it is a Table
        .where(cases.id == move.number(0), cases.escalation_level < move.number(1))
        .values(
            escalation_level=move.number(1),
            held_by_role=move.text(2),
            held_by_id=None,
            version=cases.version + 1,
        )
    )


_MOVE = _moving()
