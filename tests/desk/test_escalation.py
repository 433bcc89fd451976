"""Handing a case up by hand, and what its group does with it. S0-4, S2-13, S3-5."""

from typing import Any

import pytest
from sqlalchemy import select

from models import CaseNote, Escalation
from models.words import CaseKind, Role, Severity
from portal.desk import cases, escalation, sweep
from portal.desk.cards import REFUSAL
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.work import SYSTEM, Actor, Desk, Work
from tests.cast import ADA, CEM, CORA, FIN, MARA, SAM, Clock, berlin
from tests.desk import stories

WHOLE: dict[str, Any] = {"restated": "The kettle is cracked.", "options": "Exchange or refund"}


async def handed_up(desk: Desk, case_id: int, actor: Actor = CORA, **given: str) -> Escalation:
    async with desk.work(actor) as work:
        case = await stories.the_case(work, case_id)
        return await escalation.raise_by_hand(
            work, case, "Beyond what I may decide.", severity=Severity.HIGH, **given
        )


async def the_escalation(work: Work) -> Escalation:
    return (await work.session.scalars(select(Escalation).order_by(Escalation.id.desc()).limit(1))).one()


async def test_by_hand_it_goes_to_the_next_level_with_severity_and_reason(desk: Desk, clock: Clock) -> None:
    """S2-13.1, S2-13.3, S3-5.2.2: the group is told in the same transaction, and the clock calls nobody twice."""
    case_id = await stories.opened(desk, **WHOLE)
    found = await handed_up(desk, case_id)
    assert (found.target, found.level, found.to_role, found.raised_by_id) == ("asked", 1, "manager", 1)
    case = await stories.seen(desk, case_id)
    assert (case.severity, case.held_by_role, case.held_by_id) == (Severity.HIGH, Role.MANAGER, None)
    assert await stories.written(desk, "escalation-notice") == [("escalation-notice", "mara@example.com")]
    assert (await stories.states(desk, case_id))["escalate 1"] == "stopped"
    clock.forward(days=2)
    async with desk.work(SYSTEM) as work:
        await sweep.act_on_due(work, 100)
    assert await stories.raised(desk, case_id) == [("asked", 1, 1, "manager", "raised")]


async def test_without_severity_reason_or_a_whole_package_it_stays(desk: Desk) -> None:
    case_id = await stories.opened(desk)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        with pytest.raises(NotAccepted) as refusal:
            await escalation.raise_by_hand(work, case, " ", severity=None)
    assert refusal.value.fields == {
        "severity": "Say how severe it is before it is handed up.",
        "reason": "Say why it cannot be solved here.",
        "missing": "Still missing: the concern as restated and confirmed, the solutions offered.",
    }
    assert await stories.raised(desk, case_id) == []


@pytest.mark.parametrize(
    ("kind", "given", "missing"),
    [
        (CaseKind.COMPLAINT, WHOLE, []),
        (CaseKind.INQUIRY, {}, []),
        (
            CaseKind.INQUIRY,
            {"statement": "", "customer_id": None},
            ["the customer", "the concern in the customer's own words"],
        ),
        (CaseKind.ORDER_ERROR, {}, ["the order it is about"]),
        (
            CaseKind.PAYMENT_ISSUE,
            {"statement": ""},
            [
                "the concern in the customer's own words",
                "the order it is about",
            ],
        ),
    ],
)
async def test_what_a_package_lacks(
    desk: Desk, kind: CaseKind, given: dict[str, Any], missing: list[str]
) -> None:
    """S2-13.3, S3-5.2.3."""
    case = await stories.seen(desk, await stories.opened(desk, kind, **given))
    assert escalation.missing_for_escalation(case) == missing


async def test_in_an_emergency_it_goes_up_with_gaps_and_says_so(desk: Desk) -> None:
    case_id = await stories.opened(desk)
    found = await handed_up(desk, case_id, in_spite_of_gaps="The shop is on fire.")
    assert found.reason == (
        "Beyond what I may decide. Handed up although something is missing: The shop is on fire."
    )


