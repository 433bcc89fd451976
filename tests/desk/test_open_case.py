"""A contact about a case that is open: chosen, heard once, and told; the case is the same one. S2-10.5, S0-3.3.3, S1-3.1b"""

import pytest
from sqlalchemy import select

from models import Case, ClockEvent, FollowUp
from models.words import (
    CaseKind,
    CaseStatus,
    Channel,
    ClockEventKind,
    ContactStatus,
    FollowUpKind,
    NoteKind,
    Outcome,
    ResolutionCode,
    Role,
)
from portal.desk import cases, escalation, evidence, intake, open_cases, runs, timeline
from portal.desk.errors import DeskError, NotFound, WrongMoment
from portal.desk.kinds import KINDS
from portal.desk.verification import NotVerified
from portal.desk.work import SYSTEM, Desk
from tests.cast import CEM, CORA, MARA, SAM, Clock
from tests.desk.callers import another_customer
from tests.desk.coming_back import (
    SAID,
    WHOLE,
    as_it_is,
    called,
    closed,
    heard,
    listed,
    notes,
    number_of,
    refused,
    send,
    send_as,
    shown,
)
from tests.desk.stories import opened, resolved, states, the_case
from tests.desk.test_interactions import with_targets


async def test_only_the_open_cases_of_this_customer_are_there_to_choose(desk: Desk) -> None:
    theirs, over = await opened(desk), await opened(desk, CaseKind.INQUIRY)
    await resolved(desk, over)
    bens = await opened(desk, customer_id=await another_customer(desk))
    intake_id = await called(desk)
    told = await shown(desk, intake_id, "which_case")
    assert (await listed(desk, intake_id), told["covered"], told["elsewhere"]) == ([theirs], False, "about")
    assert told["fresh"] == await number_of(desk, theirs)
    no = "This customer has no open case of that number."
    assert await refused(desk, intake_id, "which_case", number=await number_of(desk, bens)) == {"number": no}
    assert await refused(desk, intake_id, "which_case", case=await number_of(desk, bens)) == {"case": no}
    assert await refused(desk, intake_id, "which_case", number="HC-26-000001-1") == {
        "number": "That is no case number of ours; check the last digit."
    }
    ended = await number_of(desk, over)
    assert await refused(desk, intake_id, "which_case", number=ended) == {
        "number": f"{ended} has ended. Reopen it on its page, or choose another situation."
    }
    assert await refused(desk, intake_id, "which_case") == {"case": "Choose the case."}
    run = await send(desk, intake_id, "which_case", number=(await number_of(desk, theirs)).lower())
    assert (run.case_id, run.step) == (theirs, "said")


async def test_two_cases_are_chosen_from_and_none_is_chosen_beforehand(desk: Desk) -> None:
    one, two = await opened(desk), await opened(desk, CaseKind.INQUIRY)
    intake_id = await called(desk)
    assert (await listed(desk, intake_id), (await shown(desk, intake_id, "which_case"))["fresh"]) == (
        [two, one],
        "",
    )


async def test_nothing_of_a_case_is_shown_or_chosen_before_the_caller_is_verified(
    desk: Desk, clock: Clock
) -> None:
    """S2-2.1, S2-2.7, decision 18"""
    case_id = await opened(desk)
    intake_id = await called(desk, verified=False)
    told = await shown(desk, intake_id, "which_case")
    assert (told["covered"], told["found"], told["fresh"]) == (True, [], "")
    with pytest.raises(NotVerified):
        await send(desk, intake_id, "which_case", number=await number_of(desk, case_id))
    chosen = await heard(desk, case_id, then="stands")
    assert (await shown(desk, chosen, "stands"))["covered"] is False
    clock.forward(days=400)
    assert await shown(desk, chosen, "stands") == {"covered": True, "standing": None}


