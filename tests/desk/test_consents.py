"""What customers agree to: in which words, when and how; and that nothing goes out on what was taken back. S4-3.1"""

import pytest
from sqlalchemy import select

from jobs.write_offers import write_offers
from models import Consent, Message
from models.words import ConsentPurpose, ConsentSource, MessageStatus
from portal.desk import consents, customers, links, merging, offers
from portal.desk.customers import CustomerDetails
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.links import Purpose
from portal.desk.work import CUSTOMER, SYSTEM, Desk
from tests.cast import ANA, CORA, MARA, SAM, START, Clock
from tests.shop import ordered

MARKETING, RESEARCH = ConsentPurpose


async def agreeing(desk: Desk, customer_id: int, *purposes: ConsentPurpose) -> None:
    async with desk.work(CORA) as work:
        customer = await customers.load(work, customer_id)
        said = await consents.wordings(work)
        for purpose in purposes:
            await consents.agree(work, customer, purpose, said[purpose].id)


async def letters(desk: Desk, template: str) -> list[tuple[str, MessageStatus]]:
    async with desk.look(SYSTEM) as work:
        found = await work.session.execute(
            select(Message.to_address, Message.status)
            .where(Message.template == template)
            .order_by(Message.id)
        )
        return [(address, status) for address, status in found]


async def offered(desk: Desk, subject: str) -> int:
    async with desk.work(MARA) as work:
        await offers.make(work, subject, "Chairs are cheaper this week.")
    return await write_offers(desk)


async def test_offers_go_to_those_who_agree_and_everything_else_to_everybody(
    desk: Desk, clock: Clock
) -> None:
    """S4-3.1, S4-3.2: taken back by the link in the letter, the next offer is skipped and service mail goes."""
    async with desk.work(CORA) as work:
        bo = await customers.create(work, CustomerDetails(name="Bo", email="bo@example.com"))
        kim = await customers.create(work, CustomerDetails(name="Kim", email="kim@example.com"))
    await agreeing(desk, ANA, MARKETING, RESEARCH)
    await agreeing(desk, bo.id, MARKETING)
    await agreeing(desk, kim.id, RESEARCH)
    clock.forward(minutes=1)
    assert await offered(desk, "Chairs") == 2
    queued = MessageStatus.QUEUED
    assert await letters(desk, "offer") == [("ana@example.com", queued), ("bo@example.com", queued)]
    token = links.token(desk.terms, Purpose.CONSENTS, ANA)
    async with desk.look(SYSTEM) as work:
        bodies = await work.session.scalars(select(Message.body_text).where(Message.customer_id == ANA))
        assert [f"/consents/{token}" in body for body in bodies] == [True]
    for _twice in range(2):
        async with desk.work(CUSTOMER) as work:
            await consents.withdraw_by_link(work, token)
    assert (await offered(desk, "Tables"), await write_offers(desk)) == (1, 0)
    assert await letters(desk, "offer") == [
        ("ana@example.com", MessageStatus.DISCARDED),
        ("bo@example.com", queued),
        ("bo@example.com", queued),
    ]
    await ordered(desk)
    assert [address for address, _ in await letters(desk, "order-confirmation")] == ["ana@example.com"]
    async with desk.look(CORA) as work:
        ana = await customers.load(work, ANA)
        assert [one.agreed for one in await consents.standing(work, ana)] == [None, None]
        rows = await work.session.scalars(
            select(Consent).where(Consent.customer_id == ANA).order_by(Consent.id)
        )
        said = await consents.wordings(work)
        then = clock.now
        assert [(row.purpose, row.wording_id, row.source, row.noted_by_id, row.at) for row in rows] == [
            (MARKETING, said[MARKETING].id, ConsentSource.COLLEAGUE, CORA.person_id, START),
            (RESEARCH, said[RESEARCH].id, ConsentSource.COLLEAGUE, CORA.person_id, START),
            (MARKETING, None, ConsentSource.LINK, None, then),
            (RESEARCH, None, ConsentSource.LINK, None, then),
        ]
        assert await consents.behind(work, token) == consents.Wish("en", ())
    with pytest.raises(NotFound):
        async with desk.look(CUSTOMER) as work:
            await consents.behind(work, links.token(desk.terms, Purpose.SURVEYS, ANA))


async def test_the_words_are_kept_in_versions_and_a_merged_record_agrees_to_nothing(desk: Desk) -> None:
    """S4-3.1, S4-3.4: who agreed before agreed to the words of then."""
    await agreeing(desk, ANA, RESEARCH)
    with pytest.raises(NotAllowed):
        async with desk.work(SAM) as work:
            await consents.reword(work, RESEARCH, "May we?", "Dürfen wir?")
    for english, german, fields in (
        ("", "x" * 1001, {"words_en", "words_de"}),
        ("May we?", " ", {"words_de"}),
    ):
        with pytest.raises(NotAccepted) as refused:
            async with desk.work(MARA) as work:
                await consents.reword(work, RESEARCH, english, german)
        assert set(refused.value.fields) == fields
    async with desk.look(SYSTEM) as work:
        before = (await consents.wordings(work))[RESEARCH].id
    async with desk.work(MARA) as work:
        written = await consents.reword(work, RESEARCH, "May we?", "Dürfen wir?")
    async with desk.work(CORA) as work:
        twin = await customers.create(work, CustomerDetails(name="Ana Sample", email="ana.s@example.com"))
        with pytest.raises(NotAccepted) as refused:
            await consents.agree(work, twin, RESEARCH, before)
        assert set(refused.value.fields) == {"agrees_research"}
        await consents.agree(work, twin, RESEARCH, written.id)
    async with desk.look(MARA) as work:
        asked = {one.purpose: one for one in await consents.asked(work)}
        assert [(row.number, row.words_en == "May we?") for row in asked[RESEARCH].wordings] == [
            (2, True),
            (1, False),
        ]
        assert (asked[RESEARCH].agree, asked[MARKETING].agree) == (2, 0)
        ana = await customers.load(work, ANA)
        held = [one.agreed for one in await consents.standing(work, ana)]
        assert [(one.wording_id, one.wording.number) for one in held if one and one.wording] == [(before, 1)]
    async with desk.work(SAM) as work:
        await merging.merge(work, await customers.load(work, ANA), twin.number, "She says so.")
    async with desk.work(CORA) as work:
        gone = await customers.load(work, twin.id)
        with pytest.raises(WrongMoment, match="merged into another"):
            await consents.agree(work, gone, MARKETING, 1)
    token = links.token(desk.terms, Purpose.CONSENTS, twin.id)
    async with desk.work(CUSTOMER) as work:
        assert await consents.behind(work, token) == consents.Wish("en", (RESEARCH,))
        await consents.withdraw_by_link(work, token)
    async with desk.look(MARA) as work:
        assert [one.agree for one in await consents.asked(work)] == [0, 0]
