"""A day of four replicas, people at work beside them, and a power cut every second or so: nothing is lost or doubled.

Decisions 8, 15 and 23; S0-4, S3-5.2.2. What has to hold at the end is read from the database and the mail server,
after a last quiet sweep. `pytest -m full -s tests/jobs/test_four_replicas.py` tells the seed and the figures;
HANDRAIL_TEST_TRIAL is how many seconds it takes and HANDRAIL_TEST_SEED the seed. A seed gives the same choices; who
wins a race is the machine's.
"""

import asyncio
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Session
from sqlalchemy import func, select, update

from jobs import schedule
from models import AuditEntry, Case, Deadline, Escalation, FollowUp, JobSlot, Message, Person
from models.words import DeadlineKind, DeadlineStatus, MessageStatus, Role
from portal.desk import audit, drift, unheard
from portal.desk.policy import ROOT
from portal.desk.work import SYSTEM, Desk
from portal.letters import Letters
from tests.cast import CEM, SAM, Clock
from tests.desk import stories
from tests.harness.smtp import MailServer, Reply
from tests.jobs.replica import JOBS, FastClock, post_at

REPLICAS = 4
SECONDS = float(os.environ.get("HANDRAIL_TEST_TRIAL", "120"))
LONGEST_START = 60.0
"""Seconds."""
BETWEEN_CUTS = (1.0, 3.0)
SPEED = 40.0
"""So that ten minutes, after which an escalation is told again, pass several times."""
ADDRESS = {
    Role.SUPERVISOR: "sam@example.com",
    Role.MANAGER: "mara@example.com",
    Role.FINANCE: "fin@example.com",
}
"""One person holds each role, so that it can be counted who was told."""
BROKEN = ADDRESS[Role.FINANCE]
"""Whose letters always come back: what goes to finance has to reach a manager in the end."""
LATER = 0.03
"""The part of all messages that the mail server takes only when asked again."""


class Moody(MailServer):
    """A mail server without a mailbox for finance, and too busy now and then."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Refuse one mailbox for ever, and any for now by chance."""
        if address == BROKEN:
            return str(Reply.NEVER.value)
        if self._chance.random() < LATER:
            return str(Reply.LATER.value)
        return await super().handle_RCPT(server, session, envelope, address, options)


@dataclass(slots=True)
class Process:
    """One process of the trial, and the file in which it says that it is there."""

    role: str
    running: subprocess.Popen[bytes]
    word: Path

    @property
    def there(self) -> bool:
        return self.word.stat().st_size > 0

    def kill(self) -> None:
        """Cut its power; it has no chance to tidy up."""
        self.running.kill()
        self.running.wait()


class Trial:
    """The processes: `start` them, let chance `kill` one now and then, `end` them all."""

    def __init__(self, address: str, clock: FastClock, port: int, chance: Random, folder: Path) -> None:
        self._told = [address, str(clock.began), str(clock.speed), str(port)]
        self._chance, self._folder = chance, folder
        self._started: list[Process] = []
        self.killed: Counter[str] = Counter()

    def start(self, role: str) -> None:
        command = [sys.executable, "-m", "tests.jobs.replica", *self._told, role, str(self._chance.random())]
        word = self._folder / f"{role}-{self._chance.random()}"
        with (self._folder / "said.txt").open("ab") as said, word.open("wb") as out:
            running = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=said)
        self._started.append(Process(role, running, word))

    async def all_there(self) -> None:
        async with asyncio.timeout(LONGEST_START):
            while not all(one.there for one in self._started):
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """End one of those that are at work, with no chance to tidy up, and start another in its place."""
        at_work = [one for one in self._started if one.there]
        if at_work:
            victim = self._chance.choice(at_work)
            assert victim.running.poll() is None, f"{victim.role} ended by itself: {self.said[-4000:]}"
            self._started.remove(victim)
            victim.kill()
            self.killed[victim.role] += 1
            self.start(victim.role)

    def end(self) -> None:
        while self._started:
            self._started.pop().kill()

    @property
    def said(self) -> str:
        return (self._folder / "said.txt").read_text(encoding="utf-8")


@pytest.fixture
def chance() -> Random:
    """What happens by chance; the seed is told when the test fails, and can be given again."""
    seed = os.environ.get("HANDRAIL_TEST_SEED") or secrets.token_hex(4)
    sys.stdout.write(f"seed {seed}\n")
    return Random(seed)