async def test_a_restricted_case_is_in_no_list_no_count_and_under_no_number(desk: Desk) -> None:
    """S3-5.1.2"""
    plain, secret = await opened(desk), await opened(desk, legal=True)
    number = await number_of(desk, secret)
    intake_id = await called(desk)
    assert await listed(desk, intake_id) == [plain]
    assert (await shown(desk, intake_id, "about"))["open_cases"] == 1
    assert await refused(desk, intake_id, "which_case", number=number) == {
        "number": "This customer has no open case of that number."
    }
    theirs = await called(desk, actor=MARA)
    assert await listed(desk, theirs, MARA) == [secret, plain]
    assert (await shown(desk, theirs, "about", MARA))["open_cases"] == 2
    assert (await send_as(MARA, desk, theirs, "which_case", {"number": number})).case_id == secret


async def test_a_case_that_became_restricted_is_told_and_worked_on_no_more(desk: Desk) -> None:
    """S3-5.1.2"""
    case_id = await opened(desk)
    intake_id = await called(desk)
    await send(desk, intake_id, "which_case", case=await number_of(desk, case_id))
    async with desk.work(MARA) as work:
        await escalation.flag_concern(
            work, await the_case(work, case_id), "A letter of a lawyer.", legal=True
        )
    before = await as_it_is(desk, case_id)
    assert await shown(desk, intake_id, "said") == {"covered": False, "standing": None}
    with pytest.raises(DeskError):
        await send(desk, intake_id, "said", heard=SAID)
    assert await as_it_is(desk, case_id) == before


async def test_a_case_that_ended_meanwhile_is_not_written_on(desk: Desk) -> None:
    case_id = await opened(desk)
    intake_id = await called(desk)
    await send(desk, intake_id, "which_case", case=await number_of(desk, case_id))
    await resolved(desk, case_id, SAM)
    with pytest.raises(WrongMoment):
        await send(desk, intake_id, "said", heard=SAID)
    assert (await send(desk, intake_id, "about", situation="inquiry")).case_id is None


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.EMAIL])
async def test_a_case_that_waits_goes_on_at_the_moment_the_customer_is_heard(
    desk: Desk, clock: Clock, channel: Channel
) -> None:
    """S0-3.2.2c, decision 9"""
    case_id = await opened(desk, channel=channel)
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await the_case(work, case_id), "Which colour was it?")
    clock.forward(hours=1)
    intake_id = await called(desk)
    await send(desk, intake_id, "which_case", case=await number_of(desk, case_id))
    clock.forward(minutes=7)
    assert (await states(desk, case_id))["resolve"] == "paused"
    at = clock.now
    await send(desk, intake_id, "said", heard="Blue.")
    async with desk.look(SYSTEM) as work:
        case = await the_case(work, case_id)
        resumed = await work.session.scalars(
            select(ClockEvent.at).where(
                ClockEvent.case_id == case_id, ClockEvent.kind == ClockEventKind.RESUME
            )
        )
        assert (case.status, list(resumed)) == (CaseStatus.OPEN, [at])
    assert (await states(desk, case_id))["resolve"] == "running"
    assert (await notes(desk, case_id))[-1] == (NoteKind.HEARD, "Blue.")


async def test_what_is_said_after_the_first_answer_is_owed_an_answer_and_thanks_move_nothing(
    desk: Desk,
) -> None:
    """Decision 13, S0-3.3.1"""
    await with_targets(desk)
    case_id = await opened(desk)
    async with desk.work(CORA) as work:
        await cases.answer(work, await the_case(work, case_id), "A new one is on its way.")
    before = await as_it_is(desk, case_id)
    await heard(desk, case_id, then="nothing", heard="Thank you!", thanks="yes")
    after = await as_it_is(desk, case_id)
    assert after == {**before, "notes": [*await notes(desk, case_id)]}
    assert (await notes(desk, case_id))[-1] == (NoteKind.HEARD, "Thank you!")
    await heard(desk, case_id, then="nothing")
    assert (await states(desk, case_id))["next_answer 1"] == "running"


