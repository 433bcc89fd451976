"""What happens by itself when time passes. S0-4, S3-5.2.2, decisions 8 to 15."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import event, select, update

from models import Case, Deadline, Escalation, Message, Person
from models.words import CaseKind, Channel, Role
from portal.database import Database
from portal.desk import audit, cases, escalation, messages, rulebook, sweep
from portal.desk.work import SYSTEM, Desk, Letter, plain_letter
from portal.letters import Letters
from tests.cast import CEM, CORA, MARA, SAM, TERMS, Clock, berlin
from tests.desk import stories


async def swept(desk: Desk, batch: int = 100) -> int:
    """Sweep once."""
    async with desk.work(SYSTEM) as work:
        return await sweep.act_on_due(work, batch)


async def test_an_unsolved_complaint_reaches_the_manager_after_a_day(desk: Desk, clock: Clock) -> None:
    """S0-4.3b, S0-4.3c, S3-5.2.2."""
    case_id = await stories.opened(desk)
    clock.forward(hours=23, minutes=59)
    await swept(desk)
    assert await stories.raised(desk, case_id) == []
    clock.forward(minutes=1)
    await swept(desk)
    assert await stories.raised(desk, case_id) == [("escalate", 1, 1, "manager", "raised")]
    case = await stories.seen(desk, case_id)
    assert (case.held_by_role, case.held_by_id, case.escalation_level) == (Role.MANAGER, None, 1)
    assert await stories.written(desk, "escalation-notice") == [("escalation-notice", "mara@example.com")]


async def test_what_ran_out_before_the_first_policy_was_published_is_handed_up_after(
    desk: Desk, clock: Clock
) -> None:
    """S0-4.3b, S3-5.2.2"""
    case_id = await stories.opened(desk)
    clock.forward(hours=25)
    async with desk.work(MARA) as work:
        await rulebook.ensure_defaults(work)
    await swept(desk)
    assert await stories.raised(desk, case_id) == [("escalate", 1, 1, "manager", "raised")]
    assert await stories.written(desk, "escalation-notice") == [("escalation-notice", "mara@example.com")]


@pytest.mark.parametrize(
    ("kind", "opened", "due", "role", "told"),
    [
        (CaseKind.ORDER_ERROR, "2026-03-02 10:00", "2026-03-02 12:00", Role.SUPERVISOR, "sam"),  # S0-4.1c
        (CaseKind.ORDER_ERROR, "2026-03-06 16:00", "2026-03-09 10:00", Role.SUPERVISOR, "sam"),
        (CaseKind.ORDER_ERROR, "2026-03-02 15:00", "2026-03-02 17:00", Role.SUPERVISOR, "sam"),
        (CaseKind.PAYMENT_ISSUE, "2026-03-02 10:00", "2026-03-02 17:00", Role.FINANCE, "fin"),  # S0-4.2c
        (CaseKind.PAYMENT_ISSUE, "2026-03-02 16:59", "2026-03-02 17:00", Role.FINANCE, "fin"),
        (CaseKind.PAYMENT_ISSUE, "2026-03-02 18:00", "2026-03-03 17:00", Role.FINANCE, "fin"),
        (CaseKind.PAYMENT_ISSUE, "2026-03-07 12:00", "2026-03-09 17:00", Role.FINANCE, "fin"),
        (CaseKind.COMPLAINT, "2026-03-28 10:00", "2026-03-29 11:00", Role.MANAGER, "mara"),  # a clock change
    ],
)
async def test_the_matrix_to_the_minute(
    desk: Desk, clock: Clock, kind: CaseKind, opened: str, due: str, role: Role, told: str
) -> None:
    """S0-3.4.3b, S0-4.1b, S0-4.1c, S0-4.2b, S0-4.2c, S0-4.3b"""
    clock.at(opened)
    case_id = await stories.opened(desk, kind)
    clock.now = berlin(due)
    clock.forward(seconds=-1)
    await swept(desk)
    assert await stories.raised(desk, case_id) == []
    clock.forward(seconds=1)
    await swept(desk)
    assert await stories.raised(desk, case_id) == [("escalate", 1, 1, role.value, "raised")]
    assert await stories.written(desk, "escalation-notice") == [("escalation-notice", f"{told}@example.com")]


async def test_the_holder_is_warned_once_and_the_supervisor_told_once(desk: Desk, clock: Clock) -> None:
    """S0-3.3.1: received Friday 16:30, due Monday 09:30, warned after three quarters."""
    clock.at("2026-03-06 16:30")
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.at("2026-03-09 09:14")
    assert await swept(desk) == 1  # the 24 hours of the resolution ran out on the Saturday
    clock.at("2026-03-09 09:15")
    assert [await swept(desk), await swept(desk)] == [1, 0]
    assert ("deadline-warning", "cora@example.com") in await stories.written(desk)
    found = await stories.deadline(desk, case_id, "answer")
    assert (found.status, found.warned_at, found.next_at) == (
        "running",
        berlin("2026-03-09 09:15"),
        berlin("2026-03-09 09:30"),
    )
    clock.at("2026-03-09 09:40")
    assert [await swept(desk), await swept(desk)] == [1, 0]
    found = await stories.deadline(desk, case_id, "answer")
    assert (found.status, found.missed_at, found.next_at) == ("missed", berlin("2026-03-09 09:30"), None)
    assert await stories.written(desk) == [
        ("deadline-warning", "sam@example.com"),  # the resolution
        ("deadline-warning", "cora@example.com"),
        ("deadline-warning", "sam@example.com"),
    ]


async def test_a_sweep_that_comes_late_skips_the_warning_and_keeps_the_moment(
    desk: Desk, clock: Clock
) -> None:
    case_id = await stories.opened(desk, CaseKind.ORDER_ERROR)
    clock.forward(days=3)
    assert [await swept(desk), await swept(desk)] == [3, 0]
    found = await stories.deadline(desk, case_id, "escalate")
    assert (found.missed_at, found.warned_at) == (berlin("2026-03-02 12:00"), None)
    assert sorted(await stories.written(desk)) == [
        ("deadline-warning", "sam@example.com"),  # of the answer and the resolution
        ("escalation-notice", "sam@example.com"),
    ]


async def test_one_notice_names_every_case_of_a_batch(desk: Desk, clock: Clock) -> None:
    """S3-5.2.2: who supervises gets one letter, and misses none of the cases in it."""
    desk.writer = Letters()
    ids = [await stories.opened(desk, CaseKind.ORDER_ERROR) for _ in range(3)]
    numbers = {(await stories.seen(desk, one)).number for one in ids}
    clock.forward(minutes=45)
    await swept(desk)
    assert await stories.named(desk, "deadline-warning") == {("cora@example.com", one): 1 for one in numbers}
    clock.forward(hours=2)
    await swept(desk)
    assert await stories.named(desk, "escalation-notice") == {("sam@example.com", one): 1 for one in numbers}
    async with desk.look(SYSTEM) as work:
        rows = (await work.session.scalars(select(Message).order_by(Message.id))).all()
    assert sorted((one.to_name, one.subject, one.case_id, one.reference) for one in rows) == [
        ("Cora", "3 deadlines are about to run out", None, ""),
        ("Sam", "3 cases are escalated to you", None, ""),
        ("Sam", "3 deadlines ran out", None, ""),
    ]
    seen = {}
    for actor in (CORA, CEM, SAM, MARA):
        async with desk.look(actor) as work:
            found = await messages.latest(work)
        seen[actor.name] = {(one.template, one.to_name) for one in found}
    whole = {("deadline-warning", "Cora"), ("deadline-warning", "Sam"), ("escalation-notice", "Sam")}
    assert seen == {  # any of the cases may be hidden tomorrow
        "Cora": {one for one in whole if one[1] == "Cora"},
        "Cem": set(),
        "Sam": {one for one in whole if one[1] == "Sam"},
        "Mara": whole,
    }


async def test_a_hidden_case_is_never_named_beside_others(desk: Desk, clock: Clock) -> None:
    """S3-5.1.2: its notice stands under the case, so that the rules for the case's rows hold for it."""
    desk.writer = Letters()
    await stories.opened(desk, CaseKind.INQUIRY)
    hidden = [await stories.opened(desk, CaseKind.INQUIRY, legal=True) for _ in range(2)]
    numbers = {(await stories.seen(desk, one)).number for one in hidden}
    clock.forward(hours=1)
    await swept(desk)
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(select(Message).where(Message.template == "deadline-warning"))
        told = {(one.to_name, one.case_id, one.reference in numbers) for one in rows}
    assert {one for one in told if one[0] == "Mara"} == {("Mara", one, True) for one in hidden}
    assert not {one for one in told if one[0] != "Mara" and (one[1] in hidden or one[2])}


