"""One process of the trial of four replicas: it does the jobs, or people's deeds, or disturbs both, until it is killed.

`python -m tests.jobs.replica ADDRESS BEGAN SPEED MAIL_PORT ROLE SEED`: ROLE is `jobs`, `people` or `disturb`. All processes
share one clock, which runs SPEED times as fast as the wall's from the moment BEGAN on, so that minutes of the
procedures pass in seconds; the desk is given its clock by whoever opens it, here as everywhere.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from jobs import runner, schedule
from models import Case, Escalation
from models.words import CaseKind, Channel, FollowUpKind, ResolutionCode, Severity
from portal.database import Database
from portal.desk import cases, drift, escalation, followups, rulebook
from portal.desk.cases import NewCase
from portal.desk.errors import DeskError
from portal.desk.work import SYSTEM, Actor, Desk, Work
from portal.letters import Letters
from portal.post import SmtpPost
from tests.cast import ANA, CORA, FIN, MARA, SAM, TERMS, berlin

OPENS_AT = berlin("2026-03-02 12:00")
"""What the shared clock says when the trial begins."""
JOBS = ("sweep_deadlines", "recompute_clocks", "remind_follow_ups", "send_messages", "tell_again")
RECENT = 120
"""People are at the newest cases, so that often two of them, and a sweep, are at the same one."""
BETWEEN_DEEDS = (0.0, 0.04)
"""Seconds on the wall: two cores are shared with everybody else."""
SOON = 300.0
"""Seconds of the desk within which a clock of a new case runs out, so that people and sweeps meet at its end."""
RECEIVED = {
    CaseKind.COMPLAINT: timedelta(hours=24),
    CaseKind.ORDER_ERROR: timedelta(hours=2),
    CaseKind.INQUIRY: timedelta(hours=1),
    CaseKind.PAYMENT_ISSUE: timedelta(days=3),
}
"""How long before now a new case reached the desk, less SOON at most: its escalation or its answer is about to be due."""

Disturber = Callable[[Desk, Random], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class FastClock:
    """A clock that all processes of one machine read alike."""

    began: float
    """On the wall, in seconds."""
    speed: float

    def __call__(self) -> datetime:
        return OPENS_AT + timedelta(seconds=(time.time() - self.began) * self.speed)


def desk_on(address: str, clock: Callable[[], datetime]) -> Desk:
    return Desk(Database(address), TERMS, clock, Letters())


def post_at(port: int) -> SmtpPost:
    return SmtpPost(
        host="127.0.0.1",
        port=port,
        company=TERMS.company,
        mail_from=TERMS.mail_from,
        security="none",
        patience=3.0,
    )


async def recompute_everything(desk: Desk, _chance: Random) -> None:
    """Work all due times out anew while they run out; nothing may move by it."""
    async for _moved in drift.recompute(desk):
        await asyncio.sleep(0)


async def publish_a_policy(desk: Desk, chance: Random) -> None:
    """Bring another version into force: other targets, other times of levels, and a day of the calendar changed."""
    async with desk.work(MARA) as work:
        await rulebook.ensure_defaults(work)
    async with desk.work(MARA) as work:
        draft = await rulebook.draft(work)
        document = deepcopy(draft.document)
        for row in document["targets"]:
            if row["counts"] != "business_days":
                row["amount"] = chance.randint(30, 60 * 24)
        for row in document["levels"]:
            if row["counts"] in {"elapsed", "business"}:
                row["amount"] = max(1, row["amount"] + chance.randint(-3, 3))
        hours_of_a_day = chance.choice(("off", "09:00-12:00", "10:00-15:00"))
        document["calendars"][0]["days"] = {"2026-03-03": {"hours": hours_of_a_day, "name": "By chance"}}
        await rulebook.save(work, draft, draft.version, document)
        await rulebook.publish(work, draft, "By chance.")
    await asyncio.sleep(chance.uniform(0.5, 2.0))


DISTURBERS: list[Disturber] = [recompute_everything, publish_a_policy]
"""What is done again and again beside jobs and people, by a process of its own, in a turn by chance.