async def test_by_hand_a_case_climbs_from_the_supervisor_to_the_manager(desk: Desk) -> None:
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    await handed_up(desk, case_id)
    await handed_up(desk, case_id, SAM)
    assert await stories.raised(desk, case_id) == [
        ("asked", 1, 1, "supervisor", "raised"),
        ("asked", 2, 1, "manager", "raised"),
    ]


@pytest.mark.parametrize(("flag", "clause"), [("legal", "S3-5.1.2a"), ("regulatory", "S3-5.1.2b")])
async def test_a_concern_flagged_later_goes_to_the_managers_at_once(
    desk: Desk, flag: str, clause: str
) -> None:
    """S3-5.1.2a, S3-5.1.2b: no package is waited for, and whoever flagged it sees it no more."""
    case_id = await stories.opened(desk)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        with pytest.raises(NotAccepted):
            await escalation.flag_concern(work, case, "Threatens to sue.")
        found = await escalation.flag_concern(work, case, "Threatens to sue.", **{flag: True})
        assert (found.target, found.to_role, found.source) == (flag, Role.MANAGER, clause)
    async with desk.work(SAM) as work:
        with pytest.raises(NotFound):
            await cases.take(work, await stories.the_case(work, case_id))
        with pytest.raises(NotFound):
            await escalation.accept(work, await the_escalation(work))
    async with desk.work(MARA) as work:
        found = await the_escalation(work)
        await escalation.accept(work, found)
        with pytest.raises(WrongMoment):
            await escalation.hand_back(work, found, "Not for me.")


async def test_only_the_group_it_went_to_takes_it(desk: Desk, clock: Clock) -> None:
    """S0-4.2b: a payment issue is for finance; a manager may step in, a supervisor may not."""
    await stories.opened(desk, CaseKind.PAYMENT_ISSUE)
    clock.forward(hours=7)
    async with desk.work(SYSTEM) as work:
        await sweep.act_on_due(work, 100)
    for actor in (CORA, SAM, ADA):
        async with desk.work(actor) as work:
            with pytest.raises(NotAllowed):
                await escalation.accept(work, await the_escalation(work))
    async with desk.work(FIN) as work:
        await escalation.accept(work, await the_escalation(work))
    async with desk.work(MARA) as work:
        with pytest.raises(WrongMoment, match="already accepted"):
            await escalation.accept(work, await the_escalation(work))


async def test_finance_says_what_was_done_and_the_case_goes_back_to_its_desk(desk: Desk) -> None:
    case_id = await stories.opened(desk, CaseKind.PAYMENT_ISSUE)
    await handed_up(desk, case_id, in_spite_of_gaps="No order known.")
    async with desk.work(FIN) as work:
        found = await the_escalation(work)
        await escalation.comment(work, found, "The transfer came twice.")
        with pytest.raises(NotAccepted):
            await escalation.resolve(work, found, "")
        await escalation.resolve(work, found, "Sent the second one back.")
    case = await stories.seen(desk, case_id)
    assert (case.status, case.held_by_role, case.held_by_id) == ("open", Role.REPRESENTATIVE, CORA.person_id)
    async with desk.look(SYSTEM) as work:
        notes = await work.session.execute(select(CaseNote.kind, CaseNote.words).order_by(CaseNote.id))
        told = [tuple(row) for row in notes]
    assert told == [("note", "The transfer came twice."), ("action", "Sent the second one back.")]
    assert await stories.raised(desk, case_id) == [("asked", 1, 1, "finance", "resolved")]


