"""Handing cases up because a row of the policy says so: many at once, once for each clock and level. S2-13.2, S3-5.2.2"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Update, update

from models import Deadline, Escalation
from models.words import DeadlineKind, DeadlineStatus, EscalationStatus, Role
from portal.desk import audit, bulk, deadlines, escalation, notices, turns
from portal.desk.bulk import Rows
from portal.desk.notices import Mention
from portal.desk.work import Work

_KEY = ("case_id", "target", "level", "cycle")
_AUDITED = {"audited": True}


class ByRule(NamedTuple):
    """One case that goes up because a row of the policy says so when its clock warns, runs out or is met."""

    clock: Any
    level: int
    to_role: Role
    source: str
    reason: str
    turn_minutes: int = 0
    """How long each of the role has before the next one is told; 0 where all are told together."""


async def raise_by_rule(work: Work, wanted: Sequence[ByRule]) -> None:
    """Hand these cases up, tell each group once, and let no clock call the levels they have reached. S2-13.2, S3-5.2.2

    Records each. What was handed up so before stays as it is.
    """
    if not wanted:
        return
    rows = [
        {
            "case_id": one.clock.case_id,
            "target": one.clock.kind,
            "level": one.level,
            "cycle": one.clock.cycle,
            "to_role": one.to_role,
            "status": EscalationStatus.RAISED,
            "reason": one.reason,
            "source": one.source,
            "raised_by_id": work.actor.person_id,
            "raised_at": work.now,
            "turn_minutes": one.turn_minutes,
            "version": 1,
        }
        for one in wanted
    ]
    made = Escalation.__table__.c
    make = bulk.insert_of(work.session)
    insert = make(Escalation.__table__).on_conflict_do_nothing(index_elements=_KEY)
    written = insert.values(rows).returning(made.id, made.case_id, made.target, made.level)
    fresh = {
        (row.case_id, row.target, row.level): row.id
        for row in await work.session.execute(written, execution_options=_AUDITED)
    }
    new = [one for one in wanted if (one.clock.case_id, one.clock.kind, one.level) in fresh]
    moves = {one.clock.case_id: [one.clock.case_id, one.level, one.to_role] for one in new}
    gathered = notices.Gathered()
    changes = []
    in_turn: list[int] = []
    for one in new:
        clock = one.clock
        changed = {"escalation_level": [clock.escalation_level, one.level], "held_by_role": one.to_role}
        changes.append((clock.case_id, changed))
        if one.turn_minutes:
            in_turn.append(fresh[clock.case_id, clock.kind, one.level])
            continue
        once = f"{clock.case_id}/{clock.kind}/{one.level}/{clock.cycle}"
        gathered.add(
            await notices.people_in(work, one.to_role, clock.team),
            {"kind": clock.case_kind, "level": one.level, "to_role": one.to_role.value, "reason": one.reason},
            [Mention(clock.number, clock.subject, clock.case_id, once, bool(clock.hidden))],
        )
    if moves:
        await escalation.move(work, list(moves.values()))
        await work.session.execute(_STOP, {"moves": list(moves.values())}, execution_options=_AUDITED)
    await notices.write_gathered(work, "escalation-notice", gathered)
    await turns.begin(work, in_turn)
    await audit.record_each(
        work, "escalate case", "cases", changes, reason="A row of the policy asks for it."
    )


def _stopping() -> Update:
    """Stop the clocks that would call the levels that the cases of `moves` have reached."""
    clocks, move = Deadline.__table__.c, Rows("moves")
    return (
        update(Deadline.__table__)  # type: ignore[arg-type]  # it is a Table
        .where(
            clocks.case_id == move.number(0),
            clocks.kind == DeadlineKind.ESCALATE,
            clocks.level <= move.number(1),
            clocks.status.in_(deadlines.UNFINISHED),
        )
        .values(status=DeadlineStatus.STOPPED, next_at=None)
    )


_STOP = _stopping()
