"""A desk on which everything happens, drafts to replay over it, and a recompute of every clock the long way round.

The recompute is written apart from the product's: it goes through the tables by objects, projects every target of
every case anew, and asks of each moment whether it came.
"""

import random
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from jobs.sweep_deadlines import sweep_deadlines
from models import Case, ClockEvent, Deadline, Escalation
from models.words import CaseKind, Channel, ClockEventKind, DeadlineKind, EscalationStatus
from portal.desk import audit, cases, deadlines, escalation, matrix, rulebook
from portal.desk.policy import Limit
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA, CORA, MARA, ZONE, Clock
from tests.desk import stories
from tests.desk.stories import Change
from tests.desk.test_drift import eventful


def shorter(document: dict[str, Any]) -> None:
    """Other targets, other levels, other hours."""
    for row in document["targets"]:
        if row["to"] == "answer":
            row.update(amount=30, warn=50)
        if row["to"] == "resolve":
            row.update(counts="same_business_day", amount=0)
    document["targets"].insert(
        0, {"key": "calm", "to": "acknowledge", "kind": "complaint", "channel": "phone", "off": True}
    )
    document["targets"].append({"key": "news", "to": "update", "counts": "business", "amount": 60})
    document["targets"].append({"key": "next", "to": "next_answer", "counts": "elapsed", "amount": 25})
    document["levels"] = [row for row in document["levels"] if row["kind"] != "payment_issue"]
    stories.add_level(document, "inquiry", 1, "supervisor", "business", 45)
    stories.add_level(document, "complaint", 2, "manager", "elapsed", 60 * 30)
    document["calendars"][0]["hours"] = "Mo-Fr 08:00-12:00,13:00-16:00; Sa 10:00-14:00"
    document["calendars"][0]["days"]["2026-03-04"] = {"hours": "off", "name": "Moving house"}


def longer(document: dict[str, Any]) -> None:
    """More time for everything, on longer days, and one target for a kind of case alone."""
    for row in document["targets"]:
        row["amount"] *= 3
    document["targets"].insert(
        0, {"key": "fast", "to": "resolve", "kind": "inquiry", "counts": "business", "amount": 20}
    )
    for row in document["levels"]:
        row["amount"] *= 2 if row["counts"] != "same_business_day" else 1
    document["calendars"][0]["hours"] = "Mo-Sa 06:00-22:00"


def by_chance(seed: int) -> Change:
    """Any other numbers."""

    def change(document: dict[str, Any]) -> None:
        chance = random.Random(seed)
        for row in [*document["targets"], *document["levels"]]:
            counts = chance.choice(["elapsed", "business", "business_days", "same_business_day"])
            amounts = {"same_business_day": 0, "business_days": chance.randint(0, 3)}
            row.update(counts=counts, amount=amounts.get(counts, chance.choice([1, 9, 45, 300, 3000])))
            row["off"] = chance.random() < 0.2
        stories.add_level(document, "complaint", 3, "manager", "business", chance.randint(1, 900))
        document["calendars"][0]["hours"] = chance.choice(
            ["Mo-Su 00:00-24:00", "Tu,Th 10:00-11:00", "Mo-Fr 20:00-04:00"]
        )

    return change


async def lively(desk: Desk, clock: Clock) -> None:
    """Everything that can happen to a case, and to its escalations."""
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    await eventful(desk, clock)
    await _handed_back(desk, clock)
    await stories.opened(desk, restated="Broken.", legal=True)
    issue = await stories.opened(desk, CaseKind.PAYMENT_ISSUE)
    written = (
        ClockEventKind.INBOUND,
        ClockEventKind.INBOUND,
        ClockEventKind.OUTBOUND,
        ClockEventKind.INBOUND,
    )
    for kind in written:
        clock.forward(minutes=20)
        await _told(desk, issue, kind)
    late = await stories.opened(desk, CaseKind.INQUIRY)
    clock.forward(hours=26)
    await sweep_deadlines(desk)
    async with desk.work(CORA) as work:
        await cases.answer(work, await stories.the_case(work, late), "At nine.")
    await stories.resolved(desk, late)
    fresh = [await stories.opened(desk, kind, Channel.EMAIL) for kind in CaseKind]
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await stories.the_case(work, fresh[-1]), "Which one?")
    clock.forward(minutes=13)


