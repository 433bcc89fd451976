"""Counting, and sweeps: idle, with ten thousand due, and two at once. P8, P9, P11, P17"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select, update

from bench.measure import Line, Timing, at_most, in_turns, within
from bench.processes import sweeper
from bench.scene import Scene, with_desk
from bench.sweeper import IDLE
from models import Case, Deadline, Message
from models.words import DeadlineStatus
from portal.desk import audit, hours, notices
from portal.desk.work import SYSTEM, Desk

ROUNDS = 4
TWO_ROUNDS = 3
CALLS = 200
MICRO = 1_000
"""Microseconds in a millisecond."""
YEAR_AHEAD_US = 50
YEAR = timedelta(days=365)
HOLIDAYS = ((1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31))
FIXED_MS = 2
NUMBER = re.compile(r"\bHC-\d\d-\d+-\d\b")


class Lots:
    """Hands out the moments at which the next lot of deadlines has fallen due."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

        self.next = with_desk(scene.url, self._first_whole)

    async def _first_whole(self, desk: Desk) -> int:
        """The first lot that nobody has touched; what a run that was broken off left of another is stopped."""
        plan = self.scene.plan
        async with desk.look(SYSTEM) as work:
            due = await work.session.scalar(select(func.min(Deadline.next_at)))
            if due is None:
                return plan.rounds
            lot = plan.lot_at(due)
            left = Deadline.next_at <= plan.swept_at(lot)
            if await work.session.scalar(select(func.count()).where(left)) == plan.due_at_once:
                return lot
        async with desk.work(SYSTEM) as work:
            stopped = update(Deadline).where(left).values(status=DeadlineStatus.STOPPED, next_at=None)
            await work.session.execute(stopped.execution_options(audited=True))
            await audit.record(work, "stop deadlines")
        return lot + 1

    @property
    def left(self) -> int:
        return self.scene.plan.rounds - self.next

    def take(self) -> datetime:
        """The next moment. Raises ValueError when all lots are used up: then the desk has to be made anew."""
        if self.left <= 0:
            raise ValueError(
                "Every deadline of this desk was swept already. Run without --keep, or on another folder."
            )
        self.next += 1
        return self.scene.plan.swept_at(self.next - 1)


def counting(scene: Scene) -> Iterator[Line]:
    """One due time over a year of open time ahead, on a calendar that has been asked before. P17"""
    holidays = {date(year, month, day): "off" for year in (2026, 2027) for month, day in HOLIDAYS}
    office = hours.parse("Europe/Berlin", "Mo-Fr 09:00-12:30,13:15-17:30; Sa 10:00-13:00", holidays)
    start = datetime(2026, 3, 27, 15, 30, tzinfo=UTC)
    pauses: list[hours.Pause] = [
        (start + timedelta(days=many), start + timedelta(days=many, hours=5)) for many in (1, 40, 200)
    ]
    targets = {
        "business time": hours.business(seconds=int(hours.open_seconds(office, start, start + YEAR))),
        "business days": hours.business_days(300),
    }

    def asked(target: hours.Target, given: list[hours.Pause]) -> Callable[[], object]:
        return lambda: [hours.due(office, start, target, given) for _ in range(CALLS)]

    contenders = {name: asked(target, []) for name, target in targets.items()}
    contenders["business time, three pauses"] = asked(targets["business time"], pauses)
    for name, taken in in_turns(contenders, min(scene.seconds, 2.0)).items():
        each = taken.median / CALLS * MICRO
        yield within("P17", f"due over a year ahead, {name}", each, YEAR_AHEAD_US, "µs")


def idle(scene: Scene) -> Iterator[Line]:
    """A sweep that finds nothing, against the bare question. P9"""
    now = datetime.now(UTC)
    with sweeper("idle", scene.url) as portal, sweeper("lookup", scene.url) as bare:
        ours, theirs = [], []
        for _ in range(8):
            ours.append(portal.sweep(now)[1] / IDLE)
            theirs.append(bare.sweep(now)[1] / IDLE)
    mine, floor = Timing(tuple(ours)), Timing(tuple(theirs))
    yield Line(
        "P9", f"idle sweep, {scene.plan.rows:,} running", mine.median, "bare lookup", floor.median,
        mine.median / floor.median, f"≤ 3x + {FIXED_MS} ms", mine.median <= 3 * floor.median + FIXED_MS,
        mine.quiet / floor.quiet,
    )  # fmt: skip


def sweeps(scene: Scene, lots: Lots) -> Iterator[Line]:
    """Ten thousand due, against set-based SQL that writes the same rows; then two sweepers at once. P8, P11

    On SQLite the portal breathes between batches so that others can write; compared is what each process computes,
    the database included. On PostgreSQL nobody waits for a sweep: compared is the time it takes.
    """
    due = scene.plan.due_at_once
    with (
        sweeper("portal", scene.url) as one,
        sweeper("portal", scene.url) as two,
        sweeper("floor", scene.url) as bare,
        sweeper("same-batches", scene.url) as batches,
    ):
        cost: dict[str, list[float]] = {"portal": [], "floor": [], "same batches": []}
        alone, both = [], []
        for _ in range(ROUNDS):
            for name, contender in (("portal", one), ("floor", bare), ("same batches", batches)):
                seconds = _whole(contender.sweep(lots.take()), due)
                cost[name].append(contender.computing if scene.on_sqlite else seconds)
                if contender is one:
                    alone.append(seconds)
        for _ in range(TWO_ROUNDS):
            moment = lots.take()
            one.begin(moment)
            two.begin(moment)
            first, second = one.end(), two.end()
            both.append(_whole((first[0] + second[0], max(first[1], second[1])), due))
    ours, floor, small = (Timing(tuple(taken)) for taken in cost.values())
    mine, together = Timing(tuple(alone)), Timing(tuple(both))
    yield at_most("P8", f"sweep of {due:,}", "set-based SQL", ours, floor, 2)
    yield at_most("P8", f"sweep of {due:,}", "set-based SQL, same batches", ours, small, 2)
    yield at_most(
        "P11", "two sweepers at once", "one sweeper", together, mine, 2.5 if scene.on_sqlite else 1.2
    )
    count = 3 * ROUNDS + TWO_ROUNDS
    told = with_desk(scene.url, _told_twice)
    yield Line(
        "P11",
        f"deadlines told of other than once, of {count * due:,}",
        told,
        "",
        None,
        None,
        "0",
        told == 0,
        unit="",
    )


def _whole(taken: tuple[int, float], due: int) -> float:
    acted, seconds = taken
    if acted != due:
        raise RuntimeError(f"A sweep took {acted:,} of {due:,}.")
    return seconds


async def _told_twice(desk: Desk) -> int:
    """How many cases with a missed deadline are named by no notice, or more than once."""
    async with desk.look(SYSTEM) as work:
        missed = (
            select(Case.number)
            .join(Deadline, Deadline.case_id == Case.id)
            .where(Deadline.missed_at.is_not(None))
        )
        wanted = set(await work.session.scalars(missed))
        bodies = await work.session.scalars(
            select(Message.body_text).where(Message.template.in_(notices.GATHERED))
        )
        named = Counter(number for body in bodies for number in NUMBER.findall(body))
    return sum(named[number] != 1 for number in wanted)
