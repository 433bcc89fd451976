"""Who is speaking? S2-1.4, S2-2"""

import pytest
from sqlalchemy import select

from models import AuditEntry, Contact, Customer
from models.words import Channel
from portal.desk import audit, customers, verification
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.verification import Verification
from portal.desk.work import Desk
from tests.cast import ANA, CORA, FRED, SAM, Clock
from tests.shop import ordered

RIGHT = {"postcode": "10115", "email": "ana@example.com"}
WRONG = {"postcode": "99999"}


async def called(desk: Desk, number: str = "HT-1") -> int:
    async with desk.work(CORA) as work:
        contact = Contact(
            number=number,
            customer_id=ANA,
            taken_by_id=CORA.person_id,
            channel=Channel.PHONE,
            started_at=work.now,
        )
        work.session.add(contact)
        await audit.record(work, "begin contact", contact)
        return contact.id


async def tell(desk: Desk, contact_id: int, facts: dict[str, str]) -> Verification:
    async with desk.work(CORA) as work:
        return await verification.verify(work, await work.session.get_one(Contact, contact_id), facts)


async def test_two_facts_verify_for_half_an_hour(desk: Desk, clock: Clock) -> None:
    """S2-2.7, S4-2.1b, S2-11.2b"""
    call = await called(desk)
    until = clock.now.replace(minute=30)
    assert await tell(desk, call, RIGHT) == Verification(1, 2, 3, until, ("email", "postcode"))
    async with desk.look(CORA) as work:
        contact = await work.session.get_one(Contact, call)
        assert (contact.verified_by, contact.verified_until) == ("email,postcode", until)
        assert verification.is_verified(work, contact)
    clock.forward(minutes=30)
    async with desk.look(CORA) as work:
        assert not verification.is_verified(work, contact)
        assert await verification.standing(work, contact) == Verification(0, 2, 3, None)
    assert (await tell(desk, call, {"postcode": "10115"})).verified is False
    assert (await tell(desk, call, {"email": "ana@example.com"})).verified is True


@pytest.mark.parametrize(
    "facts",
    [
        {"postcode": " 101 15", "email": "ANA@Example.com "},
        {"phone": "030 123 45 67", "postcode": "10115"},
        {"phone": "+49 (30) 1234567", "last_order_on": "2026-03-02"},
        {"order_number": "hr 26 000001 9", "last_order_on": " 2026-03-02 "},
        {"order_number": "HR-26-000001-9", "postcode": "10115", "email": ""},
        {"order_number": "HR-26-000001-9", "postcode": "99999", "email": "ana@example.com"},
    ],
)
async def test_facts_are_compared_however_they_are_said(desk: Desk, facts: dict[str, str]) -> None:
    await ordered(desk)
    assert (await tell(desk, await called(desk), facts)).verified


@pytest.mark.parametrize(
    "facts",
    [
        {"postcode": "10115"},
        {"postcode": "10115", "email": "ana@example.org"},
        {"postcode": "10115", "phone": "4567"},
        {"postcode": "10115", "order_number": "HR-26-000002-4"},
        {"postcode": "10115", "last_order_on": "2026-03-01"},
        {"postcode": "10115", "last_order_on": "yesterday"},
    ],
)
async def test_one_fact_is_not_enough(desk: Desk, facts: dict[str, str]) -> None:
    await ordered(desk)
    found = await tell(desk, await called(desk), facts)
    assert (found.strength, found.verified, found.matched) == (0, False, ("postcode",))


async def test_what_is_not_known_matches_nothing(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        ana = await customers.load(work, ANA)
        ana.email = ana.phone = ana.postal_code = ""  # as of somebody who was brought in from elsewhere
        await audit.record(work, "change customer", ana)
    found = await tell(
        desk, await called(desk), {"postcode": "-", "email": "@", "phone": "0", "order_number": "?"}
    )
    assert found == Verification(0, 2, 2, None)


async def test_after_three_failures_the_contact_has_no_more_tries(desk: Desk) -> None:
    call = await called(desk)
    assert [(await tell(desk, call, WRONG)).tries_left for _ in range(3)] == [2, 1, 0]
    with pytest.raises(WrongMoment, match="No tries are left in this contact"):
        await tell(desk, call, RIGHT)


async def test_after_five_failures_the_customer_is_locked_and_flagged(desk: Desk, clock: Clock) -> None:
    """S2-2.6"""
    first, second, third = await called(desk, "HT-1"), await called(desk, "HT-2"), await called(desk, "HT-3")
    for call in (first, first, first, second):
        assert (await tell(desk, call, WRONG)).locked_until is None
    until = clock.now.replace(hour=clock.now.hour + 1)
    assert (await tell(desk, second, WRONG)).locked_until == until
    with pytest.raises(WrongMoment, match="too many tries failed"):
        await tell(desk, third, RIGHT)
    async with desk.look(SAM) as work:
        flag = await work.session.scalar(select(AuditEntry).where(AuditEntry.deed == "lock customer"))
        assert flag is not None
        assert (flag.subject_kind, flag.subject_id, flag.reason) == (
            "customers",
            str(ANA),
            "5 failed verifications; the last in HT-2.",
        )
        values = [str(entry.changes) for entry in await work.session.scalars(select(AuditEntry).offset(1))]
        assert not any("99999" in value for value in values)
    clock.forward(hours=1)
    assert (await tell(desk, third, RIGHT)).verified


async def test_a_supervisor_unlocks_a_customer_with_a_reason(desk: Desk) -> None:
    first, second = await called(desk, "HT-1"), await called(desk, "HT-2")
    for call in (first, first, first, second, second):
        await tell(desk, call, WRONG)
    for actor, reason, refusal in ((CORA, "She is here.", NotAllowed), (SAM, " ", NotAccepted)):
        async with desk.work(actor) as work:
            with pytest.raises(refusal):
                await verification.unlock(work, await work.session.get_one(Customer, ANA), reason)
    async with desk.work(SAM) as work:
        await verification.unlock(work, await work.session.get_one(Customer, ANA), "She is here.")
    assert (await tell(desk, second, RIGHT)).verified


async def test_details_are_revealed_for_a_reason_that_is_written_down(desk: Desk) -> None:
    call = await called(desk)
    async with desk.work(CORA) as work:
        contact = await work.session.get_one(Contact, call)
        with pytest.raises(NotAccepted):
            await verification.reveal(work, contact, "  ")
        assert (await verification.reveal(work, contact, "She spells her address.")).id == ANA
    async with desk.look(CORA) as work:
        row = await work.session.scalar(select(AuditEntry).where(AuditEntry.deed == "reveal customer"))
        assert row is not None
        assert (row.who, row.subject_id, row.reason) == ("Cora", str(ANA), "She spells her address.")
    async with desk.work(FRED) as work:
        with pytest.raises(NotAllowed):
            await verification.reveal(work, await work.session.get_one(Customer, ANA), "Curious.")


async def test_answers_that_are_no_facts_are_refused(desk: Desk) -> None:
    call = await called(desk)
    for facts in ({"shoe_size": "38"}, {}, {"postcode": " "}):
        with pytest.raises(NotAccepted):
            await tell(desk, call, facts)
    assert (await tell(desk, call, WRONG)).tries_left == 2
