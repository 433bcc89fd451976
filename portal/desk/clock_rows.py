"""The statements by which many clocks are read and written at once: each said once, for any number of rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    bindparam,
    exists,
    func,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy import case as either

from models import Case, ClockEvent, Deadline, Escalation
from models.base import Moment
from models.words import DeadlineStatus, EscalationStatus
from portal.desk import projecting
from portal.desk.bulk import Rows, numbers
from portal.desk.due import OPEN_CASES
from portal.desk.listing import among

_clocks: Any = Deadline.__table__
_events: Any = ClockEvent.__table__
_cases: Any = Case.__table__
_raised: Any = Escalation.__table__
_these = numbers("cases")
IN_HAND = (EscalationStatus.ACCEPTED, EscalationStatus.RESOLVED)
"""Nobody further up is called for then."""


def _plain(column: Any) -> ColumnElement[str]:
    found: ColumnElement[str] = type_coerce(column, String).label(column.name)
    return found


_policy = bindparam("policy", type_=Integer)
SEEN = (
    select(
        _clocks.c.id,
        _clocks.c.case_id,
        _plain(_clocks.c.kind),
        _clocks.c.level,
        _clocks.c.cycle,
        _clocks.c.policy,
        _clocks.c.calendar,
        type_coerce(_clocks.c.warned_at.is_not(None), Integer).label("warned"),
        type_coerce(_clocks.c.met_at.is_not(None), Integer).label("met"),
        _plain(_clocks.c.status),
        _clocks.c.due_at,
        _clocks.c.warn_at,
        _clocks.c.next_at,
        _plain(_clocks.c.target_kind),
        _clocks.c.target_amount,
        _clocks.c.warn_percent,
        _clocks.c.source,
        _clocks.c.rule,
    )
    .where(_clocks.c.case_id.in_(_these))
    .order_by(_clocks.c.id)
)
"""Every clock of these cases. Words are plain text, which costs less to read."""
CLOCKS = SEEN.with_for_update()
"""The same, taken for the rest of the transaction."""
SHOWN = slice(9, None)
"""What of a clock a projection says: state, moments and limit; as `MOVE` takes it from its third place on."""
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
        _cases.c.own_channel,
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
RAISED = (
    select(
        _raised.c.case_id,
        _raised.c.cycle,
        func.max(_raised.c.level).label("level"),
        func.max(
            either(
                (among(_raised.c.status, IN_HAND) | _cases.c.legal | _cases.c.regulatory, 1),
                else_=0,
            )
        ).label("in_hand"),
    )
    .join(_cases, _cases.c.id == _raised.c.case_id)
    .where(_raised.c.case_id.in_(_these))
    .group_by(_raised.c.case_id, _raised.c.cycle)
)
"""How far they were handed up in each cycle, and whether somebody has, or had, them in hand. S2-13.4"""

_moved = Rows("moved")
MOVE = (
    update(_clocks)
    .where(_clocks.c.id == _moved.number(0))
    .values(
        calendar=_moved.number(1),
        status=_moved.text(2),
        due_at=_moved.moment(3),
        warn_at=_moved.moment(4),
        next_at=_moved.moment(5),
        target_kind=_moved.text(6),
        target_amount=_moved.number(7),
        warn_percent=_moved.number(8),
        source=_moved.text(9),
        rule=_moved.text(10),
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
"""Only the version is another: [id, calendar], and the case for whoever counts them."""
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
_there = _clocks.alias("there")
_is_there = exists().where(
    _there.c.case_id == _begun.number(0),
    type_coerce(_there.c.kind, String) == _begun.text(12),
    _there.c.level == _begun.number(13),
    _there.c.cycle == _begun.number(14),
)
"""Clocks are taken before their cases, and a deed on a case may begin one between the two: that one stays. Once the
case is held nobody else begins any, so what is asked here stays true."""
BEGIN = (
    insert(_clocks)
    .from_select(
        [
            "case_id",
            "calendar",
            "status",
            "due_at",
            "warn_at",
            "next_at",
            "target_kind",
            "target_amount",
            "warn_percent",
            "source",
            "rule",
            "started_at",
            "kind",
            "level",
            "cycle",
            "policy",
        ],
        select(
            *(_begun.number(place) for place in (0, 1)),
            _begun.text(2),
            *(_begun.moment(place) for place in (3, 4, 5)),
            _begun.text(6),
            *(_begun.number(place) for place in (7, 8)),
            *(_begun.text(place) for place in (9, 10)),
            _begun.moment(11),
            _begun.text(12),
            *(_begun.number(place) for place in (13, 14)),
            _policy,
        )
        .select_from(_begun.table)
        .where(~_is_there),
    )
    .returning(_clocks.c.id, _clocks.c.case_id, _clocks.c.kind, _clocks.c.level, _clocks.c.due_at)
)
"""New clocks, but for those that are there by now: as those of `MOVE`, but first the case, and last beginning, kind, level
and cycle."""
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
