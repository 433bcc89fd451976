"""Who is on duty, and who would be told. S0-4, S3-5.2.2"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select, update

from models import AuditEntry, Case, OnDuty, Person
from models.words import CaseKind, Role, Severity
from portal.database import Database
from portal.desk import audit, duty, escalation, notices, rota, sweep
from portal.desk.errors import Conflict, NotAccepted, NotAllowed
from portal.desk.rota import Reach
from portal.desk.work import SYSTEM, Actor, Desk, Work
from tests.cast import CEM, CORA, FIN, MARA, SAM, ZONE, Clock, berlin
from tests.desk import stories

MARCH = date(2026, 3, 1)


async def shift(
    desk: Desk,
    who: Actor,
    hours: str,
    role: Role = Role.REPRESENTATIVE,
    since: date = MARCH,
    until: date | None = None,
    zone: str = ZONE,
) -> int:
    """Mara puts somebody on duty; gives the id of the entry."""
    async with desk.work(MARA) as work:
        entry = await duty.put_on(work, role, who.person_id or 0, hours, zone, since, until)
        return entry.id


async def changed(desk: Desk, actors: Iterable[Actor], **values: Any) -> None:
    """Change the rows of some people past every deed."""
    async with desk.work(SYSTEM) as work:
        ids = [one.person_id for one in actors]
        await work.session.execute(
            update(Person).where(Person.id.in_(ids)).values(values), execution_options={"audited": True}
        )
        await audit.record(work, "change people")


async def on(desk: Desk, wall: str, role: Role = Role.REPRESENTATIVE) -> list[str]:
    """Who is on duty at a wall time in Berlin."""
    async with desk.look(SAM) as work:
        return [one.name for one in await duty.on_duty(work, role, berlin(wall))]


async def told(desk: Desk, wall: str, role: Role = Role.REPRESENTATIVE) -> tuple[str, list[str]]:
    """Whom a notice reaches at a wall time in Berlin, and why them."""
    async with desk.look(SAM) as work:
        found = await duty.told(work, role, berlin(wall))
        people = await duty.people_to_tell(work, role, berlin(wall))
    assert list(found.people) == people
    return found.reach.value, [one.name for one in people]


async def test_a_shift_begins_to_the_minute_and_ends_to_the_minute(desk: Desk) -> None:
    await shift(desk, CORA, "Mo-Fr 08:00-14:00")
    assert {
        wall: await on(desk, f"2026-03-{wall}")
        for wall in ("02 07:59", "02 08:00", "02 13:59", "02 14:00", "07 10:00")
    } == {"02 07:59": [], "02 08:00": ["Cora"], "02 13:59": ["Cora"], "02 14:00": [], "07 10:00": []}


async def test_a_night_belongs_to_the_day_on_which_it_begins(desk: Desk) -> None:
    """The last night, of Thursday, runs to its end on Friday morning; the one before the first never was."""
    await shift(desk, CORA, "Mo-Su 22:00-06:00", since=date(2026, 3, 3), until=date(2026, 3, 5))
    assert {
        wall: await on(desk, f"2026-03-{wall}")
        for wall in ("03 05:59", "03 22:00", "04 05:59", "04 06:00", "06 05:59", "06 06:00", "06 22:00")
    } == {
        "03 05:59": [], "03 22:00": ["Cora"], "04 05:59": ["Cora"], "04 06:00": [], "06 05:59": ["Cora"],
        "06 06:00": [], "06 22:00": [],
    }  # fmt: skip


async def test_a_night_over_the_change_of_the_clocks_is_an_hour_shorter_and_longer(desk: Desk) -> None:
    """In March 02:00 is 03:00 at once; in October the hour from 02:00 is there twice, and both belong to the shift."""
    await shift(desk, CORA, "Sa 22:00-06:00")
    async with desk.look(SAM) as work:
        entry = await duty.load(work, 1)
        spring = rota.shifts(entry, berlin("2026-03-28 12:00"), berlin("2026-03-29 12:00"))
        autumn = rota.shifts(entry, berlin("2026-10-24 12:00"), berlin("2026-10-25 12:00"))
        usual = rota.shifts(entry, berlin("2026-03-07 12:00"), berlin("2026-03-08 12:00"))
    assert [
        [(one.ends - one.begins).total_seconds() / 3600 for one in found] for found in (usual, spring, autumn)
    ] == [[8], [7], [9]]
    assert (await on(desk, "2026-03-29 05:59"), await on(desk, "2026-03-29 06:00")) == (["Cora"], [])


async def test_a_shift_is_on_the_clock_of_its_own_zone(desk: Desk) -> None:
    await shift(desk, CORA, "Mo 09:00-17:00", zone="America/New_York")
    assert (await on(desk, "2026-03-02 14:59"), await on(desk, "2026-03-02 15:00")) == ([], ["Cora"])


async def test_two_on_duty_are_both_told_and_nobody_else_is(desk: Desk) -> None:
    await shift(desk, CORA, "Mo-Fr 08:00-14:00")
    await shift(desk, CEM, "Mo-Fr 12:00-20:00")
    await shift(desk, CEM, "Mo 12:00-13:00")  # named twice, told once
    assert [await told(desk, f"2026-03-02 {at}") for at in ("09:00", "12:30", "15:00")] == [
        (Reach.ON_DUTY, ["Cora"]),
        (Reach.ON_DUTY, ["Cora", "Cem"]),
        (Reach.ON_DUTY, ["Cem"]),
    ]


async def test_when_nobody_is_on_duty_everybody_of_the_role_is_told(desk: Desk) -> None:
    assert await told(desk, "2026-03-02 09:00") == (Reach.NO_ROTA, ["Cora", "Cem"])
    await shift(desk, CORA, "Mo-Fr 08:00-14:00", until=date(2026, 3, 6))
    assert await told(desk, "2026-03-02 20:00") == (Reach.EVERYBODY, ["Cora", "Cem"])
    assert await told(desk, "2026-03-16 09:00") == (Reach.NO_ROTA, ["Cora", "Cem"])  # the rota has ended


async def test_an_empty_group_is_a_finding_and_the_managers_are_told(desk: Desk) -> None:
    async def nobody() -> list[Role]:
        async with desk.look(SAM) as work:
            return await duty.roles_with_nobody(work)

    assert await nobody() == []
    await changed(desk, [FIN], active=False)
    assert (await nobody(), await told(desk, "2026-03-02 09:00", Role.FINANCE)) == (
        [Role.FINANCE],
        (Reach.MANAGERS, ["Mara"]),
    )
    await changed(desk, [MARA], active=False)
    assert await nobody() == [Role.MANAGER, Role.FINANCE]
    assert await told(desk, "2026-03-02 09:00", Role.FINANCE) == (Reach.NOBODY, [])


async def test_whoever_has_left_or_changed_roles_is_not_on_duty(desk: Desk) -> None:
    await shift(desk, CORA, "24/7")
    await shift(desk, CEM, "24/7")
    await changed(desk, [CORA], active=False)
    assert await told(desk, "2026-03-02 09:00") == (Reach.ON_DUTY, ["Cem"])
    await changed(desk, [CEM], roles=("finance",))
    assert await told(desk, "2026-03-02 09:00") == (Reach.MANAGERS, ["Mara"])


async def test_hours_that_cannot_be_read_any_more_leave_nobody_out(desk: Desk) -> None:
    """A zone may go with an update of the machine: then everybody is told, and the week says what is wrong."""
    entry_id = await shift(desk, CORA, "24/7")
    async with desk.work(SYSTEM) as work:
        await work.session.execute(
            update(OnDuty).values(zone="Mars/Olympus"), execution_options={"audited": True}
        )
        await audit.record(work, "lose a zone")
    assert await told(desk, "2026-03-02 09:00") == (Reach.EVERYBODY, ["Cora", "Cem"])
    async with desk.look(SAM) as work:
        (line,) = (await duty.week(work, work.now, ZONE)).roles[Role.REPRESENTATIVE]
    assert (line.entry.id, line.bands, line.wrong) == (
        entry_id,
        [],
        "There is no time zone called 'Mars/Olympus'. Write it as Europe/Berlin or UTC.",
    )


NOT_AFTER = "The closing time is not after the opening time; round the clock is written 00:00-24:00."
GOOD: dict[str, Any] = {
    "role": Role.REPRESENTATIVE,
    "person_id": CORA.person_id,
    "hours_text": "Mo-Fr 08:00-14:00",
    "zone": ZONE,
    "valid_from": MARCH,
}


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        (
            {"hours_text": "Mo-Fr 08:00-08:00"},
            "hours",
            f"{NOT_AFTER}\nMo-Fr 08:00-08:00\n            ^",
        ),
        (
            {"zone": "Berlin"},
            "zone",
            "There is no time zone called 'Berlin'. Write it as Europe/Berlin or UTC.",
        ),
        ({"valid_until": date(2026, 2, 28)}, "valid_until", "The last day is before the first."),
        (
            {"role": Role.FINANCE},
            "person_id",
            "Cora is no finance: nothing of that role may be told to them.",
        ),
        ({"person_id": 999}, "person_id", "Choose a colleague who is here."),
        ({"valid_from": date(1, 1, 1)}, "valid_from", "Enter a day such as 2026-03-14."),
        ({"note": "x" * 301}, "note", "At most 300 letters."),
    ],
    ids=lambda told: "" if isinstance(told, dict) else None,
)
async def test_a_mistaken_entry_is_refused_in_words(
    desk: Desk, wrong: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(NotAccepted) as refused:
        async with desk.work(MARA) as work:
            await duty.put_on(work, **{**GOOD, **wrong})
    assert refused.value.fields == {field: words}


async def test_the_rota_is_changed_by_managers_alone_and_keeps_its_history(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        async with desk.work(SAM) as work:
            await duty.put_on(work, **GOOD)
    entry_id = await shift(desk, CORA, "Mo-Fr 08:00-14:00")
    async with desk.work(MARA) as work:
        await duty.change(work, await duty.load(work, entry_id), 1, hours="Mo-Fr 09:00-15:00")
    with pytest.raises(Conflict) as second:
        async with desk.work(MARA) as work:
            await duty.change(work, await duty.load(work, entry_id), 1, hours="Mo-Fr 07:00-15:00")
    assert (second.value.theirs, second.value.yours) == (
        {"hours": "Mo-Fr 09:00-15:00"},
        {"hours": "Mo-Fr 07:00-15:00"},
    )
    async with desk.work(MARA) as work:
        await duty.end(work, await duty.load(work, entry_id), 2, date(2026, 3, 2))
    with pytest.raises(NotAccepted, match=r"It ends on Mon 2 Mar 2026 already\."):
        async with desk.work(MARA) as work:
            await duty.end(work, await duty.load(work, entry_id), 3, date(2026, 3, 4))
    assert (await on(desk, "2026-03-02 14:30"), await on(desk, "2026-03-03 10:00")) == (["Cora"], [])
    async with desk.work(MARA) as work:
        await duty.end(work, await duty.load(work, entry_id), 3, date(2020, 1, 1))  # taken back altogether
    assert await on(desk, "2026-03-02 14:30") == []
    async with desk.look(MARA) as work:
        deeds = await work.session.scalars(
            select(AuditEntry.deed).where(AuditEntry.subject_kind == "on_duty").order_by(AuditEntry.id)
        )
    assert list(deeds) == ["put on duty", "change duty", "end duty", "end duty"]


async def test_a_deadline_that_runs_out_tells_who_is_on_duty_then(desk: Desk, clock: Clock) -> None:
    """S0-4.1c, S3-5.2.2: not who was on duty when the case was opened."""
    await changed(desk, [CEM], roles=("representative", "supervisor"))
    await shift(desk, SAM, "Mo 08:00-11:00", Role.SUPERVISOR)
    await shift(desk, CEM, "Mo 11:00-18:00", Role.SUPERVISOR)
    await stories.opened(desk, CaseKind.ORDER_ERROR)
    clock.at("2026-03-02 12:00")
    async with desk.work(SYSTEM) as work:
        await sweep.act_on_due(work, 100)
    assert await stories.written(desk, "escalation-notice") == [("escalation-notice", "cem@example.com")]


async def test_however_many_are_told_the_rota_is_read_once(desk: Desk, clock: Clock) -> None:
    """A sweep hands on what it has read from batch to batch."""
    await shift(desk, SAM, "24/7", Role.SUPERVISOR)
    for _ in range(4):
        await stories.opened(desk, CaseKind.ORDER_ERROR)
    clock.forward(hours=3)
    database = desk.database
    assert isinstance(database, Database)
    said: list[str] = []
    engine = database.writer.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    remembered: dict[str, Any] = {}
    acted = []
    for _ in range(4):
        async with desk.work(SYSTEM, remembered=remembered) as work:
            acted.append(await sweep.act_on_due(work, 4))
        clock.forward(minutes=1)
    assert acted[0] == 4
    assert sum("FROM on_duty" in one for one in said) == 1
    said.clear()
    async with desk.work(SYSTEM) as work:
        assert await sweep.act_on_due(work, 4) == 0
    assert sum("on_duty" in one for one in said) == 0


async def steps(work: Work, kind: CaseKind, wall: str, reached: int = 0) -> list[tuple[Any, ...]]:
    return [
        (
            one.level,
            one.to_role.value,
            one.within,
            one.from_when,
            [person.name for person in one.now.people],
            [person.name for person in one.then.people] if one.then else None,
            one.next_level,
        )
        for one in await duty.who_would_be_told(work, kind, berlin(wall), reached)
    ]


async def test_who_would_be_told_now_and_when_the_time_runs_out(desk: Desk) -> None:
    """S0-4.1c, S0-4.3c, S2-13.5"""
    await shift(desk, MARA, "Mo 08:00-18:00", Role.MANAGER)
    await changed(desk, [CEM], roles=("manager",))
    await shift(desk, CEM, "Tu 08:00-18:00", Role.MANAGER)
    async with desk.look(SAM) as work:
        assert await steps(work, CaseKind.COMPLAINT, "2026-03-02 10:00") == [
            (1, "manager", "24 hours", berlin("2026-03-03 10:00"), ["Mara"], ["Cem"], None)
        ]
        assert await steps(work, CaseKind.ORDER_ERROR, "2026-03-02 16:00") == [
            (1, "supervisor", "2 business hours", berlin("2026-03-03 10:00"), ["Sam"], ["Sam"], 2),
            (2, "manager", "", None, ["Mara"], None, None),
        ]
        assert await steps(work, CaseKind.INQUIRY, "2026-03-03 10:00") == [
            (1, "supervisor", "", None, ["Sam"], None, 2),
            (2, "manager", "", None, ["Cem"], None, None),
        ]
        assert await steps(work, CaseKind.ORDER_ERROR, "2026-03-02 16:00", reached=1) == [
            (2, "manager", "", None, ["Mara"], None, None)
        ]
        found = await duty.who_would_be_told(work, CaseKind.INQUIRY, work.now)
        assert {(one.channel, one.quiet) for one in found} == {("e-mail", ())}


@pytest.mark.parametrize("kind", CaseKind)
async def test_the_answer_is_what_happens(desk: Desk, kind: CaseKind) -> None:
    """S2-13.1: handed up by hand from level to level, each case goes where the page says, and to whom."""
    await shift(desk, SAM, "24/7", Role.SUPERVISOR)
    async with desk.look(SAM) as work:
        said = [
            (one.level, one.to_role, [person.email for person in one.now.people])
            for one in await duty.who_would_be_told(work, kind, work.now)
        ]
    case_id = await stories.opened(desk, kind)
    happened = []
    for _ in said:
        before = set(await stories.written(desk, "escalation-notice"))
        async with desk.work(CORA) as work:
            case = await work.session.get_one(Case, case_id)
            raised = await escalation.raise_by_hand(
                work, case, "It is too much for me.", severity=Severity.HIGH, in_spite_of_gaps="It burns."
            )
            level, role = raised.level, raised.to_role
        after = await stories.written(desk, "escalation-notice")
        happened.append((level, role, sorted({to for _, to in after} - {to for _, to in before})))
    assert happened == said


async def test_a_week_is_laid_out_on_the_readers_clock(desk: Desk) -> None:
    """The week of the clock change has 167 hours, and Sunday is the shorter day."""
    await shift(desk, CORA, "Sa 22:00-06:00")
    async with desk.look(SAM) as work:
        week = await duty.week(work, berlin("2026-03-28 12:00"), ZONE)
    (line,) = week.roles[Role.REPRESENTATIVE]
    hour = duty.WIDE / 167
    assert (week.monday, (week.ends - week.begins).total_seconds() / 3600) == (date(2026, 3, 23), 167)
    assert [round(begins / hour) for _, begins in week.days] == [0, 24, 48, 72, 96, 120, 144]
    assert [(round(one.begins / hour), round(one.width / hour)) for one in line.bands] == [(142, 7)]
    assert line.words == ["Sat 28 Mar 2026, 22:00 to 06:00 on Sun 29 Mar 2026"]


async def test_notices_go_by_the_same(desk: Desk, clock: Clock) -> None:
    await shift(desk, CEM, "Mo 08:00-18:00")
    async with desk.look(SAM) as work:
        assert [one.name for one in await notices.people_in(work, Role.REPRESENTATIVE)] == ["Cem"]
    clock.at("2026-03-03 10:00")
    async with desk.look(SAM) as work:
        assert [one.name for one in await notices.people_in(work, Role.REPRESENTATIVE)] == ["Cora", "Cem"]
