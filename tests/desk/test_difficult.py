"""Difficult contacts: the guide beside the script, help that is called once, an end for abuse that is reviewed. S2-5"""

import asyncio

import pytest
from sqlalchemy import select

from models import AbuseReport, Contact, FollowUp, HelpCall, Intake, Person
from models.words import Channel, ContactStatus, FollowUpKind, Outcome
from portal.database import Database
from portal.desk import abuse, audit, difficult, help_calls, intake, runs
from portal.desk.errors import Conflict, DeskError, NotAccepted, NotAllowed, WrongMoment
from portal.desk.kinds import Run
from portal.desk.permissions import May
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ADA, CEM, CORA, EVERYBODY, FIN, MARA, SAM, TERMS, Clock, berlin
from tests.desk import stories

GUIDE = ["calm_listen", "calm_feeling", "calm_power", "calm_agree", "calm_limit"]
ENDED = {"ending": "end", "warned": "yes", "words": "Called me a name, twice."}


async def begun(desk: Desk, actor: Actor = CORA) -> int:
    async with desk.work(actor) as work:
        return await intake.begin(work, Channel.PHONE)


async def run_of(desk: Desk, intake_id: int) -> Run:
    async with desk.look(SYSTEM) as work:
        return await runs.find(work, intake_id)


async def opened(desk: Desk, intake_id: int, at: str = "greet") -> Run:
    async with desk.work(CORA) as work:
        now = await runs.find(work, intake_id)
        return await difficult.open_guide(work, intake_id, at, now.revision)


async def finished(desk: Desk, intake_id: int, key: str, actor: Actor = CORA, **typed: str) -> Run:
    async with desk.work(actor) as work:
        now = await runs.find(work, intake_id)
        return await intake.finish_step(work, intake_id, key, now.revision, typed)


async def called(desk: Desk, intake_id: int, words: str = "") -> int:
    async with desk.work(CORA) as work:
        return await help_calls.call(work, intake_id, words)


async def test_the_guide_is_walked_beside_the_script_and_leads_back(desk: Desk, clock: Clock) -> None:
    """S2-5.1, S2-5.2"""
    intake_id = await begun(desk)
    await finished(desk, intake_id, "greet", greeted="yes")
    clock.forward(minutes=2)
    run = await opened(desk, intake_id, "who")
    first = clock.now
    walked = [run.step]
    answers = {"calm_power": {"offer": "Free delivery"}, "calm_agree": {"next": "A call at three."}}
    for key in GUIDE[:-1]:
        run = await finished(desk, intake_id, key, CORA, **answers.get(key, {}))
        walked.append(run.step)
    run = await finished(desk, intake_id, "calm_limit", ending="go_on")
    assert (walked, run.step) == (GUIDE, "who")
    keys = [place.step.key for place in runs.progress(run)]
    assert keys[keys.index("who") + 1 :][:5] == GUIDE
    clock.forward(minutes=5)
    await opened(desk, intake_id, "about")
    async with desk.look(SYSTEM) as work:
        assert (await work.session.get_one(Contact, run.contact_id)).difficult_at == first


async def test_left_in_the_middle_the_guide_does_not_come_back_by_itself(desk: Desk) -> None:
    intake_id = await begun(desk)
    await opened(desk, intake_id)
    run = await finished(desk, intake_id, "greet", greeted="yes")
    assert not next(place for place in runs.progress(run) if place.step.key == run.step).step.aside


async def test_opening_the_guide_overwrites_nobody(desk: Desk) -> None:
    intake_id = await begun(desk)
    async with desk.work(CORA) as work:
        await intake.save_draft(work, intake_id, "who", 1, {"look": "ana"})
    with pytest.raises(Conflict):
        async with desk.work(CORA) as work:
            await difficult.open_guide(work, intake_id, "greet", 1)
    with pytest.raises(Conflict):
        async with desk.work(CEM) as work:
            await difficult.open_guide(work, intake_id, "greet", 2)
    assert (await run_of(desk, intake_id)).answers == {"who": {"look": "ana"}}


async def test_nobody_offers_more_than_their_role_may_give(desk: Desk) -> None:
    """S2-5.5"""
    intake_id = await begun(desk)
    await opened(desk, intake_id)
    with pytest.raises(NotAccepted) as refused:
        await finished(desk, intake_id, "calm_power", offer="A gesture", goodwill="25.01")
    assert list(refused.value.fields) == ["goodwill"]
    async with desk.work(SAM) as work:
        await intake.take_over(work, intake_id)
    run = await finished(desk, intake_id, "calm_power", SAM, offer="A gesture", goodwill="25.01")
    assert run.done["calm_power"]["offered"] == "25.01 EUR"


