"""What rows of the policy want to happen when a target is met, warns or is missed. S2-13, S3-5.1.2, S3-5.2.2"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, select

from models import Message
from models.words import CaseKind, Channel, Severity
from portal.database import Database
from portal.desk import cases, sweep
from portal.desk.work import SYSTEM, Desk, Letter, plain_letter
from portal.letters import Letters
from tests.cast import ANA, CORA, TERMS, Clock, berlin
from tests.desk import stories
from tests.desk.test_sweep import Fussy, swept

ANSWER = {"key": "answer-acts", "to": "answer", "counts": "business", "amount": 60, "clause": "S0-3.3.1"}
EVERY = (
    {"do": "notify", "to": "holder"},
    {"do": "notify", "to": "finance", "words": "Look at the till."},
    {"do": "task", "to": "supervisor", "words": "Call the customer."},
    {"do": "raise", "words": "Too long."},
    {"do": "message"},
    {"do": "severity", "severity": "urgent"},
)


def acting(**lists: Any) -> Callable[[dict[str, Any]], None]:
    """A policy whose first row for the answer has these lists of actions."""

    def change(document: dict[str, Any]) -> None:
        urgent = {**ANSWER, "key": "urgent", "to": "resolve", "severity": "urgent", "amount": 120}
        document["targets"] = [{**ANSWER, **lists}, urgent, *document["targets"]]

    return change


async def test_a_miss_does_everything_its_row_lists_and_nothing_else(desk: Desk, clock: Clock) -> None:
    """S2-6.3, S2-13.2, S3-5.2.2"""
    await stories.policy_changed(desk, acting(on_missed=list(EVERY), on_warning=[]))
    case_id = await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL)
    clock.at("2026-03-02 10:45")
    assert await swept(desk) == 1
    assert await stories.written(desk, "deadline-warning") == []  # an empty list is a list too
    clock.at("2026-03-02 11:00")
    assert [await swept(desk), await swept(desk)] == [1, 0]
    assert sorted(await stories.written(desk)) == [
        ("case-acknowledgement", "ana@example.com"),
        ("case-delayed", "ana@example.com"),
        ("deadline-warning", "cora@example.com"),
        ("deadline-warning", "fin@example.com"),
        ("escalation-notice", "sam@example.com"),
    ]
    assert await stories.raised(desk, case_id) == [("answer", 1, 1, "supervisor", "raised")]
    case = await stories.seen(desk, case_id)
    assert (case.severity, case.held_by_role, case.held_by_id, case.escalation_level) == (
        Severity.URGENT,
        "supervisor",
        None,
        1,
    )
    assert (await stories.clocks(desk, case_id))["resolve"] == ("running", berlin("2026-03-02 12:00"))
    (task,) = await stories.planned(desk)
    assert (task.words, task.owner_id, task.case_id, task.customer_id, task.due_at) == (
        "Call the customer.",
        3,
        case_id,
        ANA,
        berlin("2026-03-02 12:00"),
    )
    missed = await stories.deadline(desk, case_id, "answer")
    assert await stories.trail(desk, "miss deadline", "plan follow-up", "escalate case", "assess case") == [
        ("plan follow-up", "Handrail", f"deadlines/{missed.id}"),
        ("escalate case", "Handrail", f"cases/{case_id}"),
        ("assess case", "Handrail", f"cases/{case_id}"),
        ("miss deadline", "Handrail", f"deadlines/{missed.id}"),
    ]


async def test_a_warning_can_hand_up_and_is_given_once(desk: Desk, clock: Clock) -> None:
    await stories.policy_changed(
        desk, acting(on_warning=[{"do": "raise"}, {"do": "notify", "to": "manager"}])
    )
    case_id = await stories.opened(desk, CaseKind.COMPLAINT)
    clock.at("2026-03-02 10:45")
    assert [await swept(desk), await swept(desk)] == [1, 0]
    assert await stories.raised(desk, case_id) == [("answer", 1, 1, "manager", "raised")]
    assert (await stories.states(desk, case_id))["escalate 1"] == "stopped"  # somebody has it already
    assert await stories.written(desk, "deadline-warning") == [("deadline-warning", "mara@example.com")]
    clock.at("2026-03-02 11:00")
    await swept(desk)  # a miss of which the row says nothing is told as ever
    assert await stories.written(desk, "deadline-warning") == [
        ("deadline-warning", "mara@example.com"),
        ("deadline-warning", "sam@example.com"),
    ]


async def test_a_target_met_in_time_does_what_its_row_lists(desk: Desk, clock: Clock) -> None:
    listed = [{"do": "notify", "to": "supervisor", "words": "Well done."}, {"do": "raise"}]
    await stories.policy_changed(desk, acting(on_met=[*listed, {"do": "severity", "severity": "low"}]))
    first = await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL)
    late = await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL)
    for case_id, minutes in ((first, 10), (late, 60)):
        clock.forward(minutes=minutes)
        async with desk.work(CORA) as work:
            await cases.answer(work, await stories.the_case(work, case_id), "It does.")
    assert await stories.written(desk, "target-met") == [("target-met", "sam@example.com")]
    assert [await stories.raised(desk, one) for one in (first, late)] == [
        [("answer", 1, 1, "supervisor", "raised")],
        [],
    ]
    case = await stories.seen(desk, first)
    assert (case.severity, case.escalation_level, case.answered_at) == (
        Severity.LOW,
        1,
        berlin("2026-03-02 10:10"),
    )


async def test_nobody_outside_its_group_hears_of_a_restricted_case(desk: Desk, clock: Clock) -> None:
    """S3-5.1.2: not by a notice, a task, a hand-up or a letter."""
    await stories.policy_changed(desk, acting(on_missed=list(EVERY), on_warning=list(EVERY)))
    case_id = await stories.opened(desk, CaseKind.INQUIRY, legal=True)
    before = set(await stories.written(desk))
    for moment in ("2026-03-02 10:45", "2026-03-02 11:00"):
        clock.at(moment)
        await swept(desk)
    told = {address for _, address in set(await stories.written(desk)) - before}
    assert told == {"mara@example.com"}
    assert {one.owner_id for one in await stories.planned(desk)} == {4}
    assert [role for *_, role, _ in await stories.raised(desk, case_id)] == ["manager"]


async def test_a_batch_tells_each_person_once_and_takes_no_more_statements_for_more_cases(
    desk: Desk, clock: Clock
) -> None:
    """Alike actions are done together."""
    desk.writer = Letters()
    await stories.policy_changed(desk, acting(on_missed=list(EVERY[:5]), on_warning=[]))
    said = []
    for count in (3, 9):
        clock.at("2026-03-02 10:00")
        ids = [await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL) for _ in range(count)]
        clock.at("2026-03-02 10:50")
        await swept(desk)
        clock.at("2026-03-02 11:00")
        said.append(len(await _statements(desk, 100)))
        assert {tuple(await stories.raised(desk, one)) for one in ids} == {
            (("answer", 1, 1, "supervisor", "raised"),)
        }
    assert said[0] - said[1] in {0, 1, 2}  # the first reads the policy of this process
    assert set((await stories.named(desk, "deadline-warning")).values()) == {1}


async def _statements(desk: Desk, batch: int) -> list[str]:
    said: list[str] = []
    assert isinstance(desk.database, Database)

    def listen(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    engine = desk.database.writer.sync_engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        await swept(desk, batch)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return [one for one in said if not one.startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]


async def test_a_batch_of_rows_without_lists_takes_what_it_took_before_there_were_any(
    desk: Desk, clock: Clock
) -> None:
    """Claim, read, people, their rota, the letters and the two records: nothing is asked of the policy."""
    for _ in range(3):
        await stories.opened(desk, CaseKind.INQUIRY)
    clock.at("2026-03-02 10:45")
    warned = await _statements(desk, 100)
    clock.at("2026-03-02 11:00")
    missed = await _statements(desk, 100)
    assert (len(warned), len(missed)) == (5, 6)


async def test_two_sweepers_at_once_act_once(desk: Desk, clock: Clock) -> None:
    await stories.policy_changed(desk, acting(on_missed=list(EVERY), on_warning=[]))
    ids = [await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL) for _ in range(6)]
    clock.at("2026-03-02 11:00")
    await asyncio.gather(*(swept(desk, 2) for _ in range(6)))
    assert [await stories.raised(desk, one) for one in ids] == [
        [("answer", 1, 1, "supervisor", "raised")]
    ] * len(ids)
    assert len(await stories.written(desk, "case-delayed")) == len(ids)
    assert len(await stories.planned(desk)) == len(ids)


@pytest.mark.parametrize("amid", ["deadline-warning", "case-delayed", "escalation-notice"])
async def test_a_killed_batch_leaves_nothing_and_the_next_acts_once(
    desk: Desk, clock: Clock, amid: str
) -> None:
    """Whichever action it was at: marks and effects are one transaction."""
    await stories.policy_changed(desk, acting(on_missed=list(EVERY), on_warning=[]))
    ids = [await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL) for _ in range(3)]
    clock.at("2026-03-02 11:00")

    class Dying(BaseException):
        pass

    def dying(template: str, language: str, facts: Any) -> Letter:
        if template == amid:
            raise Dying
        return plain_letter(template, language, facts)

    dead = Desk(desk.database, TERMS, clock, dying)
    with pytest.raises(Dying):
        async with dead.work(SYSTEM) as work:
            await sweep.act_on_due(work, 100)
    assert [await stories.raised(desk, one) for one in ids] == [[], [], []]
    assert (await stories.planned(desk), await stories.written(desk, "case-delayed")) == ([], [])
    assert await swept(desk) == 3
    assert [len(await stories.raised(desk, one)) for one in ids] == [1, 1, 1]
    assert len(await stories.planned(desk)) == len(await stories.written(desk, "case-delayed")) == 3


async def test_one_that_fails_is_put_off_and_the_others_are_done(desk: Desk, clock: Clock) -> None:
    await stories.policy_changed(desk, acting(on_missed=list(EVERY), on_warning=[]))
    ids = [await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL) for _ in range(3)]
    writer = _FussyOfNotices((await stories.seen(desk, ids[1])).number)
    fussy = Desk(desk.database, TERMS, clock, writer)
    clock.at("2026-03-02 11:00")
    assert await swept(fussy) == 3
    assert [len(await stories.raised(desk, one)) for one in ids] == [1, 0, 1]
    assert (await stories.deadline(desk, ids[1], "answer")).put_off == 1
    writer.mended = True
    clock.at("2026-03-02 11:01")
    assert await swept(fussy) == 1
    assert [len(await stories.raised(desk, one)) for one in ids] == [1, 1, 1]
    async with desk.look(SYSTEM) as work:
        keys = (
            await work.session.scalars(select(Message.once).where(Message.template == "case-delayed"))
        ).all()
    assert len(keys) == len(set(keys)) == 3
    assert len(await stories.planned(desk)) == 3


class _FussyOfNotices(Fussy):
    def __call__(self, template: str, language: str, facts: Any) -> Letter:
        if "groups" not in facts:
            return plain_letter(template, language, facts)
        return super().__call__(template, language, facts)
