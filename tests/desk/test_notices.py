"""What the desk writes to customers and colleagues, and that nothing in a name can bend a header."""

from typing import Any

import pytest
from sqlalchemy import func, select

from models import Customer, Message, Person
from models.words import Audience, MessageStatus, PreferredChannel, Role
from portal.desk import audit, notices
from portal.desk.work import Desk, Work
from tests.cast import ANA, CORA, SAM, START

RECEIPT: dict[str, Any] = {
    "receipt_number": "HB-26-000001-1",
    "amount_minor": 1250,
    "balance_minor": 0,
    "currency": "EUR",
    "method": "cash",
    "payment_reference": "",
    "taken_at": START,
    "order_total_minor": 9980,
    "taxes": (),
}


async def ana(work: Work) -> Customer:
    return await work.session.get_one(Customer, ANA)


async def receipt(work: Work, to: Customer | Person, once: str = "receipt/1") -> Message | None:
    return await notices.write(
        work, "payment-receipt", to=to, once=once, reference="HR-26-000001-1", **RECEIPT
    )


async def test_a_message_waits_in_the_outbox_with_its_own_lasting_id(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        written = await receipt(work, await ana(work))
        assert written is not None
        await audit.record(work, "record payment")
    async with desk.look(CORA) as work:
        row = await work.session.get_one(Message, written.id)
    assert (row.status, row.audience, row.next_at, row.attempts) == (
        MessageStatus.QUEUED,
        Audience.CUSTOMER,
        START,
        0,
    )
    assert (row.to_name, row.to_address, row.reference) == (
        "Ana Example",
        "ana@example.com",
        "HR-26-000001-1",
    )
    assert row.message_id.endswith("@example.com>")


async def test_the_same_key_is_the_same_message(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        first = await receipt(work, await ana(work))
        again = await receipt(work, await ana(work))
        await audit.record(work, "record payment")
        assert first is not None
        assert again is not None
        assert (again.id, again.message_id) == (first.id, first.message_id)
    async with desk.work(CORA) as work:
        later = await receipt(work, await ana(work))
        await audit.record(work, "record payment")
        assert later is not None
        assert later.message_id == first.message_id
        assert await work.session.scalar(select(func.count()).select_from(Message)) == 1


async def test_a_deed_that_writes_must_say_what_it_was(desk: Desk) -> None:
    with pytest.raises(audit.Unrecorded):
        async with desk.work(CORA) as work:
            await receipt(work, await ana(work))


async def test_without_an_address_nothing_is_written(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        customer = await ana(work)
        for address in ("", "none", "ana@example.com\r\nBcc: x@example.org", "a@example.com, b@example.com"):
            customer.email = address
            assert await receipt(work, customer) is None
            assert notices.by_call(customer)
        await audit.record(work, "change customer", customer)


async def test_who_wants_a_call_is_called(desk: Desk) -> None:
    async with desk.look(CORA) as work:
        customer = await ana(work)
    assert not notices.by_call(customer)
    customer.preferred_channel = PreferredChannel.CALL
    assert notices.by_call(customer)


async def test_a_forgotten_fact_or_reference_stops_the_deed(desk: Desk) -> None:
    """S1-4.4.1c"""
    async with desk.work(CORA) as work:
        with pytest.raises(ValueError, match="not told: answer_by, solve_by, statement"):
            await notices.write(
                work,
                "case-acknowledgement",
                to=await ana(work),
                once="x",
                reference="HC",
                kind="",
                subject="",
            )
        with pytest.raises(ValueError, match="needs a reference"):
            await notices.write(
                work,
                "case-answer",
                to=await ana(work),
                once="x",
                subject="",
                answer="",
                links=[],
                solve_by=None,
            )


async def test_every_active_supervisor_is_told_once(desk: Desk) -> None:
    facts: dict[str, Any] = {"count": 1, "groups": []}
    for _twice in range(2):
        async with desk.work(SAM) as work:
            told = await notices.tell_role(
                work,
                Role.SUPERVISOR,
                "escalation-notice",
                once="escalation/1",
                reference="HC-26-000001-1",
                **facts,
            )
            await audit.record(work, "escalate")
            assert told == 1
    async with desk.look(SAM) as work:
        rows = (await work.session.scalars(select(Message))).all()
    assert [(row.to_name, row.audience, row.once) for row in rows] == [
        ("Sam", Audience.COLLEAGUE, f"escalation/1/{SAM.person_id}")
    ]


async def test_the_language_falls_back_to_english(desk: Desk) -> None:
    async with desk.look(CORA) as work:
        customer = await ana(work)
    spoken = {}
    for language in ("de", "de-AT", "DE_ch", "en-GB", "pt", "", "zh-Hans"):
        customer.language = language
        spoken[language] = notices.language_of(customer)
    assert spoken == {
        "de": "de",
        "de-AT": "de",
        "DE_ch": "de",
        "en-GB": "en",
        "pt": "en",
        "": "en",
        "zh-Hans": "en",
    }


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Ana Souza", "Ana Souza"),
        ("Ana\r\nBcc: x@example.org", "Ana Bcc: x@example.org"),
        ("=?utf-8?q?=0d=0aBcc:_x@example.org?=", "= ?utf-8?q?=0d=0aBcc:_x@example.org?="),
        ("==??utf-8?q?=0d=0a?=", "== ??utf-8?q?=0d=0a?="),
        ("=\r\n?utf-8?q?x?=", "= ?utf-8?q?x?="),
        ("a\x00b\x0bc\x0cd\x1ee\x85f\u2028g\u2029h", "a b c d e f g h"),
        ("山田 太郎", "山田 太郎"),
        ("عائشة", "عائشة"),
    ],
)
def test_no_name_can_end_a_header(name: str, safe: str) -> None:
    assert notices.header_safe(name) == safe
