"""What is noted afterwards keeps both times; the customer's words count when they were said, ours when noted. S2-15.2"""

from datetime import datetime

import pytest
from sqlalchemy import select

from jobs.sweep_deadlines import sweep_deadlines
from models import Case, CaseNote
from models.words import CaseKind, Channel, DeadlineStatus, NoteKind
from portal.desk import cases, drift, queues, timeline
from portal.desk.case_notes import LONGEST_WHY, Earlier
from portal.desk.errors import NotAccepted
from portal.desk.work import SYSTEM, Desk, Work
from tests.cast import CORA, Clock, berlin
from tests.desk import stories
from tests.desk.test_interactions import Deed, with_targets

WHY = "It lay in the wrong tray."
DAY = "2026-03-02"


def at(time: str) -> datetime:
    return berlin(f"{DAY} {time}")


def earlier(time: str) -> Earlier:
    return Earlier(at(time), WHY) if time else Earlier()


async def asked(work: Work, case: Case) -> None:
    await cases.ask_customer(work, case, "Which one?")


async def told(work: Work, case: Case) -> None:
    await cases.update_customer(work, case, "We are looking.")


async def stood_still(work: Work, case: Case) -> None:
    await cases.stand_still(work, case, "supplier", "A lid is on order.")


async def ran_on(work: Work, case: Case) -> None:
    await cases.run_on(work, case, "It is here.")


async def answered(work: Work, case: Case) -> None:
    await cases.answer(work, case, "It holds 1.7 litres.")


async def heard(work: Work, case: Case) -> None:
    await cases.customer_wrote(work, case, "In cups?")


STORIES: list[tuple[str, list[tuple[str, Deed]], str, tuple[str, str, str]]] = [
    # the answer was owed by 11:00, half of it is left at the question
    ("as it is noted", [("10:30", asked)], "", ("answer", "14:00", "14:30")),
    ("when it came", [("10:30", asked)], "13:05", ("answer", "13:05", "13:35")),
    ("with the question", [("10:30", asked)], "10:30", ("answer", "10:30", "11:00")),
    ("before the question", [("10:30", asked)], "10:10", ("answer", "10:30", "11:00")),
    ("before we told", [("10:30", asked), ("12:00", told)], "11:00", ("answer", "12:00", "12:30")),
    (
        "while it stood still for something else as well",
        [("10:30", asked), ("10:40", stood_still), ("12:00", ran_on)],
        "11:00",
        ("answer", "12:00", "12:30"),
    ),
    # nothing was asked: what the customer said is owed an answer of its own
    ("as the next is noted", [("10:10", answered)], "", ("next_answer 1", "14:00", "15:00")),
    ("when the next came", [("10:10", answered)], "12:20", ("next_answer 1", "12:20", "13:20")),
    ("before the first answer", [("10:10", answered)], "10:05", ("next_answer 1", "10:10", "11:10")),
    (
        "while one is owed already",
        [("10:10", answered), ("12:00", heard)],
        "11:00",
        ("next_answer 1", "12:00", "13:00"),
    ),
]
"""What had happened, when the customer's words came that are noted at 14:00, from when they count, and what is due."""


@pytest.mark.parametrize(
    ("before", "came", "counts"), [one[1:] for one in STORIES], ids=[s[0] for s in STORIES]
)
async def test_what_the_customer_said_counts_from_when_it_happened(
    desk: Desk, clock: Clock, before: list[tuple[str, Deed]], came: str, counts: tuple[str, str, str]
) -> None:
    """Decision 9: a pause ends as the answer is there, within itself, and no fact is overtaken."""
    await with_targets(desk)
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    for time, deed in before:
        clock.at(f"{DAY} {time}")
        async with desk.work(CORA) as work:
            await deed(work, await stories.the_case(work, case_id))
    clock.at(f"{DAY} 14:00")
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await cases.customer_wrote(work, case, "The left one.", earlier=earlier(came))
        note = (await work.session.scalars(select(CaseNote).order_by(CaseNote.id.desc()).limit(1))).one()
    assert (note.kind, note.written_at, note.happened_at, note.happened_why) == (
        NoteKind.HEARD,
        at("14:00"),
        at(came) if came else None,
        WHY if came else "",
    )
    name, since, due = counts
    assert (await stories.clocks(desk, case_id))[name] == ("running", at(due))
    kind, _, _ = name.partition(" ")
    facts = await stories.deadline(desk, case_id, kind)
    assert facts.started_at == (at("10:00") if kind == "answer" else at(since))
    # What had run out before it was noted is missed at its own moment, and the clocks agree with the facts.
    await sweep_deadlines(desk)
    clock.at(f"{DAY} 14:01")
    await sweep_deadlines(desk)
    after = await stories.deadline(desk, case_id, kind)
    missed = at(due) <= at("14:01")
    assert (after.status is DeadlineStatus.MISSED, after.missed_at) == (missed, at(due) if missed else None)
    assert [one.drifts async for one in drift.verify(desk, everything=True)] == [[]]