async def test_what_was_said_is_noted_once_however_often_it_is_sent(desk: Desk) -> None:
    case_id = await opened(desk)
    number = await number_of(desk, case_id)
    intake_id = await called(desk)
    await send(desk, intake_id, "which_case", case=number)
    async with desk.look(CORA) as work:
        seen = (await runs.find(work, intake_id)).revision
    for _ in range(2):  # a double click: the second one only goes on
        async with desk.work(CORA) as work:
            await intake.finish_step(work, intake_id, "said", seen, {"heard": SAID})
    once = await as_it_is(desk, case_id)
    assert once["notes"] == [(NoteKind.HEARD, SAID)]
    with pytest.raises(WrongMoment, match="as it was said"):
        await send(desk, intake_id, "said", heard="Something else.")
    for key, typed in (
        ("which_case", {"case": number}),
        ("about", {"situation": "inquiry"}),
        ("who", {"choice": "1"}),
    ):
        with pytest.raises(WrongMoment, match=number):
            await send(desk, intake_id, key, **typed)
    assert await as_it_is(desk, case_id) == once


async def test_a_contact_that_is_given_up_leaves_the_case_as_it_was(desk: Desk) -> None:
    case_id = await opened(desk)
    before = await as_it_is(desk, case_id)
    intake_id = await called(desk)
    await send(desk, intake_id, "which_case", case=await number_of(desk, case_id))
    async with desk.work(CORA) as work:
        await intake.abandon(work, intake_id, "The line broke.")
    assert await as_it_is(desk, case_id) == before


async def test_another_situation_lets_go_of_the_case_and_opens_one_of_its_own(desk: Desk) -> None:
    case_id = await opened(desk)
    before = await as_it_is(desk, case_id)
    intake_id = await called(desk)
    await send(desk, intake_id, "which_case", case=await number_of(desk, case_id))
    assert (await send(desk, intake_id, "about", situation="inquiry")).case_id is None
    run = await send(desk, intake_id, "need", need="When do you open?")
    assert run.case_id not in {None, case_id}
    assert await as_it_is(desk, case_id) == before


async def test_whoever_comes_back_to_the_situation_chooses_the_case_anew(desk: Desk) -> None:
    case_id = await opened(desk)
    intake_id = await called(desk)
    await send(desk, intake_id, "which_case", case=await number_of(desk, case_id))
    await send(desk, intake_id, "about", situation="order")
    run = await send(desk, intake_id, "about", situation="open_case")
    place = next(one for one in runs.progress(run) if one.step.key == "which_case")
    assert (place.state, place.why) == ("attention", "The situation changed since.")
    with pytest.raises(WrongMoment):
        await send(desk, intake_id, "said", heard=SAID)


async def test_nothing_is_told_or_settled_before_the_customer_was_heard(desk: Desk) -> None:
    case_id = await opened(desk)
    before = await as_it_is(desk, case_id)
    intake_id = await called(desk)
    for _ in range(2):
        for key, typed in (
            ("reply", {"answer": "Soon.", "settled": "resolved"}),
            ("stands", {"told": "Soon."}),
            ("solved", {"settled": "resolved", "code": "answered", "what_was_done": "x", "actions": "x"}),
            ("goes_on", {"handed_up": "yes", "why": "x", "severity": "high"}),
        ):
            async with desk.work(CORA) as work:
                run = await runs.find(work, intake_id)
                step = run.script.step(key)
                assert step is not None
                assert KINDS[step.kind].locked(run) == "The customer has to be heard first."
            with pytest.raises(DeskError):
                await send(desk, intake_id, key, **typed)
        await send(desk, intake_id, "which_case", case=await number_of(desk, case_id))
    assert await as_it_is(desk, case_id) == before