To add one: an async function that takes the desk and a Random, does its deeds in transactions of its own, and ends
within a second or so. Whatever it does, `test_four_replicas` still has to find everything recorded once.
"""


async def do_jobs(desk: Desk, port: int) -> None:
    often = tuple(replace(schedule.job(name), seconds=1) for name in JOBS)
    runner.Running(desk, post_at(port), often).begin()
    await asyncio.Event().wait()


async def do_deeds(desk: Desk, chance: Random) -> None:
    """One person after the other does something; what the desk refuses in words is part of a day."""
    while True:
        deed = chance.choices(list(DEEDS), list(DEEDS.values()))[0]
        try:
            await deed(desk, chance)
        except DeskError:
            continue
        await asyncio.sleep(chance.uniform(*BETWEEN_DEEDS))


async def disturb(desk: Desk, chance: Random) -> None:
    while True:
        await chance.choice(DISTURBERS)(desk, chance)
        await asyncio.sleep(chance.uniform(0.1, 0.5))


async def open_one(desk: Desk, chance: Random) -> None:
    kind = chance.choice(list(RECEIVED))
    async with desk.work(CORA) as work:
        received_at = work.now - RECEIVED[kind] + timedelta(seconds=chance.uniform(0, SOON))
        new = NewCase(
            kind,
            chance.choice((Channel.PHONE, Channel.EMAIL)),
            "A kettle",
            "It leaks.",
            ANA,
            restated="It leaks at the lid.",
            options="A new one.",
            received_at=received_at,
        )
        await cases.open_case(work, new)


async def _some(work: Work, chance: Random) -> Case:
    ids = list(await work.session.scalars(select(Case.id).order_by(Case.id.desc()).limit(RECENT)))
    if not ids:
        raise DeskError("There is nothing to do yet.")
    return await work.session.get_one(Case, chance.choice(ids))


async def answer(desk: Desk, chance: Random) -> None:
    async with desk.work(CORA) as work:
        await cases.answer(work, await _some(work, chance), "We look into it.")


async def ask(desk: Desk, chance: Random) -> None:
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await _some(work, chance), "Which colour is it?")


async def hear(desk: Desk, chance: Random) -> None:
    async with desk.work(CORA) as work:
        await cases.customer_answered(work, await _some(work, chance), "Blue.")


async def resolve(desk: Desk, chance: Random) -> None:
    async with desk.work(CORA) as work:
        case = await _some(work, chance)
        await cases.resolve(
            work, case, code=ResolutionCode.EXCHANGE, what_was_done="Sent.", actions=["Sent a new one."]
        )


async def cancel(desk: Desk, chance: Random) -> None:
    async with desk.work(CORA) as work:
        await cases.cancel(work, await _some(work, chance), "Written twice.")


async def reopen(desk: Desk, chance: Random) -> None:
    async with desk.work(CORA) as work:
        await cases.reopen(work, await _some(work, chance), "It leaks again.")


async def hand_up(desk: Desk, chance: Random) -> None:
    async with desk.work(CORA) as work:
        case = await _some(work, chance)
        await escalation.raise_by_hand(
            work, case, "Beyond me.", severity=Severity.HIGH, in_spite_of_gaps="It leaks."
        )


async def plan(desk: Desk, chance: Random) -> None:
    async with desk.work(CORA) as work:
        case = await _some(work, chance)
        due_at = work.now + timedelta(seconds=chance.uniform(30, SOON))
        await followups.plan(
            work, FollowUpKind.CALL_BACK, "Call back.", CORA.person_id, due_at, case_id=case.id
        )


async def take_up(desk: Desk, chance: Random) -> None:
    """Whoever an escalation went to accepts it, hands it back, or says what was done."""
    actor: Actor = chance.choice((SAM, MARA, FIN))
    async with desk.work(actor) as work:
        newest = select(Escalation).order_by(Escalation.id.desc()).limit(RECENT)
        found = list(await work.session.scalars(newest))
        if not found:
            raise DeskError("Nothing is escalated yet.")
        one = chance.choice(found)
        match chance.randrange(4):
            case 0:
                await escalation.hand_back(work, one, "Cora knows the answer.")
            case 1:
                await escalation.resolve(work, one, "Sent a new one.")
            case _:
                await escalation.accept(work, one)


DEEDS = {
    open_one: 30,
    answer: 12,
    ask: 10,
    hear: 10,
    resolve: 6,
    cancel: 2,
    reopen: 4,
    hand_up: 4,
    plan: 6,
    take_up: 10,
}
"""What people do, and how often out of a hundred times or so."""


async def main(address: str, began: str, speed: str, port: str, role: str, seed: str) -> None:
    desk, chance = desk_on(address, FastClock(float(began), float(speed))), Random(seed)
    async with desk.look(SYSTEM) as work:
        await work.session.execute(select(Case.id).limit(1))
    sys.stdout.write("there")
    sys.stdout.flush()
    match role:
        case "jobs":
            await do_jobs(desk, int(port))
        case "people":
            await do_deeds(desk, chance)
        case _:
            await disturb(desk, chance)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