@pytest.fixture
def moody(chance: Random) -> Iterator[Moody]:
    server = Moody(Random(chance.random()))
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.full
async def test_four_replicas_lose_and_double_nothing_whoever_dies(
    desk: Desk, database: str, chance: Random, moody: Moody, tmp_path: Path
) -> None:
    fast = FastClock(time.time(), SPEED)
    desk.clock = clock = Clock(fast())
    await prepare(desk)
    trial = Trial(database, fast, moody.port, chance, tmp_path)
    try:
        for role in (*["jobs"] * REPLICAS, "people", "disturb"):
            trial.start(role)
        await trial.all_there()
        until = time.time() + SECONDS
        while time.time() < until:
            await asyncio.sleep(chance.uniform(*BETWEEN_CUTS))
            trial.kill()
    finally:
        trial.end()
    clock.now = fast()
    await quiet(desk, clock, moody.port)
    figures = await counted(desk)
    sys.stdout.write(f"{SECONDS:.0f} s: killed {dict(trial.killed)}, {figures}\n")
    assert "Traceback" not in trial.said, trial.said[-4000:]
    assert min(figures["missed"], figures["escalations"], figures["told again"], figures["sent"]) > 0
    assert await not_recorded_once(desk) == {}
    assert await levels_astray(desk, clock.now) == []
    assert await mentions_astray(desk) == {}
    assert await reminders_astray(desk) == {}
    assert await letters_astray(desk, moody) == {}
    drifts = [one async for batch in drift.verify(desk, everything=True) for one in batch.drifts]
    assert drifts == []
    async with desk.look(SYSTEM) as work:
        assert list(await work.session.scalars(select(JobSlot.error).where(JobSlot.error != ""))) == []


async def prepare(desk: Desk) -> None:
    """Let one person hold each role, and letters be those the product writes."""
    desk.writer = Letters()
    async with desk.work(SYSTEM) as work:
        chosen = update(Person).where(Person.id == CEM.person_id).values(active=False)
        await work.session.execute(chosen, execution_options={"audited": True})
        await audit.record(work, "let Cem go")


async def quiet(desk: Desk, clock: Clock, port: int) -> None:
    """Nobody does anything any more: let an hour pass and the jobs run until they find nothing."""
    post, idle = post_at(port), 0
    while idle < 4:  # circles of an escalation that is told again
        clock.forward(minutes=11)
        acted = [await schedule.job(name).function(desk, post) for name in JOBS]
        idle = 0 if any(acted) else idle + 1


async def counted(desk: Desk) -> dict[str, int]:
    async with desk.look(SYSTEM) as work:

        async def count(table: Any, *where: Any) -> int:
            return await work.session.scalar(select(func.count()).select_from(table).where(*where)) or 0

        return {
            "cases": await count(Case),
            "deeds": await count(AuditEntry, AuditEntry.who != SYSTEM.name),
            "clocks": await count(Deadline),
            "missed": await count(Deadline, Deadline.missed_at.is_not(None)),
            "escalations": await count(Escalation),
            "told again": await count(AuditEntry, AuditEntry.deed == unheard.TOLD_AGAIN),
            "sent": await count(Message, Message.status == MessageStatus.SENT),
            "dead": await count(Message, Message.status == MessageStatus.DEAD),
        }


async def not_recorded_once(desk: Desk) -> dict[str, object]:
    """The clocks that ran out and were not recorded missed exactly once at their exact due moment."""
    async with desk.look(SYSTEM) as work:
        clocks = list(await work.session.scalars(select(Deadline)))
        entries = list(await work.session.execute(select(AuditEntry.deed, AuditEntry.changes)))
    alone: Counter[int] = Counter()
    struck: Counter[int] = Counter()
    for _, changes in entries:
        for key, changed in changes.items():
            table, _, row = key.partition("/")
            if table == "deadlines" and "missed_at" in changed and changed["missed_at"][0] is None:
                alone[int(row)] += changed["missed_at"][1] is not None
            if table == "cases" and "escalate" in changed:
                struck[int(row)] += 1
    wrong: dict[str, object] = {}
    by_case: Counter[int] = Counter()
    for one in clocks:
        if (one.missed_at is not None) != (one.status is DeadlineStatus.MISSED):
            wrong[f"{one.id} {one.status}"] = one.missed_at
        if one.missed_at != (one.due_at if one.status is DeadlineStatus.MISSED else None):
            wrong[f"{one.id} moment"] = (one.missed_at, one.due_at)
        if one.kind is DeadlineKind.ESCALATE:
            by_case[one.case_id] += (one.status is DeadlineStatus.MISSED) - alone[one.id]
        elif alone[one.id] != (one.status is DeadlineStatus.MISSED):
            wrong[f"{one.id} recorded"] = alone[one.id]
    left = {case: (by_case[case], struck[case]) for case in by_case | struck if by_case[case] != struck[case]}
    return wrong | ({"struck": left} if left else {})


