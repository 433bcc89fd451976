"""What customers ask of their own data, each kind from its first word to its end, within a month. S2-2.3, S3-10.1.1"""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from jobs.remind_follow_ups import remind_follow_ups
from models import Customer, DataRequest, Disclosure, Message
from models.words import ConsentPurpose, DataRequestKind, DataRequestStatus, DisclosureGround
from portal.desk import consents, customers, data_requests, erasing
from portal.desk.customers import CustomerDetails
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, MARA, SAM, Clock
from tests.desk.erased import WORDS, told_of
from tests.desk.test_erasing import MIA

K = DataRequestKind
TODAY = date(2026, 3, 2)


async def noted(desk: Desk, kind: DataRequestKind, customer_id: int = ANA) -> int:
    async with desk.work(CORA) as work:
        customer = await customers.load(work, customer_id)
        return (await data_requests.note(work, customer, kind, "She asked by phone; verified.", TODAY)).id


async def finished(desk: Desk, request_id: int) -> None:
    async with desk.work(MARA) as work:
        await data_requests.finish(work, await data_requests.load(work, request_id), "As asked.")


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2026-03-02", "2026-04-02"), ("2026-01-31", "2026-02-28"), ("2028-01-31", "2028-02-29"),
        ("2026-12-15", "2027-01-15"), ("2026-03-31", "2026-04-30"),
    ],
)  # fmt: skip
def test_a_month_ends_on_the_same_day_or_the_last(day: str, due: str) -> None:
    assert data_requests.a_month_after(date.fromisoformat(day)) == date.fromisoformat(due)


async def test_access_hands_out_everything_of_theirs_and_nothing_of_others(desk: Desk) -> None:
    """S2-2.3: in plain values, noted as given out; what tells of colleagues and of others stays."""
    await told_of(desk)
    request_id = await noted(desk, K.ACCESS)
    with pytest.raises(WrongMoment, match="Hand the data out first"):
        await finished(desk, request_id)
    for actor in (CORA, SAM):
        with pytest.raises(NotAllowed):
            async with desk.work(actor) as work:
                await data_requests.load(work, request_id)
    async with desk.work(MARA) as work:
        request = await data_requests.load(work, request_id)
        with pytest.raises(NotAccepted) as refused:
            await data_requests.hand_out(work, request, " ")
        assert set(refused.value.fields) == {"identity"}
        told = await data_requests.hand_out(work, request, "Sent to the address on record.")
    assert [row["name"] for row in told["customers"]] == ["Zoltan Zebralast", "Zoltan Zebralast"]
    assert told["mails"][0]["words"] == told["contacts"][0]["summary"] == WORDS
    assert told["amendments"][0]["before"]["ship_name"] == "Zoltan Zebralast"
    assert {"orders", "cases", "case_notes", "payment_entries", "feedback", "contact_answers"} <= told.keys()
    assert {row["audience"] for row in told["messages"]} == {"customer"}
    said = {str(one) for rows in told.values() for row in rows for one in row.values()}
    assert said & {"Bo", "Bo’s lamp", "sam@example.com"} == set()
    await finished(desk, request_id)
    with pytest.raises(WrongMoment, match="answered already"):
        await finished(desk, request_id)
    async with desk.look(SYSTEM) as work:
        given = await work.session.execute(
            select(Disclosure.recipient, Disclosure.customer_id, Disclosure.ground, Disclosure.reason).where(
                Disclosure.ground == DisclosureGround.OWN_REQUEST
            )
        )
        assert [tuple(row) for row in given] == [
            ("The customer", ANA, DisclosureGround.OWN_REQUEST, "Sent to the address on record.")
        ]


async def test_every_other_kind_ends_only_once_it_is_done(desk: Desk) -> None:
    """S2-2.3, S3-10.1.1: an objection stops offers and surveys, an erasure needs one, a refusal its reason."""
    async with desk.work(CORA) as work:
        bo = await customers.create(work, CustomerDetails(name="Bo", email="bo@example.com"))
        said = await consents.wordings(work)
        await consents.agree(work, bo, ConsentPurpose.MARKETING, said[ConsentPurpose.MARKETING].id)
        for words, day, fields in (
            ("", TODAY, {"words"}),
            ("x" * 2001, TODAY + timedelta(days=2), {"words", "received_on"}),
            ("x", TODAY - timedelta(days=367), {"received_on"}),
        ):
            with pytest.raises(NotAccepted) as refused:
                await data_requests.note(work, bo, K.ACCESS, words, day)
            assert set(refused.value.fields) == fields
    made = {kind: await noted(desk, kind, bo.id) for kind in K}
    async with desk.work(MARA) as work:
        told = await data_requests.hand_out(
            work, await data_requests.load(work, made[K.PORTABILITY]), "Verified."
        )
        assert told["customers"][0]["email"] == "bo@example.com"
        with pytest.raises(WrongMoment, match="Nothing is to be handed out"):
            await data_requests.hand_out(
                work, await data_requests.load(work, made[K.CORRECTION]), "Verified."
            )
        with pytest.raises(NotAccepted):
            await data_requests.refuse(work, await data_requests.load(work, made[K.ACCESS]), " ")
        await data_requests.refuse(
            work, await data_requests.load(work, made[K.ACCESS]), "Asked twice this week."
        )
    for kind in (K.CORRECTION, K.PORTABILITY, K.OBJECTION, K.RESTRICTION):
        await finished(desk, made[kind])
    async with desk.look(SYSTEM) as work:
        row = await work.session.get_one(Customer, bo.id)
        assert (row.marketing_consent_at, row.no_surveys_at) == (None, work.now)
    with pytest.raises(WrongMoment, match="Erase the customer first"):
        await finished(desk, made[K.ERASURE])
    async with desk.work(MARA) as work:
        erasure = await erasing.ask(work, await customers.load(work, bo.id), bo.number, "By their own wish.")
    async with desk.work(MIA) as work:
        await erasing.erase(work, await erasing.load(work, erasure.id), bo.number)
    await finished(desk, made[K.ERASURE])
    async with desk.look(MARA) as work:
        ended = (await data_requests.listed(work, ended=True)).rows
        assert {(row.kind, row.status) for row in ended} == {
            (kind, DataRequestStatus.REFUSED if kind is K.ACCESS else DataRequestStatus.DONE) for kind in K
        }
        assert {row.words for row in ended} == {"erased"}
        assert (await data_requests.listed(work, ended=False)).rows == []


async def test_managers_are_reminded_a_week_before_and_on_the_day(desk: Desk, clock: Clock) -> None:
    """S2-2.3"""
    request_id = await noted(desk, K.ACCESS)
    told = []
    for day in (25, 26, 27, 32, 33):  # due on 2 April
        clock.now = datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=day - 1)
        await remind_follow_ups(desk)
        async with desk.look(SYSTEM) as work:
            found = await work.session.scalars(
                select(Message.to_name).where(Message.once.startswith(f"data-request/{request_id}/"))
            )
            told.append(list(found))
    assert told == [[], ["Mara"], ["Mara"], ["Mara"], ["Mara", "Mara"]]
    async with desk.look(SYSTEM) as work:
        assert (await work.session.get_one(DataRequest, request_id)).next_at is None
