"""Escalations nobody has heard of: told again, to a wider circle each time, and a finding where nobody is left.

Somebody has heard of an escalation once a notice that names it was sent. Which notices name it is read from the
outbox: those written at the moment it was raised or told again, under its case, or, where one notice names several
cases, with its number in the letter. When it was told again stands in the audit trail. S0-4, S3-5.2.2

The cases are held while this is decided and everything is read after that, so any number of replicas may look at
once: whoever comes second finds it done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union,
)

from models import AuditEntry, Case, Escalation, Message, Person
from models.base import Moment
from models.words import EscalationStatus, MessageStatus, Role
from portal.desk import audit, notices, policy, rota, turns
from portal.desk.bulk import numbers
from portal.desk.escalation import ACTIVE
from portal.desk.listing import among
from portal.desk.notices import Mention
from portal.desk.work import Work

TOLD_AGAIN = "tell of escalation again"
NOBODY_LEFT = "find nobody to tell"
UNTOLD = "untold escalations"
"""Under which the trail keeps of which escalations nobody was left to tell: a kind of its own, so that the desk finds
these few without looking at all that are raised."""
NOTICE = "escalation-notice"
_KEPT = "escalations heard of"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


Found = Row[*tuple[Any, ...]]
"""An escalation nobody has heard of, with its case: a row of `_STILL`."""


class Circle(IntEnum):
    """Who is told again, one circle after the other; each has its turn once."""

    ON_DUTY = 1
    """Whom a notice to the role reaches now: on duty, else everybody who holds it, else the managers."""
    EVERYBODY = 2
    """Everybody who holds the role."""
    MANAGERS = 3
    """Every manager."""


@dataclass(slots=True)
class _Telling:
    """What is known of one escalation: how it was told before, and who still has a letter on the way."""

    circle: int = 0
    at: datetime = _LONG_AGO
    nobody_left: bool = False
    on_the_way: set[int | None] = field(default_factory=set)


_moment = bindparam("before", type_=Moment())
_key = (
    literal(f"{NOTICE}/")
    + cast(Escalation.case_id, String)
    + "/"
    + Escalation.target
    + "/"
    + cast(Escalation.level, String)
    + "/"
    + cast(Escalation.cycle, String)
    + "/"
)
"""What the keys of notices of this escalation alone begin with."""
_NAMING = and_(
    Message.template == NOTICE,
    or_(
        and_(Message.case_id == Escalation.case_id, Message.once.startswith(_key)),
        and_(Message.case_id.is_(None), Message.body_text.contains(Case.number)),
    ),
)
_ABOUT = AuditEntry.subject_id == cast(Escalation.id, String)
_AGAIN = and_(AuditEntry.subject_kind == Escalation.__tablename__, _ABOUT, AuditEntry.deed == TOLD_AGAIN)
_LATER = and_(
    AuditEntry.subject_kind == Escalation.__tablename__,
    _ABOUT,
    AuditEntry.deed.in_((TOLD_AGAIN, turns.NEXT_TOLD)),
)
_RAISED = and_(  # both in words, for an index of either
    among(Escalation.status, [EscalationStatus.RAISED]), among(Escalation.status, ACTIVE)
)
_SENT = and_(Message.status == MessageStatus.SENT, Message.bounced_at.is_(None))
_NOT_HEARD_OF: ColumnElement[bool] = and_(
    ~exists().where(Message.created_at == Escalation.raised_at, _NAMING, _SENT).correlate(Escalation, Case),
    ~exists().where(_LATER, Message.created_at == AuditEntry.at, _NAMING, _SENT).correlate(Escalation, Case),
)
_UNHEARD = and_(_RAISED, _NOT_HEARD_OF)
_FRESH = select(Escalation.id).where(
    _RAISED,
    Escalation.raised_at > bindparam("since", type_=Moment()),
    Escalation.raised_at <= _moment,
)
_LOOK = (
    select(
        Escalation.id,
        select(func.max(AuditEntry.at))
        .where(_AGAIN)
        .correlate(Escalation)
        .scalar_subquery()
        .label("again_at"),
    )
    .join(Case, Case.id == Escalation.case_id)
    .where(Escalation.id.in_(union(_FRESH, numbers("known"))), _UNHEARD)
    .order_by(Escalation.raised_at, Escalation.id)
)
_HOLD = (
    select(Case.id)
    .where(Case.id.in_(select(Escalation.case_id).where(Escalation.id.in_(numbers("ids")))))
    .order_by(Case.id)
    .with_for_update(skip_locked=True)
)
_STILL = (
    select(
        Escalation.id,
        Escalation.case_id,
        Escalation.target,
        Escalation.level,
        Escalation.cycle,
        Escalation.to_role,
        Escalation.reason,
        Escalation.raised_at,
        Escalation.next_at,
        Case.number,
        Case.subject,
        Case.team,
        type_coerce(Case.kind, String).label("kind"),
        type_coerce(or_(Case.legal, Case.regulatory), Integer).label("hidden"),
    )
    .join(Case, Case.id == Escalation.case_id)
    .where(Escalation.id.in_(numbers("ids")), Escalation.case_id.in_(numbers("held")), _UNHEARD)
    .order_by(Escalation.raised_at, Escalation.id)
)
_ENTRIES = (
    select(Escalation.id, AuditEntry.at, AuditEntry.deed, AuditEntry.changes)
    .join(AuditEntry, or_(_AGAIN, and_(AuditEntry.subject_kind == UNTOLD, _ABOUT)))
    .where(Escalation.id.in_(numbers("ids")))
    .order_by(AuditEntry.id)
)
_tellings = union(
    select(Escalation.id, Escalation.raised_at.label("at")).where(Escalation.id.in_(numbers("ids"))),
    select(Escalation.id, AuditEntry.at).join(AuditEntry, _LATER).where(Escalation.id.in_(numbers("ids"))),
).subquery("tellings")
_ON_THE_WAY = (
    select(Escalation.id, Message.person_id)
    .join(_tellings, _tellings.c.id == Escalation.id)
    .join(Case, Case.id == Escalation.case_id)
    .join(Message, and_(Message.created_at == _tellings.c.at, _NAMING))
    .where(Message.status == MessageStatus.QUEUED)
)


async def waiting(work: Work) -> list[int]:
    """Give the escalations of which no notice went out in time and somebody has to be told now. One statement.

    What was heard of stays heard of, so this process looks at each escalation once, and again only at those nobody
    had heard of; at twice the time, for what a slow transaction wrote late.
    """
    since, known = work.kept.get(_KEPT, (_LONG_AGO, []))
    before = work.now - policy.HEARD_WITHIN
    told = {"since": since, "before": before, "known": known}
    found = (await work.session.execute(_LOOK, told)).all()
    work.kept[_KEPT] = before - policy.HEARD_WITHIN, [one.id for one in found]
    return [one.id for one in found if one.again_at is None or one.again_at <= before]


async def tell_again(work: Work, ids: Sequence[int]) -> int:
    """Tell the next circle in which somebody can be reached; where there is none, record that. Returns how many.

    Each circle has its turn once, and nobody gets a second letter while the first is on the way. A case that
    somebody is at just now is left to the next look. Safe on every replica at once.
    """
    held = list(await work.session.scalars(_HOLD, {"ids": ids}))
    if not held:
        return 0
    found: Sequence[Found] = (await work.session.execute(_STILL, {"ids": ids, "held": held})).all()
    if not found:
        return 0
    known = await _known(work, [one.id for one in found])
    gathered, told, nobody = notices.Gathered(), [], []
    in_turn: list[int] = []
    for one in found:
        before = known[one.id]
        if before.at > work.now - policy.HEARD_WITHIN:  # another replica was here first
            continue
        circle, people = await _next(work, one, before)
        if people:
            gathered.add(people, *_telling(one, circle))
            told.append((one.id, {"circle": [before.circle or None, circle]}))
            in_turn += [one.id] if one.next_at is not None else []
        elif not before.nobody_left:
            nobody.append((one.id, {"circle": [before.circle or None, None]}))
    if told:
        await notices.write_gathered(work, NOTICE, gathered)
    if in_turn:
        await turns.end(work, in_turn)
    await audit.record_each(work, TOLD_AGAIN, Escalation.__tablename__, told, reason="No notice went out.")
    await audit.record_each(work, NOBODY_LEFT, UNTOLD, nobody, reason="Nobody could be reached.")
    return len(told) + len(nobody)


def findings() -> Select[Any]:
    """Give the ids of the escalations nobody has heard of and nobody is left to be told. S0-4"""
    found = select(cast(AuditEntry.subject_id, Integer)).where(AuditEntry.subject_kind == UNTOLD)
    still = (  # raised, said by columns without an index: those found are fewer
        select(Escalation.id)
        .join(Case, Case.id == Escalation.case_id)
        .where(Escalation.id.in_(found), Escalation.accepted_at.is_(None), Escalation.ended_at.is_(None))
        .where(_NOT_HEARD_OF)
    )
    return select(Escalation.id).where(Escalation.id.in_(still))


async def _known(work: Work, ids: Sequence[int]) -> Mapping[int, _Telling]:
    known: dict[int, _Telling] = defaultdict(_Telling)
    for row in await work.session.execute(_ENTRIES, {"ids": ids}):
        telling = known[row.id]
        telling.nobody_left = row.deed == NOBODY_LEFT
        if row.deed == TOLD_AGAIN:
            telling.at = row.at
            telling.circle = row.changes[f"{Escalation.__tablename__}/{row.id}"]["circle"][1]
    for row in await work.session.execute(_ON_THE_WAY, {"ids": ids}):
        known[row.id].on_the_way.add(row.person_id)
    return known


async def _next(work: Work, one: Found, before: _Telling) -> tuple[Circle, list[Person]]:
    """Find the next circle in which somebody can be reached. What only managers may see goes to them. S3-5.1.2"""
    role = Role.MANAGER if one.hidden else one.to_role
    for circle in Circle:
        if circle > before.circle:
            people = [
                person
                for person in await _people(work, circle, role, one.team)
                if person.id not in before.on_the_way and notices.address_of(person)
            ]
            if people:
                return circle, people
    return Circle.MANAGERS, []


async def _people(work: Work, circle: Circle, role: Role, team: str) -> Sequence[Person]:
    if circle is Circle.ON_DUTY:
        return await notices.people_in(work, role, team)
    return await rota.holding(work, role if circle is Circle.EVERYBODY else Role.MANAGER)


def _telling(one: Found, circle: Circle) -> tuple[Mapping[str, object], list[Mention]]:
    heading = {
        "kind": one.kind,
        "level": one.level,
        "to_role": one.to_role.value,
        "reason": f"{one.reason} No notice of this went out before.".strip(),
    }
    once = f"{one.case_id}/{one.target}/{one.level}/{one.cycle}/again-{circle.value}"
    return heading, [Mention(one.number, one.subject, one.case_id, once, bool(one.hidden))]
