"""A case from its opening to its end. S0-2.1c, S0-3.3, S0-3.4, S3-3.1, S3-4.1, S3-4.2."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import CaseNote, Customer, Message
from models.words import CaseKind, Channel, NoteKind, ResolutionCode, Role
from portal.desk import audit, cases, deadlines
from portal.desk.cases import NewCase
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.work import SYSTEM, Desk
from portal.letters import Letters
from tests.cast import ANA, CEM, CORA, FIN, MARA, Clock, berlin
from tests.desk import stories


async def test_a_complaint_by_phone_starts_its_clocks_and_is_heard_at_once(desk: Desk) -> None:
    """S0-3.3.1, S0-3.4.3a, S0-4.1a, S0-4.2a, S0-4.3a, S0-4.3c, S0-5.1c, S2-4.1, S3-3.1.1a, S3-3.2.3, S3-7.1.1a"""
    case_id = await stories.opened(desk)
    assert await stories.clocks(desk, case_id) == {
        "acknowledge": ("met", berlin("2026-03-02 10:15")),
        "answer": ("running", berlin("2026-03-02 11:00")),
        "resolve": ("running", berlin("2026-03-03 10:00")),
        "escalate 1": ("running", berlin("2026-03-03 10:00")),
        "update 1": ("running", berlin("2026-03-04 17:00")),
    }
    case = await stories.seen(desk, case_id)
    assert (case.number[:3], case.held_by_id, case.held_by_role) == (
        "HC-",
        CORA.person_id,
        Role.REPRESENTATIVE,
    )


@pytest.mark.parametrize(
    ("channel", "kind", "letters", "acknowledged"),
    [
        (Channel.PHONE, CaseKind.INQUIRY, 0, "met"),
        (Channel.IN_PERSON, CaseKind.INQUIRY, 0, "met"),
        (Channel.CHAT, CaseKind.INQUIRY, 0, "met"),
        (Channel.EMAIL, CaseKind.INQUIRY, 1, "met"),
        (Channel.ONLINE, CaseKind.INQUIRY, 1, "met"),
        (Channel.SOCIAL, CaseKind.INQUIRY, 1, "met"),
        (Channel.PHONE, CaseKind.COMPLAINT, 1, "met"),  # S0-3.4.2b: number and time in writing
    ],
)
async def test_who_is_told_that_a_concern_has_arrived(
    desk: Desk, channel: Channel, kind: CaseKind, letters: int, acknowledged: str
) -> None:
    """S2-11.1"""
    case_id = await stories.opened(desk, kind, channel)
    assert await stories.written(desk) == [("case-acknowledgement", "ana@example.com")] * letters
    assert (await stories.states(desk, case_id))["acknowledge"] == acknowledged


async def test_an_e_mail_of_somebody_without_an_address_waits_for_a_person(desk: Desk, clock: Clock) -> None:
    case_id = await stories.opened(desk, CaseKind.INQUIRY, Channel.SOCIAL, customer_id=None)
    assert (await stories.states(desk, case_id))["acknowledge"] == "running"
    clock.forward(minutes=15)  # used up exactly: still in time
    async with desk.work(CORA) as work:
        await cases.acknowledge(work, await stories.the_case(work, case_id))
    assert (await stories.states(desk, case_id))["acknowledge"] == "met"


async def test_an_acknowledgement_after_its_time_is_missed_at_the_due_moment(
    desk: Desk, clock: Clock
) -> None:
    case_id = await stories.opened(desk, CaseKind.INQUIRY, Channel.SOCIAL, customer_id=None)
    clock.forward(minutes=15, seconds=1)
    async with desk.work(CORA) as work:
        await cases.acknowledge(work, await stories.the_case(work, case_id))
    found = await stories.deadline(desk, case_id, "acknowledge")
    assert (found.status, found.missed_at, found.met_at) == (
        "missed",
        berlin("2026-03-02 10:15"),
        berlin("2026-03-02 10:15:01"),
    )


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"subject": " "}, {"subject"}),
        ({"subject": "x" * 301}, {"subject"}),
        ({"statement": ""}, {"statement"}),
        ({"subject": "", "statement": " "}, {"subject", "statement"}),
        ({"statement": "My card is 4111 1111 1111 1111"}, {"statement"}),
    ],
)
async def test_what_no_complaint_is_opened_without(
    desk: Desk, given: dict[str, Any], refused: set[str]
) -> None:
    """S0-3.4.1, S3-4.2.1a, S0-3.5.2a."""
    with pytest.raises(NotAccepted) as refusal:
        await stories.opened(desk, **given)
    assert set(refusal.value.fields) == refused


async def test_finance_opens_no_case(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        await stories.opened(desk, actor=FIN)


async def test_a_first_answer_is_written_to_the_customer_and_stops_its_clock(
    desk: Desk, clock: Clock
) -> None:
    """S0-3.3.1, S3-3.2.2b"""
    case_id = await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL)
    clock.forward(minutes=30)
    async with desk.work(CORA) as work:
        await cases.answer(work, await stories.the_case(work, case_id), "It holds 1.7 litres.")
    assert await stories.written(desk) == [
        ("case-acknowledgement", "ana@example.com"),
        ("case-answer", "ana@example.com"),
    ]
    assert await stories.states(desk, case_id) == {
        "acknowledge": "met",
        "answer": "met",
        "resolve": "running",
    }


async def test_a_case_is_resolved_with_code_text_and_an_action(desk: Desk, clock: Clock) -> None:
    """S0-2.1c, S3-4.2.1b: each of the three is asked for, and nothing has happened until all are there.

    S3-6.1.1c
    """
    case_id = await stories.opened(desk)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        with pytest.raises(NotAccepted) as refusal:
            await cases.resolve(work, case, code=None, what_was_done=" ", actions=["", " "])
    assert set(refusal.value.fields) == {"code", "what_was_done", "actions"}
    assert (await stories.seen(desk, case_id)).status == "open"

    clock.forward(hours=3)
    await stories.resolved(desk, case_id)
    case = await stories.seen(desk, case_id)
    assert (case.status, case.resolution_code, case.resolution, case.resolved_at) == (
        "resolved",
        ResolutionCode.EXCHANGE,
        "A new kettle is on its way.",
        berlin("2026-03-02 13:00"),
    )
    assert await stories.states(desk, case_id) == {
        "acknowledge": "met",
        "answer": "missed",  # two hours late, and the sweep had not come by
        "resolve": "met",
        "escalate 1": "stopped",
        "update 1": "met",
    }
    assert await stories.written(desk, "case-resolved") == [("case-resolved", "ana@example.com")]


async def test_an_action_noted_earlier_counts(desk: Desk) -> None:
    case_id = await stories.opened(desk)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await cases.add_note(work, case, "Called the carrier.", NoteKind.ACTION)
        await cases.resolve(work, case, code=ResolutionCode.ANSWERED, what_was_done="It comes today.")
    async with desk.look(SYSTEM) as work:
        notes = (await work.session.scalars(select(CaseNote.words).order_by(CaseNote.id))).all()
    assert notes == ["Called the carrier."]


async def test_a_resolved_case_is_asked_about_two_business_days_later(desk: Desk, clock: Clock) -> None:
    """S3-4.1.4: resolved on a Friday afternoon, asked about by the closing of Tuesday. S3-12.2.1"""
    case_id = await stories.opened(desk)
    clock.at("2026-03-06 16:30")
    await stories.resolved(desk, case_id)
    (check,) = await stories.planned(desk)
    assert (check.kind, check.owner_id, check.due_at, check.case_id, check.customer_id) == (
        "resolution_check",
        CORA.person_id,
        berlin("2026-03-10 17:00"),
        case_id,
        ANA,
    )


async def test_nothing_is_done_twice_to_a_case_that_is_over(desk: Desk) -> None:
    case_id = await stories.opened(desk)
    await stories.resolved(desk, case_id)
    with pytest.raises(WrongMoment):
        await stories.resolved(desk, case_id)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        for deed in (
            cases.cancel(work, case, "Never mind."),
            cases.add_note(work, case, "Thank you"),
            cases.take(work, case),
        ):
            with pytest.raises(WrongMoment):
                await deed


async def test_waiting_for_the_customer_stands_the_clocks_still(desk: Desk, clock: Clock) -> None:
    """Decision 9: only the part of the pause that covers counted time moves a due time. S0-3.2.2c"""
    case_id = await stories.opened(
        desk, CaseKind.ORDER_ERROR, Channel.EMAIL
    )  # answer 11:00, supervisor 12:00
    clock.at("2026-03-02 10:30")
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await stories.the_case(work, case_id), "Which of the two is cracked?")
    assert await stories.clocks(desk, case_id) == {
        "acknowledge": ("met", berlin("2026-03-02 10:15")),
        "answer": ("paused", None),
        "resolve": ("paused", None),
        "escalate 1": ("paused", None),
    }
    clock.at("2026-03-03 09:15")  # 6 h 30 min until closing, then 15 min of the morning
    async with desk.work(CORA) as work:
        await cases.customer_answered(work, await stories.the_case(work, case_id), "The left one.")
    assert await stories.clocks(desk, case_id) == {
        "acknowledge": ("met", berlin("2026-03-02 10:15")),
        "answer": ("running", berlin("2026-03-03 09:45")),
        "resolve": ("running", berlin("2026-03-04 08:45")),
        "escalate 1": ("running", berlin("2026-03-03 10:45")),
    }
    assert await stories.written(desk, "case-question") == [("case-question", "ana@example.com")]


async def test_a_question_in_closed_time_moves_no_business_deadline(desk: Desk, clock: Clock) -> None:
    clock.at("2026-03-06 16:30")
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.at("2026-03-06 20:00")
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await stories.the_case(work, case_id), "Which one?")
    clock.at("2026-03-07 12:00")
    async with desk.work(CORA) as work:
        await cases.customer_answered(work, await stories.the_case(work, case_id), "The left one.")
    assert (await stories.clocks(desk, case_id))["answer"] == ("running", berlin("2026-03-09 09:30"))


async def test_the_pause_of_a_used_up_target_saves_nothing(desk: Desk, clock: Clock) -> None:
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.forward(minutes=61)
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await stories.the_case(work, case_id), "Which one?")
    assert (await stories.clocks(desk, case_id))["answer"] == ("running", berlin("2026-03-02 11:00"))


async def test_a_reopened_case_runs_in_a_new_cycle(desk: Desk, clock: Clock) -> None:
    """Decision 13: answered, resolved and escalated anew; acknowledged for good."""
    case_id = await stories.opened(desk)
    await stories.resolved(desk, case_id)
    clock.at("2026-03-04 14:00")
    async with desk.work(CEM) as work:
        await cases.reopen(work, await stories.the_case(work, case_id), "The new one is cracked too.")
    assert await stories.clocks(desk, case_id) == {
        "answer": ("running", berlin("2026-03-04 15:00")),
        "resolve": ("running", berlin("2026-03-05 14:00")),
        "escalate 1": ("running", berlin("2026-03-05 14:00")),
        "update 1": ("running", berlin("2026-03-06 17:00")),
    }
    case = await stories.seen(desk, case_id)
    assert (case.status, case.cycle, case.resolved_at, case.resolution_code) == ("open", 2, None, None)
    await stories.resolved(desk, case_id)  # and it is asked about a second time
    assert [one.once for one in await stories.planned(desk)] == [
        f"resolution-check/{case_id}/1",
        f"resolution-check/{case_id}/2",
    ]


async def test_a_cancelled_case_stops_every_clock_and_says_why(desk: Desk) -> None:
    case_id = await stories.opened(desk)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        with pytest.raises(NotAccepted):
            await cases.cancel(work, case, " ")
        await cases.cancel(work, case, "Opened twice.")
    assert await stories.states(desk, case_id) == {
        "acknowledge": "met",
        "answer": "stopped",
        "resolve": "stopped",
        "escalate 1": "stopped",
        "update 1": "stopped",
    }


async def test_a_legal_concern_is_out_of_sight_from_the_first_moment(desk: Desk) -> None:
    """S3-5.1.2a: opened by Cora, held by the managers, and no longer there for her."""
    case_id = await stories.opened(desk, legal=True)
    assert await stories.raised(desk, case_id) == [("legal", 1, 1, "manager", "raised")]
    assert await stories.written(desk, "escalation-notice") == [("escalation-notice", "mara@example.com")]
    assert (await stories.states(desk, case_id))["escalate 1"] == "stopped"
    async with desk.work(CORA) as work:
        with pytest.raises(NotFound):
            await cases.add_note(work, await stories.the_case(work, case_id), "Let me see.")
    async with desk.work(MARA) as work:
        await cases.take(work, await stories.the_case(work, case_id))
    assert (await stories.seen(desk, case_id)).held_by_id == MARA.person_id


async def test_a_case_that_reached_the_desk_earlier_is_counted_from_then(desk: Desk) -> None:
    case_id = await stories.opened(
        desk, CaseKind.INQUIRY, Channel.EMAIL, received_at=berlin("2026-03-02 09:30")
    )
    found = await stories.clocks(desk, case_id)
    assert found["answer"] == ("running", berlin("2026-03-02 10:30"))
    assert found["acknowledge"] == ("missed", berlin("2026-03-02 09:45"))


async def test_running_clocks_of_many_cases_come_in_one_statement(desk: Desk) -> None:
    first = await stories.opened(desk, CaseKind.INQUIRY)
    second = await stories.opened(desk, CaseKind.ORDER_ERROR)
    over = await stories.opened(desk, CaseKind.INQUIRY)
    await stories.resolved(desk, over)
    async with desk.look(SYSTEM) as work:
        found = await deadlines.running(work, [first, second, over])
    assert {case_id: [one.kind.value for one in clocks] for case_id, clocks in found.items()} == {
        first: ["answer", "resolve"],
        second: ["answer", "escalate", "resolve"],
        over: [],
    }


async def test_the_letter_names_the_case_and_the_time(desk: Desk) -> None:
    """S0-3.4.2b, S3-3.1.1b, S2-14.3"""
    case_id = await stories.opened(desk)
    async with desk.look(SYSTEM) as work:
        letter = (await work.session.scalars(select(Message))).one()
    case = await stories.seen(desk, case_id)
    assert letter.reference == case.number
    assert str(berlin("2026-03-02 11:00")) in letter.body_text


SOLVED = {
    "en": (
        (
            "You hear from us by Monday 2 March 2026, 11:00 CET."
            " We mean to have it solved by Tuesday 3 March 2026, 10:00 CET."
        ),
        "reply to this message. We mean to have it settled by Tuesday 3 March 2026, 10:00 CET.",
    ),
    "de": (
        (
            "Sie hören von uns bis Montag, 2. März 2026, 11:00 MEZ."
            " Gelöst haben wollen wir es bis Dienstag, 3. März 2026, 10:00 MEZ."
        ),
        (
            "antworten Sie einfach auf diese Nachricht."
            " Wir wollen es bis Dienstag, 3. März 2026, 10:00 MEZ geklärt haben."
        ),
    ),
}


@pytest.mark.parametrize("language", SOLVED)
async def test_the_customer_is_told_by_when_it_is_solved(desk: Desk, clock: Clock, language: str) -> None:
    """S2-14.3: what the clock says, in the acknowledgement and with an answer; nothing while it stands still, or late."""
    desk.writer = Letters()
    async with desk.work(CORA) as work:
        (await work.session.get_one(Customer, ANA)).language = language
        await audit.record(work, "change customer")
    case_id = await stories.opened(desk, channel=Channel.EMAIL)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await cases.answer(work, case, "We have ordered a new one.")
        await cases.ask_customer(work, case, "Which colour?")
        await cases.answer(work, case, "It comes in blue, too.")
        await cases.customer_answered(work, case, "Blue.")
    clock.forward(days=2)
    async with desk.work(CORA) as work:
        await cases.answer(work, await stories.the_case(work, case_id), "It is late, we are sorry.")
    late = await stories.opened(desk, channel=Channel.EMAIL, received_at=clock.now - timedelta(days=2))
    async with desk.look(SYSTEM) as work:
        letters = {
            case_id: [
                " ".join(one.body_text.split())
                for one in await work.session.scalars(
                    select(Message).where(Message.case_id == case_id).order_by(Message.id)
                )
                if one.template != "case-question"
            ]
            for case_id in (case_id, late)
        }
    acknowledged, answered, waiting, over = letters[case_id]
    assert [SOLVED[language][0] in acknowledged, SOLVED[language][1] in answered] == [True, True], answered
    assert ["2026" in one for one in (waiting, over, *letters[late])] == [False, False, False]


async def test_a_card_number_in_a_new_case_is_refused_wherever_it_stands(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        with pytest.raises(NotAccepted) as refusal:
            await cases.open_case(
                work,
                NewCase(
                    CaseKind.INQUIRY, Channel.PHONE, "4111-1111-1111-1111", options="5500 0000 0000 0004"
                ),
            )
    assert set(refusal.value.fields) == {"subject", "options"}
