"""The clocks follow a change of the policy: in batches, resumed, once, on any number of replicas. Decision 8"""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from jobs.recompute_clocks import recompute_clocks
from jobs.sweep_deadlines import sweep_deadlines
from models import AuditEntry, ClockEvent, Deadline, Recompute
from models.words import CaseKind, Channel, ClockEventKind
from portal.desk import cases, drift, policy_versions, recomputing, rulebook
from portal.desk.cases import NewCase
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA, CORA, Clock, berlin
from tests.desk import stories
from tests.desk.test_rulebook import answers_within
from tests.house.counting import statements

MOST_STATEMENTS = 16
"""Of one batch, in which clocks moved, were stopped, begun, and left as they were."""


async def drifts(desk: Desk) -> list[tuple[str, str]]:
    return [
        (one.clock, one.what) async for batch in drift.verify(desk, everything=True) for one in batch.drifts
    ]


async def the_recompute(desk: Desk) -> Recompute:
    async with desk.look(SYSTEM) as work:
        found = await recomputing.under_way(work)
    assert found is not None
    return found


async def a_few_followed(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch, cases: int = 7
) -> list[int]:
    """Seven open inquiries, and a change of which the first two follow at once."""
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    clock.at("2026-03-02 10:00")
    ids = [await stories.opened(desk, CaseKind.INQUIRY) for _ in range(cases)]
    monkeypatch.setattr(recomputing, "AT_ONCE", 2)
    clock.forward(minutes=1)
    await stories.policy_changed(desk, answers_within(120))
    return ids


