"""Two records of one customer: everything goes over in one deed, and comes back exactly. S2-6.5"""

import pytest
from sqlalchemy import func, select

from models import Base, Contact, Customer, CustomerMerge, Intake, Order
from models.words import Channel
from portal.desk import audit, customers, intake, merging, orders, search, surveys
from portal.desk.customers import CustomerDetails
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, SAM, Clock
from tests.desk.stories import opened
from tests.scene import busy_monday
from tests.shop import ordered

WHY = "The same phone, and she says so."


async def twin(desk: Desk) -> Customer:
    """Ana once more, taken down under a new number."""
    async with desk.work(CORA) as work:
        await search.index(work, await work.session.get_one(Customer, ANA))
        return await customers.create(work, CustomerDetails(name="Ana Sample", email="ana.s@example.com"))


async def naming(desk: Desk, customer_id: int) -> dict[str, list[int]]:
    """Every row that names a customer, by its column."""
    found = {}
    async with desk.look(SYSTEM) as work:
        for column in merging.references():
            ids = list(await work.session.scalars(select(column.table.c.id).where(column == customer_id)))
            if ids:
                found[str(column)] = sorted(ids)
    return found


async def found_by(desk: Desk, text: str) -> list[int]:
    async with desk.look(CORA) as work:
        return [one.id for one in await customers.find(work, text)]


async def merged(desk: Desk, into: int, number: str) -> int:
    async with desk.work(SAM) as work:
        made = await merging.merge(work, await customers.load(work, into), number, WHY)
        return made.id


def test_every_column_that_names_a_customer_goes_along_but_the_two_that_say_what_was() -> None:
    named = {
        str(column)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "customers" for key in column.foreign_keys)
    }
    staying = {"disclosures.customer_id", "customer_merges.kept_id", "customer_merges.gone_id"}
    assert named - set(map(str, merging.references())) == staying


async def test_everything_goes_over_and_comes_back_exactly(desk: Desk, clock: Clock) -> None:
    await busy_monday(desk, clock)
    other = await twin(desk)
    async with desk.work(CORA) as work:
        await surveys.note(work, await customers.load(work, ANA), asked=False)
    before = await naming(desk, ANA)
    assert {"orders.customer_id", "cases.customer_id", "messages.customer_id"} <= before.keys()
    assert await naming(desk, other.id) == {}
    merge_id = await merged(desk, other.id, "hk-25-000001-1")
    assert await naming(desk, ANA) == {}
    assert await naming(desk, other.id) == {**before, "customers.merged_into_id": [ANA]}
    texts = ("HK-25-000001-1", other.number, "ana sample", "ana@example.com")
    assert [await found_by(desk, text) for text in texts] == [[other.id], [other.id], [other.id], []]
    async with desk.look(CORA) as work:
        kept = await customers.load(work, other.id)
        assert (kept.email, kept.no_surveys_at) == ("ana.s@example.com", work.now)
        sold = await orders.found(work, orders.Wanted("HK-25-000001-1"))
        assert {one.id for one in sold.rows} == set(before["orders.customer_id"])
    since = await opened(desk, customer_id=other.id)
    clock.forward(days=29, hours=23)
    async with desk.work(SAM) as work:
        await merging.undo(work, merge_id)
    assert await naming(desk, ANA) == before
    assert (await naming(desk, other.id))["cases.customer_id"] == [since]
    assert await found_by(desk, "ana@example.com") == [ANA]
    async with desk.look(CORA) as work:
        kept, gone = await customers.load(work, other.id), await customers.load(work, ANA)
        assert (kept.no_surveys_at, gone.merged_into_id, gone.no_surveys_at is None) == (None, None, False)
        row = await work.session.get_one(CustomerMerge, merge_id)
        assert (row.made_by_id, row.reason, row.undone_by_id) == (SAM.person_id, WHY, SAM.person_id)
    with pytest.raises(WrongMoment, match="undone already"):
        async with desk.work(SAM) as work:
            await merging.undo(work, merge_id)


async def test_what_cannot_be_merged_is_refused_in_words(desk: Desk, clock: Clock) -> None:
    other, third = await twin(desk), await twin(desk)
    async with desk.work(SAM) as work:
        ana = await customers.load(work, ANA)
        for number, reason, fields in (
            (ana.number, WHY, {"number"}),
            ("HK-99", " ", {"number", "merge_reason"}),
            (other.number, "x" * 501, {"merge_reason"}),
        ):
            with pytest.raises(NotAccepted) as refused:
                await merging.merge(work, ana, number, reason)
            assert set(refused.value.fields) == fields
    with pytest.raises(NotAllowed):
        async with desk.work(CORA) as work:
            await merging.merge(work, await customers.load(work, ANA), other.number, WHY)
    merge_id = await merged(desk, ANA, other.number)
    for into, number, told in (
        (third.id, ana.number, "Another record was merged into"),
        (third.id, other.number, "merged into another record already"),
        (other.id, third.number, "merged into another record already"),
    ):
        with pytest.raises(WrongMoment, match=told):
            await merged(desk, into, number)
    async with desk.work(CORA) as work:
        gone = await customers.load(work, other.id)
        with pytest.raises(WrongMoment, match="change that one"):
            await customers.change(work, gone, gone.version, name="Bo")
    async with desk.work(CORA) as work:
        begun = await work.session.get_one(Intake, await intake.begin(work, Channel.PHONE))
        (await work.session.get_one(Contact, begun.contact_id)).customer_id = third.id
        await audit.record(work, "choose", begun)
    with pytest.raises(WrongMoment, match="under way"):
        await merged(desk, ANA, third.number)
    clock.forward(days=30)
    with pytest.raises(WrongMoment, match="is over"):
        async with desk.work(SAM) as work:
            await merging.undo(work, merge_id)


async def test_a_record_goes_on_to_a_third_once_the_first_merge_stands(desk: Desk, clock: Clock) -> None:
    """Both older numbers are found then, and undoing the second merge leads the first back to where it was."""
    await ordered(desk)
    other, third = await twin(desk), await twin(desk)
    await merged(desk, other.id, "HK-25-000001-1")
    clock.forward(days=30)
    second = await merged(desk, third.id, other.number)
    numbers = ("HK-25-000001-1", other.number, third.number)
    assert [await found_by(desk, number) for number in numbers] == [[third.id]] * 3
    async with desk.work(SAM) as work:
        await merging.undo(work, second)
    assert [await found_by(desk, number) for number in numbers] == [[other.id], [other.id], [third.id]]
    async with desk.look(CORA) as work:
        assert await work.session.scalar(select(func.count()).where(Order.customer_id == other.id)) == 1
