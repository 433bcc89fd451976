"""The statements by which many clocks are read and written at once: each said once, for any number of rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, String, bindparam, insert, select, update
from sqlalchemy import case as either

from models import Case, ClockEvent, Deadline, Escalation
from models.base import Moment
from models.words import DeadlineStatus
from portal.desk import projecting
from portal.desk.bulk import Rows, numbers
from portal.desk.due import OPEN_CASES
from portal.desk.listing import among

_clocks: Any = Deadline.__table__
_events: Any = ClockEvent.__table__
_cases: Any = Case.__table__
_raised: Any = Escalation.__table__
_these = numbers("cases")
_policy = bindparam("policy", type_=Integer)
CLOCKS = (
    select(
        _clocks.c.id,
        _clocks.c.case_id,
        _clocks.c.kind,
        _clocks.c.level,
        _clocks.c.cycle,
        _clocks.c.status,
        _clocks.c.policy,
        _clocks.c.calendar,
        _clocks.c.rule,
        _clocks.c.target_kind,
        _clocks.c.target_amount,
        _clocks.c.warn_percent,
        _clocks.c.source,
        _clocks.c.started_at,
        _clocks.c.due_at,
        _clocks.c.warn_at,
        _clocks.c.next_at,
        _clocks.c.warned_at,
        _clocks.c.met_at,
    )
    .where(_clocks.c.case_id.in_(_these))
    .order_by(_clocks.c.id)
    .with_for_update()
)
"""Every clock of these cases, taken for the rest of the transaction."""
FACTS = (
    select(_events.c.case_id, _events.c.kind, _events.c.cycle, _events.c.at)
    .where(_events.c.case_id.in_(_these), among(_events.c.kind, projecting.SPEAKING))
    .order_by(_events.c.at, _events.c.id)
)
"""What a projection goes by, in the order in which it happened."""
CASES = (
    select(
        _cases.c.id,
        _cases.c.kind,
        _cases.c.severity,
        _cases.c.channel,
        _cases.c.tier,
        _cases.c.team,
        _cases.c.country,
        _cases.c.calendar_id,
        _cases.c.cycle,
        _cases.c.acknowledged_at,
        _cases.c.answered_at,
    )
    .where(_cases.c.id.in_(_these), among(_cases.c.status, OPEN_CASES))
    .order_by(_cases.c.id)
)
"""Those of them that are open, with what the policy asks of a case."""
REACHED = select(_raised.c.case_id, _raised.c.cycle, _raised.c.level).where(_raised.c.case_id.in_(_these))
"""The levels to which they were handed up already."""

_moved = Rows("moved")
MOVE = (
    update(_clocks)
    .where(_clocks.c.id == _moved.number(0))
    .values(
        calendar=_moved.number(1),
        started_at=_moved.moment(2),
        due_at=_moved.moment(3),
        warn_at=_moved.moment(4),
        next_at=_moved.moment(5),
        status=_moved.text(6),
        target_kind=_moved.text(7),
        target_amount=_moved.number(8),
        warn_percent=_moved.number(9),
        source=_moved.text(10),
        rule=_moved.text(11),
        policy=_policy,
    )
)
"""Write what has another projection now: rows as `following` puts them together."""
_followed = Rows("followed")
FOLLOW = (
    update(_clocks)
    .where(_clocks.c.id == _followed.number(0))
    .values(calendar=_followed.number(1), policy=_policy)
)
"""Only the version is another: [id, calendar]."""
_stopped = Rows("stopped")
STOP = (
    update(_clocks)
    .where(_clocks.c.id == _stopped.number(0))
    .values(
        calendar=_stopped.number(1),
        status=_stopped.text(2),
        missed_at=either(
            (_stopped.text(2) == DeadlineStatus.MISSED.value, _clocks.c.due_at), else_=_clocks.c.missed_at
        ),
        next_at=None,
        policy=_policy,
    )
)
"""What the policy asks for no more: [id, calendar, state]."""
_begun = Rows("begun")
BEGIN = (
    insert(_clocks)
    .from_select(
        [
            "calendar",
            "started_at",
            "due_at",
            "warn_at",
            "next_at",
            "status",
            "target_kind",
            "target_amount",
            "warn_percent",
            "source",
            "rule",
            "policy",
            "case_id",
            "kind",
            "level",
            "cycle",
        ],
        select(
            _begun.number(1),
            *(_begun.moment(place) for place in range(2, 6)),
            *(_begun.text(place) for place in (6, 7)),
            *(_begun.number(place) for place in (8, 9)),
            *(_begun.text(place) for place in (10, 11)),
            _policy,
            _begun.number(0),
            _begun.text(12),
            *(_begun.number(place) for place in (13, 14)),
        ).select_from(_begun.table),
    )
    .returning(_clocks.c.id, _clocks.c.case_id, _clocks.c.kind, _clocks.c.level, _clocks.c.due_at)
)
"""New clocks: as those of `MOVE`, but first the case, and last kind, level and cycle."""
TELL = insert(_events).from_select(
    ["case_id", "kind", "cycle", "at", "by_id", "reason"],
    select(
        _cases.c.id,
        bindparam("kind", type_=String),
        _cases.c.cycle,
        bindparam("moment", type_=Moment()),
        bindparam("by", type_=Integer),
        bindparam("reason", type_=String),
    )
    .where(_cases.c.id.in_(numbers("told")))
    .order_by(_cases.c.id),
)
"""One fact for each of these cases."""
