"""Asking customers how it went: once, not too often, and doing something about a bad answer."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from jobs.ask_feedback import ask_feedback
from models import AuditEntry, Case, Customer, Feedback, FollowUp, Message
from models.words import (
    CaseKind,
    Channel,
    FeedbackKind,
    FollowUpKind,
    MessageStatus,
    ResolutionCode,
)
from portal.desk import audit, cases, feedback, links, surveys
from portal.desk.cases import NewCase
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.links import Purpose
from portal.desk.work import CUSTOMER, SYSTEM, Desk
from tests.cast import ANA, CORA, FRED, SAM, START, TERMS, Clock


async def resolved(desk: Desk, subject: str = "Late parcel", customer_id: int = ANA) -> int:
    """A case that Cora solved just now; returns its id."""
    async with desk.work(CORA) as work:
        new = NewCase(CaseKind.INQUIRY, Channel.PHONE, subject, customer_id=customer_id)
        case = await cases.open_case(work, new)
        await cases.resolve(
            work, case, code=ResolutionCode.ANSWERED, what_was_done="Told.", actions=["Looked it up"]
        )
        return case.id


async def invited(desk: Desk, clock: Clock) -> tuple[int, str]:
    """An invitation that Ana has in her mailbox: its id and the token in its link."""
    await resolved(desk)
    clock.forward(hours=1)
    assert await ask_feedback(desk) == 1
    async with desk.look(SYSTEM) as work:
        row = (await work.session.scalars(select(Feedback))).one()
    return row.id, links.token(desk.terms, Purpose.FEEDBACK, row.id)


async def count(desk: Desk, table: type[Feedback | FollowUp | Message]) -> int:
    async with desk.look(SYSTEM) as work:
        return await work.session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_resolution_is_asked_about_once_and_not_before_an_hour(desk: Desk, clock: Clock) -> None:
    await resolved(desk)
    asked = []
    for _quarter in range(6):
        asked.append(await ask_feedback(desk))
        clock.forward(minutes=15)
    assert asked == [0, 0, 0, 0, 1, 0]
    async with desk.look(SYSTEM) as work:
        message = await work.session.scalar(select(Message).where(Message.template == "feedback-invitation"))
        row = (await work.session.scalars(select(Feedback))).one()
    assert message is not None
    assert message.to_address == "ana@example.com"
    token = links.token(TERMS, Purpose.FEEDBACK, row.id)
    assert f"{TERMS.address}/feedback/{token}" in message.body_text
    assert (row.once, row.expires_at - row.invited_at) == ("resolution/1/1", timedelta(days=30))


async def test_a_customer_is_not_asked_again_in_the_cool_down(desk: Desk, clock: Clock) -> None:
    """S3-9.1.1"""
    await invited(desk, clock)
    await resolved(desk, "Another matter")
    clock.forward(hours=2)
    assert await ask_feedback(desk) == 0
    clock.forward(days=31)
    await resolved(desk, "A third")
    clock.forward(hours=1)
    assert await ask_feedback(desk) == 1


async def test_two_matters_at_once_are_one_question(desk: Desk, clock: Clock) -> None:
    await resolved(desk)
    await resolved(desk, "Another matter")
    clock.forward(hours=1)
    assert await ask_feedback(desk) == 1


async def test_nobody_is_asked_about_a_case_that_is_open_again(desk: Desk, clock: Clock) -> None:
    case_id = await resolved(desk)
    clock.forward(minutes=30)
    async with desk.work(CORA) as work:
        await cases.reopen(work, await work.session.get_one(Case, case_id), "It broke again.")
    clock.forward(minutes=30)
    assert await ask_feedback(desk) == 0
    async with desk.work(SYSTEM) as work:
        assert await feedback.invite(work, FeedbackKind.RESOLUTION, case_id) is None


async def test_old_matters_are_left_alone(desk: Desk, clock: Clock) -> None:
    await resolved(desk)
    clock.forward(days=4)
    assert await ask_feedback(desk) == 0


async def test_without_an_address_nobody_is_asked(desk: Desk, clock: Clock) -> None:
    async with desk.work(CORA) as work:
        customer = await work.session.get_one(Customer, ANA)
        customer.email = ""
        await audit.record(work, "change customer", customer)
    await resolved(desk)
    clock.forward(hours=1)
    assert await ask_feedback(desk) == 0
    assert await count(desk, Feedback) == 0


async def test_who_wants_no_surveys_is_not_asked_until_they_say_otherwise(desk: Desk, clock: Clock) -> None:
    """S3-9.1.1: also what waited in the outbox stays; saying it twice is one entry."""
    feedback_id, _ = await invited(desk, clock)
    token = links.token(desk.terms, Purpose.SURVEYS, feedback_id)
    for _twice in range(2):
        async with desk.work(CUSTOMER) as work:
            await surveys.say_by_link(work, token, asked=False)
    async with desk.look(SYSTEM) as work:
        statuses = select(Message.status).where(Message.template == surveys.INVITATION)
        deeds = select(AuditEntry.who, AuditEntry.deed).where(AuditEntry.deed.like("%surveys"))
        assert list(await work.session.scalars(statuses)) == [MessageStatus.DISCARDED]
        assert [tuple(row) for row in await work.session.execute(deeds)] == [("customer", "want no surveys")]
        assert await surveys.behind(work, token) == surveys.Wish("en", asked=False)
    clock.forward(days=60)
    case_id = await resolved(desk, "Another matter")
    clock.forward(hours=1)
    assert await ask_feedback(desk) == 0
    async with desk.work(SYSTEM) as work:
        assert await feedback.invite(work, FeedbackKind.RESOLUTION, case_id) is None
    async with desk.work(CORA) as work:
        await surveys.note(work, await work.session.get_one(Customer, ANA), asked=True)
    assert await ask_feedback(desk) == 1


async def test_the_link_of_one_purpose_opens_no_other(desk: Desk, clock: Clock) -> None:
    _, token = await invited(desk, clock)
    with pytest.raises(NotFound):
        async with desk.look(CUSTOMER) as work:
            await surveys.behind(work, token)
    with pytest.raises(NotAllowed):
        async with desk.work(FRED) as work:
            await surveys.note(work, await work.session.get_one(Customer, ANA), asked=False)


async def test_opening_the_link_records_nothing(desk: Desk, clock: Clock) -> None:
    """S0-3.7.1"""
    feedback_id, token = await invited(desk, clock)
    async with desk.look(CUSTOMER) as work:
        seen = await feedback.opened(work, token)
    assert (seen.kind, seen.subject, seen.name, seen.answered) == (
        FeedbackKind.RESOLUTION,
        "Late parcel",
        "Ana Example",
        False,
    )
    async with desk.look(SYSTEM) as work:
        assert (await work.session.get_one(Feedback, feedback_id)).answered_at is None


async def test_there_is_one_answer(desk: Desk, clock: Clock) -> None:
    """S3-6.2.1"""
    feedback_id, token = await invited(desk, clock)
    async with desk.work(CUSTOMER) as work:
        await feedback.answer(work, token, 5, "  Lovely.  ")
    with pytest.raises(WrongMoment, match="answered already"):
        async with desk.work(CUSTOMER) as work:
            await feedback.answer(work, token, 1, "Not so lovely.")
    async with desk.look(CUSTOMER) as work:
        assert (await feedback.opened(work, token)).answered
        row = await work.session.get_one(Feedback, feedback_id)
    assert (row.score, row.comment, row.answered_at) == (5, "Lovely.", START + timedelta(hours=1))


@pytest.mark.parametrize(("score", "actions"), [(1, 1), (2, 1), (3, 0), (4, 0), (5, 0)])
async def test_a_low_score_gives_a_supervisor_something_to_do(
    desk: Desk, clock: Clock, score: int, actions: int
) -> None:
    """S0-3.7.2"""
    _, token = await invited(desk, clock)
    async with desk.work(CUSTOMER) as work:
        await feedback.answer(work, token, score, "Slow.")
    async with desk.look(SYSTEM) as work:
        found = await work.session.scalars(select(FollowUp).where(FollowUp.kind == FollowUpKind.CALL_BACK))
        planned = [(row.owner_id, row.due_at > clock.now, row.words) for row in found]
        number = await work.session.scalar(select(Case.number))
        who = await work.session.scalar(select(Customer.number).where(Customer.id == ANA))
    words = f"{who} gave {score} of 5 for {number}. Find out why and what we change. They wrote: Slow."
    assert planned == [(SAM.person_id, True, words)] * actions


@pytest.mark.parametrize(
    ("score", "comment", "field"),
    [
        (None, "", "score"),
        (0, "", "score"),
        (6, "", "score"),
        (-1, "", "score"),
        (4, "My card is 4111 1111 1111 1111", "comment"),
        (4, "x" * 5_001, "comment"),
    ],
)
async def test_what_cannot_be_taken_is_told_by_field(
    desk: Desk, clock: Clock, score: int | None, comment: str, field: str
) -> None:
    _, token = await invited(desk, clock)
    with pytest.raises(NotAccepted) as told:
        async with desk.work(CUSTOMER) as work:
            await feedback.answer(work, token, score, comment)
    assert set(told.value.fields) == {field}


async def test_a_link_has_its_time(desk: Desk, clock: Clock) -> None:
    _, token = await invited(desk, clock)
    clock.forward(days=30)
    with pytest.raises(links.Expired):
        async with desk.look(CUSTOMER) as work:
            await feedback.opened(work, token)
    with pytest.raises(links.Expired):
        async with desk.work(CUSTOMER) as work:
            await feedback.answer(work, token, 5)


async def test_a_token_of_another_making_opens_nothing(desk: Desk, clock: Clock) -> None:
    feedback_id, token = await invited(desk, clock)
    other = type(TERMS)(secret=b"another secret of 32 bytes or more....")
    for forged in (
        "",
        token[:-1],
        token + "A",
        token.swapcase(),
        f"{feedback_id}.x",
        links.token(other, Purpose.FEEDBACK, feedback_id),
        links.token(TERMS, Purpose.FEEDBACK, feedback_id + 1),
        "💥",
    ):
        with pytest.raises(NotFound):
            async with desk.look(CUSTOMER) as work:
                await feedback.opened(work, forged)
