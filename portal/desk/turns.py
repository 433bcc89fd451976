"""Telling of an escalation one person after the other, until somebody accepts it. S2-13.2

A level of the policy says whether all of its role are told together or one after the other, with so many minutes
each. The order is that of the rota. Who is next is looked up when the turn comes, by the same rule as every notice, so
that a colleague who came on duty meanwhile is told and one who went home is not. Everybody is told once: a turn is a
row of its own with a unique key, written in the transaction that writes the letter and sets the next turn. A process
that dies in between leaves the turn due, and the next sweep takes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Row, String, and_, bindparam, or_, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite

from models import Case, Escalation, EscalationTurn, Person
from models.base import Moment
from models.words import EscalationStatus, Role
from portal.desk import audit, batches, bulk, due, notices, rota
from portal.desk.bulk import Rows, numbers
from portal.desk.notices import Mention
from portal.desk.work import Work

NEXT_TOLD = "tell next of escalation"
NOTICE = "escalation-notice"
MOST_FORESEEN = 20
_AUDITED = {"audited": True, "synchronize_session": False}
_raised: Any = Escalation.__table__
_turns: Any = EscalationTurn.__table__

Found = Row[*tuple[Any, ...]]
"""An escalation whose turn it is, with its case: a row of `_ROWS`."""

_due = (
    select(_raised.c.id)
    .join(Case, Case.id == _raised.c.case_id)
    .where(
        # Nothing of the status: SQLite would go through all that are raised, and what was accepted stays due for ever.
        _raised.c.next_at <= bindparam("moment", type_=Moment())
    )
    .order_by(_raised.c.next_at)
    .limit(bindparam("batch", type_=Integer))
    .with_for_update(
        skip_locked=True
    )  # the case too: telling again holds it, and a deed on it is not waited for
    .cte("due")
)
_CLAIM = (
    update(_raised)
    .where(_raised.c.id.in_(select(_due.c.id)))
    .values(next_at=None)
    .returning(_raised.c.id, _raised.c.put_off)
)
_ROWS = (
    select(
        Escalation.id,
        Escalation.case_id,
        Escalation.target,
        Escalation.level,
        Escalation.cycle,
        Escalation.to_role,
        Escalation.reason,
        Escalation.turn_minutes,
        Case.number,
        Case.subject,
        Case.team,
        type_coerce(Case.kind, String).label("kind"),
        type_coerce(or_(Case.legal, Case.regulatory), Integer).label("hidden"),
        type_coerce(
            and_(Case.status.in_(due.OPEN_CASES), Escalation.status == EscalationStatus.RAISED), Integer
        ).label("alive"),
        Case.escalation_level,
    )
    .join(Case, Case.id == Escalation.case_id)
    .where(Escalation.id.in_(numbers("ids")))
    .order_by(Escalation.raised_at, Escalation.id)
)
_TOLD = select(_turns.c.escalation_id, _turns.c.person_id).where(_turns.c.escalation_id.in_(numbers("ids")))
_turn = Rows("turns")
_SET = (
    update(_raised)
    .where(_raised.c.id == _turn.number(0))
    .values(next_at=_turn.moment(1))
    .execution_options(**_AUDITED)
)
_END = update(_raised).where(_raised.c.id.in_(numbers("ids"))).values(next_at=None)


@dataclass(frozen=True, slots=True)
class Turn:
    """Whom a notice reaches, and when it is their turn."""

    person: Person
    at: datetime


async def begin(work: Work, ids: Sequence[int]) -> None:
    """Tell the first one of each of these, which this deed has just handed up and records."""
    if ids:
        await _tell(work, ids)


async def tell_due(work: Work, batch: int) -> int:
    """Tell the next one of each escalation that nobody accepted in time; return how many there were. S2-13.2

    Safe on every replica at once.
    """
    return await batches.take(work, Escalation, _CLAIM, batch, _effects)


async def end(work: Work, ids: Sequence[int]) -> None:
    """No further turn for these: a wider circle was told. The caller records it."""
    await work.session.execute(_END, {"ids": ids}, execution_options=_AUDITED)


async def told_of(work: Work, ids: Iterable[int]) -> Mapping[int, set[int]]:
    """Who had their turn, for each of these escalations."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in await work.session.execute(_TOLD, {"ids": list(ids)}):
        found[row.escalation_id].add(row.person_id)
    return found


