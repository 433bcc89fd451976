"""The proof that a procedure was followed: one row a step, counted by clause, found again by contact. S1-3.4c"""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from models import Contact, ContactStep, Person, StepCount
from models.words import CaseKind, Channel, StepState
from portal.database import Database
from portal.desk import audit, escalation, evidence, intake, runs
from portal.desk.errors import NotAllowed, NotFound
from portal.desk.evidence import Filters
from portal.desk.evidence.compliance import month_of
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CEM, CORA, MARA, SAM, Clock
from tests.desk.stories import opened, the_case
from tests.house.counting import statements

GREETING = "S0-3.1.1b"
VERIFYING = "S2-1.4"


async def greeted(desk: Desk, actor: Actor = CORA, channel: Channel = Channel.PHONE) -> int:
    """Begin a contact, greet, and go on without knowing the customer."""
    async with desk.work(actor) as work:
        intake_id = await intake.begin(work, channel)
    async with desk.work(actor) as work:
        run = await runs.find(work, intake_id)
        asked = {one.name: "yes" for one in run.script.steps[0].ask if one.required}
        run = await intake.finish_step(work, intake_id, run.step, run.revision, asked)
        await intake.skip(work, intake_id, "who", run.revision, "Did not want to say.")
    return intake_id


async def broken_off(desk: Desk, actor: Actor = CORA, channel: Channel = Channel.PHONE) -> int:
    """Let a contact end before anything was said about; return its number's row."""
    intake_id = await greeted(desk, actor, channel)
    async with desk.work(actor) as work:
        await intake.abandon(work, intake_id, "The line broke.")
        return (await runs.find(work, intake_id)).contact_id


async def steps_of(desk: Desk, contact_id: int) -> dict[str, tuple[StepState, str, int | None]]:
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(
            select(ContactStep).where(ContactStep.contact_id == contact_id).order_by(ContactStep.place)
        )
        return {row.step: (row.state, row.reason, row.person_id) for row in rows}


def this_month(clock: Clock) -> Filters:
    return Filters(*month_of(clock.now.date()))


async def figures(desk: Desk, clock: Clock, clause: str, **narrowed: object) -> dict[StepState, int]:
    since, until = month_of(clock.now.date())
    async with desk.look(SAM) as work:
        served = await evidence.compliance(work, Filters(since, until, **narrowed))  # type: ignore[arg-type]  # filters by name
    states = [one.states for one in served if one.clause == clause]
    return {state: count for one in states for state, count in one.items() if count}


async def test_each_step_of_a_contact_that_broke_off_says_how_it_went(desk: Desk) -> None:
    told = await steps_of(desk, await broken_off(desk))
    assert told["greet"] == (StepState.DONE, "", CORA.person_id)
    assert told["who"] == (StepState.SKIPPED, "Did not want to say.", CORA.person_id)
    assert told["verify"][0] is StepState.NEEDLESS
    assert told["close"] == (StepState.MISSING, "The line broke.", None)


async def test_a_clause_is_counted_by_how_its_steps_went(desk: Desk, clock: Clock) -> None:
    for _ in range(3):
        await broken_off(desk)
    assert await figures(desk, clock, GREETING) == {StepState.DONE: 3}
    assert await figures(desk, clock, "S1-4.1.2a", script="opening") == {StepState.SKIPPED: 3}
    assert await figures(desk, clock, "S2-10.3") == {StepState.MISSING: 3}


async def test_figures_can_be_had_by_channel_team_and_script(desk: Desk, clock: Clock) -> None:
    """S2-12.6, S3-7.2.1b"""
    async with desk.work(SYSTEM) as work:
        cem = await work.session.get_one(Person, CEM.person_id)
        cem.team = "north"
        await audit.record(work, "name team", cem)
    await broken_off(desk)
    await broken_off(desk, CEM, Channel.CHAT)
    assert await figures(desk, clock, GREETING, channel=Channel.CHAT) == {StepState.DONE: 1}
    assert await figures(desk, clock, GREETING, team="north") == {StepState.DONE: 1}
    assert await figures(desk, clock, GREETING, team="south") == {}
    assert await figures(desk, clock, GREETING, script="closing") == {}


async def test_counting_days_that_are_over_changes_no_figure_and_is_done_once(
    desk: Desk, clock: Clock
) -> None:
    for _ in range(2):
        await broken_off(desk)
        clock.forward(days=1)
    await broken_off(desk)
    before = {clause: await figures(desk, clock, clause) for clause in (GREETING, VERIFYING, "S2-10.3")}

    async def counted() -> tuple[int, int]:
        async with desk.work(SYSTEM) as work:
            days = await evidence.count_days(work)
            return days, await work.session.scalar(select(func.sum(StepCount.contacts))) or 0

    days, steps = await counted()
    assert days == 2
    assert await counted() == (0, steps)
    assert {clause: await figures(desk, clock, clause) for clause in before} == before


