"""Clocks start and stop by the kind and direction of what is said, never by its channel. S0-3.3.1, S1-3.1b, decision 13"""

# ruff: noqa: E501 - one saying is one line of the table

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from models import Case
from models.words import CaseKind, Channel, Direction
from portal.desk import audit, cases, deadlines, interactions, policy
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.interactions import InteractionKind
from portal.desk.work import SYSTEM, Desk, Work
from tests.cast import ANA, CORA, Clock, berlin
from tests.desk import stories

TARGETS = (
    {"key": "next", "to": "next_answer", "counts": "business", "amount": 60, "clause": "S0-3.3.1"},
    {"key": "told", "to": "update", "counts": "business", "amount": 120, "clause": "S1-3.1b"},
)
Deed = Callable[[Work, Case], Awaitable[None]]
NOTHING: set[str] = set()
KNOWN = {"acknowledge met", "update 1 met", "update 2 runs"}
WRITTEN_OUT = {
    # Nothing has been said since the opening: everything is owed.
    ("fresh", "inbound", "concern"): NOTHING,
    ("fresh", "inbound", "question"): NOTHING,
    ("fresh", "inbound", "answer"): NOTHING,
    ("fresh", "inbound", "update"): NOTHING,
    ("fresh", "inbound", "acknowledgement"): NOTHING,
    ("fresh", "inbound", "thanks"): NOTHING,
    ("fresh", "outbound", "concern"): KNOWN,
    ("fresh", "outbound", "question"): {"acknowledge met", "update 1 met", "update 2 stands", "answer stands", "resolve stands"},
    ("fresh", "outbound", "answer"): KNOWN | {"answer met"},
    ("fresh", "outbound", "update"): KNOWN,
    ("fresh", "outbound", "acknowledgement"): {"acknowledge met"},
    ("fresh", "outbound", "thanks"): NOTHING,
    # Answered once, and told with it; nothing is owed but the next update and the solution.
    ("answered", "inbound", "concern"): {"next_answer 1 runs"},
    ("answered", "inbound", "question"): {"next_answer 1 runs"},
    ("answered", "inbound", "answer"): {"next_answer 1 runs"},
    ("answered", "inbound", "update"): {"next_answer 1 runs"},
    ("answered", "inbound", "acknowledgement"): NOTHING,
    ("answered", "inbound", "thanks"): NOTHING,
    ("answered", "outbound", "concern"): {"update 2 met", "update 3 runs"},
    ("answered", "outbound", "question"): {"update 2 met", "update 3 stands", "resolve stands"},
    ("answered", "outbound", "answer"): {"update 2 met", "update 3 runs"},
    ("answered", "outbound", "update"): {"update 2 met", "update 3 runs"},
    ("answered", "outbound", "acknowledgement"): NOTHING,
    ("answered", "outbound", "thanks"): NOTHING,
    # The customer has written again, and waits for the next answer.
    ("owed", "inbound", "concern"): NOTHING,
    ("owed", "inbound", "question"): NOTHING,
    ("owed", "inbound", "answer"): NOTHING,
    ("owed", "inbound", "update"): NOTHING,
    ("owed", "inbound", "acknowledgement"): NOTHING,
    ("owed", "inbound", "thanks"): NOTHING,
    ("owed", "outbound", "concern"): {"update 2 met", "update 3 runs"},
    ("owed", "outbound", "question"): {"next_answer 1 met", "update 2 met", "update 3 stands", "resolve stands"},
    ("owed", "outbound", "answer"): {"next_answer 1 met", "update 2 met", "update 3 runs"},
    ("owed", "outbound", "update"): {"update 2 met", "update 3 runs"},
    ("owed", "outbound", "acknowledgement"): NOTHING,
    ("owed", "outbound", "thanks"): NOTHING,
    # The desk has asked, and everything stands still until the customer says something to it.
    ("asked", "inbound", "concern"): {"next_answer 1 runs", "update 3 runs", "resolve runs"},
    ("asked", "inbound", "question"): {"next_answer 1 runs", "update 3 runs", "resolve runs"},
    ("asked", "inbound", "answer"): {"next_answer 1 runs", "update 3 runs", "resolve runs"},
    ("asked", "inbound", "update"): {"next_answer 1 runs", "update 3 runs", "resolve runs"},
    ("asked", "inbound", "acknowledgement"): NOTHING,
    ("asked", "inbound", "thanks"): NOTHING,
    ("asked", "outbound", "concern"): {"update 3 met", "update 4 stands"},
    ("asked", "outbound", "question"): {"update 3 met", "update 4 stands"},
    ("asked", "outbound", "answer"): {"update 3 met", "update 4 stands"},
    ("asked", "outbound", "update"): {"update 3 met", "update 4 stands"},
    ("asked", "outbound", "acknowledgement"): NOTHING,
    ("asked", "outbound", "thanks"): NOTHING,
}  # fmt: skip
"""What each saying does to the clocks of a case, by what was said before; the channel is no part of the table."""
BEFORE = {
    "fresh": (),
    "answered": (("answer", "outbound"),),
    "owed": (("answer", "outbound"), ("question", "inbound")),
    "asked": (("answer", "outbound"), ("question", "outbound")),
}
STATES = {"running": "runs", "paused": "stands", "met": "met", "stopped": "stopped", "missed": "missed"}


