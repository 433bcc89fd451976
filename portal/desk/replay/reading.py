"""A replay as somebody may see it: figures without the cases hidden from them, names of cases only if they may. S3-5.1.2"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Case, PolicyVersion, Replay, ReplayMove
from models.words import DeadlineKind, ReplayStatus
from portal.desk.listing import LARGEST_ID, PAGE, Rows
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.replay.figures import Figures
from portal.desk.replay.running import OPEN_TO_ALL, RESTRICTED, changed_since
from portal.desk.rows import narrowed
from portal.desk.work import Work


@dataclass(frozen=True, slots=True)
class Shown:
    """The replay of a version, and whether it still tells the truth."""

    replay: Replay
    figures: Figures
    outdated: str
    """What changed since, in words."""
    numbers: dict[int, str]
    """The numbers of the cases it names, of those the reader may see."""

    @property
    def running(self) -> bool:
        return self.replay.status is ReplayStatus.RUNNING

    @property
    def share(self) -> int:
        """How far it has come, in per cent."""
        return min(100 * self.replay.last_case_id // max(self.replay.up_to_case_id, 1), 100)


@dataclass(frozen=True, slots=True)
class Moved:
    """One due time that would move."""

    case_id: int
    number: str
    subject: str
    kind: DeadlineKind
    level: int
    before: datetime | None
    after: datetime | None


async def of_version(work: Work, version: PolicyVersion) -> Shown | None:
    """Give the replay of a version; None when there was none."""
    work.require(May.EDIT_POLICY)
    replay: Replay | None = await work.session.scalar(
        select(Replay).where(Replay.policy_id == version.id).options(joinedload(Replay.asked_by))
    )
    if replay is None:
        return None
    figures = Figures.read(replay.figures[OPEN_TO_ALL])
    if work.may(May.SEE_RESTRICTED):
        figures.add(Figures.read(replay.figures[RESTRICTED]))
    named = {case for ids in figures.examples.values() for case in ids}
    asked: Any = narrowed(work.actor, Case, select(Case.id, Case.number).where(Case.id.in_(named)))
    numbers = {row.id: row.number for row in await work.session.execute(asked)} if named else {}
    return Shown(replay, figures, await changed_since(work, replay, version), numbers)


async def moves(work: Work, replay: Replay, after: str = "") -> Rows[Moved]:
    """The due times of open cases that would move, a page of them, in the order of the cases."""
    work.require(May.EDIT_POLICY)
    statement = (
        select(
            ReplayMove.id,
            Case.id.label("case_id"),
            Case.number,
            Case.subject,
            ReplayMove.kind,
            ReplayMove.level,
            ReplayMove.due_before,
            ReplayMove.due_after,
        )
        .join(Case, Case.id == ReplayMove.case_id)
        .where(ReplayMove.replay_id == replay.id, ReplayMove.id > min(number_in(after) or 0, LARGEST_ID))
        .order_by(ReplayMove.id)
        .limit(PAGE + 1)
    )
    found = (await work.session.execute(narrowed(work.actor, Case, statement))).all()
    shown = [Moved(*tuple(row)[1:]) for row in found[:PAGE]]
    return Rows(shown, str(found[PAGE - 1].id) if len(found) > PAGE else "")