async def test_a_supervisor_sees_the_same_day_what_was_left_out(desk: Desk, clock: Clock) -> None:
    contact_id = await broken_off(desk)
    today = Filters(clock.now.date(), clock.now.date())
    async with desk.look(SAM) as work:
        all_of_it = (await evidence.lapses(work, today)).rows
        required = (await evidence.lapses(work, today, required=True)).rows
        yesterday = date.fromisoformat("2020-01-01")
        before = (await evidence.lapses(work, Filters(yesterday, yesterday))).rows
    skipped = next(one for one in all_of_it if one.state is StepState.SKIPPED)
    assert (skipped.contact_id, skipped.step, skipped.reason, skipped.who) == (
        contact_id,
        "who",
        "Did not want to say.",
        CORA.name,
    )
    assert {one.required for one in required} == {True}
    assert "who" not in {one.step for one in required}
    assert before == []


async def test_the_contacts_behind_a_number_are_found_page_by_page(desk: Desk, clock: Clock) -> None:
    made = [await broken_off(desk) for _ in range(5)]
    seen: list[int] = []
    before = ""
    async with desk.look(SAM) as work:
        while True:
            page = await evidence.contacts_of(
                work, GREETING, this_month(clock), StepState.DONE, before=before, limit=2
            )
            seen += [one.contact_id for one in page.rows]
            before = page.older
            if not before:
                break
    assert seen == made[::-1]


async def test_reading_the_report_and_a_contact_takes_the_same_statements_for_one_and_for_many(
    desk: Desk, clock: Clock
) -> None:
    assert isinstance(desk.database, Database)

    async def asked() -> tuple[int, int]:
        with statements(desk.database) as said:  # type: ignore[arg-type]  # the test above says what it is
            async with desk.look(SAM) as work:
                await evidence.compliance(work, this_month(clock))
                await evidence.lapses(work, this_month(clock))
            report = len(said)
            async with desk.look(SAM) as work:
                await evidence.record_of(work, first)
            return report, len(said) - report

    first = await broken_off(desk)
    once = await asked()
    for _ in range(6):
        await broken_off(desk)
    assert await asked() == once


async def test_a_contact_reads_as_it_went_with_its_version(desk: Desk) -> None:
    contact_id = await broken_off(desk)
    async with desk.look(SAM) as work:
        found = await evidence.record_of(work, contact_id)
    told = {step.key: (step.state, step.who) for step in found.steps}
    assert told["greet"] == ("done", CORA.name)
    assert told["who"] == ("skipped", CORA.name)
    assert {version.script for version in found.versions} >= {"opening", "closing"}
    greet = next(step for step in found.steps if step.key == "greet")
    assert greet.at is not None
    assert greet.clauses
    assert greet.answers[0] == ("I have greeted the customer", "Yes: “I have greeted the customer”")


async def test_who_does_not_lead_sees_no_report_and_only_own_contacts(desk: Desk, clock: Clock) -> None:
    contact_id = await broken_off(desk)
    async with desk.look(CEM) as work:
        with pytest.raises(NotAllowed):
            await evidence.compliance(work, this_month(clock))
        with pytest.raises(NotFound):
            await evidence.record_of(work, contact_id)
    async with desk.look(CORA) as work:
        assert (await evidence.record_of(work, contact_id)).contact.id == contact_id


async def test_the_contact_of_a_restricted_case_is_gone_for_all_outside(desk: Desk) -> None:
    """S3-5.1.2a"""
    contact_id = await broken_off(desk)
    case_id = await opened(desk, CaseKind.COMPLAINT, contact_id=contact_id)
    async with desk.work(CORA) as work:
        case = await the_case(work, case_id)
        await escalation.flag_concern(work, case, "A lawyer wrote.", legal=True, regulatory=False)
    for actor in (CORA, SAM):
        async with desk.look(actor) as work:
            with pytest.raises(NotFound):
                await evidence.record_of(work, contact_id)
    async with desk.look(MARA) as work:
        assert (await evidence.record_of(work, contact_id)).contact.id == contact_id


async def test_a_contact_without_a_script_can_be_read_too(desk: Desk, clock: Clock) -> None:
    async with desk.work(SYSTEM) as work:
        bare = Contact(
            number="HT-20-000001-1",
            taken_by_id=CORA.person_id,
            channel=Channel.PHONE,
            started_at=clock.now - timedelta(days=400),
        )
        work.session.add(bare)
        await audit.record(work, "bring in", bare)
    async with desk.look(SAM) as work:
        assert (await evidence.record_of(work, bare.id)).steps == ()
