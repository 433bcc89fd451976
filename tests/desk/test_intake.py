"""A contact being taken: saved as it is typed, never twice, never over somebody else, never thrown away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import event, select

from models import AuditEntry, Contact, Intake
from models.words import Channel, ContactStatus, Direction
from portal.database import Database
from portal.desk import intake, runs
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.kinds import Run
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CEM, CORA, FIN, SAM, Clock

CARD = "4111 1111 1111 1111"


async def begun(desk: Desk, key: str = "") -> int:
    async with desk.work(CORA) as work:
        return await intake.begin(work, Channel.PHONE, key=key)


async def row(desk: Desk, intake_id: int) -> Intake:
    async with desk.look(SYSTEM) as work:
        return await work.session.get_one(Intake, intake_id)


async def deeds(desk: Desk) -> list[tuple[str, str]]:
    async with desk.look(SYSTEM) as work:
        found = await work.session.execute(
            select(AuditEntry.who, AuditEntry.deed)
            .where(AuditEntry.person_id.is_not(None))
            .order_by(AuditEntry.id)
        )
        return [(one.who, one.deed) for one in found]


async def finished(desk: Desk, intake_id: int, key: str, **typed: str) -> Run:
    async with desk.work(CORA) as work:
        now = await runs.find(work, intake_id)
        return await intake.finish_step(work, intake_id, key, now.revision, typed)


async def test_a_contact_begins_with_its_number_its_moment_and_whoever_takes_it(
    desk: Desk, clock: Clock
) -> None:
    """S2-15.1, S2-15.2, S2-15.3, S3-7.1.1c"""
    intake_id = await begun(desk)
    async with desk.look(SYSTEM) as work:
        contact = await work.session.get_one(Contact, (await row(desk, intake_id)).contact_id)
    assert (contact.number, contact.taken_by_id, contact.started_at, contact.direction, contact.status) == (
        "HT-26-000001-9", CORA.person_id, clock.now, Direction.INBOUND, ContactStatus.OPEN,
    )  # fmt: skip


async def test_the_same_key_begins_one_contact(desk: Desk) -> None:
    assert await begun(desk, "k") == await begun(desk, "k")
    assert await begun(desk, "other") != await begun(desk, "k")


async def test_who_takes_no_contacts_begins_none(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        async with desk.work(FIN) as work:
            await intake.begin(work, Channel.PHONE)


async def test_the_time_to_the_greeting_is_kept(desk: Desk, clock: Clock) -> None:
    """S0-3.1.1a"""
    intake_id = await begun(desk)
    clock.forward(seconds=12)
    await finished(desk, intake_id, "greet", greeted="yes")
    clock.forward(seconds=30)
    await finished(desk, intake_id, "greet", greeted="yes")
    async with desk.look(SYSTEM) as work:
        contact = await work.session.get_one(Contact, 1)
    assert contact.greeted_at is not None
    assert (contact.greeted_at - contact.started_at).total_seconds() == 12


async def test_a_draft_is_kept_exactly_as_typed_and_written_down_once(desk: Desk) -> None:
    intake_id = await begun(desk)
    typed = {"look": "  Ána 🙂 O’Neil\r\n", "nonsense": "never ours", "notes": "on hold\r\nback"}
    async with desk.work(CORA) as work:
        saved = await intake.save_draft(work, intake_id, "who", 1, typed)
    async with desk.work(CORA) as work:
        again = await intake.save_draft(work, intake_id, "who", saved.revision, typed)
    assert (saved.revision, again.revision) == (2, 2)
    assert (await row(desk, intake_id)).answers == {
        "who": {"look": "  Ána 🙂 O’Neil\n"},
        "notes": {"notes": "on hold\nback"},
    }
    assert await deeds(desk) == [("Cora", "begin contact"), ("Cora", "save draft")]


async def test_a_card_number_is_not_even_kept_as_a_draft(desk: Desk) -> None:
    """S0-3.5.2a, decision 7"""
    intake_id = await begun(desk)
    with pytest.raises(NotAccepted) as refused:
        async with desk.work(CORA) as work:
            await intake.save_draft(work, intake_id, "who", 1, {"note": "ok", "street": f"pay with {CARD}"})
    assert list(refused.value.fields) == ["street"]
    with pytest.raises(NotAccepted):
        async with desk.work(CORA) as work:
            await intake.save_draft(work, intake_id, "who", 1, {"notes": CARD})
    assert (await row(desk, intake_id)).answers == {}


async def test_the_second_of_two_tabs_overwrites_nothing_and_sees_both(desk: Desk) -> None:
    intake_id = await begun(desk)
    async with desk.work(CORA) as work:
        await intake.save_draft(work, intake_id, "who", 1, {"look": "first tab"})
    with pytest.raises(Conflict) as told:
        async with desk.work(CORA) as work:
            await intake.save_draft(work, intake_id, "who", 1, {"look": "second tab"})
    assert (told.value.yours, told.value.theirs) == ({"look": "second tab"}, {"look": "first tab"})
    assert (await row(desk, intake_id)).answers == {"who": {"look": "first tab"}}


async def test_taking_over_is_visible_to_both(desk: Desk) -> None:
    intake_id = await begun(desk)
    async with desk.work(CORA) as work:
        await intake.save_draft(work, intake_id, "who", 1, {"look": "ana"})
    async with desk.work(CEM) as work:
        taken = await intake.take_over(work, intake_id)
    assert (taken.held_by, taken.typed("who")) == ("Cem", {"look": "ana"})
    with pytest.raises(Conflict, match="Cem took this contact over"):
        async with desk.work(CORA) as work:
            await intake.save_draft(work, intake_id, "who", 2, {"look": "anton"})
    assert (await row(desk, intake_id)).answers == {"who": {"look": "ana"}}
    assert await deeds(desk) == [
        ("Cora", "begin contact"),
        ("Cora", "save draft"),
        ("Cem", "take over contact"),
    ]


async def test_a_begun_contact_is_ended_only_with_a_reason_and_stays(desk: Desk) -> None:
    """S0-3.3.3, S0-5.1b, S3-7.1.1c"""
    intake_id = await begun(desk)
    with pytest.raises(NotAccepted):
        async with desk.work(CORA) as work:
            await intake.abandon(work, intake_id, "  ")
    with pytest.raises(Conflict):
        async with desk.work(SAM) as work:
            await intake.abandon(work, intake_id, "not mine")
    async with desk.work(CORA) as work:
        await intake.abandon(work, intake_id, "The line broke.")
    async with desk.look(SYSTEM) as work:
        contact = await work.session.get_one(Contact, 1)
    assert (contact.status, contact.abandoned_because) == (ContactStatus.ABANDONED, "The line broke.")
    with pytest.raises(WrongMoment):
        await finished(desk, intake_id, "greet", greeted="yes")
    with pytest.raises(WrongMoment):
        async with desk.work(SAM) as work:
            await intake.take_over(work, intake_id)


async def test_steps_say_how_they_stand_and_why_they_cannot_start(desk: Desk) -> None:
    intake_id = await begun(desk)
    await finished(desk, intake_id, "greet", greeted="yes")
    async with desk.work(CORA) as work:
        run = await intake.skip(work, intake_id, "who", 2, "Wants to stay unnamed.")
    after = await finished(desk, intake_id, "about", situation="inquiry")
    assert run.step == "about"
    assert [(one.step.key, one.state, one.why) for one in runs.progress(after)] == [
        ("greet", "done", ""),
        ("redirect", "needless", "This channel is approved."),
        ("who", "skipped", "Wants to stay unnamed."),
        ("verify", "needless", "There is no customer to verify."),
        ("about", "done", ""),
        ("need", "todo", ""),
        ("answer", "locked", "First: Need."),
        ("summary", "todo", ""),
        ("close", "locked", "First: Sum up."),
    ]


async def test_a_step_that_has_to_be_done_cannot_be_skipped(desk: Desk) -> None:
    intake_id = await begun(desk)
    with pytest.raises(WrongMoment, match="“Greet” cannot be skipped"):
        async with desk.work(CORA) as work:
            await intake.skip(work, intake_id, "greet", 1, "in a hurry")
    with pytest.raises(NotAccepted):
        async with desk.work(CORA) as work:
            await intake.skip(work, intake_id, "who", 1, "")


async def test_a_step_of_another_script_or_another_intake_is_not_there(desk: Desk) -> None:
    intake_id = await begun(desk)
    for number, key in ((intake_id, "payment"), (intake_id + 1, "greet")):
        with pytest.raises(NotFound):
            async with desk.work(CORA) as work:
                await intake.save_draft(work, number, key, 1, {"a": "b"})


async def test_failed_verifications_count_although_nothing_is_done(desk: Desk) -> None:
    """S2-2.6: and what was said is kept nowhere."""
    intake_id = await begun(desk)
    await finished(desk, intake_id, "greet", greeted="yes")
    await finished(desk, intake_id, "who", choice=str(ANA))
    for guess in ("99999", "88888"):
        assert (await finished(desk, intake_id, "verify", postcode=guess)).step == "verify"
    async with desk.look(SYSTEM) as work:
        contact = await work.session.get_one(Contact, 1)
        entries = (await work.session.scalars(select(AuditEntry.changes))).all()
    assert contact.failed_verifications == 2
    assert "99999" not in str((await row(desk, intake_id)).answers) + str(entries)


@asynccontextmanager
async def counted(desk: Desk) -> AsyncIterator[list[str]]:
    """The statements sent to the database, transactions aside."""
    database = desk.database
    assert isinstance(database, Database)
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement.split(maxsplit=2)[0])

    engines = {database.writer.sync_engine, database.reader.sync_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    yield said
    for engine in engines:
        event.remove(engine, "before_cursor_execute", hear)


async def test_saving_and_finishing_a_plain_step_take_three_statements(desk: Desk) -> None:
    """One reads, one holds, checks and saves, one writes it down; the session's own look-up is a fourth."""
    intake_id = await begun(desk)
    async with counted(desk) as drafting, desk.work(CORA) as work:
        await intake.save_draft(work, intake_id, "who", 1, {"look": "ana"})
    await finished(desk, intake_id, "greet", greeted="yes")
    async with counted(desk) as finishing:
        await finished_at(desk, intake_id, 3)
    assert (drafting, finishing) == (["SELECT", "UPDATE", "INSERT"], ["SELECT", "UPDATE", "INSERT"])


async def finished_at(desk: Desk, intake_id: int, revision: int) -> None:
    async with desk.work(CORA) as work:
        await intake.finish_step(work, intake_id, "greet", revision, {"greeted": "yes", "notes": "again"})
