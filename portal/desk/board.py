"""The board: every open case by level or by state, as each reader may see it, and what tells that it changed. S2-13.4

Reads only. A column shows what is due first; its count is that of the list it leads to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, cast, exists, literal_column, or_, select
from sqlalchemy.orm import joinedload

from models import AuditEntry, Case, Deadline, Escalation
from models.words import DeadlineKind, EscalationStatus
from portal.desk import due, own_team, queues, turns
from portal.desk.customers import MaskedCustomer
from portal.desk.errors import NotFound
from portal.desk.listing import PAGE, Rows
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work

SHOWN = 25
"""Cards of a column; the rest is behind its count."""
HIGHEST = 3
"""Cases at this level and above share a column."""
LOOKED_BACK = 100
"""Entries of the audit trail that are read again: numbers are given out before they are committed."""


class By(StrEnum):
    """What makes the columns."""

    LEVEL = "level"
    STATE = "state"


COLUMNS: dict[By, dict[str, str]] = {
    By.LEVEL: {"0": "First contact", "1": "Level 1", "2": "Level 2", "3": "Level 3 and above"},
    By.STATE: {
        "first": "First contact",
        "waits": "Waits to be accepted",
        "accepted": "Accepted",
        "back": "Back with the representatives",
    },
}
"""The columns of each board and what stands above them. Every open case is in one column of each."""


@dataclass(frozen=True, slots=True)
class Card:
    """A case as the board shows it."""

    case: Case
    customer: MaskedCustomer | None
    up: Deadline | None
    """The clock that hands it to the next level; None when nothing does."""
    turn: turns.Turn | None = None
    """Who is told next and when, where a level tells one after the other and nobody has accepted. S2-13.2"""


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    title: str
    count: int
    """Of all its cases, counted to COUNTED_TO."""
    cards: list[Card]


async def columns(work: Work, by: By, *, all_teams: bool = False) -> list[Column]:
    """The columns with their first cards, in as many statements for one case as for a hundred.

    A supervisor sees the own team's cases, or with `all_teams` those of all. S0-4.1b
    """
    work.require(May.TAKE_ESCALATIONS)
    ids = {key: cases_in(work, by, key, all_teams=all_teams) for key in COLUMNS[by]}
    counted = {key: due.counted(ids[key]) for key in COLUMNS[by]}
    counts = dict(zip(counted, (await work.session.execute(select(*counted.values()))).one(), strict=True))
    found: dict[str, Sequence[Case]] = {}
    for key in COLUMNS[by]:
        first = due.soonest_first([ids[key]], SHOWN)
        found[key] = (await work.session.scalars(first)).all()
    cards = await _cards(work, [case for cases in found.values() for case in cases])
    return [
        Column(key, title, counts[key], [cards[case.id] for case in found[key]])
        for key, title in COLUMNS[by].items()
    ]


async def rows(work: Work, by: By, key: str, before: str = "", *, all_teams: bool = False) -> Rows[Card]:
    """The cases of one column, page by page: the list its count counts. Raises NotFound for no such column."""
    work.require(May.TAKE_ESCALATIONS)
    if key not in COLUMNS[by]:
        raise NotFound
    ids = cases_in(work, by, key, all_teams=all_teams)
    found = (await work.session.scalars(due.soonest_first([ids], PAGE + 1, before))).all()
    cards = await _cards(work, found[:PAGE])
    older = due.place_of(found[PAGE - 1]) if len(found) > PAGE else ""
    return Rows([cards[case.id] for case in found[:PAGE]], older)


def cases_in(work: Work, by: By, key: str, *, all_teams: bool = False) -> Select[Any]:
    """The ids of the cases of one column that the actor may see; of a supervisor's own team, or of all. S0-4.1b"""
    ids = narrowed(work.actor, Case, select(Case.id)).where(due.is_open(), _belongs(by, key))
    ours = None if all_teams else own_team.theirs(work)
    return ids if ours is None else ids.where(ours)


def _belongs(by: By, key: str) -> ColumnElement[bool]:
    if key in {"0", "first"}:
        return Case.escalation_level == 0
    # Written out, so that a database knows that its index of the escalated cases holds them all.
    escalated: ColumnElement[bool] = literal_column("cases.escalation_level > 0")
    if by is By.LEVEL:
        level = int(key)
        at = Case.escalation_level >= level if level == HIGHEST else Case.escalation_level == level
        return and_(escalated, at)
    raised, accepted = _has(EscalationStatus.RAISED), _has(EscalationStatus.ACCEPTED)
    meant = {"waits": and_(raised, ~accepted), "accepted": accepted, "back": and_(~raised, ~accepted)}
    return and_(escalated, meant[key])


def _has(status: EscalationStatus) -> ColumnElement[bool]:
    return exists().where(Escalation.case_id == Case.id, Escalation.status == status)


async def _cards(work: Work, cases: Sequence[Case]) -> dict[int, Card]:
    clocks = await queues.clocks_of(work, (case.id for case in cases))
    waiting = await _waiting_for_a_turn(work, cases)
    return {
        case.id: Card(case, queues.masked_or_none(case), _up(clocks.get(case.id, [])), waiting.get(case.id))
        for case in cases
    }


async def _waiting_for_a_turn(work: Work, cases: Sequence[Case]) -> dict[int, turns.Turn]:
    """Whose turn comes next, by case; one statement where no level tells one after the other."""
    asked = (
        select(Escalation)
        .where(Escalation.case_id.in_([case.id for case in cases]), Escalation.next_at.is_not(None))
        .where(Escalation.status == EscalationStatus.RAISED)
        .options(joinedload(Escalation.case))
        .order_by(Escalation.level)
    )
    found = list(await work.session.scalars(asked))
    ahead = await turns.ahead(work, found)
    return {one.case_id: ahead[one.id] for one in found if one.id in ahead}


def _up(clocks: Sequence[Deadline]) -> Deadline | None:
    return next(
        (one for one in clocks if one.kind is DeadlineKind.ESCALATE and one.status in due.UNFINISHED), None
    )


@dataclass(slots=True)
class News:
    """What one process knows of the changes on the board: told by the audit trail, where every deed leaves one entry."""

    highest: int = -1
    known: frozenset[int] = frozenset()
    changes: int = 0
    """How often something changed since this process began to look."""


_touches = or_(
    AuditEntry.subject_kind.in_((Case.__tablename__, Escalation.__tablename__)),
    cast(AuditEntry.changes, Text).contains(f'"{Case.__tablename__}/'),
)
_LATEST = (
    select(AuditEntry.id, _touches)
    .where(AuditEntry.id > bindparam("after"))
    .order_by(AuditEntry.id.desc())
    .limit(bindparam("most"))
)
_MOST = 1_000


async def look_for_news(work: Work, news: News) -> None:
    """Count up `changes` when a case or an escalation changed since the last look: one range of a primary key."""
    begun = news.highest >= 0
    after = max(news.highest - LOOKED_BACK, 0) if begun else 0
    asked = {"after": after, "most": _MOST if begun else LOOKED_BACK}
    found = (await work.session.execute(_LATEST, asked)).all()
    touching = frozenset(row[0] for row in found if row[1])
    # The first look, and one that could not see everything since the last, may have missed something.
    news.changes += not begun or len(found) == _MOST or bool(touching - news.known)
    news.highest, news.known = max((row[0] for row in found), default=max(news.highest, 0)), touching
