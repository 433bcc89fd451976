"""Special requests: whose they are, what is decided on them, and what the customer hears. S1-4.5, S1-4.4.2"""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from jobs.remind_follow_ups import remind_follow_ups
from models import Customer, FollowUp, Message, Order, SpecialRequest
from models.words import Department, PreferredChannel, SpecialRequestStatus
from portal.desk import audit, orders
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.orders import requests
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CORA, FIN, FRED, INA, SAM, Clock, berlin
from tests.shop import DRAFT, ordered

BLUE, DRONE = "Blue cushions", "By drone"
NEW, REVIEW = SpecialRequestStatus.NEW, SpecialRequestStatus.UNDER_REVIEW
YES, NO = SpecialRequestStatus.FEASIBLE, SpecialRequestStatus.NOT_FEASIBLE
WISHES = replace(DRAFT, requests=(BLUE, DRONE))


async def decided(desk: Desk, request: int, reason: str = "", by: Actor = FRED) -> None:
    """Say yes to a request, or no with a reason."""
    async with desk.work(by) as work:
        await orders.decide_request(
            work, await requests.load(work, request), feasible=not reason, reason=reason
        )


async def standing(desk: Desk) -> list[tuple[str, SpecialRequestStatus, Department, int | None]]:
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(select(SpecialRequest).order_by(SpecialRequest.id))
        return [(one.wish, one.status, one.department, one.reviewed_by_id) for one in rows]


async def letters(desk: Desk, template: str) -> list[str]:
    async with desk.look(SYSTEM) as work:
        rows = select(Message.body_text).where(Message.template == template).order_by(Message.id)
        return list(await work.session.scalars(rows))


async def test_a_request_is_on_its_departments_list_until_it_is_decided(desk: Desk) -> None:
    """S1-4.5.2, S1-4.5.1a: assigned with a time of its own, told by mail, answered where it stands."""
    await ordered(desk, WISHES)
    async with desk.look(FRED) as work:
        waiting = (await requests.queue(work, Department.FULFILMENT)).rows
        assert [(one.wish, one.due_at) for one in waiting] == [
            (BLUE, berlin("2026-03-02 14:00")),
            (DRONE, berlin("2026-03-02 14:00")),
        ]
        assert (await requests.queue(work, Department.INVENTORY)).rows == []
        told = select(Message.person_id).where(Message.template == "special-request-notice")
        assert list(await work.session.scalars(told)) == [FRED.person_id]
    async with desk.work(FRED) as work:
        await requests.take_up(work, await requests.load(work, waiting[0].id))
        await requests.hand_on(work, await requests.load(work, waiting[1].id))
    assert await standing(desk) == [
        (BLUE, REVIEW, Department.FULFILMENT, FRED.person_id),
        (DRONE, NEW, Department.INVENTORY, None),
    ]
    await decided(desk, waiting[1].id, "We have none.", by=INA)
    async with desk.look(INA) as work:
        assert [one.wish for one in (await requests.queue(work)).rows] == [BLUE]
        told = select(Message.person_id).where(Message.template == "special-request-notice")
        assert list(await work.session.scalars(told.order_by(Message.id))) == [
            FRED.person_id,
            INA.person_id,
        ]


async def test_only_its_department_and_who_leads_the_desk_decide(desk: Desk) -> None:
    """S1-4.5.1a"""
    order = await ordered(desk, WISHES)
    first, second = (one.id for one in order.requests)
    for who in (CORA, INA, FIN):
        async with desk.work(who) as work:
            with pytest.raises(NotAllowed):
                await orders.decide_request(work, await requests.load(work, first), feasible=True)
            with pytest.raises(NotAllowed):
                await requests.take_up(work, await requests.load(work, first))
    await decided(desk, first, by=FRED)
    await decided(desk, second, by=SAM)
    async with desk.look(CORA) as work:
        rows = await requests.of_order(work, order.id)
        assert [(one.status, one.decided_by_id, one.decided_at) for one in rows] == [
            (YES, FRED.person_id, work.now),
            (YES, SAM.person_id, work.now),
        ]


async def test_nothing_is_handed_over_before_all_is_decided(desk: Desk) -> None:
    """S1-4.4.2b, S1-4.5.1a, S0-3.1.2d"""
    order = await ordered(desk, WISHES)
    blue, drone = (one.id for one in order.requests)

    async def refused() -> None:
        async with desk.work(CORA) as work:
            with pytest.raises(WrongMoment, match="nobody has decided yet"):
                await orders.hand_over(work, await orders.load(work, order.id))

    await refused()
    async with desk.work(FRED) as work:
        await requests.take_up(work, await requests.load(work, blue))
    await refused()
    await decided(desk, blue)
    await refused()
    await decided(desk, drone, "We have none.")
    async with desk.work(CORA) as work:
        await orders.hand_over(work, await orders.load(work, order.id))


async def test_a_no_needs_its_reason_and_a_decision_falls_once(desk: Desk) -> None:
    order = await ordered(desk, WISHES)
    request = order.requests[0].id
    for reason, words in (
        ("  ", "Say why it is not possible, in words for the customer."),
        ("x" * 2001, "At most 2000 characters."),
    ):
        async with desk.work(FRED) as work:
            with pytest.raises(NotAccepted) as found:
                await orders.decide_request(
                    work, await requests.load(work, request), feasible=False, reason=reason
                )
            assert found.value.fields == {"reason": words}
    await decided(desk, request)
    with pytest.raises(WrongMoment):
        await decided(desk, request, "After all not.")
    async with desk.work(FRED) as work:
        for deed in (requests.take_up, requests.hand_on):
            with pytest.raises(WrongMoment):
                await deed(work, await requests.load(work, request))


