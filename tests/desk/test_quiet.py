"""Quiet hours: reminders and warnings wait, escalations do not, and the record of a clock stays exact. Decision 15"""

from datetime import datetime

import pytest
from sqlalchemy import select

from models import Message, Person
from models.words import CaseKind, FollowUpKind
from portal.desk import duty, followups, people, quiet
from portal.desk.errors import NotAccepted
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ADA, CORA, SAM, Clock, berlin
from tests.desk import stories
from tests.desk.test_sweep import swept

NIGHT = "Mo-Su 22:00-07:00"


async def quieten(desk: Desk, who: Actor, text: str, **more: str) -> None:
    async with desk.work(ADA) as work:
        person = await work.session.get_one(Person, who.person_id)
        await people.change(work, person, person.version, quiet_hours=text, **more)


async def waiting(desk: Desk, template: str) -> list[tuple[str, datetime | None]]:
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(
            select(Message).where(Message.template == template).order_by(Message.id)
        )
        return [(one.to_name, one.next_at) for one in rows]


@pytest.mark.parametrize(
    ("text", "zone", "at", "until"),
    [
        (NIGHT, "Europe/Berlin", "2026-03-02 21:59", None),
        (NIGHT, "Europe/Berlin", "2026-03-02 22:00", "2026-03-03 07:00"),
        (NIGHT, "Europe/Berlin", "2026-03-03 06:59", "2026-03-03 07:00"),
        (NIGHT, "Europe/Berlin", "2026-03-03 07:00", None),
        (NIGHT, "Europe/Lisbon", "2026-03-03 07:30", "2026-03-03 08:00"),  # it is 06:30 there
        (NIGHT, "Europe/Berlin", "2026-03-28 23:00", "2026-03-29 07:00"),  # the clocks go forward
        ("Sa-Su 00:00-24:00", "Europe/Berlin", "2026-03-07 10:00", "2026-03-09 00:00"),  # two days that touch
        ("", "Europe/Berlin", "2026-03-02 23:00", None),
        (NIGHT, "Nowhere/Gone", "2026-03-02 23:00", None),
    ],
)
def test_until_when_a_reminder_waits(text: str, zone: str, at: str, until: str | None) -> None:
    person = Person(name="Cora", quiet_hours=text, zone=zone)
    assert quiet.until(person, berlin(at)) == (berlin(until) if until else None)


async def test_a_warning_waits_and_the_clock_does_not(desk: Desk, clock: Clock) -> None:
    await quieten(desk, CORA, "Mo-Fr 10:30-12:15")
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.at("2026-03-02 10:45")
    await swept(desk)
    assert await waiting(desk, "deadline-warning") == [("Cora", berlin("2026-03-02 12:15"))]
    found = await stories.deadline(desk, case_id, "answer")
    assert (found.warned_at, found.next_at) == (berlin("2026-03-02 10:45"), berlin("2026-03-02 11:00"))


async def test_a_miss_and_an_escalation_go_at_once(desk: Desk, clock: Clock) -> None:
    """S3-5.2.2"""
    await quieten(desk, SAM, "Mo-Su 08:00-20:00")
    case_id = await stories.opened(desk, CaseKind.ORDER_ERROR)
    clock.at("2026-03-02 12:00")
    await swept(desk)
    assert await waiting(desk, "deadline-warning") == [("Sam", clock.now)]
    assert await waiting(desk, "escalation-notice") == [("Sam", clock.now)]
    assert (await stories.deadline(desk, case_id, "answer")).missed_at == berlin("2026-03-02 11:00")


async def test_a_reminder_of_a_follow_up_waits(desk: Desk, clock: Clock) -> None:
    """S2-6.3"""
    await quieten(desk, CORA, "Mo-Fr 12:00-13:00")
    async with desk.work(CORA) as work:
        due_at = berlin("2026-03-02 13:30")
        await followups.plan(work, FollowUpKind.CALL_BACK, "Call Ana.", CORA.person_id, due_at)
    clock.at("2026-03-02 12:30")
    async with desk.work(SYSTEM) as work:
        await followups.remind_due(work, 10)
    assert await waiting(desk, "follow-up-reminder") == [("Cora", berlin("2026-03-02 13:00"))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mo-Su 22-7", "^"),
        ("Mo-Su 00:00-24:00", "Leave some hours of the week: nothing would ever arrive."),
        ("Mo " + "22:00-23:00," * 20, "At most 120 letters."),
    ],
)
async def test_mistaken_quiet_hours_are_refused_where_they_are_wrong(
    desk: Desk, text: str, said: str
) -> None:
    """Decision 12."""
    with pytest.raises(NotAccepted) as refusal:
        await quieten(desk, CORA, text)
    assert set(refusal.value.fields) == {"quiet_hours"}
    assert said in refusal.value.fields["quiet_hours"]


async def test_who_would_be_told_shows_them(desk: Desk) -> None:
    await quieten(desk, SAM, NIGHT)
    async with desk.look(SAM) as work:
        by_day = await duty.who_would_be_told(work, CaseKind.ORDER_ERROR, berlin("2026-03-02 10:00"))
        by_night = await duty.who_would_be_told(work, CaseKind.ORDER_ERROR, berlin("2026-03-02 23:00"))
    assert [one.quiet for one in by_day] == [(("Sam", NIGHT, None),), ()]
    assert [one.quiet for one in by_night] == [(("Sam", NIGHT, berlin("2026-03-03 07:00")),), ()]
