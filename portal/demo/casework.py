"""Thirty cases of all kinds and states, the sweeps that acted on their clocks, and what customers said afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from models import Case, Escalation
from models.words import CaseKind, EscalationStatus, FeedbackKind, Severity
from portal.demo.story import CASES, DAY, FEEDBACK, HOUR, ORDERS, CaseStory, Course
from portal.demo.timeline import Story
from portal.desk import cases, escalation, feedback, links, sweep
from portal.desk.links import Purpose
from portal.desk.work import Work

SWEEP_EVERY = timedelta(hours=12)
BATCH = 200
WRITES_AGAIN = 2 * HOUR
"""Who was answered so lately, in minutes, has written again and waits for the next answer."""
ASKED_ABOUT = 24
"""Of the delivered orders, every third of so many is asked about."""

CaseDeed = Callable[[Work, Case], Awaitable[object]]
Step = tuple[float, CaseDeed]
"""Minutes after the opening, and what is done then."""


def plan_cases(story: Story) -> None:
    """Plan every case and its course, and the sweeps."""
    for place, told in enumerate(CASES):
        opened_at = story.ago(told.ago)
        story.plan(opened_at, told.by, partial(_open, story, place, told))
        for minutes, deed in _steps(told):
            moment = opened_at + timedelta(minutes=minutes)
            story.plan(moment, told.by, partial(_on_case, story, place, deed))
        if told.course is Course.ACCEPTED:
            story.plan(story.ago(2 * HOUR), "fin", partial(_on_case, story, place, _accept))
    moment = story.ago(22 * DAY)
    while moment < story.ago(15):
        story.plan(moment, "", partial(sweep.act_on_due, batch=BATCH))
        moment += SWEEP_EVERY
    story.plan(story.ago(15), "", partial(sweep.act_on_due, batch=BATCH))


def _steps(told: CaseStory) -> list[Step]:
    look = "We are looking into it and come back to you."
    thanks = "Thank you for telling us. We see to it today."
    picture = "Could you send us a picture of it?"
    spelled = "The name is still spelled wrong."
    more = "Thank you. And does it come on a Saturday, too?"
    solved: list[Step] = [(25, _answer_with(thanks)), (5 * HOUR, _solve_as(told))]
    courses: dict[Course, list[Step]] = {
        Course.ANSWERED: [(35, _answer_with(look))],
        Course.WAITING: [(20, lambda work, case: cases.ask_customer(work, case, picture))],
        Course.RESOLVED: solved,
        Course.REOPENED: [*solved, (26 * HOUR, lambda work, case: cases.reopen(work, case, spelled))],
        Course.CANCELLED: [(HOUR, lambda work, case: cases.cancel(work, case, told.done))],
        Course.HANDED_UP: [(2 * HOUR, _hand_up)],
    }
    steps = courses.get(told.course, [])
    if told.course is Course.ANSWERED and told.ago < WRITES_AGAIN:
        steps.append((HOUR, lambda work, case: cases.customer_wrote(work, case, more)))
    return steps


def _answer_with(words: str) -> CaseDeed:
    return lambda work, case: cases.answer(work, case, words)


def _solve_as(told: CaseStory) -> CaseDeed:
    actions = ["Spoke with the customer", told.done]
    return lambda work, case: cases.resolve(
        work, case, code=told.code, what_was_done=told.done, actions=actions
    )


async def _open(story: Story, place: int, told: CaseStory, work: Work) -> None:
    order = story.orders.get(told.order) if told.order is not None else None
    story.cases[place] = await cases.open_case(
        work,
        cases.NewCase(
            kind=told.kind,
            channel=told.channel,
            subject=told.subject,
            statement=told.statement,
            customer_id=order.customer_id if order else story.customers[told.customer].id,
            order_id=order.id if order else None,
            severity=told.severity,
            apology="I am sorry about this." if told.kind is CaseKind.COMPLAINT else "",
            legal=told.course is Course.LEGAL,
            regulatory=told.course is Course.REGULATORY,
        ),
    )


async def _on_case(story: Story, place: int, deed: CaseDeed, work: Work) -> None:
    await deed(work, story.cases[place])


async def _hand_up(work: Work, case: Case) -> None:
    await escalation.raise_by_hand(
        work,
        case,
        "The carrier gives no answer, and the customer loses a day’s business.",
        severity=Severity.HIGH,
        in_spite_of_gaps="There is no time to collect the rest.",
    )


async def _accept(work: Work, case: Case) -> None:
    waiting = select(Escalation).where(
        Escalation.case_id == case.id, Escalation.status == EscalationStatus.RAISED
    )
    for raised in await work.session.scalars(waiting):
        await escalation.accept(work, raised)


def plan_feedback(story: Story) -> None:
    """Plan who was asked how it went, and what they answered. S3-15.2.1"""
    for place, told in enumerate(CASES):
        if told.course is Course.RESOLVED and told.ago > 2 * DAY:
            asked_at = story.ago(told.ago - 7 * HOUR)
            story.plan(asked_at, "", partial(_ask, story, FeedbackKind.RESOLUTION, place))
    for place in range(0, ASKED_ABOUT, 3):
        asked_at = story.on_day(40 - 34 * place / ORDERS[0][1], 0) + timedelta(days=5)
        if asked_at < story.ago(DAY):
            story.plan(asked_at, "", partial(_ask, story, FeedbackKind.DELIVERY, place))
    for score, comment in FEEDBACK:
        story.plan(story.ago(DAY - HOUR * score), "customer", partial(_answer, story, score, comment))


async def _ask(story: Story, kind: FeedbackKind, place: int, work: Work) -> None:
    about = story.cases[place].id if kind is FeedbackKind.RESOLUTION else story.orders[place].id
    invited = await feedback.invite(work, kind, about)
    if invited is not None:
        story.asked.append(invited.id)


async def _answer(story: Story, score: int, comment: str, work: Work) -> None:
    """Somebody answers who was asked in the last weeks."""
    if story.asked:
        token = links.token(work.terms, Purpose.FEEDBACK, story.asked.pop())
        await feedback.answer(work, token, score, comment)
