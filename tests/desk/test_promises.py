"""Promises: somebody's, with a time, kept or broken, and never dropped. S2-9.4"""

from datetime import datetime

import pytest
from sqlalchemy import select

from models import FollowUp, Promise
from models.words import FollowUpKind, PromiseStatus
from portal.desk import followups, promises
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.promises import About, KeptOnTime
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CEM, CORA, SAM, Clock, berlin

DUE = berlin("2026-03-03 15:00")


async def made(
    desk: Desk,
    due: datetime | None = DUE,
    what: str = "Send the leaflet.",
    actor: Actor = CORA,
    once: str | None = None,
) -> int:
    async with desk.work(actor) as work:
        about = About(customer_id=ANA)
        return (await promises.make(work, what, actor.person_id, due, about, once=once)).id


async def all_of(desk: Desk) -> list[Promise]:
    async with desk.look(SYSTEM) as work:
        return list(await work.session.scalars(select(Promise).order_by(Promise.id)))


async def tasks(desk: Desk) -> list[FollowUp]:
    async with desk.look(SYSTEM) as work:
        return list(await work.session.scalars(select(FollowUp).order_by(FollowUp.id)))


async def test_a_promise_is_somebodys_task_until_its_time(desk: Desk, clock: Clock) -> None:
    await made(desk)
    [promise], [task] = await all_of(desk), await tasks(desk)
    assert (promise.what, promise.owner_id, promise.status, promise.made_at, promise.due_at) == (
        "Send the leaflet.", CORA.person_id, PromiseStatus.OPEN, clock.now, DUE,
    )  # fmt: skip
    assert (task.id, task.kind, task.owner_id, task.due_at, task.customer_id) == (
        promise.follow_up_id, FollowUpKind.PROMISE, CORA.person_id, DUE, ANA,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("what", "owner", "due", "field"),
    [
        ("Call.", None, DUE, "owner_id"),
        ("Call.", 999, DUE, "owner_id"),
        ("", 1, DUE, "words"),
        ("Call.", 1, None, "due_at"),
        ("Call.", 1, berlin("2026-03-02 10:00"), "due_at"),
    ],
)
async def test_a_promise_without_owner_words_or_a_time_to_come_is_refused(
    desk: Desk, what: str, owner: int | None, due: datetime | None, field: str
) -> None:
    with pytest.raises(NotAccepted) as refused:
        async with desk.work(CORA) as work:
            await promises.make(work, what, owner, due, About())
    assert list(refused.value.fields) == [field]
    assert await all_of(desk) == []


async def test_kept_or_broken_is_said_with_what_came_of_it(desk: Desk, clock: Clock) -> None:
    """S3-4.2.1c"""
    await made(desk)
    await made(desk)
    [first, second] = await all_of(desk)
    with pytest.raises(NotAccepted) as refused:
        async with desk.work(CORA) as work:
            await followups.done(work, await work.session.get_one(FollowUp, first.follow_up_id), "")
    assert list(refused.value.fields) == ["result", "kept"]
    async with desk.work(CORA) as work:
        await promises.keep(work, await work.session.get_one(Promise, first.id), "Sent.")
        await promises.break_(work, await work.session.get_one(Promise, second.id), "Out of print.")
    assert [(one.status, one.result, one.closed_at) for one in await all_of(desk)] == [
        (PromiseStatus.KEPT, "Sent.", clock.now),
        (PromiseStatus.BROKEN, "Out of print.", clock.now),
    ]
    assert {one.status for one in await tasks(desk)} == {"done"}
    with pytest.raises(WrongMoment):
        async with desk.work(CORA) as work:
            await promises.keep(work, await work.session.get_one(Promise, first.id), "Again.")


async def test_a_promise_is_never_dropped_and_goes_with_its_task(desk: Desk) -> None:
    await made(desk)
    [promise] = await all_of(desk)
    async with desk.work(CORA) as work:
        task = await work.session.get_one(FollowUp, promise.follow_up_id)
        with pytest.raises(WrongMoment):
            await followups.cancel(work, task, "Never mind.")
        await followups.hand_over(work, task, CEM.person_id or 0)
    assert [one.owner_id for one in await all_of(desk)] == [CEM.person_id]
    with pytest.raises(NotAllowed):
        async with desk.work(CORA) as work:
            await promises.keep(work, await work.session.get_one(Promise, promise.id), "Sent.")


async def test_said_again_before_it_is_over_a_promise_is_changed_not_doubled(desk: Desk) -> None:
    await made(desk, once="one")
    await made(desk, berlin("2026-03-04 11:00"), "Bring the leaflet.", once="one")
    [promise], [task] = await all_of(desk), await tasks(desk)
    said = ("Bring the leaflet.", berlin("2026-03-04 11:00"))
    assert [(promise.what, promise.due_at), (task.words, task.due_at)] == [said, said]


async def test_late_is_not_broken_but_not_kept_on_time_either(desk: Desk, clock: Clock) -> None:
    for _ in range(3):
        await made(desk)
    await made(desk, berlin("2026-03-20 15:00"))
    on_time, late, *_ = await all_of(desk)
    async with desk.work(CORA) as work:
        await promises.keep(work, await work.session.get_one(Promise, on_time.id), "Sent.")

    async def share() -> KeptOnTime:
        async with desk.look(SAM) as work:
            return await promises.kept_on_time(work)

    assert await share() == KeptOnTime(1, 1)
    clock.at("2026-03-03 15:01")
    async with desk.work(CORA) as work:
        await promises.keep(work, await work.session.get_one(Promise, late.id), "Sent late.")
    assert [one.status for one in await all_of(desk)] == ["kept", "kept", "open", "open"]
    assert (await share(), (await share()).percent) == (KeptOnTime(1, 3), 33)
    with pytest.raises(NotAllowed):
        async with desk.look(CORA) as work:
            await promises.kept_on_time(work)
    clock.forward(days=35)
    assert await share() == KeptOnTime(0, 1)
    assert KeptOnTime(0, 0).percent is None
