"""The due times written down are those the facts give; what drifts is told, and only `recompute` writes. Decision 8."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from jobs import schedule
from jobs.sweep_deadlines import sweep_deadlines
from models import Case, Deadline, Escalation
from models.words import CaseKind, Channel, EscalationStatus
from portal import clock_words
from portal.desk import audit, cases, drift, escalation, rulebook
from portal.desk.deadlines import Moved
from portal.desk.drift import Drift
from portal.desk.errors import NotFound, WrongMoment
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA, CORA, MARA, Clock, berlin
from tests.desk import stories
from tests.desk.test_rulebook import calendar_changed


async def found(
    desk: Desk, *, everything: bool = True, batch: int = 500
) -> tuple[int, int, int, list[Drift]]:
    """Verify, and sum up: cases, clocks, kept, drifts."""
    batches = [one async for one in drift.verify(desk, everything=everything, batch=batch)]
    return (
        sum(one.cases for one in batches),
        sum(one.clocks for one in batches),
        sum(one.kept for one in batches),
        [each for one in batches for each in one.drifts],
    )


async def recomputed(desk: Desk) -> Moved:
    total = Moved()
    async for moved in drift.recompute(desk):
        total.add(moved)
    return total


async def written(desk: Desk, table: type[Any], row: int, **values: object) -> None:
    """Write past the rules, as a hand in the database would."""
    async with desk.work(SYSTEM) as work:
        await work.session.execute(
            update(table).where(table.id == row).values(**values).execution_options(audited=True)
        )
        await audit.record(work, "write by hand")


async def eventful(desk: Desk, clock: Clock) -> None:
    """Cases in every state: waiting, answered, resolved, reopened, missed, handed up and taken, cancelled."""
    for kind in CaseKind:
        await stories.opened(desk, kind, Channel.EMAIL)
    for number in range(6):
        case_id = await stories.opened(desk, CaseKind.COMPLAINT)
        clock.forward(minutes=7)
        async with desk.work(CORA) as work:
            case = await stories.the_case(work, case_id)
            await cases.acknowledge(work, case)
            if number in {1, 2, 3}:
                await cases.ask_customer(work, case, "Which colour?")
        clock.forward(hours=3)
        async with desk.work(CORA) as work:
            case = await stories.the_case(work, case_id)
            if number in {2, 3}:
                await cases.customer_answered(work, case, "Blue.")
            if number == 4:
                await cases.answer(work, case, "It is on its way.")
        if number in {0, 1, 3}:
            await stories.resolved(desk, case_id)
        clock.forward(hours=20)
        await sweep_deadlines(desk)
        if number == 3:
            async with desk.work(CORA) as work:
                await cases.reopen(work, await stories.the_case(work, case_id), "It broke again.")
    async with desk.work(MARA) as work:
        raised = select(Escalation).where(Escalation.status == EscalationStatus.RAISED)
        for handed in (await work.session.scalars(raised.limit(2))).all():
            await escalation.accept(work, handed)
    cancelled = await stories.opened(desk, CaseKind.INQUIRY)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, cancelled)
        await cases.cancel(work, case, "Asked twice.")


async def test_whatever_happens_on_the_desk_the_clocks_do_not_drift(desk: Desk, clock: Clock) -> None:
    await eventful(desk, clock)
    everything = await found(desk)
    assert everything[2:] == (0, [])
    assert everything[:2] > (10, 40)
    assert await found(desk, batch=1) == everything
    open_ones = await found(desk, everything=False)
    assert (open_ones[0] < everything[0], open_ones[1] < everything[1], open_ones[3]) == (True, True, [])


async def test_a_batch_gives_each_case_what_it_gets_alone(desk: Desk, clock: Clock) -> None:
    """New hours, for all open cases in one transaction, and then each verified for itself."""
    await eventful(desk, clock)
    clock.at("2026-03-20 16:30")
    for _ in range(6):
        await stories.opened(desk, CaseKind.INQUIRY)
    assert await calendar_changed(desk, hours="Mo-Fr 08:00-12:00,13:00-16:45; Sa 10:00-13:00") >= 6
    together = await found(desk, everything=False)
    assert together == await found(desk, everything=False, batch=1)
    assert together[3] == []


async def test_a_moment_that_was_moved_by_hand_is_told_and_left_as_it_is(desk: Desk, clock: Clock) -> None:
    clock.at("2026-03-02 10:00")
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    answer = await stories.deadline(desk, case_id, "answer")
    moved = berlin("2026-03-02 11:30")
    await written(desk, Deadline, answer.id, due_at=moved)
    number = (await stories.seen(desk, case_id)).number
    for _ in range(2):
        assert (await found(desk))[3] == [Drift(number, "answer", "due", moved, berlin("2026-03-02 11:00"))]


async def test_what_a_sweep_and_a_queue_go_by_is_verified_too(desk: Desk, clock: Clock) -> None:
    clock.at("2026-03-02 10:00")
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    answer = await stories.deadline(desk, case_id, "answer")
    await written(desk, Deadline, answer.id, next_at=None)
    await written(desk, Case, case_id, due_at=None)
    number = (await stories.seen(desk, case_id)).number
    assert (await found(desk, everything=False))[3] == [
        Drift(number, "answer", "next look", None, berlin("2026-03-02 10:45")),
        Drift(number, "queue", "due", None, berlin("2026-03-02 11:00")),
    ]
    assert (await recomputed(desk)).clocks == 1
    assert (await found(desk))[3] == []


async def test_a_clock_that_runs_on_in_an_ended_case_is_found_among_all(desk: Desk) -> None:
    case_id = await stories.opened(desk)
    await stories.resolved(desk, case_id)
    level = await stories.deadline(desk, case_id, "escalate")
    await written(desk, Deadline, level.id, status="running", next_at=level.warn_at)
    assert (await found(desk, everything=False))[3] == []
    assert [(one.clock, one.what) for one in (await found(desk))[3]] == [("escalate 1", "still runs")]


@pytest.mark.parametrize("versioned", [True, False])
async def test_what_ended_under_other_hours_keeps_its_moment_and_is_compared_with_those(
    desk: Desk, clock: Clock, *, versioned: bool
) -> None:
    """Or, where it ended before the policy had versions, is not compared."""
    if versioned:
        async with desk.work(ADA) as work:
            await rulebook.ensure_defaults(work)
    clock.at("2026-03-02 16:30")
    ended, open_still = [await stories.opened(desk, CaseKind.INQUIRY) for _ in range(2)]
    clock.forward(minutes=10)
    await stories.resolved(desk, ended)
    clock.forward(minutes=10)
    await calendar_changed(desk, hours="Mo-Fr 09:00-18:00")
    assert (await stories.clocks(desk, ended))["answer"][1] == berlin("2026-03-03 09:30")
    assert (await stories.clocks(desk, open_still))["answer"][1] == berlin("2026-03-02 17:30")
    cases, clocks, kept, drifts = await found(desk)
    assert (cases, kept > 0, drifts) == (2, not versioned, [])
    assert clocks == 6


async def test_writing_anew_mends_what_drifts_once_and_tells_how_far(desk: Desk, clock: Clock) -> None:
    clock.at("2026-03-02 10:00")
    ids = [await stories.opened(desk, CaseKind.INQUIRY) for _ in range(3)]
    facts = [await stories.clocks(desk, case_id) for case_id in ids]
    for case_id, hours in zip(ids, (-1, 2, 0), strict=True):
        answer = await stories.deadline(desk, case_id, "answer")
        assert answer.due_at is not None
        await written(desk, Deadline, answer.id, due_at=answer.due_at + timedelta(hours=hours, minutes=5))
    assert len((await found(desk))[3]) == 3
    moved = await recomputed(desk)
    assert (moved.cases, moved.clocks, moved.earlier, moved.later) == (3, 3, 2, 1)
    assert (moved.furthest, moved.last_id) == (timedelta(hours=2, minutes=5), ids[-1])
    assert [await stories.clocks(desk, case_id) for case_id in ids] == facts
    assert (await recomputed(desk)).clocks == 0
    assert (await found(desk))[3] == []
    assert len(await stories.trail(desk, "recompute deadlines")) == 1


async def test_a_clock_that_a_deed_begins_beside_it_is_begun_once(desk: Desk) -> None:
    """Clocks are read before their case is waited for: the deed that holds it has begun another by then."""
    case_id = await stories.opened(desk)
    async with desk.work(CORA) as work:
        await cases.answer(work, await stories.the_case(work, case_id), "We look into it.")
        beside = asyncio.create_task(recomputed(desk))
        await asyncio.sleep(0.3)
    await beside
    clocks = await stories.clocks(desk, case_id)
    assert {name: state for name, (state, _) in clocks.items() if name.startswith("update")} == {
        "update 1": "met",
        "update 2": "running",
    }


async def test_the_job_notes_how_many_it_verified_and_fails_when_any_drifts(desk: Desk, clock: Clock) -> None:
    clock.at("2026-03-02 10:00")
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    verified = await schedule.run_once(desk, "verify_clocks")
    assert verified == (await found(desk, everything=False))[1] > 0
    answer = await stories.deadline(desk, case_id, "answer")
    await written(desk, Deadline, answer.id, warn_at=berlin("2026-03-02 10:01"))
    number = (await stories.seen(desk, case_id)).number
    with pytest.raises(WrongMoment, match=f"1 of {verified} clocks drift, the first {number} answer"):
        await schedule.run_once(desk, "verify_clocks")


async def test_the_command_tells_each_drift_and_a_sum(
    desk: Desk, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.at("2026-03-02 10:00")
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    assert await clock_words.verified(desk, everything=True) == 0
    assert capsys.readouterr().out.endswith("clocks of 1 cases verified: none drifts.\n")
    answer = await stories.deadline(desk, case_id, "answer")
    await written(desk, Deadline, answer.id, due_at=berlin("2026-03-02 11:30"))
    assert await clock_words.verified(desk, everything=False) == 1
    number = (await stories.seen(desk, case_id)).number
    assert capsys.readouterr().out.startswith(
        f"{number} answer, due: stored 2026-03-02T10:30:00Z, computed 2026-03-02T10:00:00Z\n"
    )
    await clock_words.recomputed(desk, 0)
    assert capsys.readouterr().out == (
        "1 clocks of 1 open cases changed.\n1 are due earlier, 0 later, the furthest by 30 minutes.\n"
    )


async def test_a_case_is_explained_in_words_with_a_picture_of_its_days(desk: Desk, clock: Clock) -> None:
    """Decision 14: over a weekend with a pause, the windows counted, the days skipped, the policy and its clause."""
    clock.at("2026-03-06 16:00")
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.at("2026-03-06 16:15")
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await stories.the_case(work, case_id), "Which colour?")
    clock.at("2026-03-06 16:45")
    async with desk.work(CORA) as work:
        await cases.customer_answered(work, await stories.the_case(work, case_id), "Blue.")
    number = (await stories.seen(desk, case_id)).number
    told = await clock_words.explained(desk, number.replace("-", " "))
    assert told == await clock_words.explained(desk, str(case_id))
    at = next(place for place, line in enumerate(told) if line.startswith("answer: running"))
    assert told[at : at + 19] == [
        "answer: running, due Mon 9 Mar 2026, 09:30 Europe/Berlin",
        "  Within 1 business hour, from Fri 6 Mar 2026, 16:00 Europe/Berlin.",
        "  Policy: answer every case, by S0-3.3.1 (Inquiries are answered within one business hour).",
        "  Calendar: Desk: Mo-Fr 09:00-17:00 (Europe/Berlin).",
        "  - answer every case, chat: its channel is chat, the case’s is phone.",
        "  - answer every case, urgent: its severity is urgent, the case’s is normal.",
        "  - answer every case: the first that holds.",
        "  - Fri 6 Mar 2026, 16:00 to 16:15: 15 minutes of open time.",
        "  - Fri 6 Mar 2026, 16:15 to 16:45: paused, 30 minutes not counted.",
        "  - Fri 6 Mar 2026, 16:45 to 17:00: 15 minutes of open time.",
        "  - Sat 7 Mar 2026: closed.",
        "  - Sun 8 Mar 2026: closed.",
        "  - Mon 9 Mar 2026, 09:00 to 09:30: 30 minutes of open time.",
        "",
        "                  0           6           12          18          24",
        "  Fri 6 Mar 2026  ..................--------------##..............",
        "  Sat 7 Mar 2026  ................................................",
        "  Sun 8 Mar 2026  ................................................",
        "  Mon 9 Mar 2026  ..................!---------------..............",
    ]


@pytest.mark.parametrize("asked", ["", "HC-26-000001-1", "999999", "9" * 5000, "one", "٣", "-1"])
async def test_a_case_that_is_not_there_is_said_so(desk: Desk, asked: str) -> None:
    with pytest.raises(NotFound):
        await clock_words.explained(desk, asked)