async def levels_astray(desk: Desk, now: datetime) -> list[object]:
    """The levels that are due and were neither handed up once nor rightly stopped, and clocks still to be acted on.

    A level whose time ran out is on record as an escalation, unless a person had the case in hand, or had ended it,
    before any sweep came by: then their deed has recorded the clock.
    """
    async with desk.look(SYSTEM) as work:
        clocks = list(await work.session.scalars(select(Deadline)))
        rows = await work.session.execute(
            select(Escalation.case_id, Escalation.target, Escalation.level, Escalation.cycle)
        )
        raised = Counter(tuple(row) for row in rows)
        entries = list(await work.session.execute(select(AuditEntry.who, AuditEntry.changes)))
    by_people = {
        int(key.partition("/")[2])
        for who, changes in entries
        if who != SYSTEM.name
        for key, changed in changes.items()
        if key.startswith("deadlines/") and "missed_at" in changed
    }
    astray: list[object] = [
        (one.id, one.kind, one.status, one.due_at)
        for one in clocks
        if one.next_at is not None and one.next_at <= now
    ]
    for one in clocks:
        if one.kind is not DeadlineKind.ESCALATE:
            continue
        times = raised.pop((one.case_id, "escalate", one.level, one.cycle), 0)
        wanted = int(one.status is DeadlineStatus.MISSED and one.id not in by_people)
        if times != wanted:
            astray.append((one.id, one.status, times))
    return astray + [key for key, times in raised.items() if key[1] == "escalate" or times != 1]


async def mentions_astray(desk: Desk) -> dict[str, object]:
    """How often each person was told of each case, where that is not as often as the trail says."""
    told = await stories.named(desk, unheard.NOTICE)
    warned = await stories.named(desk, "deadline-warning")
    wanted: Counter[tuple[str, str]] = Counter()
    async with desk.look(SYSTEM) as work:
        raised = await work.session.execute(
            select(Escalation.id, Escalation.to_role, Case.number).join(Case, Case.id == Escalation.case_id)
        )
        known = {one.id: (ADDRESS[one.to_role], one.number) for one in raised}
        wanted.update(known.values())
        again = await work.session.execute(
            select(AuditEntry.subject_id, AuditEntry.changes).where(AuditEntry.deed == unheard.TOLD_AGAIN)
        )
        for subject, changes in again:
            address, number = known[int(subject)]
            last = changes[f"escalations/{subject}"]["circle"][1] == unheard.Circle.MANAGERS
            wanted[ADDRESS[Role.MANAGER] if last else address, number] += 1
        of_cases = select(Deadline.id, Case.number).join(Case, Case.id == Deadline.case_id)
        numbers = {row.id: row.number for row in await work.session.execute(of_cases)}
        levels = set(
            await work.session.scalars(select(Deadline.id).where(Deadline.kind == DeadlineKind.ESCALATE))
        )
        clocks = await work.session.execute(
            select(AuditEntry.deed, AuditEntry.subject_id).where(
                AuditEntry.deed.in_(["miss deadline", "warn of deadline"])
            )
        )
        due = Counter(
            numbers[int(subject)]
            for deed, subject in clocks
            if deed == "warn of deadline" or int(subject) not in levels
        )
    named: Counter[str] = Counter()
    for (_, number), times in warned.items():
        named[number] += times
    return _apart(told, wanted) | _apart(named, due)


def _apart(found: Counter[Any], wanted: Counter[Any]) -> dict[str, object]:
    return {str(key): (found[key], wanted[key]) for key in found | wanted if found[key] != wanted[key]}


async def reminders_astray(desk: Desk) -> dict[str, object]:
    """Reminders of follow-ups, where they are not one each."""
    async with desk.look(SYSTEM) as work:
        rows = list(await work.session.scalars(select(FollowUp)))
        found = Counter(
            await work.session.scalars(select(Message.once).where(Message.template.startswith("follow-up-")))
        )
    wanted = Counter(
        [f"follow-up-reminder/{one.id}/{one.owner_id}" for one in rows if one.reminded_at]
        + [f"follow-up-overdue/{one.id}/{SAM.person_id}" for one in rows if one.overdue_told_at]
    )
    return _apart(found, wanted)


async def letters_astray(desk: Desk, server: MailServer) -> dict[str, object]:
    """Messages that did not end as they should, or that are not with the mail server under their own id."""
    async with desk.look(SYSTEM) as work:
        rows = list(
            await work.session.execute(select(Message.message_id, Message.to_address, Message.status))
        )
    arrived = {str(letter.message["Message-ID"]) for letter in server.letters}
    sent = {one.message_id for one in rows if one.status is MessageStatus.SENT}
    ended = {
        f"{one.to_address} {one.status.value}"
        for one in rows
        if one.status is not (MessageStatus.DEAD if one.to_address == BROKEN else MessageStatus.SENT)
    }
    strange = {"ended": ended, "lost": sent - arrived, "not ours": arrived - sent}
    return {what: found for what, found in strange.items() if found}
