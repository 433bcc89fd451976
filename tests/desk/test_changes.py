"""Nothing changes without an entry that says who did what."""

from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from models import AuditEntry, Customer, Product
from portal.desk import audit
from portal.desk.changes import Unrecorded
from portal.desk.work import Desk
from tests.cast import ANA, CORA


async def entries(desk: Desk) -> list[AuditEntry]:
    async with desk.look(CORA) as work:
        return list((await work.session.execute(select(AuditEntry).order_by(AuditEntry.id))).scalars())


async def test_an_entry_holds_who_when_what_and_old_and_new(desk: Desk) -> None:
    """S2-15.5b, S2-8.7, S0-1.1"""
    async with desk.work(CORA) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.city = "Hamburg"
        ana.postal_code = "20095"
        await audit.record(work, "change customer", ana, reason="she moved")
    entry = (await entries(desk))[-1]
    assert (entry.person_id, entry.who, entry.deed, entry.at, entry.reason) == (
        CORA.person_id, "Cora", "change customer", desk.clock(), "she moved",
    )  # fmt: skip
    assert (entry.subject_kind, entry.subject_id) == ("customers", str(ANA))
    assert entry.changes == {
        f"customers/{ANA}": {"city": ["Berlin", "Hamburg"], "postal_code": ["10115", "20095"]}
    }


async def test_a_change_without_a_deed_is_not_kept(desk: Desk) -> None:
    with pytest.raises(Unrecorded, match="customers/1"):
        async with desk.work(CORA) as work:
            (await work.session.get_one(Customer, ANA)).city = "Hamburg"
    async with desk.look(CORA) as work:
        assert (await work.session.get_one(Customer, ANA)).city == "Berlin"


@pytest.mark.parametrize("bulk", ["mapped", "table"])
async def test_a_bulk_statement_nobody_accounts_for_is_refused(desk: Desk, bulk: str) -> None:
    table: Any = Customer if bulk == "mapped" else Customer.__table__
    statement = update(table).values(city="Hamburg")
    with pytest.raises(Unrecorded, match="bulk statement"):
        async with desk.work(CORA) as work:
            await work.session.execute(statement)
    with pytest.raises(Unrecorded, match="bulk statement"):
        async with desk.work(CORA) as work:
            await work.session.execute(statement, execution_options={"audited": True})  # and no entry follows
    async with desk.look(CORA) as work:
        assert (await work.session.get_one(Customer, ANA)).city == "Berlin"


async def test_a_bulk_statement_with_its_entry_is_kept(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        await work.session.execute(
            insert(Product)
            .values(sku="A1", name="Mug", price_minor=900, created_at=work.now)
            .execution_options(audited=True),
        )
        await audit.record(work, "import products", reason="one row")
    assert (await entries(desk))[-1].deed == "import products"


async def test_the_reading_side_cannot_write(desk: Desk) -> None:
    async with desk.look(CORA) as work:
        (await work.session.get_one(Customer, ANA)).city = "Hamburg"
        with pytest.raises(DBAPIError, match=r"read-?only"):
            await work.session.flush()


async def test_a_look_leaves_nothing_behind(desk: Desk) -> None:
    before = len(await entries(desk))
    async with desk.look(CORA) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.city = "Hamburg"
    async with desk.look(CORA) as work:
        assert (await work.session.get_one(Customer, ANA)).city == "Berlin"
    assert len(await entries(desk)) == before
