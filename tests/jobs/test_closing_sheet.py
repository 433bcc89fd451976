"""The closing-time sheet: once for a closing, to the supervisors, and only when there is something to say. S0-4"""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from jobs.closing_sheet import closing_sheet
from models import BusinessCalendar, CalendarDay, Case, Message, Person
from models.words import CaseKind, FollowUpKind, Role
from portal.database import Database
from portal.desk import audit, closing, escalation, followups
from portal.desk.errors import NotAllowed
from portal.desk.work import SYSTEM, Desk
from portal.letters import Letters
from tests.cast import CORA, MARA, SAM, TERMS, Clock, berlin
from tests.desk import stories


async def letters(desk: Desk) -> list[Message]:
    async with desk.look(SYSTEM) as work:
        return list(await work.session.scalars(select(Message).where(Message.template == "closing-sheet")))


async def planned(desk: Desk, when: str) -> None:
    async with desk.work(CORA) as work:
        await followups.plan(work, FollowUpKind.CALL_BACK, "Call Ana back.", CORA.person_id, berlin(when))


async def test_half_an_hour_before_closing_the_supervisors_are_told_once(desk: Desk, clock: Clock) -> None:
    await planned(desk, "2026-03-03 09:45")
    clock.at("2026-03-02 16:29")
    assert await closing_sheet(desk) == 0
    clock.at("2026-03-02 16:30")
    assert [await closing_sheet(desk), await closing_sheet(desk)] == [1, 0]
    clock.at("2026-03-02 16:58")
    await planned(desk, "2026-03-03 09:50")
    assert await closing_sheet(desk) == 0
    clock.at("2026-03-03 16:40")
    assert await closing_sheet(desk) == 1
    assert [one.to_address for one in await letters(desk)] == ["sam@example.com"] * 2


async def test_nothing_is_sent_when_there_is_nothing_to_say(desk: Desk, clock: Clock) -> None:
    await planned(desk, "2026-03-03 10:30")  # more than an hour after the next opening
    clock.at("2026-03-02 16:40")
    assert (await closing_sheet(desk), await letters(desk)) == (0, [])


async def test_two_replicas_tell_once(desk: Desk, database: str, clock: Clock) -> None:
    await planned(desk, "2026-03-03 09:45")
    clock.at("2026-03-02 16:40")
    others = [Database(database) for _ in range(2)]
    await asyncio.gather(*(closing_sheet(Desk(one, TERMS, clock)) for one in others))
    for one in others:
        await one.close()
    assert [one.to_address for one in await letters(desk)] == ["sam@example.com"]


async def test_the_sheet_names_what_is_due_and_no_restricted_case(desk: Desk, clock: Clock) -> None:
    """S3-5.1.2"""
    desk = Desk(desk.database, TERMS, clock, Letters())
    clock.at("2026-03-02 15:30")
    error = await stories.opened(desk, CaseKind.ORDER_ERROR, subject="The wrong kettle")
    secret = await stories.opened(desk, CaseKind.ORDER_ERROR, subject="A letter from a lawyer")
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, secret)
        await escalation.flag_concern(work, case, "A lawyer wrote.", legal=True)
    await planned(desk, "2026-03-03 09:45")
    clock.at("2026-03-02 16:40")
    await closing_sheet(desk)
    (letter,) = await letters(desk)
    number = (await stories.seen(desk, error)).number
    assert f"- {number} “The wrong kettle”: escalation" in letter.body_text
    assert "- call back of Cora, Tuesday 3 March 2026, 09:45 CET: Call Ana back." in letter.body_text
    assert "open again Tuesday 3 March 2026, 09:00 CET" in letter.body_text
    assert "lawyer" not in letter.body_text + letter.body_html
    for actor, subjects in (
        (SAM, {"The wrong kettle"}),
        (MARA, {"The wrong kettle", "A letter from a lawyer"}),
    ):
        async with desk.look(actor) as work:
            (sheet,) = await closing.sheets(work)
        assert {case.subject for _, case in sheet.clocks} == subjects
    async with desk.look(CORA) as work:
        with pytest.raises(NotAllowed):
            await closing.sheets(work)


async def test_half_days_and_days_off_follow_the_calendar(desk: Desk, clock: Clock) -> None:
    async with desk.work(SYSTEM) as work:
        row = (await work.session.scalars(select(BusinessCalendar))).one()
        for day, written in (("2026-03-03", "09:00-12:00"), ("2026-03-04", "off")):
            work.session.add(
                CalendarDay(
                    calendar_id=row.id, day=berlin(f"{day} 12:00").date(), name="Feast", hours=written
                )
            )
        await audit.record(work, "write days", row)
    await planned(desk, "2026-03-05 09:30")
    clock.at("2026-03-03 11:29")
    assert await closing_sheet(desk) == 0
    clock.at("2026-03-03 11:31")
    assert await closing_sheet(desk) == 1
    clock.at("2026-03-04 16:40")
    assert await closing_sheet(desk) == 0


async def test_where_nobody_supervises_the_managers_are_told(desk: Desk, clock: Clock) -> None:
    async with desk.work(SYSTEM) as work:
        await work.session.execute(
            update(Person).where(Person.id == SAM.person_id).values(roles=(Role.REPRESENTATIVE.value,)),
            execution_options={"audited": True},
        )
        await audit.record(work, "move Sam")
    await planned(desk, "2026-03-03 09:45")
    clock.at("2026-03-02 16:40")
    await closing_sheet(desk)
    assert [one.to_address for one in await letters(desk)] == ["mara@example.com"]


async def test_a_case_of_another_calendar_stands_on_its_sheet(desk: Desk, clock: Clock) -> None:
    async with desk.work(SYSTEM) as work:
        other = BusinessCalendar(
            name="Late desk", zone="Europe/Berlin", hours="Mo-Fr 12:00-20:00", changed_at=work.now
        )
        work.session.add(other)
        await audit.record(work, "write calendar", other)
        number = other.id
    clock.at("2026-03-02 14:00")
    case_id = await stories.opened(desk, CaseKind.ORDER_ERROR)
    async with desk.work(SYSTEM) as work:
        await work.session.execute(
            update(Case).where(Case.id == case_id).values(calendar_id=number),
            execution_options={"audited": True},
        )
        await audit.record(work, "move case")
    async with desk.look(SAM) as work:
        sheets = await closing.sheets(work)
    told = [(sheet.calendar, {case.id for _, case in sheet.clocks}, sheet.until) for sheet in sheets]
    assert told == [
        ("Desk", set(), berlin("2026-03-03 09:00") + timedelta(hours=1)),
        ("Late desk", {case_id}, berlin("2026-03-03 12:00") + timedelta(hours=1)),
    ]