async def test_how_it_stands_is_told_once_and_the_case_stays_open(desk: Desk) -> None:
    """S1-3.1b"""
    await with_targets(desk)
    case_id = await opened(desk, channel=Channel.EMAIL)
    intake_id = await heard(desk, case_id, then="stands")
    run = await send(desk, intake_id, "stands", told="It leaves tomorrow.")
    assert run.step == "summary"
    with pytest.raises(WrongMoment, match="was told how"):
        await send(desk, intake_id, "stands", told="Or the day after.")
    assert (await notes(desk, case_id))[-1] == (NoteKind.TOLD, "It leaves tomorrow.")
    number = await number_of(desk, case_id)
    drafted = (await shown(desk, intake_id, "summary"))["drafted"]
    assert drafted == f"{number}: {SAID} It is still open."
    assert (await shown(desk, intake_id, "close"))["likely"] == "follow_up"
    await send(desk, intake_id, "summary", summary="Soon.", understood="yes")
    assert await refused(desk, intake_id, "close", **WHOLE, outcome="resolved") == {
        "outcome": f"{number} is still open."
    }
    contact = await closed(desk, intake_id, Outcome.FOLLOW_UP)
    assert (contact.status, contact.outcome) == (ContactStatus.CLOSED, Outcome.FOLLOW_UP)
    async with desk.look(SYSTEM) as work:
        case = await the_case(work, case_id)
        assert (case.status, case.cycle, case.contact_id) == (CaseStatus.OPEN, 1, None)


async def test_an_answer_that_settles_it_ends_the_case_and_one_that_does_not_keeps_it_open(
    desk: Desk,
) -> None:
    """S0-3.3.1, S3-4.1.4"""
    open_still, over = await opened(desk), await opened(desk, CaseKind.INQUIRY)
    first = await heard(desk, open_still, then="answer")
    await send(desk, first, "reply", answer="It takes a week.", settled="follow_up")
    assert (await notes(desk, open_still))[-1] == (NoteKind.TOLD, "It takes a week.")
    asked = await refused(desk, first, "summary", summary="A week.", understood="yes")
    assert asked == {"promise-1": "The question is still open: say what happens next, and by when."}
    promise = {"promise-1": "Call when it leaves", "at-1": "2026-03-04T10:00"}
    await closed(desk, first, Outcome.FOLLOW_UP, **promise)
    second = await heard(desk, over, then="answer")
    await send(desk, second, "reply", answer="On Saturday from nine.", settled="resolved")
    await closed(desk, second, Outcome.RESOLVED)
    async with desk.look(SYSTEM) as work:
        one, two = await the_case(work, open_still), await the_case(work, over)
        kept = await work.session.scalars(
            select(FollowUp.case_id).where(FollowUp.kind == FollowUpKind.PROMISE)
        )
        assert (one.status, two.status, two.resolution_code) == (
            CaseStatus.OPEN, CaseStatus.RESOLVED, ResolutionCode.ANSWERED,
        )  # fmt: skip
        assert list(kept) == [open_still]


async def test_what_cannot_be_told_yet_has_somebody_and_a_time_or_goes_up(desk: Desk) -> None:
    """S3-5.1.1, S2-13.3"""
    kept, up = await opened(desk), await opened(desk, restated="A crack.", options="A new one.")
    intake_id = await heard(desk, kept, then="goes_on")
    slot = "2026-03-03T09:00:00+00:00"
    await send(desk, intake_id, "goes_on", handed_up="owner", owner=str(CEM.person_id), due=slot)
    await closed(desk, intake_id, Outcome.FOLLOW_UP)
    second = await heard(desk, up, then="goes_on")
    await send(desk, second, "goes_on", handed_up="yes", why="The third time she calls.", severity="high")
    await closed(desk, second, Outcome.HANDED_ON)
    async with desk.look(SYSTEM) as work:
        planned = (
            await work.session.execute(
                select(FollowUp.owner_id, FollowUp.case_id).where(FollowUp.kind == FollowUpKind.CALL_BACK)
            )
        ).all()
        raised = await the_case(work, up)
        assert [tuple(one) for one in planned] == [(CEM.person_id, kept)]
        assert (raised.escalation_level, raised.held_by_role) == (1, Role.MANAGER)


