"""Promises and tasks: planned, reminded of once, told as overdue once, closed with a result. S2-6.3, S2-9.4."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from models import CaseNote, FollowUp
from models.words import CaseKind, FollowUpKind
from portal.desk import cases, followups
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.solved import Asked
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CEM, CORA, NILS, SAM, Clock, berlin
from tests.desk import stories


async def promised(desk: Desk, due: str, **given: int | str) -> int:
    async with desk.work(CORA) as work:
        follow_up = await followups.plan(
            work,
            FollowUpKind.CALL_BACK,
            "Call Ana with the answer.",
            CORA.person_id,
            berlin(due),
            customer_id=ANA,
            **given,  # type: ignore[arg-type] # words for `once`, numbers for the rest
        )
        return follow_up.id


async def reminded(desk: Desk) -> int:
    async with desk.work(SYSTEM) as work:
        return await followups.remind_due(work, 100)


async def seen(desk: Desk, follow_up_id: int) -> FollowUp:
    async with desk.look(SYSTEM) as work:
        return await work.session.get_one(FollowUp, follow_up_id)


async def test_the_owner_is_reminded_once_and_the_supervisor_told_once(desk: Desk, clock: Clock) -> None:
    """S2-6.3"""
    await promised(desk, "2026-03-03 15:00")
    clock.at("2026-03-03 13:59")
    assert await reminded(desk) == 0
    clock.at("2026-03-03 14:00")
    assert [await reminded(desk), await reminded(desk)] == [1, 0]
    assert await stories.written(desk) == [("follow-up-reminder", "cora@example.com")]
    clock.at("2026-03-03 15:00")
    assert [await reminded(desk), await reminded(desk)] == [1, 0]
    assert await stories.written(desk) == [
        ("follow-up-reminder", "cora@example.com"),
        ("follow-up-overdue", "sam@example.com"),
    ]


async def test_a_late_job_tells_only_that_it_is_overdue(desk: Desk, clock: Clock) -> None:
    follow_up_id = await promised(desk, "2026-03-03 15:00")
    clock.forward(days=7)
    assert [await reminded(desk), await reminded(desk)] == [1, 0]
    assert await stories.written(desk) == [("follow-up-overdue", "sam@example.com")]
    found = await seen(desk, follow_up_id)
    assert (found.reminded_at, found.overdue_told_at, found.next_at) == (None, clock.now, None)


@pytest.mark.parametrize(
    ("due", "reminder"),
    [
        ("2026-03-02 15:00", "2026-03-02 14:00"),
        ("2026-03-02 12:00", "2026-03-02 11:00"),
        ("2026-03-02 10:30", "2026-03-02 10:15"),  # sooner than the reminder: halfway
    ],
)
async def test_when_the_reminder_comes(desk: Desk, due: str, reminder: str) -> None:
    assert (await seen(desk, await promised(desk, due))).next_at == berlin(reminder)


async def test_what_is_done_or_dropped_is_not_reminded_of(desk: Desk, clock: Clock) -> None:
    first, second = await promised(desk, "2026-03-03 15:00"), await promised(desk, "2026-03-03 16:00")
    async with desk.work(CORA) as work:
        done, dropped = [await work.session.get_one(FollowUp, one) for one in (first, second)]
        with pytest.raises(NotAccepted):
            await followups.done(work, done, " ")
        await followups.done(work, done, "She is content.")
        with pytest.raises(WrongMoment):
            await followups.done(work, done, "Again.")
        with pytest.raises(NotAccepted):
            await followups.cancel(work, dropped, "")
        await followups.cancel(work, dropped, "She called herself.")
    clock.forward(days=9)
    assert await reminded(desk) == 0
    assert [(one.status, one.result) for one in await stories.planned(desk)] == [
        ("done", "She is content."),
        ("cancelled", "She called herself."),
    ]


async def test_handed_over_the_colleague_is_reminded(desk: Desk, clock: Clock) -> None:
    follow_up_id = await promised(desk, "2026-03-03 15:00")
    clock.at("2026-03-03 14:00")
    await reminded(desk)
    async with desk.work(CORA) as work:
        follow_up = await work.session.get_one(FollowUp, follow_up_id)
        with pytest.raises(NotAccepted):
            await followups.hand_over(work, follow_up, 999)
        await followups.hand_over(work, follow_up, CEM.person_id or 0)
    clock.at("2026-03-03 14:30")
    await reminded(desk)
    assert await stories.written(desk) == [
        ("follow-up-reminder", "cora@example.com"),
        ("follow-up-reminder", "cem@example.com"),
    ]


async def test_a_colleagues_follow_up_is_left_alone_but_for_the_supervisor(desk: Desk) -> None:
    follow_up_id = await promised(desk, "2026-03-03 15:00")
    async with desk.work(CEM) as work:
        with pytest.raises(NotAllowed):
            await followups.done(work, await work.session.get_one(FollowUp, follow_up_id), "Done.")
    async with desk.work(SAM) as work:
        await followups.done(work, await work.session.get_one(FollowUp, follow_up_id), "Did it myself.")


@pytest.mark.parametrize(
    ("words", "owner_id", "due", "refused"),
    [
        ("", CORA.person_id, "2026-03-03 15:00", {"words"}),
        ("Call.", None, "2026-03-03 15:00", {"owner_id"}),  # S2-9.4
        ("Call.", 999, "2026-03-03 15:00", {"owner_id"}),
        ("Call.", CORA.person_id, "2026-03-02 10:00", {"due_at"}),
        ("Call 4111 1111 1111 1111.", CORA.person_id, "2026-03-03 15:00", {"words"}),
    ],
)
async def test_no_follow_up_without_words_owner_and_a_time_to_come(
    desk: Desk, words: str, owner_id: int | None, due: str, refused: set[str]
) -> None:
    async with desk.work(CORA) as work:
        with pytest.raises(NotAccepted) as refusal:
            await followups.plan(work, FollowUpKind.PROMISE, words, owner_id, berlin(due))
    assert set(refusal.value.fields) == refused


async def test_my_follow_ups_are_the_open_ones_soonest_first(desk: Desk) -> None:
    """S0-2.1d."""
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    later = await promised(desk, "2026-03-05 15:00", case_id=case_id)
    sooner = await promised(desk, "2026-03-03 15:00")
    async with desk.look(CORA) as work:
        mine = await followups.mine(work)
        told = [(one.id, one.customer and one.customer.name, one.case and one.case.id) for one in mine]
    assert told == [(sooner, "Ana Example", None), (later, "Ana Example", case_id)]
    async with desk.look(NILS) as work:
        with pytest.raises(NotAllowed):
            await followups.mine(work)


async def test_planned_once_it_stays_one(desk: Desk) -> None:
    first = await promised(desk, "2026-03-05 15:00", once="call/1")
    assert await promised(desk, "2026-03-06 15:00", once="call/1") == first


async def test_overdue_on_a_restricted_case_is_for_the_managers(desk: Desk, clock: Clock) -> None:
    """S3-5.1.2."""
    case_id = await stories.opened(desk, CaseKind.INQUIRY, legal=True)
    await promised(desk, "2026-03-05 15:00", case_id=case_id)
    clock.forward(days=7)
    await reminded(desk)
    assert await stories.written(desk, "follow-up-overdue") == [("follow-up-overdue", "mara@example.com")]


async def test_the_times_offered_are_open_half_hours(desk: Desk, clock: Clock) -> None:
    """S2-10.4."""
    clock.at("2026-03-06 16:10")
    async with desk.look(CORA) as work:
        offered: list[datetime] = await followups.next_slots(work, 3)
    assert offered == [berlin("2026-03-06 16:30"), berlin("2026-03-09 09:00"), berlin("2026-03-09 09:30")]


async def test_a_case_is_closed_by_what_came_of_asking(desk: Desk, clock: Clock) -> None:
    """S3-4.2.1c, S3-4.1.4: resolved first; closed when the solution holds, taken up again when it does not."""
    holding, failing, unsaid = [await stories.opened(desk) for _ in range(3)]
    for case_id in (holding, failing, unsaid):
        await stories.resolved(desk, case_id)
    clock.forward(days=1)
    checks = {one.case_id: one.id for one in await stories.planned(desk)}
    async with desk.work(CORA) as work:
        one = await work.session.get_one(FollowUp, checks[unsaid])
        with pytest.raises(NotAccepted) as refusal:
            await followups.done(work, one, "She said something.")
    assert dict(refusal.value.fields) == {"asked": "Say whether the solution holds."}
    for case_id, asked in ((holding, Asked.HOLDS), (failing, Asked.DOES_NOT_HOLD)):
        async with desk.work(CORA) as work:
            one = await work.session.get_one(FollowUp, checks[case_id])
            await followups.done(work, one, "The new one is cracked too.", asked=asked)
    found = [await stories.seen(desk, one) for one in (holding, failing, unsaid)]
    assert [(one.status, one.cycle, one.closed_at, one.closed_because) for one in found] == [
        ("closed", 1, clock.now, ""),
        ("open", 2, None, ""),
        ("resolved", 1, None, ""),
    ]
    assert [(one.status, one.result) for one in await stories.planned(desk)] == [
        ("done", "The new one is cracked too."),
        ("done", "The new one is cracked too."),
        ("open", ""),
    ]
    assert (await stories.states(desk, failing))["resolve"] == "running"
    async with desk.work(CORA) as work:
        await cases.reopen(work, await stories.the_case(work, holding), "It broke after all.")
    assert (await stories.seen(desk, holding)).closed_at is None


async def test_who_is_not_reached_is_tried_again_and_then_the_case_is_closed_unasked(
    desk: Desk, clock: Clock
) -> None:
    """S3-4.2.1c: three tries, each on the case, reminded of each time; the reason stands where the result would."""
    case_id = await stories.opened(desk)
    await stories.resolved(desk, case_id)
    due = []
    for words in ("Rang twice.", "Mailbox.", "The number is gone."):
        clock.forward(days=7)
        await reminded(desk)
        async with desk.work(CORA) as work:
            (one,) = (await work.session.scalars(select(FollowUp))).all()
            await followups.done(work, one, words, asked=Asked.NOT_REACHED)
            due.append((one.status.value, one.tries, one.due_at))
    reason = "Not reached in 3 tries. The number is gone."
    assert due == [
        ("open", 1, berlin("2026-03-10 10:00") + timedelta(hours=7)),
        ("open", 2, berlin("2026-03-17 10:00") + timedelta(hours=7)),
        ("cancelled", 3, berlin("2026-03-17 10:00") + timedelta(hours=7)),
    ]
    case = await stories.seen(desk, case_id)
    assert (case.status, case.closed_at, case.closed_because) == ("closed", clock.now, reason)
    async with desk.look(SYSTEM) as work:
        noted = select(CaseNote.words).where(CaseNote.words.startswith("Not reached")).order_by(CaseNote.id)
        assert list(await work.session.scalars(noted)) == [
            "Not reached, try 1 of 3: Rang twice.",
            "Not reached, try 2 of 3: Mailbox.",
            "Not reached, try 3 of 3: The number is gone.",
        ]
    assert (await stories.written(desk)).count(("follow-up-overdue", "sam@example.com")) == 3


async def test_a_resolved_case_is_closed_unasked_with_a_reason(desk: Desk) -> None:
    """S3-4.2.1c: by whoever was to ask, or who leads; and what is open again has nobody to be asked about it."""
    dropped, closed, again = [await stories.opened(desk) for _ in range(3)]
    for case_id in (dropped, closed, again):
        await stories.resolved(desk, case_id)
    checks = {one.case_id: one.id for one in await stories.planned(desk)}
    async with desk.work(CEM) as work:
        with pytest.raises(NotAllowed):
            await followups.close_unasked(work, await stories.the_case(work, closed), "No wish.")
    async with desk.work(SAM) as work:
        with pytest.raises(NotAccepted):
            await followups.close_unasked(work, await stories.the_case(work, closed), " ")
        await followups.close_unasked(work, await stories.the_case(work, closed), "Wants no calls.")
    async with desk.work(CORA) as work:
        await followups.cancel(work, await work.session.get_one(FollowUp, checks[dropped]), "Left no number.")
        await cases.reopen(work, await stories.the_case(work, again), "She rang.")
        with pytest.raises(WrongMoment):
            await followups.close_unasked(work, await stories.the_case(work, again), "Never mind.")
    found = [await stories.seen(desk, one) for one in (dropped, closed, again)]
    assert [(one.status, one.closed_because) for one in found] == [
        ("closed", "Left no number."),
        ("closed", "Wants no calls."),
        ("open", ""),
    ]
    assert [(one.status, one.result) for one in await stories.planned(desk)] == [
        ("cancelled", "Left no number."),
        ("cancelled", "Wants no calls."),
        ("cancelled", "The case was taken up again: She rang."),
    ]