async def test_after_a_difficult_contact_somebody_asks_how_things_stand(desk: Desk) -> None:
    """S2-5.6"""
    calm, hard = await begun(desk), await begun(desk)
    await opened(desk, hard)
    for intake_id in (calm, hard):
        async with desk.work(CORA) as work:
            await intake.abandon(work, intake_id, "The line broke.")
    number = (await run_of(desk, hard)).contact_number
    assert [(one.kind, one.words, one.owner_id, one.due_at) for one in await stories.planned(desk)] == [
        (
            FollowUpKind.AFTER_DIFFICULT,
            f"Ask how things stand after the difficult contact {number}.",
            CORA.person_id,
            berlin("2026-03-03 17:00"),
        )
    ]


async def test_help_alerts_every_supervisor_once_however_often_it_is_pressed(desk: Desk) -> None:
    """S2-5.7"""
    async with desk.work(SYSTEM) as work:
        work.session.add(
            Person(
                issuer="https://people.example.com",
                subject="sue",
                name="Sue",
                email="sue@example.com",
                roles=("supervisor",),
                created_at=work.now,
            )
        )
        await audit.record(work, "add person")
    intake_id = await begun(desk)
    assert await called(desk, intake_id) == await called(desk, intake_id)
    alerted = [("help-wanted", "sam@example.com"), ("help-wanted", "sue@example.com")]
    assert sorted(await stories.written(desk)) == alerted
    async with desk.work(SAM) as work:
        await help_calls.end(work, 1, "We spoke to the customer together.")
    second = await called(desk, intake_id)
    assert second != 1
    assert sorted(await stories.written(desk)) == sorted(alerted * 2)


async def test_pressed_on_two_replicas_at_once_help_is_called_once(
    desk: Desk, database: str, clock: Clock
) -> None:
    intake_id = await begun(desk)
    other = Database(database)
    replicas = [desk, Desk(other, TERMS, clock)]
    calls = await asyncio.gather(*(called(replicas[place % 2], intake_id) for place in range(6)))
    await other.close()
    assert len(set(calls)) == 1
    assert await stories.written(desk) == [("help-wanted", "sam@example.com")]


async def test_without_a_supervisor_the_managers_are_called(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Person, SAM.person_id)).active = False
        await audit.record(work, "leave")
    await called(desk, await begun(desk))
    assert await stories.written(desk) == [("help-wanted", "mara@example.com")]


async def test_one_of_them_comes_and_the_caller_sees_who(desk: Desk, clock: Clock) -> None:
    intake_id = await begun(desk)
    call_id = await called(desk, intake_id)
    async with desk.work(SAM) as work:
        await help_calls.answer(work, call_id)
    with pytest.raises(WrongMoment) as late:
        async with desk.work(MARA) as work:
            await help_calls.answer(work, call_id)
    assert late.value.message == "Sam has answered this call already."
    run = await run_of(desk, intake_id)
    assert (run.help_called_at, run.help_answered_by) == (clock.now, "Sam")


async def test_nobody_answers_their_own_call_nor_ends_a_colleagues(desk: Desk) -> None:
    intake_id = await begun(desk, SAM)
    async with desk.work(SAM) as work:
        call_id = await help_calls.call(work, intake_id)
    for actor, deed in ((SAM, help_calls.answer), (CORA, help_calls.answer)):
        with pytest.raises(NotAllowed):
            async with desk.work(actor) as work:
                await deed(work, call_id)
    with pytest.raises(NotAllowed):
        async with desk.work(CORA) as work:
            await help_calls.end(work, call_id, "Over.")
    async with desk.work(SAM) as work:
        await help_calls.withdraw(work, intake_id)
        assert await help_calls.waiting(work) == []


async def test_a_call_ends_with_its_contact(desk: Desk, clock: Clock) -> None:
    intake_id = await begun(desk)
    call_id = await called(desk, intake_id)
    async with desk.work(CORA) as work:
        await intake.abandon(work, intake_id, "The line broke.")
    async with desk.look(SAM) as work:
        ended = await help_calls.load(work, call_id)
        assert (ended.ended_at, ended.outcome) == (clock.now, "The contact ended.")
    with pytest.raises(DeskError):
        await called(desk, intake_id)