async def test_it_goes_on_where_it_was_and_tells_how_far_it_came(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await a_few_followed(desk, clock, monkeypatch)
    begun = await the_recompute(desk)
    assert (begun.expected, begun.cases, begun.clocks, begun.finished_at) == (7, 2, 2, None)
    assert {what for _, what in await drifts(desk)} == {"policy"}
    async with desk.work(SYSTEM) as work:
        await recomputing.step(work, 2)
    with pytest.raises(RuntimeError):  # a process that dies in the middle has done nothing
        await _a_step_that_dies(desk)
    assert (await the_recompute(desk)).last_case_id == ids[3]
    assert await recompute_clocks(desk) == 3
    ended = await the_recompute(desk)
    assert (ended.cases, ended.clocks, ended.earlier, ended.later) == (7, 7, 0, 7)
    assert (ended.furthest_seconds, ended.finished_at) == (3600, clock.now)
    assert await recompute_clocks(desk) == 0
    assert await drifts(desk) == []
    assert {(await stories.clocks(desk, case))["answer"][1] for case in ids} == {berlin("2026-03-02 12:00")}
    async with desk.look(SYSTEM) as work:
        told = select(func.count()).where(ClockEvent.kind == ClockEventKind.POLICY_CHANGED)
        assert await work.session.scalar(told) == 7


async def test_two_replicas_do_it_once(desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_few_followed(desk, clock, monkeypatch, cases=12)
    await asyncio.gather(*(recompute_clocks(desk) for _ in range(3)))
    ended = await the_recompute(desk)
    assert (ended.cases, ended.clocks, ended.later) == (12, 12, 12)
    assert await drifts(desk) == []


async def test_a_clock_that_a_change_has_not_reached_is_not_missed_by_the_version_before(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep comes by at 11:05, when only two of the cases know that they have until noon."""
    ids = await a_few_followed(desk, clock, monkeypatch)
    clock.at("2026-03-02 11:05")
    await sweep_deadlines(desk)
    assert {(await stories.states(desk, case))["answer"] for case in ids} == {"running"}
    await recompute_clocks(desk)
    clock.at("2026-03-02 12:01")
    await sweep_deadlines(desk)
    assert {(await stories.states(desk, case))["answer"] for case in ids} == {"missed"}


async def test_what_ran_out_before_the_change_is_missed_by_the_version_it_ran_out_under(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    clock.at("2026-03-02 10:00")
    ids = [await stories.opened(desk, CaseKind.INQUIRY) for _ in range(3)]
    monkeypatch.setattr(recomputing, "AT_ONCE", 1)
    clock.at("2026-03-02 11:30")  # no sweep came by at eleven
    await stories.policy_changed(desk, answers_within(240))
    await sweep_deadlines(desk)
    await recompute_clocks(desk)
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(Deadline.missed_at, Deadline.policy).where(
                Deadline.case_id.in_(ids), Deadline.kind == "answer"
            )
        )
        assert [tuple(row) for row in rows] == [(berlin("2026-03-02 11:00"), 1)] * 3
    assert await drifts(desk) == []


async def test_a_case_written_by_somebody_who_had_read_the_version_before_is_found(
    desk: Desk, clock: Clock
) -> None:
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    clock.at("2026-03-02 10:00")
    remembered: dict[str, Any] = {}
    async with desk.work(CORA, remembered=remembered):
        from_before = await stories.opened(desk, CaseKind.INQUIRY)
    async with desk.look(SYSTEM, remembered=remembered) as work:
        await policy_versions.in_force(work)
    await stories.policy_changed(desk, answers_within(120))
    assert await recompute_clocks(desk) == 0
    late = await _opened_with(desk, remembered)
    assert {what for _, what in await drifts(desk)} == {"policy"}
    assert await recompute_clocks(desk) == 1
    assert await drifts(desk) == []
    for case in (from_before, late):
        assert (await stories.clocks(desk, case))["answer"][1] == berlin("2026-03-02 12:00")


async def test_a_batch_takes_the_same_statements_however_many_cases_follow(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moved, stopped, begun and left as they were, all in one batch of one case and of seven; the first reads the policy."""
    await a_few_followed(desk, clock, monkeypatch, cases=9)
    monkeypatch.setattr(recomputing, "AT_ONCE", 0)

    def change(document: dict[str, Any]) -> None:
        document["targets"].insert(0, {"key": "off", "to": "resolve", "kind": "inquiry", "off": True})
        document["targets"][1]["amount"] = 180
        stories.add_level(document, "inquiry", 1, "supervisor", "business", 240)
        stories.add_level(document, "inquiry", 2, "manager", "business", 480)

    said = []
    await stories.policy_changed(desk, change)
    for many in (1, 1, 7):
        with statements(desk.database) as one:  # type: ignore[arg-type]  # the fixture's is one
            async with desk.work(SYSTEM) as work:
                assert await recomputing.step(work, many) == many
        said.append(one)
    assert len(said[1]) == len(said[2]) <= MOST_STATEMENTS
    ended = await the_recompute(desk)
    assert (ended.cases, ended.clocks, ended.later) == (9, 36, 9)
    assert await recompute_clocks(desk) == 0
    assert await drifts(desk) == []


async def test_the_trail_tells_what_moved_from_when_to_when(desk: Desk, clock: Clock) -> None:
    """S2-15.5b"""
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    clock.at("2026-03-02 10:00")
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clocks = {kind: await stories.deadline(desk, case_id, kind) for kind in ("answer", "resolve")}

    def change(document: dict[str, Any]) -> None:
        answers_within(120)(document)
        document["targets"].insert(0, {"key": "off", "to": "resolve", "kind": "inquiry", "off": True})
        stories.add_level(document, "inquiry", 1, "supervisor", "elapsed", 30)

    await stories.policy_changed(desk, change)
    level = await stories.deadline(desk, case_id, "escalate")
    async with desk.look(SYSTEM) as work:
        entries = select(AuditEntry.changes).where(AuditEntry.deed == "recompute deadlines")
        (changes,) = await work.session.scalars(entries)
    assert {key: told for key, told in changes.items() if key.startswith("deadlines/")} == {
        f"deadlines/{clocks['answer'].id}": {
            "due_at": ["2026-03-02T10:00:00+00:00", "2026-03-02T11:00:00+00:00"]
        },
        f"deadlines/{clocks['resolve'].id}": {"status": ["running", "stopped"]},
        f"deadlines/{level.id}": {
            "case_id": [None, case_id],
            "kind": [None, "escalate"],
            "level": [None, 1],
            "due_at": [None, "2026-03-02T09:30:00+00:00"],
        },
    }


async def _opened_with(desk: Desk, remembered: dict[str, Any]) -> int:
    async with desk.work(CORA, remembered=remembered) as work:
        return (await cases.open_case(work, NewCase(CaseKind.INQUIRY, Channel.PHONE, "Late"))).id


async def _follow(desk: Desk, ids: list[int]) -> int:
    async with desk.work(SYSTEM) as work:
        return await recomputing.follow(work, ids)


async def _a_step_that_dies(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        await recomputing.step(work, 2)
        raise RuntimeError


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_while_another_replica_is_at_its_cases_the_others_follow_and_all_are_counted_once(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await a_few_followed(desk, clock, monkeypatch)
    async with desk.work(SYSTEM) as other:
        taken = await recomputing.claim(other, 2)
    async with desk.work(SYSTEM) as busy:
        await busy.session.scalars(select(Deadline).where(Deadline.case_id == ids[2]).with_for_update())
        slow = asyncio.create_task(_follow(desk, taken))
        beside = asyncio.create_task(recompute_clocks(desk))
        while (at := await the_recompute(desk)).last_case_id < ids[-1]:
            await asyncio.sleep(0.01)
        assert at.finished_at is None
    assert (await slow) + (await beside) == 5
    ended = await the_recompute(desk)
    assert (ended.cases, ended.clocks, ended.later, ended.finished_at) == (7, 7, 7, clock.now)
    assert await drifts(desk) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_what_a_replica_took_and_never_did_is_done_by_another(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await a_few_followed(desk, clock, monkeypatch)
    async with desk.work(SYSTEM) as dies:
        assert await recomputing.claim(dies, 2) == ids[2:4]
    assert await recompute_clocks(desk) == 5
    ended = await the_recompute(desk)
    assert (ended.cases, ended.clocks, ended.later, ended.finished_at) == (7, 7, 7, clock.now)
    assert await drifts(desk) == []
