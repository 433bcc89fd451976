"""One after the other: nobody accepted, so the next one of the rota is told, once each. S2-13.2"""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from jobs.sweep_deadlines import sweep_deadlines
from models import Escalation, EscalationTurn, Message
from models.words import CaseKind, Role, Severity
from portal.desk import board, duty, escalation, queues, turns, unheard
from portal.desk.board import By
from portal.desk.errors import NotAccepted
from portal.desk.messages import claim_due, dead
from portal.desk.work import SYSTEM, Actor, Desk
from portal.letters import Letters
from tests.cast import ADA, CEM, MARA, SAM, START, ZONE, Clock
from tests.desk import stories
from tests.desk.test_unheard import change

TURN = 15
MINUTE = timedelta(minutes=1)
SUPERVISORS = (SAM, MARA, CEM)
SUPERVISING_CEM = replace(SAM, name="Cem", person_id=CEM.person_id)


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    """Three supervisors; complaints go to them after an hour, one after the other, a quarter of an hour each."""
    desk.writer = Letters()
    for person in SUPERVISORS:
        await change(
            desk, person, active=True, roles=(Role.SUPERVISOR,), email=f"{person.name.lower()}@example.com"
        )

    def one_after_the_other(document: dict[str, Any]) -> None:
        document["levels"] = []
        stories.add_level(document, "complaint", 1, "supervisor", "elapsed", 60)
        stories.add_level(document, "complaint", 2, "manager", "elapsed", 24 * 60)
        document["levels"][0]["turn_minutes"] = TURN

    await stories.policy_changed(desk, one_after_the_other)
    return desk


async def on_duty(desk: Desk, *people: Actor) -> None:
    for person in people:
        async with desk.work(ADA) as work:
            await duty.put_on(work, Role.SUPERVISOR, person.person_id or 0, "24/7", ZONE, date(2026, 1, 1))


async def told(desk: Desk) -> list[tuple[str, int]]:
    """Who had their turn, and how many minutes after the beginning."""
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(Message.to_name, Message.created_at)
            .where(Message.template == turns.NOTICE)
            .order_by(Message.id)
        )
        return [(one.to_name, round((one.created_at - START) / MINUTE)) for one in rows]


async def minutes_pass(desk: Desk, clock: Clock, minutes: int) -> None:
    for _ in range(minutes):
        clock.forward(minutes=1)
        await sweep_deadlines(desk)


async def test_who_does_not_accept_in_time_is_followed_by_the_next_once_each(
    desk: Desk, clock: Clock
) -> None:
    """In the order of the rota, and the pages say beforehand who is next and when."""
    await on_duty(desk, CEM, SAM)
    case_id = await stories.opened(desk)
    await minutes_pass(desk, clock, 59)
    assert await told(desk) == []
    async with desk.look(MARA) as work:
        step, _ = await duty.who_would_be_told(work, CaseKind.COMPLAINT, clock.now)
        assert [(one.person.name, one.at) for one in step.in_turn] == [
            ("Cem", clock.now),
            ("Sam", clock.now + TURN * MINUTE),
        ]
    await minutes_pass(desk, clock, 1)
    assert await told(desk) == [("Cem", 60)]
    async with desk.look(MARA) as work:
        columns = await board.columns(work, By.LEVEL)
        (card,) = [card for column in columns for card in column.cards]
        (listed,) = (await queues.escalations(work)).rows
        assert card.turn == listed.turn
        assert card.turn is not None
        assert (card.turn.person.name, card.turn.at) == ("Sam", clock.now + TURN * MINUTE)
    await minutes_pass(desk, clock, 100)
    assert await told(desk) == [("Cem", 60), ("Sam", 75)]
    assert await stories.raised(desk, case_id) == [("escalate", 1, 1, "supervisor", "raised")]
    assert (
        await stories.trail(desk, turns.NEXT_TOLD) == [(turns.NEXT_TOLD, SYSTEM.name, "escalations/1")] * 2
    )  # the second finds nobody left


