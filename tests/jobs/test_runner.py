"""The schedule, the slots that replicas share, and the process that runs the jobs. Decision 23."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from jobs import runner, schedule
from jobs.runner import Running
from jobs.schedule import HOUR, JOBS, Job
from models import AuditEntry, CalendarDay, IdempotencyKey, JobSlot
from portal.desk import idempotency, rulebook, slots, upkeep
from portal.desk.errors import NotAllowed, NotFound
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA, CORA, MARA, Clock
from tests.desk import stories

Function = Callable[[Desk, Any], Coroutine[Any, Any, int]]


def counting(acted: int, runs: list[int]) -> Function:
    async def run(_desk: Desk, _post: Any) -> int:
        runs.append(acted)
        return acted

    return run


async def failing(_desk: Desk, _post: Any) -> int:
    raise ValueError("Nothing to hold on to.")


async def runs_of(desk: Desk) -> list[tuple[str, int | None, str]]:
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(select(JobSlot).order_by(JobSlot.name, JobSlot.slot))
        return [(row.name, row.acted, row.error) for row in rows]


def test_every_job_says_how_often_and_what_for() -> None:
    assert [(job.name, job.rhythm, job.everywhere) for job in JOBS] == [
        ("sweep_deadlines", "15 seconds", True),
        ("recompute_clocks", "5 seconds", True),
        ("replay_policies", "5 seconds", True),
        ("send_messages", "5 seconds", True),
        ("read_mail", "minute", False),
        ("tend_chats", "minute", False),
        ("remind_follow_ups", "30 seconds", True),
        ("serve_waiting", "15 seconds", True),
        ("tell_again", "minute", True),
        ("ask_feedback", "5 minutes", False),
        ("write_offers", "minute", False),
        ("closing_sheet", "2 minutes", False),
        ("fill_holidays", "day", False),
        ("tell_owners", "hour", False),
        ("remind_courses", "hour", False),
        ("check_links", "hour", False),
        ("count_steps", "hour", False),
        ("review_month", "hour", False),
        ("analyse_feedback", "hour", False),
        ("verify_clocks", "day", False),
        ("seal_audit", "5 minutes", False),
        ("verify_audit", "day", False),
        ("prune", "hour", False),
    ]
    assert all(job.purpose.endswith((".", *"0123456789")) for job in JOBS)


async def test_a_job_with_slots_runs_once_in_each_whoever_comes_first(desk: Desk, clock: Clock) -> None:
    ran: list[int] = []
    job = Job("tidy", HOUR, "", counting(3, ran))
    replicas = [Running(desk, None, (job,)) for _ in range(3)]
    for _ in range(2):
        for replica in replicas:
            await replica.run(job)
        clock.forward(hours=1)
    assert ran == [3, 3]
    assert await runs_of(desk) == [("tidy", 3, ""), ("tidy", 3, "")]


async def test_a_slot_whose_replica_died_is_taken_over_after_its_lease(desk: Desk, clock: Clock) -> None:
    minutes = timedelta(minutes=10)
    taken = []
    for _ in range(2):
        async with desk.work(SYSTEM) as work:
            taken.append(await slots.claim(work, "tidy", 7, "one", minutes))
    clock.forward(minutes=10, seconds=1)
    async with desk.work(SYSTEM) as work:
        taken.append(await slots.claim(work, "tidy", 7, "two", minutes))
    async with desk.work(SYSTEM) as work:
        await slots.finish(work, "tidy", 7, "one", 99)  # it was only slow, and comes too late
        await slots.finish(work, "tidy", 7, "two", 5)
    clock.forward(days=1)
    async with desk.work(SYSTEM) as work:
        taken.append(await slots.claim(work, "tidy", 7, "three", minutes))
    assert taken == [True, False, True, False]
    assert await runs_of(desk) == [("tidy", 5, "")]


async def test_an_error_is_logged_and_noted_and_the_next_run_comes(
    desk: Desk, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    slotted, everywhere = Job("a", HOUR, "", failing), Job("b", 5, "", failing, everywhere=True)
    replica = Running(desk, None, (slotted, everywhere))
    with caplog.at_level(logging.ERROR):
        await replica.run(slotted)
        await replica.run(everywhere)
    clock.forward(hours=1)
    await replica.run(slotted)
    told = "ValueError: Nothing to hold on to."
    assert await runs_of(desk) == [("a", 0, told), ("a", 0, told), ("b", 0, told)]
    assert [record.message for record in caplog.records][:2] == ["The job a failed.", "The job b failed."]


async def test_a_job_that_finds_nothing_says_so_once_a_minute(desk: Desk, clock: Clock) -> None:
    ran: list[int] = []
    job = Job("look", 15, "", counting(0, ran), everywhere=True)
    replica = Running(desk, None, (job,))
    for _ in range(9):
        await replica.run(job)
        clock.forward(seconds=15)
    assert (len(ran), await runs_of(desk)) == (9, [("look", 0, "")] * 3)


async def test_the_overview_tells_the_last_run_of_each(desk: Desk, clock: Clock) -> None:
    ran: list[int] = []
    job = Job("look", 15, "", counting(2, ran), everywhere=True)
    replica = Running(desk, None, (job,))
    await replica.run(job)
    clock.forward(minutes=2)
    await replica.run(job)
    clock.forward(minutes=3)
    async with desk.look(MARA) as work:
        [last] = await upkeep.job_runs(work)
    assert (last.name, last.acted, last.error, last.started_at) == (
        "look",
        2,
        "",
        clock.now - timedelta(minutes=3),
    )
    assert (last.runs, last.failed, last.ill) == (2, 0, False)
    async with desk.look(CORA) as work:
        with pytest.raises(NotAllowed):
            await upkeep.job_runs(work)


async def test_one_run_by_hand(desk: Desk, clock: Clock) -> None:
    await stories.opened(desk)
    clock.forward(days=1)
    assert await schedule.run_once(desk, "sweep_deadlines") == 3
    assert await runs_of(desk) == [("sweep_deadlines", 3, "")]
    with pytest.raises(NotFound, match=r"'nothing'. There are: sweep_deadlines, "):
        await schedule.run_once(desk, "nothing")


async def test_the_jobs_start_at_once_and_end_with_what_is_under_way(desk: Desk) -> None:
    begun, ended = asyncio.Event(), []

    async def slow(_desk: Desk, _post: Any) -> int:
        begun.set()
        await asyncio.sleep(0.3)
        ended.append("whole")
        return 1

    running = Running(desk, None, (Job("slow", 60, "", slow, everywhere=True),))
    running.begin()
    await asyncio.wait_for(begun.wait(), 5)
    await running.stop()
    assert ended == ["whole"]
    assert await runs_of(desk) == [("slow", 1, "")]


async def test_what_does_not_end_in_time_is_ended(desk: Desk) -> None:
    begun = asyncio.Event()

    async def endless(_desk: Desk, _post: Any) -> int:
        begun.set()
        await asyncio.Event().wait()
        return 0

    running = Running(desk, None, (Job("endless", 60, "", endless, everywhere=True),))
    running.begin()
    await asyncio.wait_for(begun.wait(), 5)
    await running.stop(within=0.1)
    assert await runs_of(desk) == []


async def test_all_jobs_together_on_an_empty_desk(desk: Desk) -> None:
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    running = runner.start(desk)
    async with asyncio.timeout(20):
        while len(await runs_of(desk)) < len(JOBS):
            await asyncio.sleep(0.05)
    await running.stop()
    assert [(name, error) for name, _, error in await runs_of(desk)] == [
        (job.name, "") for job in sorted(JOBS, key=lambda job: job.name)
    ]


async def test_holidays_are_filled_by_the_job(desk: Desk) -> None:
    async with desk.work(ADA) as work:
        calendar = await rulebook.add_calendar(work, "Paris", "Europe/Paris", "Mo-Fr 09:00-18:00", "FR")
    added = await schedule.run_once(desk, "fill_holidays")
    async with desk.look(SYSTEM) as work:
        years = func.count(), func.min(CalendarDay.day), func.max(CalendarDay.day)
        found = (
            await work.session.execute(select(*years).where(CalendarDay.calendar_id == calendar.id))
        ).one()
    assert (found[0], found[1].year, found[2].year) == (added, 2026, 2028)


async def test_pruning_forgets_what_is_old_and_no_business_fact(desk: Desk, clock: Clock) -> None:
    await stories.opened(desk)
    async with desk.work(CORA) as work:
        await idempotency.once(work, "key", "content")
        await slots.note(work, "look", 1, "one", work.now, 0)
    async with desk.look(SYSTEM) as work:
        entries = await work.session.scalar(select(func.count()).select_from(AuditEntry))
    clock.forward(days=15)
    assert await schedule.run_once(desk, "prune") == 2
    async with desk.look(SYSTEM) as work:
        left = [
            await work.session.scalar(select(func.count()).select_from(table))
            for table in (IdempotencyKey, JobSlot, AuditEntry)
        ]
    assert left == [0, 1, entries]  # the one run is this one's own