async def test_nobody_but_the_managers_hears_of_a_restricted_case(desk: Desk, clock: Clock) -> None:
    """S3-5.1.2."""
    await stories.opened(desk, CaseKind.INQUIRY, legal=True)
    clock.forward(minutes=45)
    await swept(desk)
    clock.forward(hours=1)
    await swept(desk)
    assert {address for _, address in await stories.written(desk)} == {"mara@example.com"}


async def test_an_end_stops_every_clock(desk: Desk, clock: Clock) -> None:
    """Decision 13."""
    await stories.resolved(desk, await stories.opened(desk))
    before = await stories.written(desk)
    clock.forward(days=30)
    assert await swept(desk) == 0
    assert await stories.written(desk) == before


async def test_a_warning_is_given_once_though_the_due_time_moves(desk: Desk, clock: Clock) -> None:
    case_id = await stories.opened(desk, CaseKind.INQUIRY, Channel.PHONE)
    clock.forward(minutes=50)
    await swept(desk)
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await stories.the_case(work, case_id), "Which one?")
    clock.forward(minutes=30)
    async with desk.work(CORA) as work:
        await cases.customer_answered(work, await stories.the_case(work, case_id), "The left one.")
    assert [await swept(desk), (await stories.deadline(desk, case_id, "answer")).next_at] == [
        0,
        berlin("2026-03-02 11:30"),
    ]