async def test_once_somebody_accepts_or_it_goes_higher_nobody_else_is_told(desk: Desk, clock: Clock) -> None:
    await on_duty(desk, CEM, SAM, MARA)
    first, second = await stories.opened(desk), await stories.opened(desk)
    await minutes_pass(desk, clock, 60)
    assert await told(desk) == [("Cem", 60)]  # one letter that names both
    async with desk.look(SYSTEM) as work:
        rows = (
            await work.session.execute(select(EscalationTurn.escalation_id, EscalationTurn.person_id))
        ).all()
        assert [tuple(row) for row in rows] == [(1, CEM.person_id), (2, CEM.person_id)]
    async with desk.work(SUPERVISING_CEM) as work:
        await escalation.accept(work, await queues.escalation_of(work, 1))
    await minutes_pass(desk, clock, TURN)
    assert await told(desk) == [("Cem", 60), ("Sam", 75)]
    async with desk.work(SAM) as work:
        case = await stories.the_case(work, second)
        await escalation.raise_by_hand(
            work, case, "Beyond us.", severity=Severity.HIGH, in_spite_of_gaps="It is urgent."
        )
    before = await told(desk)
    await minutes_pass(desk, clock, 60)
    assert await told(desk) == before
    assert (await stories.seen(desk, first)).held_by_id == CEM.person_id
    async with desk.look(SYSTEM) as work:  # a sweep does not come back to what somebody has accepted
        left = select(Escalation.next_at).where(Escalation.case_id == first)
        assert list(await work.session.scalars(left)) == [None]


async def test_who_comes_on_duty_meanwhile_has_a_turn_and_who_cannot_be_reached_has_none(
    desk: Desk, clock: Clock
) -> None:
    await on_duty(desk, CEM, SAM)
    await change(desk, SAM, email="")
    await stories.opened(desk)
    await minutes_pass(desk, clock, 60)
    async with desk.look(MARA) as work:
        (row,) = (await queues.escalations(work)).rows
        assert row.turn is None  # nobody else can be reached
    await on_duty(desk, MARA)
    await minutes_pass(desk, clock, 40)
    assert await told(desk) == [("Cem", 60), ("Mara", 75)]


async def test_four_replicas_at_once_and_one_that_dies_tell_each_once(desk: Desk, clock: Clock) -> None:
    await on_duty(desk, *SUPERVISORS)
    await stories.opened(desk)
    await minutes_pass(desk, clock, 60)
    clock.forward(minutes=TURN)
    with pytest.raises(RuntimeError, match="cut"):
        await _cut(desk)
    assert await told(desk) == [("Sam", 60)]
    await asyncio.gather(*(sweep_deadlines(desk) for _ in range(4)))
    assert await told(desk) == [("Sam", 60), ("Mara", 75)]


async def _cut(desk: Desk) -> None:
    """Tell the next one, and let the power go before it is kept."""
    async with desk.work(SYSTEM) as work:
        assert await turns.tell_due(work, 100) == 1
        raise RuntimeError("cut")


async def test_when_no_letter_goes_out_all_are_told_and_the_turns_end(desk: Desk, clock: Clock) -> None:
    """S0-4: a wider circle after ten minutes, and nobody hears of it a second time in turn."""
    await on_duty(desk, *SUPERVISORS)
    await stories.opened(desk)
    await minutes_pass(desk, clock, 60)
    async with desk.work(SYSTEM) as work:
        for envelope in await claim_due(work, "post", 100):
            await dead(work, envelope, "550 No such mailbox")
    clock.forward(minutes=11)
    async with desk.look(SYSTEM) as look:
        waiting = await unheard.waiting(look)
    async with desk.work(SYSTEM) as work:
        await unheard.tell_again(work, waiting)
    assert sorted(await told(desk)) == [("Cem", 71), ("Mara", 71), ("Sam", 60), ("Sam", 71)]
    before = await told(desk)
    await minutes_pass(desk, clock, 60)
    assert await told(desk) == before


@pytest.mark.parametrize("minutes", [-1, 24 * 60 + 1, "5", True])
async def test_a_turn_that_no_clock_could_keep_is_refused_at_its_field(desk: Desk, minutes: Any) -> None:
    def wrong(document: dict[str, Any]) -> None:
        document["levels"][0]["turn_minutes"] = minutes

    with pytest.raises(NotAccepted) as refusal:
        await stories.policy_changed(desk, wrong)
    assert refusal.value.fields == {"levels.0.turn_minutes": "Between 1 and 1440 minutes."}