async def with_targets(desk: Desk) -> None:
    """Let the policy ask for a next answer and for updates, and for the same on every channel."""

    def change(document: dict[str, Any]) -> None:
        shipped = [row for row in document["targets"] if not row.get("channel")]
        document["targets"] = [*shipped, *TARGETS]

    await stories.policy_changed(desk, change)


async def say(desk: Desk, case_id: int, kind: str, direction: str) -> None:
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await interactions.happened(work, case, InteractionKind(kind), Direction(direction))
        await audit.record(work, "say", case)


async def come_in(desk: Desk, channel: Channel) -> int:
    """A case as it is before anybody said anything to the customer, whatever its channel."""
    async with desk.work(CORA) as work:
        case = Case(
            number=f"HC-25-{channel.value}", kind=CaseKind.INQUIRY, channel=channel, subject="A kettle",
            customer_id=ANA, opened_at=work.now,
        )  # fmt: skip
        work.session.add(case)
        await work.session.flush()
        await deadlines.start(work, case)
        await audit.record(work, "come in", case)
        return case.id


async def named_states(desk: Desk, case_id: int) -> set[str]:
    return {f"{name} {STATES[state]}" for name, state in (await stories.states(desk, case_id)).items()}


def test_the_table_is_whole() -> None:
    assert set(WRITTEN_OUT) == {
        (before, direction.value, kind.value)
        for before in BEFORE
        for direction in Direction
        for kind in InteractionKind
    }
    assert set(interactions.EFFECTS) == {
        (kind, direction) for kind in InteractionKind for direction in Direction
    }


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("before", BEFORE)
async def test_every_channel_does_the_same(
    desk: Desk, clock: Clock, before: str, direction: Direction
) -> None:
    """Channel by direction by kind: what changed on the clocks is what the table says, on every channel."""
    await with_targets(desk)
    found, wanted = {}, {}
    start = clock.now
    for kind in InteractionKind:
        for channel in Channel:
            clock.now = start
            case_id = await come_in(desk, channel)
            for said in BEFORE[before]:
                clock.forward(minutes=5)
                await say(desk, case_id, *said)
            earlier = await named_states(desk, case_id)
            clock.forward(minutes=5)
            await say(desk, case_id, kind.value, direction.value)
            found[kind, channel] = await named_states(desk, case_id) - earlier
            wanted[kind, channel] = WRITTEN_OUT[before, direction.value, kind.value]
            await _renumbered(desk, case_id)
    assert found == wanted


async def _renumbered(desk: Desk, case_id: int) -> None:
    """Give the number free for the next case of this channel."""
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        case.number = f"HC-25-{case_id}"
        await audit.record(work, "count on", case)


@pytest.mark.parametrize("channel", Channel)
async def test_a_conversation_by_its_deeds(desk: Desk, clock: Clock, channel: Channel) -> None:
    """S0-3.3.1, S1-3.1b: each further message is owed an answer of its own, from its own moment."""
    await with_targets(desk)
    case_id = await stories.opened(desk, CaseKind.INQUIRY, channel)
    told = {}
    deeds: list[tuple[int, Deed]] = [
        (10, lambda work, case: cases.answer(work, case, "It holds 1.7 litres.")),
        (30, lambda work, case: cases.customer_wrote(work, case, "And in cups?")),
        (40, lambda work, case: cases.customer_wrote(work, case, "Large cups, I mean.")),
        (50, lambda work, case: cases.update_customer(work, case, "We are measuring.")),
        (60, lambda work, case: cases.answer(work, case, "Seven.")),
        (70, lambda work, case: cases.customer_wrote(work, case, "Thank you!", thanks=True)),
    ]
    for minutes, deed in deeds:
        clock.now = berlin("2026-03-02 10:00")
        clock.forward(minutes=minutes)
        async with desk.work(CORA) as work:
            await deed(work, await stories.the_case(work, case_id))
        told[minutes] = {
            name: due
            for name, (state, due) in (await stories.clocks(desk, case_id)).items()
            if state == "running" and name != "resolve"
        }
    assert told == {
        10: {"update 2": berlin("2026-03-02 12:10")},
        30: {"update 2": berlin("2026-03-02 12:10"), "next_answer 1": berlin("2026-03-02 11:30")},
        40: {"update 2": berlin("2026-03-02 12:10"), "next_answer 1": berlin("2026-03-02 11:30")},
        50: {"update 3": berlin("2026-03-02 12:50"), "next_answer 1": berlin("2026-03-02 11:30")},
        60: {"update 4": berlin("2026-03-02 13:00")},
        70: {"update 4": berlin("2026-03-02 13:00")},
    }
    assert (await stories.written(desk, "case-update")) == [("case-update", "ana@example.com")]