async def _handed_up(desk: Desk) -> int:
    case_id = await stories.opened(desk, restated="Broken.", options="-")
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await escalation.raise_by_hand(work, case, "Beyond my limit.", severity=case.severity)
    return case_id


async def _handed_back(desk: Desk, clock: Clock) -> None:
    await _handed_up(desk)  # and nobody takes it
    case_id = await _handed_up(desk)
    clock.forward(hours=1)
    async with desk.work(MARA) as work:
        raised = (await work.session.scalars(select(Escalation).where(Escalation.case_id == case_id))).one()
        await escalation.accept(work, raised)
    clock.forward(hours=30)
    async with desk.work(MARA) as work:
        raised = (await work.session.scalars(select(Escalation).where(Escalation.case_id == case_id))).one()
        await escalation.hand_back(work, raised, "Within your mandate.")


async def _told(desk: Desk, case_id: int, kind: ClockEventKind) -> None:
    """Note that the customer was told something, or wrote."""
    async with desk.work(CORA) as work:
        work.session.add(ClockEvent(case_id=case_id, kind=kind, cycle=1, at=work.now, reason=""))
        await audit.record(work, "note what was said")


class Recomputed:
    """Every clock of every case under one policy, the long way round."""

    def __init__(self, policy: matrix.Policy, now: datetime) -> None:
        self.policy, self.now = policy, now
        self.missed: set[tuple[int, int, str, int]] = set()
        self.told: Counter[tuple[str, str]] = Counter()
        self.hours: Counter[tuple[str, int]] = Counter()

    def tell(self, sort: str, role: str, moment: datetime) -> None:
        local = moment.astimezone(ZoneInfo(ZONE))
        self.told[sort, role] += 1
        self.hours[role, local.weekday() * 24 + local.hour] += 1

    def case(
        self, case: Case, events: list[ClockEvent], clocks: list[Deadline], ups: list[Escalation]
    ) -> None:
        for cycle in range(1, case.cycle + 1):
            of_cycle = [event for event in events if event.cycle == cycle]
            stop = max((event.at for event in of_cycle if event.kind is ClockEventKind.STOP), default=None)
            raised = [one for one in ups if one.cycle == cycle]
            calls = by_hand(raised)
            warnings = self.own(case, cycle, events, [one for one in clocks if one.cycle == cycle], stop)
            warnings += self.levels(case, cycle, events, raised, stop or self.open_end, calls)
            for warning in warnings:
                had = [role for at, role in sorted(calls, key=lambda call: call[0]) if at <= warning]
                self.tell("warning", had[-1] if had else "representative", warning)

    @property
    def open_end(self) -> datetime:
        """Just after now: an open clock that is due now is missed."""
        return self.now + timedelta(microseconds=1)

    def own(
        self,
        case: Case,
        cycle: int,
        events: list[ClockEvent],
        clocks: list[Deadline],
        stop: datetime | None,
    ) -> list[datetime]:
        """The targets of the case itself; returns when they would have warned."""
        calendar, warnings = self.policy.calendar_of(case).opening, []
        met = {(one.kind, one.level): one.met_at for one in clocks if one.met_at}
        for kind, limit in self.policy.limits_of(case).items():
            for level, would in asked(case, cycle, kind, [one for one in events if one.cycle == cycle]):
                ends = [one for one in (met.get((kind, level)) or would, stop) if one is not None]
                end = min(ends, default=self.open_end)
                projection = deadlines.project(events, limit, calendar, cycle, kind, level)
                due, warn = projection.due_at or end, projection.warn_at or end
                if warn < min(end, due):
                    warnings.append(warn)
                if due < end:
                    self.missed.add((case.id, cycle, kind.value, level))
                    self.tell("miss", "manager" if case.restricted else "supervisor", due)
        return warnings

    def levels(
        self,
        case: Case,
        cycle: int,
        events: list[ClockEvent],
        raised: list[Escalation],
        end: datetime,
        calls: list[tuple[datetime, str]],
    ) -> list[datetime]:
        """The levels; returns when they would have warned, and adds to `calls` who would have had the case."""
        calendar, warnings = self.policy.calendar_of(case).opening, []
        for step in self.policy.levels_of(case):
            limit, of = Limit(step.target, 75, ""), (cycle, DeadlineKind.ESCALATE, step.level)
            projection = deadlines.project(events, limit, calendar, *of)
            due, warn = (
                runs(raised, step.level, projection.due_at),
                runs(raised, step.level, projection.warn_at),
            )
            if warn and projection.due_at and warn < min(end, projection.due_at):
                warnings.append(warn)
            if due and due < end:
                self.missed.add((case.id, cycle, "escalate", step.level))
                self.tell("escalation", step.to_role.value, due)
                calls.append((due, step.to_role.value))
        return warnings