async def test_a_contact_ends_for_abuse_after_a_warning_and_somebody_else_reviews_it(
    desk: Desk, clock: Clock
) -> None:
    """S2-5.7"""
    intake_id = await begun(desk)
    await opened(desk, intake_id)
    for missing, field in (("warned", "warned"), ("words", "words")):
        with pytest.raises(NotAccepted) as refused:
            await finished(
                desk,
                intake_id,
                "calm_limit",
                CORA,
                **{name: told for name, told in ENDED.items() if name != missing},
            )
        assert list(refused.value.fields) == [field]
    run = await finished(desk, intake_id, "calm_limit", CORA, **ENDED)
    async with desk.look(SYSTEM) as work:
        contact = await work.session.get_one(Contact, run.contact_id)
        report = (await work.session.scalars(select(AbuseReport))).one()
        planned = (await work.session.scalars(select(FollowUp))).all()
    assert (contact.status, contact.outcome, contact.closed_at, planned) == (
        ContactStatus.CLOSED, Outcome.ENDED_FOR_ABUSE, clock.now, [],
    )  # fmt: skip
    assert (report.reported_by_id, report.warned, report.words) == (CORA.person_id, True, ENDED["words"])
    with pytest.raises(NotAllowed):
        async with desk.work(CORA) as work:
            await abuse.review(work, report.id, upheld=True, words="Surely.")
    with pytest.raises(NotAccepted) as refused:
        async with desk.work(SAM) as work:
            await abuse.review(work, report.id, upheld=None, words="")
    assert set(refused.value.fields) == {"upheld", "review"}
    async with desk.work(SAM) as work:
        await abuse.review(work, report.id, upheld=True, words="Cora did right.")
        assert await abuse.to_review(work) == []
    with pytest.raises(WrongMoment):
        async with desk.work(MARA) as work:
            await abuse.review(work, report.id, upheld=False, words="No.")


async def test_who_reports_does_not_review_even_as_a_supervisor(desk: Desk) -> None:
    intake_id = await begun(desk, SAM)
    async with desk.work(SAM) as work:
        contact_id = (await work.session.get_one(Intake, intake_id)).contact_id
        report = await abuse.report(work, contact_id, "A threat.", warned=False)
        with pytest.raises(NotAllowed):
            await abuse.review(work, report.id, upheld=True, words="Surely.")


async def test_a_break_is_suggested_for_a_while_to_nobody_else(desk: Desk, clock: Clock) -> None:
    intake_id = await begun(desk)
    await opened(desk, intake_id)
    await finished(desk, intake_id, "calm_limit", CORA, **ENDED)

    async def suggested() -> list[bool]:
        told = []
        for actor in (CORA, CEM):
            async with desk.look(actor) as work:
                told.append(await difficult.needs_a_break(work))
        return told

    clock.forward(minutes=29)
    assert await suggested() == [True, False]
    clock.forward(minutes=1)
    assert await suggested() == [False, False]


async def test_the_counts_are_by_month_and_for_those_who_supervise_alone(desk: Desk, clock: Clock) -> None:
    """S2-5.7"""
    clock.at("2026-02-27 10:00")
    await opened(desk, await begun(desk))
    clock.at("2026-03-02 10:00")
    hard = await begun(desk)
    await opened(desk, hard)
    await called(desk, hard)
    await finished(desk, hard, "calm_limit", CORA, **ENDED)
    await begun(desk, CEM)
    async with desk.look(SAM) as work:
        found = [
            (f"{one.month:%Y-%m}", one.name, one.difficult, one.help_calls, one.abuse)
            for one in await difficult.counts(work)
        ]
    assert found == [("2026-03", "Cora", 1, 1, 1), ("2026-02", "Cora", 1, 0, 0)]
    seen = set()
    for actor in EVERYBODY:
        try:
            async with desk.look(actor) as work:
                await difficult.counts(work)
            seen.add(actor.name)
        except NotAllowed:
            assert not actor.may(May.ANSWER_HELP)
    assert seen == {"Sam", "Mara"}
    assert not any(actor.may(May.ANSWER_HELP) for actor in (CORA, CEM, FIN, ADA))


async def test_the_words_of_a_call_hold_no_card_number(desk: Desk) -> None:
    """Decision 7"""
    with pytest.raises(NotAccepted):
        await called(desk, await begun(desk), "pays with 4111 1111 1111 1111")
    async with desk.look(SYSTEM) as work:
        assert (await work.session.scalars(select(HelpCall))).all() == []