async def test_a_message_by_any_way_ends_the_pause_at_that_instant(desk: Desk, clock: Clock) -> None:
    """S0-3.2.2c"""
    case_id = await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL)
    clock.at("2026-03-02 10:30")
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await stories.the_case(work, case_id), "Which one?")
    clock.at("2026-03-02 13:00")
    async with desk.work(CORA) as work:
        await cases.customer_wrote(
            work, await stories.the_case(work, case_id), "Thanks for asking.", thanks=True
        )
    assert (await stories.states(desk, case_id))["answer"] == "paused"  # that was no answer
    clock.at("2026-03-02 14:00")
    async with desk.work(CORA) as work:
        await cases.customer_wrote(work, await stories.the_case(work, case_id), "I called to say: the left.")
    assert (await stories.clocks(desk, case_id))["answer"] == ("running", berlin("2026-03-02 14:30"))
    assert (await stories.seen(desk, case_id)).status.value == "open"


async def test_a_reopened_case_counts_its_messages_anew(desk: Desk, clock: Clock) -> None:
    await with_targets(desk)
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    await stories.resolved(desk, case_id)
    clock.forward(hours=1)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await cases.reopen(work, case, "It leaks.")
        await cases.customer_wrote(work, case, "Are you there?")
    assert await stories.states(desk, case_id) == {
        "answer": "running",
        "update 1": "running",
        "resolve": "running",
    }


@pytest.mark.parametrize("reason", policy.PAUSES)
async def test_a_set_reason_stands_the_clocks_still_until_somebody_says_it_is_over(
    desk: Desk, clock: Clock, reason: str
) -> None:
    """Decision 9; S2-6.3, S2-9.4"""
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.at("2026-03-02 10:30")
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        with pytest.raises(NotAccepted) as refusal:
            await cases.stand_still(work, case, "holidays", " ")
        assert set(refusal.value.fields) == {"reason", "words"}
        with pytest.raises(WrongMoment):
            await cases.run_on(work, case, "Nothing.")
        await cases.stand_still(work, case, reason, "Until Thursday, as we hear.")
        with pytest.raises(WrongMoment):
            await cases.stand_still(work, case, reason, "Once more.")
    assert (await stories.states(desk, case_id))["answer"] == "paused"
    clock.at("2026-03-04 09:00")
    async with desk.work(CORA) as work:
        await cases.customer_wrote(work, await stories.the_case(work, case_id), "Anything new?")
    assert (await stories.states(desk, case_id))["answer"] == "paused"  # the supplier has not moved
    clock.at("2026-03-05 11:00")
    async with desk.work(CORA) as work:
        await cases.run_on(work, await stories.the_case(work, case_id), "It is here.")
    assert (await stories.clocks(desk, case_id))["answer"] == ("running", berlin("2026-03-05 11:30"))


async def test_two_pauses_are_one_union(desk: Desk, clock: Clock) -> None:
    """Decision 9: whichever ends first, the clocks wait for the other."""
    ends: tuple[Deed, Deed] = (
        lambda work, case: cases.customer_answered(work, case, "Blue."),
        lambda work, case: cases.run_on(work, case, "It is here."),
    )
    for first, second in (ends, ends[::-1]):
        clock.at("2026-03-02 10:00")
        case_id = await stories.opened(desk, CaseKind.INQUIRY)
        clock.at("2026-03-02 10:30")
        async with desk.work(CORA) as work:
            case = await stories.the_case(work, case_id)
            await cases.stand_still(work, case, "supplier", "A spare lid is on order.")
            await cases.ask_customer(work, case, "Which colour?")
        clock.at("2026-03-02 12:00")
        async with desk.work(CORA) as work:
            await first(work, await stories.the_case(work, case_id))
        assert (await stories.states(desk, case_id))["answer"] == "paused"
        clock.at("2026-03-02 13:00")
        async with desk.work(CORA) as work:
            await second(work, await stories.the_case(work, case_id))
        assert (await stories.clocks(desk, case_id))["answer"] == ("running", berlin("2026-03-02 13:30"))


async def test_the_end_of_a_case_ends_what_it_stood_still_for(desk: Desk) -> None:
    """Decision 13."""
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    async with desk.work(CORA) as work:
        await cases.stand_still(work, await stories.the_case(work, case_id), "carrier", "A parcel is lost.")
    await stories.resolved(desk, case_id)
    async with desk.look(SYSTEM) as work:
        case = await stories.the_case(work, case_id)
    assert (case.status.value, case.paused_for) == ("resolved", "")
    assert set((await stories.states(desk, case_id)).values()) <= {"met", "stopped"}
