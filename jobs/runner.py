"""Running the jobs inside this process: one scheduler in memory, no leader, a clean end. Decision 23.

What makes a run happen once is in the database (slot rows, claimed rows, unique keys), never here; so any number of
replicas run this same list.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from jobs.schedule import JOBS, OWNER, Job
from portal.desk import slots
from portal.desk.messages import Post
from portal.desk.work import SYSTEM, Desk

log = logging.getLogger(__name__)

DRAIN_SECONDS = 10.0
"""How long a run that is under way may take to end after the order to stop."""
HEARTBEAT = timedelta(minutes=1)
"""How often a job that found nothing to do says so: readers of its notes see that it lives."""


class Running:
    """The jobs of this process, from `start` to `stop`."""

    def __init__(self, desk: Desk, post: Post | None, jobs: tuple[Job, ...] = JOBS) -> None:
        self.desk = desk
        self.post = post
        self.jobs = jobs
        self._tasks: set[asyncio.Task[None]] = set()
        self._noted: dict[str, datetime] = {}
        self._stopping = False
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            # A late run is better than none (the default drops what is one second late); many late ones are one.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def begin(self) -> None:
        """Start every job, the first run at once. Needs a running event loop."""
        for job in self.jobs:
            self._scheduler.add_job(
                self.run,
                "interval",
                seconds=job.seconds,
                args=[job],
                id=job.name,
                next_run_time=datetime.now(UTC),
            )
        self._scheduler.start()

    async def run(self, job: Job) -> None:
        """Run one job in its turn, and leave a note. An error is logged and noted, and the next run comes as planned."""
        if self._stopping or (task := asyncio.current_task()) is None:
            return
        self._tasks.add(task)
        try:
            await (self._run_everywhere(job) if job.everywhere else self._run_in_slot(job))
        except Exception:
            log.exception("The job %s could not leave its note.", job.name)
        finally:
            self._tasks.discard(task)

    async def stop(self, within: float = DRAIN_SECONDS) -> None:
        """Let nothing new begin, wait for what is under way, then end it. Work not done is found by the next run."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.pause()
        if self._tasks:
            _, left = await asyncio.wait(set(self._tasks), timeout=within)
            for task in left:
                log.warning("A job was still busy after %.0f s and is stopped.", within)
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # the shutdown takes effect in the loop's next turn

    async def _run_everywhere(self, job: Job) -> None:
        started_at = self.desk.clock()
        acted, error = await self._attempt(job)
        quiet_since = self._noted.get(job.name)
        if acted or error or quiet_since is None or started_at - quiet_since >= HEARTBEAT:
            self._noted[job.name] = started_at
            async with self.desk.work(SYSTEM) as work:
                await slots.note(work, job.name, job.slot(started_at), OWNER, started_at, acted, error)

    async def _run_in_slot(self, job: Job) -> None:
        slot = job.slot(self.desk.clock())
        async with self.desk.work(SYSTEM) as work:
            ours = await slots.claim(work, job.name, slot, OWNER, job.lease)
        if ours:
            acted, error = await self._attempt(job)
            async with self.desk.work(SYSTEM) as work:
                await slots.finish(work, job.name, slot, OWNER, acted, error)

    async def _attempt(self, job: Job) -> tuple[int, str]:
        try:
            return await job.function(self.desk.at(job.name), self.post), ""
        except Exception as error:
            log.exception("The job %s failed.", job.name)
            return 0, f"{type(error).__name__}: {error}"


def start(desk: Desk, post: Post | None = None, jobs: tuple[Job, ...] = JOBS) -> Running:
    """Start the jobs in this process's event loop; `await running.stop()` ends them."""
    running = Running(desk, post, jobs)
    running.begin()
    return running