async def test_what_the_case_is_about_is_written_over_by_no_step_of_a_script(desk: Desk) -> None:
    """Whatever its author put behind the choice: nothing is taken down anew on a case that was open."""
    case_id = await opened(desk, restated="A crack.", options="A new one.", apology="Given.")
    intake_id = await heard(desk, case_id, then="nothing")
    async with desk.look(CORA) as work:
        run = await runs.find(work, intake_id)
    number = await number_of(desk, case_id)
    words = f"{number} was open already: what it is about stays as it is."
    kinds = ("statement", "need", "restate", "apology", "options", "compare_payment")
    assert {KINDS[kind].closed(run) for kind in kinds} == {words}
    assert {KINDS[kind].needless(run) for kind in kinds} == {words}


async def test_the_case_tells_of_the_contact_and_the_contact_of_the_case(desk: Desk) -> None:
    """S2-10.5, S2-15.5a"""
    case_id = await opened(desk)
    intake_id = await heard(desk, case_id, then="nothing")
    contact = await closed(desk, intake_id, Outcome.FOLLOW_UP)
    for actor, href in ((CORA, f"/contacts/{contact.id}"), (SAM, f"/contacts/{contact.id}"), (CEM, "")):
        async with desk.look(actor) as work:
            case = await work.session.get_one(Case, case_id)
            await work.session.refresh(case, ["order", "customer"])
            told = [one for one in await timeline.timeline(work, case) if one.kind is timeline.Told.CONTACT]
            assert contact.summary.startswith("She knows how it goes on.")
            assert [(one.title, one.words, one.href) for one in told] == [
                (f"Contact {contact.number}", contact.summary, href)
            ]
    async with desk.look(CORA) as work:
        record = await evidence.record_of(work, contact.id)
        assert [case.id for case in record.cases] == [case_id]
        done = {one.key: one.state for one in record.steps if one.script == "open_case"}
        assert done == {"which_case": "done", "said": "done", "now": "done"}
    async with desk.work(MARA) as work:
        await escalation.flag_concern(work, await the_case(work, case_id), "A lawyer wrote.", legal=True)
    async with desk.look(CORA) as work:
        with pytest.raises(NotFound):
            await evidence.record_of(work, contact.id)


async def test_how_a_case_stands_is_told_without_what_is_noted_for_colleagues(
    desk: Desk, clock: Clock
) -> None:
    case_id = await opened(desk, CaseKind.INQUIRY)
    said = ("One.", "Two.", "Three.", "Four.")
    for words in said:
        clock.forward(minutes=1)
        async with desk.work(CORA) as work:
            case = await the_case(work, case_id)
            await cases.add_note(work, case, "She is a difficult one.")
            await cases.customer_wrote(work, case, words)
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await the_case(work, case_id), "Which one?")
    async with desk.look(CORA) as work:
        found = await open_cases.of_case(work, case_id)
        assert found is not None
        assert [(who, note.words) for who, note in found.said] == [
            ("We asked", "Which one?"), ("The customer", "Four."), ("The customer", "Three."),
        ]  # fmt: skip
        assert {clock.kind.value for clock in found.clocks} == {"answer", "resolve"}


async def test_how_many_cases_are_open_is_said_once_the_customer_is_found(desk: Desk) -> None:
    await opened(desk)
    await opened(desk, customer_id=await another_customer(desk))
    nobody = await called(desk, customer=None, verified=False)
    assert (await shown(desk, nobody, "about"))["open_cases"] == 0
    assert (await shown(desk, await called(desk, verified=False), "about"))["open_cases"] == 1