async def test_a_case_somebody_already_has_higher_up_stays_there(desk: Desk, clock: Clock) -> None:
    case_id = await stories.opened(desk, CaseKind.ORDER_ERROR)
    async with desk.work(SYSTEM) as work:  # level 2 by hand, as an import may bring it
        case = await stories.the_case(work, case_id)
        case.escalation_level, case.held_by_role = 2, Role.MANAGER
        await audit.record(work, "hold case", case)
    clock.forward(hours=2)
    await swept(desk)
    case = await stories.seen(desk, case_id)
    assert (case.escalation_level, case.held_by_role) == (2, Role.MANAGER)
    assert await stories.raised(desk, case_id) == [("escalate", 1, 1, "supervisor", "raised")]


async def test_every_effect_is_in_the_trail(desk: Desk, clock: Clock) -> None:
    case_id = await stories.opened(desk, CaseKind.ORDER_ERROR)
    clock.forward(hours=2)
    await swept(desk)
    missed = await stories.deadline(desk, case_id, "answer")
    assert sorted(await stories.trail(desk, "miss deadline", "warn of deadline", "escalate case")) == [
        ("escalate case", "Handrail", f"cases/{case_id}"),
        ("miss deadline", "Handrail", f"deadlines/{missed.id}"),
    ]


async def test_a_batch_takes_the_longest_due_first(desk: Desk, clock: Clock) -> None:
    ids = []
    for _ in range(3):
        ids.append(await stories.opened(desk, CaseKind.INQUIRY))
        clock.forward(minutes=1)
    clock.forward(hours=1)
    assert [await swept(desk, 2), await swept(desk, 2), await swept(desk, 2)] == [2, 1, 0]
    assert {(await stories.states(desk, one))["answer"] for one in ids} == {"missed"}