def by_hand(raised: list[Escalation]) -> list[tuple[datetime, str]]:
    """Who had the case from when on, as far as people said so."""
    calls = [(one.raised_at, one.to_role.value) for one in raised if one.target != "escalate"]
    back = [one.ended_at for one in raised if one.status is EscalationStatus.HANDED_BACK and one.ended_at]
    return [*calls, *((at, "representative") for at in back)]


def asked(
    case: Case, cycle: int, kind: DeadlineKind, events: list[ClockEvent]
) -> list[tuple[int, datetime | None]]:
    """The clocks of a target in a cycle, and when the facts would have met each."""
    told = [event.at for event in events if event.kind is ClockEventKind.OUTBOUND]
    last = cycle == case.cycle
    match kind:
        case DeadlineKind.ACKNOWLEDGE:
            return [(0, case.acknowledged_at)] if cycle == 1 else []
        case DeadlineKind.ANSWER:
            return [(0, case.answered_at if last else None)]
        case DeadlineKind.RESOLVE:
            return [(0, case.resolved_at if last else None)]
        case DeadlineKind.UPDATE:
            return [(number, at) for number, at in enumerate([*told, None], 1)]
    found: list[tuple[int, datetime | None]] = []
    said = "".join({"inbound": "i", "outbound": "o"}.get(event.kind.value, "") for event in events)
    for run in re.finditer("i+(o?)", said):  # messages of the customer in a row are owed one answer
        at = told[said[: run.end()].count("o") - 1] if run[1] else None
        found.append((said[: run.start()].count("i") + 1, at))
    return found


def runs(raised: list[Escalation], level: int, moment: datetime | None) -> datetime | None:
    """The first moment from this one on at which the chase of a level runs."""
    if moment is None:
        return None
    turns: list[tuple[datetime, bool]] = []
    for one in raised:
        if one.target in {"legal", "regulatory"} or (one.target == "asked" and level <= one.level):
            turns.append((one.raised_at, False))
        if one.accepted_at:
            turns.append((one.accepted_at, False))
        if one.status is EscalationStatus.HANDED_BACK and one.ended_at and level > one.level:
            turns.append((one.ended_at, True))
    turns.sort(key=lambda turn: turn[0])
    past = [going for at, going in turns if at <= moment]
    if not past or past[-1]:
        return moment
    return next((at for at, going in turns if at > moment and going), None)


async def recomputed(desk: Desk, policy: matrix.Policy, since: datetime) -> Recomputed:
    """Every case opened since, and every open one."""
    async with desk.look(SYSTEM) as work:
        found = Recomputed(policy, work.now)
        for case in (await work.session.scalars(select(Case))).all():
            if case.opened_at < since and case.status not in deadlines.OPEN_CASES:
                continue
            ups = await work.session.scalars(select(Escalation).where(Escalation.case_id == case.id))
            clocks = await work.session.scalars(select(Deadline).where(Deadline.case_id == case.id))
            found.case(case, await deadlines.facts_of(work, case), list(clocks), list(ups))
        return found