async def next_one(work: Work, role: Role, team: str, at: datetime, told: Collection[int]) -> Person | None:
    """The first in the order of the rota who can be reached at a moment and had no turn yet."""
    return next(
        (
            person
            for person in await rota.in_order(work, role, at, team)
            if person.id not in told and notices.address_of(person)
        ),
        None,
    )


async def foreseen(
    work: Work, role: Role, at: datetime, minutes: int, team: str = "", told: Collection[int] = ()
) -> list[Turn]:
    """Who would be told from a moment on if nobody accepts, and when: the same rule as when it happens."""
    found: list[Turn] = []
    known = set(told)
    while len(found) < MOST_FORESEEN:
        person = await next_one(work, role, team, at, known)
        if person is None:
            break
        found.append(Turn(person, at))
        known.add(person.id)
        at += timedelta(minutes=minutes)
    return found


async def ahead(work: Work, escalations: Sequence[Escalation]) -> dict[int, Turn]:
    """Who is next and when, for each of these that waits for a turn; their cases are loaded. Two statements and the rota."""
    waiting = [one for one in escalations if waits(one, one.case)]
    told = await told_of(work, [one.id for one in waiting]) if waiting else {}
    found = {}
    for one in waiting:
        at = max(one.next_at or work.now, work.now)
        person = await next_one(
            work, _role(one, one.case.restricted), one.case.team, at, told.get(one.id, ())
        )
        if person is not None:
            found[one.id] = Turn(person, at)
    return found


def waits(one: Any, case: Any) -> bool:
    """Whether somebody is next: nobody accepted, and the case is still at this level. A concern is the managers'."""
    return (
        one.next_at is not None
        and one.status is EscalationStatus.RAISED
        and case.escalation_level <= one.level
        and case.status in due.OPEN_CASES
    )


async def _effects(work: Work, ids: Sequence[int]) -> None:
    told = await _tell(work, ids)
    for reason, changes in (
        ("Nobody has accepted it yet.", [(one, {"told": [None, told[one]]}) for one in ids if one in told]),
        ("Nobody else has a turn.", [(one, {"next_at": [None, None]}) for one in ids if one not in told]),
    ):
        await audit.record_each(work, NEXT_TOLD, Escalation.__tablename__, changes, reason=reason)


async def _tell(work: Work, ids: Sequence[int]) -> dict[int, int]:
    """Tell the next one of each, and say when the one after has their turn; return whom, by escalation."""
    found: Sequence[Found] = (await work.session.execute(_ROWS, {"ids": ids})).all()
    before = await told_of(work, ids)
    chosen: dict[int, Person] = {}
    for one in found:
        if not one.alive or one.escalation_level > one.level:  # over, or with the level above by now
            continue
        role = _role(one, bool(one.hidden))
        if person := await next_one(work, role, one.team, work.now, before.get(one.id, ())):
            chosen[one.id] = person
    if not chosen:
        return {}
    rows = [
        {"escalation_id": key, "person_id": person.id, "told_at": work.now} for key, person in chosen.items()
    ]
    make: Any = sqlite.insert if work.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    written = (
        make(_turns)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(_turns.c.escalation_id, _turns.c.person_id)
    )
    made = {row[0]: row[1] for row in await work.session.execute(written, execution_options=_AUDITED)}
    gathered = notices.Gathered()
    nexts = []
    for one in found:
        if one.id not in made:
            continue
        heading = {
            "kind": one.kind,
            "level": one.level,
            "to_role": one.to_role.value,
            "reason": one.reason,
        }
        once = f"{one.case_id}/{one.target}/{one.level}/{one.cycle}"
        mention = Mention(one.number, one.subject, one.case_id, once, bool(one.hidden))
        gathered.add([chosen[one.id]], heading, [mention])
        nexts.append([one.id, bulk.written(work.now + timedelta(minutes=one.turn_minutes))])
    await work.session.execute(_SET, {"turns": nexts})
    await notices.write_gathered(work, NOTICE, gathered)
    return made


def _role(one: Any, hidden: bool) -> Role:  # noqa: FBT001 - of a row
    """Of a legal or regulatory case nobody but the managers is told. S3-5.1.2"""
    role: Role = Role.MANAGER if hidden else one.to_role
    return role