async def test_what_was_missed_stays_missed(desk: Desk, clock: Clock) -> None:
    """The answer was late before anything was asked: when the customer's answer came gives nothing back."""
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.at(f"{DAY} 11:30")
    await sweep_deadlines(desk)
    clock.at(f"{DAY} 12:00")
    async with desk.work(CORA) as work:
        await asked(work, await stories.the_case(work, case_id))
    clock.at(f"{DAY} 14:00")
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await cases.customer_answered(work, case, "The left one.", earlier("10:20"))
    kept = await stories.deadline(desk, case_id, "answer")
    assert (kept.status, kept.due_at, kept.missed_at) == (DeadlineStatus.MISSED, at("11:00"), at("11:00"))


async def test_what_the_desk_did_counts_from_when_it_was_noted(desk: Desk, clock: Clock) -> None:
    """A call that is noted after the target ran out does not meet it."""
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.at(f"{DAY} 11:20")
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await cases.answer(work, case, "I called: it holds 1.7 litres.", earlier=earlier("10:40"))
    kept = await stories.deadline(desk, case_id, "answer")
    assert (kept.status, kept.met_at, kept.missed_at) == (DeadlineStatus.MISSED, at("11:20"), at("11:00"))
    written = await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, written)
        with pytest.raises(NotAccepted) as refusal:
            await cases.answer(work, case, "It holds 1.7 litres.", earlier=earlier("11:20"))
    assert refusal.value.fields == {"happened_at": "This answer is written to the customer now."}


CARD = "Paid with 4111 1111 1111 1111."
REFUSED = [
    (Earlier(at("12:01"), WHY), {"happened_at": "That is still to come. Say when it happened."}),
    (Earlier(at("09:59"), WHY), {"happened_at": "That was before the case was opened."}),
    (Earlier(at("11:00"), " "), {"happened_why": "Say why it is noted only now."}),
    (Earlier(None, WHY), {"happened_at": "Say when it happened, or leave the reason out."}),
    (Earlier(at("11:00"), "x" * (LONGEST_WHY + 1)), {"happened_why": f"At most {LONGEST_WHY} characters."}),
    (
        Earlier(at("11:00"), CARD),
        {"happened_why": "This looks like a card number. Leave it out: card numbers are never stored."},
    ),
]


@pytest.mark.parametrize(("said", "wrong"), REFUSED, ids=[next(iter(wrong)) for _, wrong in REFUSED])
async def test_a_moment_that_cannot_be_is_refused_at_its_field(
    desk: Desk, clock: Clock, said: Earlier, wrong: dict[str, str]
) -> None:
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.at(f"{DAY} 12:00")
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        with pytest.raises(NotAccepted) as refusal:
            await cases.add_note(work, case, " ", earlier=said)
    assert refusal.value.fields == {**wrong, "note": "Say it in a sentence."}


async def test_within_the_minute_it_was_opened_in_is_no_moment_before_it(desk: Desk, clock: Clock) -> None:
    clock.forward(seconds=40)
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.forward(minutes=5)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        note = await cases.add_note(work, case, "Called at once.", NoteKind.ACTION, earlier("10:00"))
    assert (note.written_at, note.happened_at) == (clock.now, at("10:00"))


async def test_the_timeline_tells_both_times(desk: Desk, clock: Clock) -> None:
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    async with desk.work(CORA) as work:
        await asked(work, await stories.the_case(work, case_id))
    clock.at(f"{DAY} 14:10")
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await cases.customer_answered(work, case, "The left one.", earlier("13:05"))
    async with desk.look(SYSTEM) as work:
        story = await timeline.timeline(work, await queues.case_of(work, case_id))
    assert [(one.title, one.at, one.happened_at, one.why) for one in story][:2] == [
        ("The customer answered", at("14:10"), at("13:05"), WHY),
        ("Clocks run on", at("14:10"), at("13:05"), ""),
    ]