@pytest.mark.parametrize(
    ("words", "refusal"), [(" ", "Say it in a sentence."), ("Paid with 4111 1111 1111 1111.", REFUSAL)]
)
async def test_what_is_written_down_says_something_and_holds_no_card_number(
    desk: Desk, words: str, refusal: str
) -> None:
    """Decision 7, S0-3.5.2a: the same while a case is worked on and while it is with those it went up to."""
    case_id = await stories.opened(desk, CaseKind.PAYMENT_ISSUE)
    refused = {}
    for named, field, on_case in (
        (cases.add_note, "note", True),
        (cases.update_customer, "words", True),
        (cases.ask_customer, "question", True),
        (escalation.comment, "comment", False),
        (escalation.hand_back, "reason", False),
        (escalation.resolve, "what_was_done", False),
    ):
        deed: Any = named
        if deed is escalation.comment:
            await handed_up(desk, case_id, in_spite_of_gaps="No order known.")
        async with desk.work(CORA if on_case else FIN) as work:
            subject = await (stories.the_case(work, case_id) if on_case else the_escalation(work))
            with pytest.raises(NotAccepted) as error:
                await deed(work, subject, words)
        refused[deed.__name__] = (field, error.value.fields)
    assert refused == {name: (field, {field: refusal}) for name, (field, _) in refused.items()}
    async with desk.look(SYSTEM) as work:
        assert (await work.session.scalars(select(CaseNote))).all() == []


async def called_for_and_accepted(desk: Desk, clock: Clock) -> int:
    """An inquiry that was handed up after an hour, and that Sam has in hand."""
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.forward(minutes=60)
    async with desk.work(SYSTEM) as work:
        await sweep.act_on_due(work, 100)
    async with desk.work(SAM) as work:
        await escalation.accept(work, await the_escalation(work))
    return case_id


async def test_handed_back_the_levels_above_call_again(desk: Desk, clock: Clock) -> None:
    """S2-13.5, decision 15: two levels; accepting silences the second, handing back lets it call when due."""

    def two_levels(document: dict[str, Any]) -> None:
        stories.add_level(document, "inquiry", 1, "supervisor", "elapsed", 60)
        stories.add_level(document, "inquiry", 2, "manager", "elapsed", 180)

    await stories.policy_changed(desk, two_levels)
    case_id = await called_for_and_accepted(desk, clock)
    assert (await stories.states(desk, case_id))["escalate 2"] == "stopped"
    async with desk.work(SAM) as work:
        await escalation.hand_back(work, await the_escalation(work), "Cora knows the answer.")
    assert (await stories.states(desk, case_id))["escalate 2"] == "running"
    clock.forward(minutes=120)
    async with desk.work(SYSTEM) as work:
        await sweep.act_on_due(work, 100)
    assert await stories.raised(desk, case_id) == [
        ("escalate", 1, 1, "supervisor", "handed_back"),
        ("escalate", 2, 1, "manager", "raised"),
    ]


async def test_a_level_that_is_new_calls_nobody_while_somebody_has_the_case_in_hand(
    desk: Desk, clock: Clock
) -> None:
    """S2-13.4: one that comes into the policy meanwhile begins when the case is handed back."""
    await stories.policy_changed(
        desk, lambda document: stories.add_level(document, "inquiry", 1, "supervisor", "elapsed", 60)
    )
    case_id = await called_for_and_accepted(desk, clock)
    await stories.policy_changed(
        desk, lambda document: stories.add_level(document, "inquiry", 2, "manager", "elapsed", 180)
    )
    assert "escalate 2" not in await stories.states(desk, case_id)
    async with desk.work(SAM) as work:
        await escalation.hand_back(work, await the_escalation(work), "Cora knows the answer.")
    assert (await stories.clocks(desk, case_id))["escalate 2"] == ("running", berlin("2026-03-02 13:00"))


async def test_the_end_of_the_case_ends_its_escalations(desk: Desk) -> None:
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    await handed_up(desk, case_id)
    await stories.resolved(desk, case_id, SAM)
    assert await stories.raised(desk, case_id) == [("asked", 1, 1, "supervisor", "resolved")]
    async with desk.work(SAM) as work:
        with pytest.raises(WrongMoment, match="already resolved"):
            await escalation.accept(work, await the_escalation(work))


async def test_a_case_that_is_over_is_not_handed_up(desk: Desk) -> None:
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    await stories.resolved(desk, case_id)
    with pytest.raises(WrongMoment):
        await handed_up(desk, case_id, CEM)
