"""Acting on deadlines that warn or run out: the one place where time itself does something. S0-4, S3-5.2.2.

One statement takes what is due and marks it at once: warned, or missed at its exact due moment. The notices and
escalations follow in the same transaction (see `batches` why that needs no lease). Any number of replicas may
sweep at once; an idle sweep is that one statement. A colleague gets one notice of each kind for a whole batch,
naming every case it is about once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Row, String, bindparam, func, or_, select, type_coerce, update
from sqlalchemy import case as either

from models import Case, Deadline, PolicyVersion
from models.base import Moment
from models.words import DeadlineKind, DeadlineStatus, PolicyStatus, Role
from portal.desk import actions, audit, batches, deadlines, escalation, notices, status_updates
from portal.desk.bulk import numbers
from portal.desk.notices import Mention
from portal.desk.work import Work

Struck = Row[*tuple[Any, ...]]
"""A deadline that a sweep has just marked, with what has to be known of its case: a row of `_STRUCK`."""

_clocks: Any = Deadline.__table__
_cases: Any = Case.__table__
_moment = bindparam("moment", type_=Moment())
_versions: Any = PolicyVersion.__table__
_newest = (
    select(_versions.c.number, _versions.c.in_force_from)
    .where(_versions.c.status == PolicyStatus.PUBLISHED)
    .order_by(_versions.c.number.desc())
    .limit(1)
)
_follows = or_(
    # What a change of the policy has not reached yet waits for it, but not what had run out before.
    _clocks.c.policy >= func.coalesce(_newest.with_only_columns(_versions.c.number).scalar_subquery(), 0),
    _clocks.c.due_at <= _newest.with_only_columns(_versions.c.in_force_from).scalar_subquery(),
)
_due = (
    select(_clocks.c.id)
    .where(_clocks.c.next_at <= _moment, _follows)
    .order_by(_clocks.c.next_at)  # without it PostgreSQL reads the whole table once the statement is prepared
    .limit(bindparam("batch", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_over = _clocks.c.due_at <= _moment
_CLAIM = (
    update(_clocks)
    .where(_clocks.c.id.in_(select(_due.c.id)))
    .values(
        next_at=either((_over, None), else_=_clocks.c.due_at),
        status=either((_over, DeadlineStatus.MISSED), else_=_clocks.c.status),
        missed_at=either((_over, _clocks.c.due_at), else_=_clocks.c.missed_at),
        warned_at=either((_over, _clocks.c.warned_at), else_=_moment),
    )
    .returning(_clocks.c.id, _clocks.c.put_off)
)
_STRUCK = (
    select(
        _clocks.c.id,
        _clocks.c.case_id,
        type_coerce(_clocks.c.kind, String).label("kind"),
        _clocks.c.level,
        _clocks.c.cycle,
        _clocks.c.policy,
        _clocks.c.rule,
        _clocks.c.due_at,
        type_coerce(_clocks.c.next_at.is_(None), Integer).label("ran_out"),
        _cases.c.number,
        type_coerce(_cases.c.kind, String).label("case_kind"),
        type_coerce(_cases.c.severity, String).label("severity"),
        type_coerce(_cases.c.channel, String).label("channel"),
        _cases.c.own_channel,
        type_coerce(_cases.c.tier, String).label("tier"),
        _cases.c.customer_id,
        _cases.c.subject,
        type_coerce(_cases.c.status.in_(deadlines.OPEN_CASES), Integer).label("alive"),
        type_coerce(or_(_cases.c.legal, _cases.c.regulatory), Integer).label("hidden"),
        type_coerce(_cases.c.held_by_role, String).label("held_by_role"),
        _cases.c.held_by_id,
        _cases.c.escalation_level,
        _cases.c.team,
    )
    .join_from(_clocks, _cases, _clocks.c.case_id == _cases.c.id)
    .where(_clocks.c.id.in_(numbers("ids")))
    .order_by(_clocks.c.due_at, _clocks.c.id)
)


async def act_on_due(work: Work, batch: int) -> int:
    """Warn of, record and escalate up to so many deadlines, the longest due first; return how many there were.

    A deadline that warned too late runs out without a warning. Safe on every replica at once.
    """
    return await batches.take(work, Deadline, _CLAIM, batch, _effects)


async def _effects(work: Work, ids: Sequence[int]) -> None:
    struck: Sequence[Struck] = (await work.session.execute(_STRUCK, {"ids": ids})).all()
    ran_out = [one for one in struck if one.ran_out]
    warned = [one for one in struck if not one.ran_out]
    levels = [one for one in ran_out if one.alive and one.kind == DeadlineKind.ESCALATE]
    raised = await escalation.raise_struck(work, levels)
    alive = ((one, actions.MISSED if one.ran_out else actions.WARNING) for one in struck if one.alive)
    plain, acts = await actions.wanted(work, alive)
    await _tell(work, plain)
    await status_updates.plan_each(work, [one for one in plain if one.ran_out])
    await actions.carry_out(work, acts)
    missed = [DeadlineStatus.RUNNING, DeadlineStatus.MISSED]
    changes: list[tuple[int, dict[str, Any]]] = [
        (one.id, {"status": missed, "missed_at": [None, one.due_at.isoformat()]})
        for one in ran_out
        if one.id not in raised  # the others are recorded with their escalation
    ]
    await audit.record_each(work, "miss deadline", "deadlines", changes)
    told = {"warned_at": [None, work.now.isoformat()]}
    await audit.record_each(work, "warn of deadline", "deadlines", [(one.id, told) for one in warned])


async def _tell(work: Work, struck: Sequence[Struck]) -> None:
    """Say who hears of it: a warning goes to the holder or the group, a miss to the supervisors.

    What nobody but the managers may see is told to nobody else (S3-5.1.2). A level of the matrix that runs out is
    told by its escalation. What a row of the policy wants instead is in `actions`.
    """
    groups: dict[tuple[bool, str, str, str, Role | int], list[Mention]] = defaultdict(list)
    for one in struck:
        to: Role | int
        if one.ran_out:
            if one.kind == DeadlineKind.ESCALATE:
                continue
            to, key = Role.MANAGER if one.hidden else Role.SUPERVISOR, f"missed/{one.id}"
        else:
            here = await actions.colleague(work, one.held_by_id) is not None
            to, key = one.held_by_id if here else Role(one.held_by_role), f"warning/{one.id}"
        mention = Mention(one.number, one.subject, one.case_id, key, bool(one.hidden), one.due_at)
        groups[bool(one.ran_out), one.kind, one.case_kind, one.team, to].append(mention)
    gathered = notices.Gathered()
    for (ran_out, deadline, kind, team, to), mentions in sorted(
        groups.items(), key=lambda group: not group[0][0]
    ):
        if isinstance(to, Role):
            people = await notices.people_in(work, to, team)
        else:
            people = [person] if (person := await actions.colleague(work, to)) else []
        gathered.add(people, {"ran_out": ran_out, "deadline": deadline, "kind": kind, "words": ""}, mentions)
    await notices.write_gathered(work, "deadline-warning", gathered)
