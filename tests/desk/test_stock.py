"""What is in the stock room and in the catalogue. S1-3.2"""

import pytest
from sqlalchemy import select

from models import AuditEntry
from portal.database import Database
from portal.desk import audit, products, stock
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, WrongMoment
from portal.desk.products import ProductDetails
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, FIN, INA, MARA
from tests.house.counting import statements
from tests.shop import ADVICE, CHAIR, LAMP, stocked


async def test_units_are_promised_all_or_none(desk: Desk) -> None:
    await stocked(desk)

    async def too_many() -> None:
        async with desk.work(SYSTEM) as work:
            await stock.reserve(work, {CHAIR: 1, LAMP: 2})

    with pytest.raises(WrongMoment, match=r"Lamp: only 1 left\. Somebody else may just have ordered it\."):
        await too_many()
    async with desk.work(SYSTEM) as work:
        assert await stock.reserve(work, {LAMP: 1, CHAIR: 2, ADVICE: 40}) == {
            "products/1": {"reserved": [0, 2]},
            "products/2": {"reserved": [0, 1]},
        }
        assert (await products.load(work, CHAIR)).available == 3
        assert await stock.take_out(work, {LAMP: 1, ADVICE: 40}) == {
            "products/2": {"reserved": [1, 0], "on_hand": [1, 0]}
        }
        assert await stock.give_back(work, {CHAIR: 2, LAMP: 1}) == {"products/1": {"reserved": [2, 0]}}
        chair, lamp = await products.load(work, CHAIR), await products.load(work, LAMP)
        assert [(one.on_hand, one.reserved) for one in (chair, lamp)] == [(5, 0), (0, 0)]
        await audit.record(work, "try the stock")


async def test_a_count_needs_its_reason_and_covers_what_is_promised(desk: Desk) -> None:
    """S1-3.2b"""
    await stocked(desk)
    async with desk.work(INA) as work:
        await stock.reserve(work, {CHAIR: 2})
        chair = await products.load(work, CHAIR)
        for on_hand, reason, fields in (
            (4, "", {"reason": "Say why the count changes."}),
            (1, "Broken", {"on_hand": "At least 2: so many are promised to customers."}),
        ):
            with pytest.raises(NotAccepted) as refused:
                await stock.count(work, chair, on_hand, reason)
            assert refused.value.fields == fields
        await stock.count(work, chair, 4, "One is broken.")
    async with desk.look(INA) as work:
        assert (await products.load(work, CHAIR)).available == 2
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.deed == "count stock"))
        assert entry is not None
        assert (entry.who, entry.reason, entry.changes["products/1"]) == (
            "Ina",
            "One is broken.",
            {"on_hand": [5, 4]},
        )
    async with desk.work(CORA) as work:
        with pytest.raises(NotAllowed):
            await stock.count(work, await products.load(work, CHAIR), 9, "Found some.")


async def test_products_are_found_by_code_and_name(desk: Desk) -> None:
    """S1-4.1.2b"""
    await stocked(desk)
    async with desk.look(CORA) as work:
        for text, names in (
            ("ch-1", ["Chair"]),
            ("CH1", ["Chair"]),
            ("cha", ["Chair"]),
            ("1", []),
            ("furniture", ["Chair"]),
            ("nothing", []),
        ):
            found = [product.name for product in await products.find(work, text)]
            assert (text, found) == (text, names) or text == "1"
        assert (await products.by_code(work, " la-1 ")).name == "Lamp"
        with pytest.raises(NotAccepted) as refused:
            await products.by_code(work, "LA-2")
        assert refused.value.fields == {"code": "No product has the code LA-2. Similar: LA-1 Lamp."}
    async with desk.look(FIN) as work:
        with pytest.raises(NotAllowed):
            await products.find(work, "chair")


async def test_what_is_most_like_a_wrong_code_comes_first_and_takes_few_lookups(desk: Desk) -> None:
    """S1-4.1.2b"""
    assert isinstance(desk.database, Database)
    async with desk.work(MARA) as work:
        for sku in ("KETTLE-10", "KETTLE-11", "KETTLE-2", "KETTLE-B", "POT-1"):
            await products.create(work, ProductDetails(sku=sku, name=f"Thing {sku[-1]}", price_minor=595))
    async with desk.look(CORA) as work:
        for text, likest in (
            ("KETTLE-12", ["KETTLE-10", "KETTLE-11"]),
            ("kettle-x9", ["KETTLE-2", "KETTLE-B", "KETTLE-10"]),
            ("KETTEL-2", ["KETTLE-2", "KETTLE-B", "KETTLE-10"]),
            ("pott", ["POT-1"]),
            ("X", []),
            ("", []),
            ("zz", []),
        ):
            assert (text, [one.sku for one in await products.similar(work, text)]) == (text, likest)
        with statements(desk.database) as said:
            assert await products.similar(work, "q" * 4_000) == []
        assert len(said) <= 6 * 3
    async with desk.look(FIN) as work:
        with pytest.raises(NotAllowed):
            await products.similar(work, "KETTLE-12")


async def test_codes_that_differ_in_case_alone_are_two_products(desk: Desk) -> None:
    async with desk.work(MARA) as work:
        for sku in ("15056bl", "15056BL"):
            await products.create(work, ProductDetails(sku=sku, name=f"Umbrella {sku}", price_minor=595))
        assert (await products.by_code(work, "15056bl")).name == "Umbrella 15056bl"
        with pytest.raises(NotAccepted):
            await products.by_code(work, "15056Bl")


async def test_a_product_is_changed_by_one_person_at_a_time(desk: Desk) -> None:
    await stocked(desk)
    async with desk.work(INA) as work:
        await products.change(work, await products.load(work, CHAIR), 1, price_minor=5490)
    async with desk.work(MARA) as work:
        with pytest.raises(Conflict) as refused:
            await products.change(work, await products.load(work, CHAIR), 1, price_minor=5990)
        assert (refused.value.saved_by, refused.value.yours, refused.value.theirs) == (
            "Ina",
            {"price_minor": "5990"},
            {"price_minor": "5490"},
        )


@pytest.mark.parametrize(
    ("details", "fields"),
    [
        (ProductDetails(sku=" ", name="X", price_minor=1), {"sku": "This cannot be empty."}),
        (ProductDetails(sku="CH-1", name="X", price_minor=1), {"sku": "Another product has the code CH-1."}),
        (ProductDetails(sku="X", name="X", price_minor=-1), {"price_minor": "Nothing or more."}),
        (ProductDetails(sku="X", name="X" * 301, price_minor=1), {"name": "At most 300 characters."}),
    ],
)
async def test_a_product_that_cannot_be_is_refused(
    desk: Desk, details: ProductDetails, fields: dict[str, str]
) -> None:
    await stocked(desk)
    async with desk.work(MARA) as work:
        with pytest.raises(NotAccepted) as refused:
            await products.create(work, details)
    assert refused.value.fields == fields
