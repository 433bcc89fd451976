"""A complaint that technical support solves leads to a support case, without anything typed twice. S3-4.1.3d"""

import asyncio

from sqlalchemy import func, select

from models import AuditEntry, Case, CaseLink, CaseNote
from models.words import CaseKind, NoteKind
from portal.desk import case_links, escalation, intake, runs
from portal.desk.errors import DeskError
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, MARA, SAM
from tests.pages.test_intake_support import NUMBER, ORDERED, bought
from tests.shop import CHAIR
from tests.visits import Visitor
from tests.wizard import Walk, stored, to_about

WORDS = "The chair wobbles, and I nearly fell."
COMPLAINT, SUPPORT = "HC-26-000001-9", "HC-26-000002-4"
OFFERED = {"offer-exchange": "yes", "offer-technical_support": "yes", "outcome": "technical_support"}


async def to_technical(desk: Desk, visitor: Visitor, order: str = ORDERED) -> Walk:
    """A complaint about Ana's order, for which she wants technical support."""
    await bought(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="complaint")
    await walk.send(statement=WORDS, case_kind="complaint", order=order)
    await walk.send(restated="The chair is not safe.", agreed="yes")
    await walk.send(apology="given")
    await walk.send(**OFFERED)
    return walk


async def cases_of(desk: Desk) -> list[Case]:
    async with desk.look(SYSTEM) as work:
        return list(await work.session.scalars(select(Case).order_by(Case.id)))


async def test_the_support_case_is_opened_and_both_name_each_other(desk: Desk, visitor: Visitor) -> None:
    walk = await to_technical(desk, visitor)
    assert (walk.at, f'value="{ORDERED}"' in walk.page.text) == ("piece", True)
    await walk.send(serial=NUMBER)
    assert (walk.at, WORDS in walk.text) == ("technical", True)
    await walk.send(trouble=WORDS)
    assert walk.at == "settle"
    complaint, support = await cases_of(desk)
    assert (support.kind, support.subject, support.statement, support.restated) == (
        CaseKind.SUPPORT,
        complaint.subject,
        WORDS,
        "The chair is not safe.",
    )
    assert (support.customer_id, support.order_id, support.product_id, support.serial) == (
        ANA,
        complaint.order_id,
        CHAIR,
        "CH471108",
    )
    for here, there, words in ((complaint, support, "Led to"), (support, complaint, "Came of")):
        page = (await walk.client.get(f"/cases/{here.id}")).text
        assert f'<a href="/cases/{there.id}">{there.number}</a>' in page
        assert f"{words} {there.number}" in page  # in the story of the case, too
    async with desk.look(SYSTEM) as work:
        noted = select(CaseNote.words).where(CaseNote.kind == NoteKind.ACTION)
        assert list(await work.session.scalars(noted)) == ["Technical support takes it on."]


async def test_sent_again_or_gone_back_to_it_stays_one(desk: Desk, visitor: Visitor) -> None:
    walk = await to_technical(desk, visitor)
    await walk.send(serial=NUMBER)
    revision = walk.revision
    await walk.send(trouble=WORDS)
    again = await walk.client.post(
        f"/intakes/{walk.id}/technical", data={"revision": revision, "trouble": WORDS}
    )
    assert again.headers["location"] == f"/intakes/{walk.id}/settle"
    await walk.open("technical")
    assert f"{SUPPORT} was opened for it and is linked." in walk.text
    late = {"revision": str((await stored(desk, walk.id)).revision), "trouble": "Something else."}
    assert (await walk.client.post(f"/intakes/{walk.id}/technical", data=late)).status_code == 409
    await walk.open("options")
    await walk.send(**{**OFFERED, "outcome": "exchange"})
    await walk.open("options")
    await walk.send(**OFFERED)
    assert walk.at == "settle"
    assert len(await cases_of(desk)) == 2
    async with desk.look(SYSTEM) as work:
        ties = list(await work.session.execute(select(CaseLink.case_id, CaseLink.led_to_id)))
        assert ties == [(1, 2)]


async def test_two_who_finish_it_at_once_open_one(desk: Desk, visitor: Visitor) -> None:
    walk = await to_technical(desk, visitor)
    await walk.send(serial=NUMBER)
    seen = int(walk.revision)

    async def finish(words: str) -> bool:
        try:
            async with desk.work(CORA) as work:
                await intake.finish_step(work, walk.id, "technical", seen, {"trouble": words})
        except DeskError:
            return False
        return True

    assert sorted(await asyncio.gather(finish(WORDS), finish("It creaks, too."))) == [False, True]
    assert len(await cases_of(desk)) == 2
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(CaseLink)) == 1
        told = select(func.count()).where(AuditEntry.deed == "link cases")
        assert await work.session.scalar(told) == 1


async def test_it_does_not_start_before_the_serial_number(desk: Desk, visitor: Visitor) -> None:
    """S4-5.3"""
    walk = await to_technical(desk, visitor)
    await walk.open("technical")
    assert "This cannot start yet. First: Serial number." in walk.text
    await walk.open("piece")
    await walk.send(none="yes", reason="It is worn off.", proof="order", order=ORDERED, product="CH-1")
    await walk.send()
    _, support = await cases_of(desk)
    assert (support.serial, support.product_id, support.statement) == ("", CHAIR, WORDS)


async def test_who_may_not_see_one_does_not_learn_of_it(desk: Desk, visitor: Visitor) -> None:
    """S3-5.1.2a: neither from the page, nor from the story, nor from the rows."""
    walk = await to_technical(desk, visitor)
    await walk.send(serial=NUMBER)
    await walk.send(trouble=WORDS)
    async with desk.work(CORA) as work:
        complaint = await work.session.get_one(Case, 1)
        await escalation.flag_concern(work, complaint, "Her lawyer will write.", legal=True, regulatory=False)
    for actor, sees in ((CORA, False), (SAM, False), (MARA, True)):
        page = (await (await visitor(actor)).get("/cases/2")).text
        assert (COMPLAINT in page, "/cases/1" in page) == (sees, sees)
        async with desk.look(actor) as work:
            support = await work.session.get_one(Case, 2)
            named = [one.case.number for one in await case_links.linked(work, support)]
            assert named == ([COMPLAINT] if sees else [])


async def test_a_restricted_complaint_leads_to_a_restricted_support_case(
    desk: Desk, visitor: Visitor
) -> None:
    """S3-5.1.2b: opening it does not tell what the complaint has to keep."""
    walk = await to_technical(desk, visitor)
    async with desk.work(MARA) as work:
        complaint = await work.session.get_one(Case, 1)
        await escalation.flag_concern(work, complaint, "The authority asked.", legal=False, regulatory=True)
        await intake.take_over(work, walk.id)
    async with desk.work(MARA) as work:
        run = await runs.find(work, walk.id)
        run = await intake.finish_step(work, walk.id, "piece", run.revision, {"serial": NUMBER})
        await intake.finish_step(work, walk.id, "technical", run.revision, {})
    assert [(case.legal, case.regulatory) for case in await cases_of(desk)] == [(False, True)] * 2
