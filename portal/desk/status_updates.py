"""Telling customers how their open cases stand: one task when it is time, with the words ready to send. S0-3.4.4

When the update of a case ran out, its holder gets a task; what the policy wants of that row instead stands in its place
(`actions`). No further update begins before the customer was told something, so there is never more than one task a
case, and a key of its clock keeps it the only one. Telling the customer anything that meets the update closes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models import Case, Deadline, FollowUp
from models.words import DeadlineKind, DeadlineStatus, FollowUpStatus
from portal.desk import actions, audit, followups, notices, policy_versions
from portal.desk.hours import telling
from portal.desk.work import Work

TOLD = "The customer was told how it stands."
OVER = "The case is over."
_WORDS = {
    "en": (
        "We are still working on “{subject}” and have not forgotten you.{until}"
        " As soon as there is news you hear from us, without having to ask."
    ),
    "de": (
        "Wir arbeiten weiter an „{subject}“ und haben Sie nicht vergessen.{until}"
        " Sobald es Neues gibt, hören Sie von uns, ohne nachfragen zu müssen."
    ),
}
_UNTIL = {
    "en": " We expect to have it solved by {day}.",
    "de": " Wir rechnen damit, dass es bis zum {day} gelöst ist.",
}


async def plan_each(work: Work, struck: Sequence[Any]) -> None:
    """Give a task for each update that a sweep has just found missed: to the holder, or the first of the group.

    Recorded with its clock by the sweep. Of what only managers see nobody else is told.
    """
    planned = []
    for one in struck:
        if one.kind != DeadlineKind.UPDATE:
            continue
        people = await actions.people_for(work, one, "holder")
        if people:
            words = f"Tell the customer how {one.number} stands: {one.subject}"
            once = f"{FollowUp.ASKS_FOR_UPDATE}{one.id}"
            planned.append((people[0].id, words, one.case_id, one.customer_id, once))
    await followups.plan_each(work, planned)


async def close(work: Work, clocks: Sequence[Deadline], *, over: bool = False) -> None:
    """Close the tasks of these clocks: the customer was told, or there is nothing left to tell.

    Part of a deed that was done for the customer.
    """
    keys = [
        f"{FollowUp.ASKS_FOR_UPDATE}{one.id}"
        for one in clocks
        if one.kind is DeadlineKind.UPDATE and one.status is DeadlineStatus.MISSED
    ]
    if not keys:
        return
    asked = select(FollowUp).where(FollowUp.once.in_(keys), FollowUp.status == FollowUpStatus.OPEN)
    for task in await work.session.scalars(asked):
        task.next_at, task.result = None, OVER if over else TOLD
        task.status = FollowUpStatus.CANCELLED if over else FollowUpStatus.DONE
        task.done_at = None if over else work.now
        await audit.record(work, "close follow-up", task)


async def words_for(work: Work, case: Case, tasks: Sequence[FollowUp], clocks: Sequence[Deadline]) -> str:
    """What to tell the customer, in their language and ready to send, while a task asks for it; else nothing.

    It names the day of the solution only where a clock still says so. Needs the customer of the case.
    """
    if not any(one.asks_for_update for one in tasks):
        return ""
    language = notices.language_of(case.customer)
    by = next(
        (
            one.due_at
            for one in clocks
            if one.kind is DeadlineKind.RESOLVE
            and one.status is DeadlineStatus.RUNNING
            and one.due_at is not None
            and one.due_at > work.now
        ),
        None,
    )
    until = ""
    if by is not None:
        zone = (await policy_versions.in_force(work)).calendar().zone
        day = by.astimezone(ZoneInfo(zone)).date()
        said = telling.day_words(day) if language == "en" else f"{day.day}.{day.month}.{day.year}"
        until = _UNTIL[language].format(day=said)
    return _WORDS[language].format(subject=case.subject, until=until)
