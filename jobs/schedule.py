"""Every job of the portal: how often it runs, what it is for, and what it does."""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.analyse_feedback import analyse_feedback
from jobs.ask_feedback import ask_feedback
from jobs.check_links import check_links
from jobs.closing_sheet import closing_sheet
from jobs.count_steps import count_steps
from jobs.fill_holidays import fill_holidays
from jobs.prune import prune
from jobs.read_mail import read_mail
from jobs.recompute_clocks import recompute_clocks
from jobs.remind_courses import remind_courses
from jobs.remind_follow_ups import remind_follow_ups
from jobs.replay_policies import replay_policies
from jobs.review_month import review_month
from jobs.seal_audit import seal_audit, verify_audit
from jobs.send_messages import send_messages
from jobs.serve_waiting import serve_waiting
from jobs.sweep_deadlines import sweep_deadlines
from jobs.tell_again import tell_again
from jobs.tell_owners import tell_owners
from jobs.tend_chats import tend_chats
from jobs.verify_clocks import verify_clocks
from jobs.write_offers import write_offers
from portal.desk import slots
from portal.desk.errors import NotFound
from portal.desk.messages import Post
from portal.desk.work import SYSTEM, Desk

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
OWNER = f"{socket.gethostname()[:50]}/{os.getpid()}"
"""Which replica this is, in the notes of its runs."""

Run = Callable[[Desk, Post | None], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `everywhere` says that it claims its rows itself, so that every replica may run it at any time."""

    name: str
    seconds: int
    """From one run to the next."""
    purpose: str
    function: Run
    everywhere: bool = False
    lease: timedelta = timedelta(minutes=10)
    """After this a run that never ended, on a replica that died, may be taken over."""

    @property
    def rhythm(self) -> str:
        """The time from one run to the next, in words."""
        for unit, seconds in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
            if self.seconds % seconds == 0:
                many = self.seconds // seconds
                return unit if many == 1 else f"{many} {unit}s"
        return f"{self.seconds} seconds"

    def slot(self, moment: datetime) -> int:
        """The number of the stretch of time in which this moment lies; minutes for jobs that run everywhere."""
        return int(moment.timestamp()) // (MINUTE if self.everywhere else self.seconds)


def _alone(function: Callable[[Desk], Awaitable[int]]) -> Run:
    async def run(desk: Desk, _post: Post | None) -> int:
        return await function(desk)

    return run


JOBS = (
    Job(
        "sweep_deadlines",
        15,
        "Warn of deadlines, record those that ran out, and escalate by the matrix. S0-4",
        _alone(sweep_deadlines),
        everywhere=True,
    ),
    Job(
        "recompute_clocks",
        5,
        "Let the due times follow a change of the policy. S0-4, S2-14.1",
        _alone(recompute_clocks),
        everywhere=True,
    ),
    Job(
        "replay_policies",
        5,
        "Run a draft of the policy over past and open cases, for who is about to publish it. S2-14.1",
        _alone(replay_policies),
        everywhere=True,
    ),
    Job(
        "send_messages",
        5,
        "Send what waits in the outbox. S0-0.2",
        send_messages,
        everywhere=True,
    ),
    Job(
        "read_mail",
        MINUTE,
        "Read what customers wrote (S2-12.2): replies join their cases, the rest opens new ones and is acknowledged.",
        _alone(read_mail),
    ),
    Job(
        "tend_chats",
        MINUTE,
        "Tell those on duty of chats that wait for long, and make messages of those nobody takes. S2-12.3, S2-12.5",
        _alone(tend_chats),
    ),
    Job(
        "remind_follow_ups",
        30,
        "Remind owners of follow-ups, and tell supervisors of those overdue (S2-6.3), of orders that nobody ticked "
        "(S1-4.7.1) and of special requests that nobody decided, these after their department (S1-4.5.2).",
        _alone(remind_follow_ups),
        everywhere=True,
    ),
    Job(
        "serve_waiting",
        15,
        "Promise goods that came in (S1-4.2.1a) to the orders that wait for them, the longest first.",
        _alone(serve_waiting),
        everywhere=True,
    ),
    Job(
        "tell_again",
        MINUTE,
        "Tell a wider circle of escalations of which no notice went out. S0-4, S3-5.2.2",
        _alone(tell_again),
        everywhere=True,
    ),
    Job(
        "ask_feedback",
        5 * MINUTE,
        "Ask for feedback after a resolution and after a delivery. S0-3.7.1, S3-9.1.1",
        _alone(ask_feedback),
    ),
    Job(
        "write_offers",
        MINUTE,
        "Write offers to the customers who agreed to them. S4-3.1",
        _alone(write_offers),
    ),
    Job(
        "closing_sheet",
        2 * MINUTE,
        "Tell supervisors half an hour before closing what is due by the next opening. S0-4, S2-6.3",
        _alone(closing_sheet),
    ),
    Job(
        "fill_holidays",
        DAY,
        "Write the holidays of the years to come into the calendars; new ones once a year. S2-10.4",
        _alone(fill_holidays),
    ),
    Job(
        "tell_owners",
        HOUR,
        "Tell the owners of the library's articles what ran out. S2-7.1",
        _alone(tell_owners),
    ),
    Job(
        "remind_courses",
        HOUR,
        "Remind those who have to take a course (S3-18.1.1a), once for each time it falls due. S2-7.3",
        _alone(remind_courses),
    ),
    Job(
        "check_links",
        HOUR,
        "Look whether the links that are sent to customers (S3-3.1.3b) still lead somewhere.",
        _alone(check_links),
    ),
    Job(
        "count_steps",
        HOUR,
        "Count how the steps of the contacts of each day went (S3-7.2.1b), for the report by clause.",
        _alone(count_steps),
    ),
    Job(
        "review_month",
        HOUR,
        "Make the review of the month that is over, of every team and of the whole desk. S0-6.1",
        _alone(review_month),
    ),
    Job(
        "analyse_feedback",
        HOUR,
        "Analyse what customers said in each month that is over (S3-11.1.1a, S3-11.1.1b): kinds, words and the change.",
        _alone(analyse_feedback),
    ),
    Job(
        "verify_clocks",
        DAY,
        "See that the due times written down are those the facts give. S0-4",
        _alone(verify_clocks),
    ),
    Job(
        "seal_audit",
        5 * MINUTE,
        "Seal the entries of the audit trail, so that nothing of it can be changed unseen. S2-8.7",
        _alone(seal_audit),
    ),
    Job(
        "verify_audit",
        DAY,
        "See that the audit trail is as it was sealed. S2-8.7",
        _alone(verify_audit),
        lease=timedelta(hours=2),
    ),
    Job("prune", HOUR, "Forget old runs and used keys.", _alone(prune)),
)


def job(name: str) -> Job:
    """Find a job by its name. Raises NotFound, naming those there are."""
    found = next((one for one in JOBS if one.name == name), None)
    if found is None:
        raise NotFound(f"There is no job {name!r}. There are: {', '.join(one.name for one in JOBS)}.")
    return found


async def run_once(desk: Desk, name: str, post: Post | None = None) -> int:
    """Run one job now, whatever its rhythm, and leave a note; return how much it did. Raises NotFound."""
    wanted = job(name)
    started_at = desk.clock()
    acted = await wanted.function(desk.at(wanted.name), post)
    async with desk.work(SYSTEM) as work:
        await slots.note(work, name, wanted.slot(started_at), OWNER, started_at, acted)
    return acted
