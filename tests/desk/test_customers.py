"""Customers are taken down once and told apart."""

import pytest
from sqlalchemy import select

from models import AuditEntry
from models.words import PreferredChannel
from portal.desk import customers
from portal.desk.cards import REFUSAL
from portal.desk.customers import CustomerDetails, MaskedCustomer, details_of
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, NotFound
from portal.desk.numbers import written
from portal.desk.work import Desk
from tests.cast import ANA, CEM, CORA, FIN, FRED, SAM
from tests.shop import ordered

BEA = CustomerDetails(
    name="Bea Example",
    organisation="Bea & Daughters",
    email="bea@example.com",
    phone="030 7654321",
    preferred_channel=PreferredChannel.CALL,
    language="de",
    street="Side Street 2\nback yard",
    city="Berlin",
    region="Berlin",
    postal_code="10999",
    country="Germany",
    note="Rings twice.",
)


async def test_what_is_told_is_kept_and_the_phone_number_in_one_form(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        created = (await customers.create(work, BEA)).id
    async with desk.look(CORA) as work:
        bea = await customers.load(work, created)
        told = {name: getattr(BEA, name) for name in customers.DETAILS} | {"phone": "+49307654321"}
        assert details_of(bea) == CustomerDetails(**told)
        assert (bea.number, bea.version) == (written("customer", 2026, 1), 1)
        entry = await work.session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
        assert entry is not None
        assert (entry.who, entry.deed, entry.subject_id) == ("Cora", "create customer", str(created))
        assert entry.changes[f"customers/{created}"]["email"] == [None, "bea@example.com"]


async def test_one_word_is_name_enough(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        bare = await customers.create(work, CustomerDetails(name="Björk", email="b@example.com"))
        assert details_of(bare) == CustomerDetails(name="Björk", email="b@example.com")


@pytest.mark.parametrize(
    ("details", "fields"),
    [
        (CustomerDetails(name=" ", phone="030 1"), {"name": "Enter a name. One word is enough."}),
        (CustomerDetails(name="x" * 301, phone="030 1"), {"name": "At most 300 characters; these are 301."}),
        (CustomerDetails(name="Bea", phone="030 1", note="4111 1111 1111 1111"), {"note": REFUSAL}),
        (
            CustomerDetails(name="Bea", phone="030 1", language="German"),
            {"language": "Choose a language, such as en or de."},
        ),
        (
            CustomerDetails(name="Be\0a", email="b@example.com\nBcc: x@example.com"),
            {
                "name": "This holds a sign that cannot be stored. Type it anew.",
                "email": "This is not an e-mail address. The part after the @-sign contains invalid"
                " characters: ':', '@', SPACE, U+000A.",
            },
        ),
    ],
)
async def test_what_cannot_be_taken_is_told_field_by_field(
    desk: Desk, details: CustomerDetails, fields: dict[str, str]
) -> None:
    """S1-4.1.2a"""
    async with desk.work(CORA) as work:
        with pytest.raises(NotAccepted) as refused:
            await customers.create(work, details)
        work.session.expunge_all()
    assert refused.value.fields == fields


@pytest.mark.parametrize("spelling", ["+49 30 7654321", "0049 (30) 765-4321", "030/7654321", "0307654321"])
@pytest.mark.parametrize("country", ["Germany", "DE", ""])
async def test_one_phone_number_in_any_spelling_finds_one_customer(
    desk: Desk, spelling: str, country: str
) -> None:
    """S2-6.4"""
    async with desk.work(CORA) as work:
        created = await customers.create(work, BEA)
        await customers.create(work, CustomerDetails(name="Somebody", phone="+49 30 7654322"))
        found = await customers.duplicates(work, CustomerDetails(name="?", phone=spelling, country=country))
        assert found == [customers.Duplicate(created, ("phone",))]


async def test_a_customer_already_known_is_suggested_and_by_what(desk: Desk) -> None:
    """S2-6.4"""
    async with desk.work(CORA) as work:
        bea = await customers.create(work, BEA)
        for details, because in (
            (CustomerDetails(name="B.", email="BEA@Example.com "), ("e-mail",)),
            (CustomerDetails(name="example BEA", postal_code="10 999"), ("name and post code",)),
            (BEA, ("e-mail", "phone", "name and post code")),
        ):
            assert await customers.duplicates(work, details) == [customers.Duplicate(bea, because)]
        for details in (
            CustomerDetails(name="Bea Example"),
            CustomerDetails(name="Bea Example", postal_code="10998"),
            CustomerDetails(name="", email="", phone=""),
        ):
            assert await customers.duplicates(work, details) == []


async def test_the_second_to_save_is_told_who_changed_what(desk: Desk) -> None:
    """S2-6.5"""
    async with desk.look(CORA) as work:
        seen = (await customers.load(work, ANA)).version
    async with desk.work(CEM) as work:
        ana = await customers.load(work, ANA)
        await customers.change(work, ana, seen, city="Potsdam", postal_code="14467")
    async with desk.work(CORA) as work:
        ana = await customers.load(work, ANA)
        with pytest.raises(Conflict) as refused:
            await customers.change(work, ana, seen, city="Bremen", name="Ana Example")
    conflict = refused.value
    assert (conflict.saved_by, conflict.yours, conflict.theirs) == (
        "Cem",
        {"city": "Bremen"},
        {"city": "Potsdam"},
    )
    assert (
        conflict.message
        == "Cem changed this while you were writing (city, postal code). Nothing was overwritten."
    )
    async with desk.work(CORA) as work:
        ana = await customers.load(work, ANA)
        await customers.change(work, ana, ana.version, city="Bremen")
    async with desk.look(CORA) as work:
        assert (await customers.load(work, ANA)).city == "Bremen"


async def test_before_the_caller_is_verified_the_details_are_masked(desk: Desk) -> None:
    async with desk.look(CORA) as work:
        ana = await customers.load(work, ANA)
    assert customers.masked(ana) == MaskedCustomer(
        id=1,
        number="HK-25-000001-1",
        name="Ana E••••",
        organisation="",
        email="a••••@e••••",
        phone="••••67",
        place="B••••",
    )
    ana.name, ana.email, ana.phone, ana.city = "Björk", "", "", ""
    assert customers.masked(ana) == MaskedCustomer(1, ana.number, "B••••", "", "", "", "")


async def test_an_order_number_finds_its_customer(desk: Desk) -> None:
    placed = await ordered(desk)
    async with desk.look(CORA) as work:
        for told in (placed.number, placed.number.replace("-", " ").lower()):
            assert [one.id for one in await customers.find(work, told)] == [ANA]


async def test_only_the_desk_sees_and_edits_customers(desk: Desk) -> None:
    async with desk.look(SAM) as work:
        with pytest.raises(NotFound):
            await customers.load(work, 999)
    for actor in (FIN, FRED):
        async with desk.look(actor) as work:
            with pytest.raises(NotAllowed):
                await customers.load(work, ANA)
            with pytest.raises(NotAllowed):
                await customers.find(work, "ana")