async def test_the_customer_hears_once_of_all_that_was_decided(desk: Desk) -> None:
    """S1-4.4.2a: the confirmation says it is looked into; accepted and refused stand in one letter afterwards."""
    order = await ordered(desk, WISHES)
    (confirmed,) = await letters(desk, "order-confirmation")
    assert f"'wish': '{BLUE}', 'status': <SpecialRequestStatus.NEW: 'new'>" in confirmed
    blue, drone = (one.id for one in order.requests)
    await decided(desk, blue)
    assert await letters(desk, "special-requests-decided") == []
    await decided(desk, drone, "We have none.")
    (told,) = await letters(desk, "special-requests-decided")
    assert next(line for line in told.splitlines() if line.startswith("requests:")) == (
        f"requests: [{{'wish': '{BLUE}', 'status': <SpecialRequestStatus.FEASIBLE: 'feasible'>, 'reason': ''}}, "
        f"{{'wish': '{DRONE}', 'status': <SpecialRequestStatus.NOT_FEASIBLE: 'not_feasible'>, "
        "'reason': 'We have none.'}]"
    )


async def test_two_who_decide_at_once_cause_one_letter(desk: Desk) -> None:
    """S1-4.4.2a"""
    order = await ordered(desk, WISHES)
    await asyncio.gather(*(decided(desk, one.id) for one in order.requests))
    assert len(await letters(desk, "special-requests-decided")) == 1


async def test_who_wants_a_call_is_called(desk: Desk) -> None:
    """S0-3.6.1, S1-4.4.2a"""
    order = await ordered(desk, WISHES)
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.preferred_channel = PreferredChannel.CALL
        await audit.record(work, "wish for a call", ana)
    blue, drone = (one.id for one in order.requests)
    await decided(desk, blue)
    await decided(desk, drone, "We have none.")
    async with desk.look(SYSTEM) as work:
        call = (await work.session.scalars(select(FollowUp))).one()
        assert call.owner_id == CORA.person_id
        assert call.words == (
            f"Call Ana Example about the special requests of {order.number}: "
            f"“{BLUE}” will be done; “{DRONE}” is not possible: We have none."
        )
    assert await letters(desk, "special-requests-decided") == []


async def test_nothing_is_decided_on_a_cancelled_order_and_no_list_shows_it(desk: Desk, clock: Clock) -> None:
    order = await ordered(desk, WISHES)
    clock.forward(minutes=1)
    async with desk.work(CORA) as work:
        await orders.cancel(work, await orders.load(work, order.id), "Not wanted.")
    with pytest.raises(WrongMoment):
        await decided(desk, order.requests[0].id)
    async with desk.look(FRED) as work:
        assert (await requests.queue(work)).rows == []


async def test_the_list_goes_on_from_its_place(desk: Desk, clock: Clock) -> None:
    for _ in range(3):
        await ordered(desk, replace(DRAFT, lines=((3, 1),), requests=(BLUE,)))
        clock.forward(minutes=1)
    async with desk.look(FRED) as work:
        page = await requests.queue(work, limit=2)
        rest = await requests.queue(work, limit=2, after=page.older)
        found: list[Order] = [one.order for one in (*page.rows, *rest.rows)]
        assert [one.id for one in found] == [1, 2, 3]
        assert (len(page.rows), rest.older) == (2, "")


async def told_late(desk: Desk) -> list[str]:
    """Who was told, in their order, after the job has run twice, at once."""
    await asyncio.gather(remind_follow_ups(desk), remind_follow_ups(desk))
    async with desk.look(SYSTEM) as work:
        rows = select(Message.to_name).where(Message.template == "special-request-late").order_by(Message.id)
        return list(await work.session.scalars(rows))


async def test_what_is_not_decided_in_time_is_told_to_its_department_and_then_to_who_leads(
    desk: Desk, clock: Clock
) -> None:
    """S1-4.5.2: each once, whose it is by then; nothing of what is decided, or of an order that is cancelled."""
    order, other = await ordered(desk, WISHES), await ordered(desk, replace(DRAFT, requests=("Red ribbon",)))
    async with desk.look(SYSTEM) as work:
        blue, drone, _ = (
            await work.session.scalars(select(SpecialRequest).order_by(SpecialRequest.id))
        ).all()
    async with desk.work(FRED) as work:
        await requests.hand_on(work, await requests.load(work, drone.id))
    await decided(desk, blue.id)
    async with desk.work(SAM) as work:
        await orders.cancel(work, await orders.load(work, other.id), "Taken twice.")
    clock.at("2026-03-02 13:59")
    assert await told_late(desk) == []
    clock.at("2026-03-02 14:00")
    assert await told_late(desk) == ["Ina"]
    clock.at("2026-03-02 14:59")
    assert await told_late(desk) == ["Ina"]
    clock.at("2026-03-02 15:00")
    assert await told_late(desk) == ["Ina", "Mara", "Sam"]
    clock.forward(days=9)
    assert await told_late(desk) == ["Ina", "Mara", "Sam"]
    async with desk.look(SYSTEM) as work:
        late = await work.session.get_one(SpecialRequest, drone.id)
        assert (late.late_told_at, late.leaders_told_at, late.next_at, late.put_off) == (
            berlin("2026-03-02 14:00"), berlin("2026-03-02 15:00"), None, 0
        )  # fmt: skip
    written = await letters(desk, "special-request-late")
    assert [(order.number in one, DRONE in one) for one in written] == [(True, True)] * 3
