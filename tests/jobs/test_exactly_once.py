"""Real processes on one database: every deadline is acted on once, whoever dies. Decisions 15 and 23."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from jobs.sweep_deadlines import BATCH, BATCH_ON_SQLITE
from models import AuditEntry, Case, Deadline, Escalation
from models.words import CaseKind, Channel, DeadlineKind, EscalationStatus, Role, TargetKind
from portal.desk import audit
from portal.desk.policy import ROOT
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, START, Clock
from tests.desk import stories
from tests.jobs.sweeper import BATCHES_BEFORE_DEATH

FEW, MANY = 2_000, 10_000
LONGEST = 120.0  # seconds

counts = pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.full)])
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


async def due(desk: Desk, count: int) -> list[int]:
    """Put so many complaints on the desk whose day is over, each with its clock about to strike."""
    async with desk.work(SYSTEM) as work:
        opened_at = work.now - timedelta(days=1)
        rows = [
            {
                "number": f"HC-25-{number:06}-0",
                "kind": CaseKind.COMPLAINT,
                "channel": Channel.EMAIL,
                "subject": f"Concern {number}",
                "customer_id": ANA,
                "held_by_role": Role.REPRESENTATIVE,
                "opened_at": opened_at,
            }
            for number in range(count)
        ]
        await work.session.execute(insert(Case), rows, execution_options={"audited": True})
        ids = list(await work.session.scalars(select(Case.id).order_by(Case.id)))
        clocks = [
            {
                "case_id": case_id,
                "kind": DeadlineKind.ESCALATE,
                "level": 1,
                "rule": "level-1-complaint",
                "target_kind": TargetKind.ELAPSED,
                "target_amount": 24 * 3600,
                "started_at": opened_at,
                "due_at": work.now,
                "warn_at": work.now,
                "next_at": work.now,
            }
            for case_id in ids
        ]
        await work.session.execute(insert(Deadline), clocks, execution_options={"audited": True})
        await audit.record(work, "fill the desk")
    return ids


class Processes:
    """Sweepers in processes of their own: `start`, then `go` all at once, then `acted`."""

    def __init__(self, desk: Desk, address: str) -> None:
        self._address, self._moment = address, desk.clock().isoformat()
        self._started: list[subprocess.Popen[str]] = []

    def start(self, *hows: str) -> None:
        for how in hows:
            command = [sys.executable, "-m", "tests.jobs.sweeper", self._address, self._moment, how]
            self._started.append(
                subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            )

    def go(self) -> None:
        for process in self._started:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in self._started:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()

    def acted(self) -> list[int]:
        """Wait for all to end; say how many deadlines each acted on."""
        return [int(process.communicate(timeout=LONGEST)[0]) for process in self._started]

    def ended(self, place: int) -> int:
        """Wait for one to end by itself; give its exit code."""
        return self._started[place].wait(LONGEST)

    def kill(self) -> None:
        """End them all, with no chance to tidy up."""
        while self._started:
            process = self._started.pop()
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()


@pytest.fixture
def processes(desk: Desk, database: str) -> Iterator[Processes]:
    found = Processes(desk, database)
    yield found
    found.kill()


async def told(desk: Desk) -> dict[str, object]:
    """What was done: escalations by state, mentions and entries by how often, cases by who holds them."""
    named = await stories.named(desk, "escalation-notice")
    async with desk.look(SYSTEM) as work:
        session = work.session
        escalations = list(await session.scalars(select(Escalation)))
        entries = list(
            await session.scalars(select(AuditEntry.subject_id).where(AuditEntry.deed == "escalate case"))
        )
        holders = await session.execute(select(Case.held_by_role, func.count()).group_by(Case.held_by_role))
        missed = await session.execute(
            select(Deadline.status, Deadline.missed_at == Deadline.due_at, func.count()).group_by(
                Deadline.status, Deadline.missed_at == Deadline.due_at
            )
        )
        return {
            "escalations": Counter((one.to_role, one.status) for one in escalations),
            "a case": Counter(Counter(one.case_id for one in escalations).values()),
            "mentions a case and person": Counter(named.values()),
            "told": {address for address, _ in named},
            "entries a case": Counter(Counter(entries).values()),
            "held by": {row[0]: row[1] for row in holders},
            "clocks": {(row[0], bool(row[1])): row[2] for row in missed},
        }


def each_once(count: int, left: int = 0) -> dict[str, object]:
    """What has to be there when so many were acted on once, and so many are left as they were."""
    once = Counter({1: count} if count else {})
    return {
        "escalations": Counter({(Role.MANAGER, EscalationStatus.RAISED): count} if count else {}),
        "a case": once,
        "mentions a case and person": once,
        "told": {"mara@example.com"} if count else set(),
        "entries a case": once,
        "held by": {
            role: many for role, many in ((Role.MANAGER, count), (Role.REPRESENTATIVE, left)) if many
        },
        "clocks": {
            state: many for state, many in ((("missed", True), count), (("running", False), left)) if many
        },
    }


@counts
@on_postgresql
async def test_four_replicas_escalate_each_case_once(desk: Desk, processes: Processes, count: int) -> None:
    await due(desk, count)
    processes.start("once", "once", "once", "once")
    processes.go()
    acted = processes.acted()
    assert sum(acted) == count
    assert await told(desk) == each_once(count)


@counts
@on_sqlite
async def test_a_server_and_a_command_beside_it_escalate_each_case_once(
    desk: Desk, processes: Processes, count: int
) -> None:
    await due(desk, count)
    processes.start("serve", "once")
    processes.go()
    assert processes.ended(1) == 0
    acted = processes.acted()
    assert sum(acted) == count
    assert await told(desk) == each_once(count)


async def test_a_process_killed_between_claim_and_effect_leaves_nothing_half_done(
    desk: Desk, processes: Processes, clock: Clock
) -> None:
    """The claim is part of the transaction that was cut off, so the next sweep finds the rows at once."""
    batch = BATCH_ON_SQLITE if desk.database.is_sqlite else BATCH
    whole, left = BATCHES_BEFORE_DEATH * batch, batch + batch // 2
    await due(desk, whole + left)
    processes.start("die")
    processes.go()
    assert processes.ended(0) == -9
    assert await told(desk) == each_once(whole, left)  # only batches that were whole
    assert clock.now == START  # and no lease has to run out
    processes.kill()
    processes.start("once")
    processes.go()
    assert processes.acted() == [left]
    assert await told(desk) == each_once(whole + left)