async def test_an_idle_sweep_is_one_statement(desk: Desk) -> None:
    """P9."""
    await stories.opened(desk)
    said: list[str] = []
    assert isinstance(desk.database, Database)

    def listen(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        said.append(statement.split(maxsplit=1)[0])

    event.listen(desk.database.writer.sync_engine, "before_cursor_execute", listen)
    assert await swept(desk) == 0
    event.remove(desk.database.writer.sync_engine, "before_cursor_execute", listen)
    assert [word for word in said if word != "BEGIN"] == ["WITH"]


class Fussy:
    """A writer that cannot write about one case, as a template may stumble over one row's data."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.mended = False

    def __call__(self, template: str, language: str, facts: Mapping[str, Any]) -> Letter:
        named = {number for group in facts["groups"] for number, *_ in group["cases"]}
        if not self.mended and self.number in named:
            raise ValueError("This one cannot be written.")
        return plain_letter(template, language, facts)


async def test_a_row_that_fails_is_put_off_and_the_others_go_on(desk: Desk, clock: Clock) -> None:
    ids = [await stories.opened(desk, CaseKind.PAYMENT_ISSUE) for _ in range(3)]
    writer = Fussy((await stories.seen(desk, ids[1])).number)
    fussy = Desk(desk.database, TERMS, clock, writer)
    async with desk.work(SYSTEM) as work:  # leave the matrix's clocks alone
        await work.session.execute(
            update(Deadline)
            .where(Deadline.kind != "escalate")
            .values(next_at=None)
            .execution_options(audited=True)
        )
        await audit.record(work, "clear")
    clock.at("2026-03-02 17:00")
    assert await swept(fussy) == 3
    assert [len(await stories.raised(desk, one)) for one in ids] == [1, 0, 1]
    broken = await stories.deadline(desk, ids[1], "escalate")
    assert (broken.put_off, broken.next_at, broken.missed_at) == (
        1,
        berlin("2026-03-02 17:01"),
        berlin("2026-03-02 17:00"),
    )
    assert await stories.trail(desk, "put off") == [("put off", "Handrail", f"deadlines/{broken.id}")]
    clock.at("2026-03-02 17:01")
    assert await swept(fussy) == 1  # still broken: twice as long, and the others are not touched again
    assert (await stories.deadline(desk, ids[1], "escalate")).next_at == berlin("2026-03-02 17:03")
    writer.mended = True
    clock.at("2026-03-02 17:03")
    assert await swept(fussy) == 1
    assert [len(await stories.raised(desk, one)) for one in ids] == [1, 1, 1]
    assert len(await stories.written(desk, "escalation-notice")) == 3  # one by one, as one was broken


async def test_a_level_is_raised_once_though_its_clock_strikes_twice(desk: Desk, clock: Clock) -> None:
    """Decision 15: the database says no, not the sweep."""
    case_id = await stories.opened(desk, CaseKind.ORDER_ERROR)
    clock.forward(hours=2)
    await swept(desk)
    async with desk.work(SYSTEM) as work:
        await work.session.execute(
            update(Deadline)
            .where(Deadline.kind == "escalate")
            .values(next_at=work.now)
            .execution_options(audited=True)
        )
        await audit.record(work, "strike again")
    assert await swept(desk) == 1
    assert len(await stories.raised(desk, case_id)) == 1
    assert len(await stories.written(desk, "escalation-notice")) == 1


async def test_everybody_in_the_group_is_told_and_nobody_who_has_left(desk: Desk, clock: Clock) -> None:
    """S2-13.2"""
    async with desk.work(SYSTEM) as work:
        cem = (await work.session.scalars(select(Person).where(Person.name == "Cem"))).one()
        sam = (await work.session.scalars(select(Person).where(Person.name == "Sam"))).one()
        cem.roles, sam.active = ("representative", "supervisor"), False
        await audit.record(work, "change people", cem)
    await stories.opened(desk, CaseKind.ORDER_ERROR)
    clock.forward(hours=2)
    await swept(desk)
    assert {address for _, address in await stories.written(desk)} == {"cem@example.com"}


async def test_accepting_ends_the_chase(desk: Desk, clock: Clock) -> None:
    """S2-13.4: the case is Sam's, and its history says so."""
    case_id = await stories.opened(desk, CaseKind.ORDER_ERROR)
    clock.forward(hours=2)
    await swept(desk)
    async with desk.work(SAM) as work:
        found = (await work.session.scalars(select(Escalation))).one()
        await escalation.accept(work, found)
    async with desk.look(SYSTEM) as work:
        case = await work.session.get_one(Case, case_id)
    assert (case.held_by_id, case.held_by_role) == (SAM.person_id, Role.SUPERVISOR)
