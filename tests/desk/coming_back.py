"""Contacts about a case that is open: up to a step of theirs, and what is left behind on the case."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from models import Case, CaseNote, ClockEvent, Contact, Intake
from models.words import Channel, NoteKind, Outcome
from portal.desk import audit, intake, runs
from portal.desk.errors import NotAccepted
from portal.desk.kinds import KINDS, Run
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CORA
from tests.desk.stories import states, the_case

SAID = "The new one has not come yet."
WHOLE = {
    "anything_else": "asked",
    "satisfied": "yes",
    "undone": "These stories begin where the caller is known.",
}


async def called(
    desk: Desk, *, customer: int | None = ANA, verified: bool = True, actor: Actor = CORA, about: str = "open_case"
) -> int:  # fmt: skip
    """A contact on the phone, up to what it is about; the id of its intake."""
    async with desk.work(actor) as work:
        intake_id = await intake.begin(work, Channel.PHONE)
    async with desk.work(actor) as work:
        contact = await work.session.get_one(Contact, (await runs.find(work, intake_id)).contact_id)
        contact.customer_id = customer
        if verified:
            contact.verified_strength, contact.verified_until = 1, work.now.replace(year=work.now.year + 1)
        await audit.record(work, "know the caller", contact)
    await send_as(actor, desk, intake_id, "about", {"situation": about})
    return intake_id


async def send(desk: Desk, intake_id: int, key: str, **typed: str) -> Run:
    """Finish a step as a browser of Cora's does."""
    return await send_as(CORA, desk, intake_id, key, typed)


async def send_as(actor: Actor, desk: Desk, intake_id: int, key: str, typed: Mapping[str, str]) -> Run:
    async with desk.work(actor) as work:
        now = await runs.find(work, intake_id)
        return await intake.finish_step(work, intake_id, key, now.revision, typed)


async def refused(desk: Desk, intake_id: int, key: str, **typed: str) -> Mapping[str, str]:
    with pytest.raises(NotAccepted) as raised:
        await send(desk, intake_id, key, **typed)
    return raised.value.fields


async def number_of(desk: Desk, case_id: int) -> str:
    async with desk.look(SYSTEM) as work:
        return (await the_case(work, case_id)).number


async def shown(desk: Desk, intake_id: int, key: str, actor: Actor = CORA) -> dict[str, object]:
    async with desk.look(actor) as work:
        run = await runs.find(work, intake_id)
        step = run.script.step(key)
        assert step is not None
        return await KINDS[step.kind].facts(work, run, step)


async def listed(desk: Desk, intake_id: int, actor: Actor = CORA) -> list[int]:
    found = (await shown(desk, intake_id, "which_case", actor))["found"]
    assert isinstance(found, list)
    return [one.case.id for one in found]


async def as_it_is(desk: Desk, case_id: int) -> dict[str, object]:
    """Everything of a case and its clocks that a contact could change."""
    async with desk.look(SYSTEM) as work:
        case = await the_case(work, case_id)
        columns = {one.name: getattr(case, one.name) for one in Case.__table__.columns}
        events = (
            await work.session.scalars(select(ClockEvent.id).where(ClockEvent.case_id == case_id))
        ).all()
    return {
        **columns,
        "notes": await notes(desk, case_id),
        "events": len(events),
        **await states(desk, case_id),
    }


async def notes(desk: Desk, case_id: int) -> list[tuple[NoteKind, str]]:
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(CaseNote.kind, CaseNote.words).where(CaseNote.case_id == case_id).order_by(CaseNote.id)
        )
        return [(kind, words) for kind, words in rows]


async def heard(desk: Desk, case_id: int, *, then: str, **said: str) -> int:
    """A contact in which the case was chosen and the customer heard, up to what happens now."""
    intake_id = await called(desk)
    await send(desk, intake_id, "which_case", case=await number_of(desk, case_id))
    await send(desk, intake_id, "said", **{"heard": SAID, **said})
    await send(desk, intake_id, "now", then=then)
    return intake_id


async def closed(desk: Desk, intake_id: int, outcome: Outcome, **summed: str) -> Contact:
    await send(desk, intake_id, "summary", summary="She knows how it goes on.", understood="yes", **summed)
    await send(desk, intake_id, "close", **WHOLE, outcome=outcome.value)
    async with desk.look(SYSTEM) as work:
        row = await work.session.get_one(Intake, intake_id)
        return await work.session.get_one(Contact, row.contact_id)
