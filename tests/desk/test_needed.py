"""What has to be known of a new customer, by kind, as data. S1-4.1.2a"""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from models import CustomerNeed
from models.words import CustomerDetail, CustomerKind
from portal.desk import customers, needed
from portal.desk.customers import CustomerDetails
from portal.desk.errors import NotAccepted, NotAllowed
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CORA, FIN, MARA, SAM

PERSON, COMPANY = CustomerKind.PERSON, CustomerKind.COMPANY
NAME = {"name": "Enter a name. One word is enough."}
REACH = {"phone": "Enter a phone number or an e-mail address: one way to reach them."}
FIRM = {"organisation": "Enter the company’s name."}


async def change(
    desk: Desk, kind: CustomerKind, detail: CustomerDetail, actor: Actor = MARA, *, required: bool
) -> None:
    async with desk.work(SYSTEM) as work:
        await needed.ensure_defaults(work)
    async with desk.work(actor) as work:
        here = CustomerNeed.kind == kind, CustomerNeed.detail == detail
        row = (await work.session.scalars(select(CustomerNeed).where(*here))).one()
        await needed.change(work, row, row.version, required=required)


async def refused(desk: Desk, details: CustomerDetails) -> dict[str, str]:
    """What is said at which field when this customer is taken down; nothing when they are."""
    try:
        async with desk.work(CORA) as work:
            await customers.create(work, details)
    except NotAccepted as error:
        return error.fields
    return {}


@pytest.mark.parametrize(
    ("details", "missing"),
    [
        (CustomerDetails(name=""), NAME | REACH),
        (CustomerDetails(name="Bo"), REACH),
        (CustomerDetails(name="Bo", phone=" "), REACH),
        (CustomerDetails(name="Bo", phone="030 1"), {}),
        (CustomerDetails(name="Bo", email="bo@example.com"), {}),
        (CustomerDetails(kind=COMPANY, name=""), NAME | REACH | FIRM),
        (CustomerDetails(kind=COMPANY, name="Bo", email="bo@example.com"), FIRM),
        (CustomerDetails(kind=COMPANY, name="Bo", organisation="Bo & Co", phone="030 2"), {}),
        (CustomerDetails(kind=COMPANY, name="Bo", organisation="Bo & Co"), REACH),
    ],
)
async def test_each_kind_has_its_own_details_and_each_that_lacks_is_named(
    desk: Desk, details: CustomerDetails, missing: dict[str, str]
) -> None:
    assert await refused(desk, details) == missing


async def test_who_is_brought_in_comes_with_what_is_known_there(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        made = await customers.create(work, CustomerDetails(name="Bo"), source="shop", source_id="1")
    assert (made.kind, made.phone) == (PERSON, "")


async def test_what_is_needed_is_data(desk: Desk) -> None:
    """A manager asks for more, or for less; no default that nobody wrote down is lost."""
    async with desk.look(CORA) as work:
        before = await needed.needed(work)
    async with desk.work(MARA) as work:
        assert await needed.ensure_defaults(work) == 14
        assert await needed.ensure_defaults(work) == 0
    async with desk.look(CORA) as work:
        assert await needed.needed(work) == before == needed.DEFAULTS
    await change(desk, PERSON, CustomerDetail.REACH, required=False)
    for detail in (CustomerDetail.CITY, CustomerDetail.EMAIL, CustomerDetail.STREET, CustomerDetail.COUNTRY):
        await change(desk, PERSON, detail, required=True)
    assert await refused(desk, CustomerDetails(name="Bo", street="Side Street 2")) == {
        "email": "Enter an e-mail address.",
        "city": "Enter the town.",
        "country": "Enter the country.",
    }
    firm = CustomerDetails(kind=COMPANY, name="Bo", organisation="Bo & Co", phone="030 2")
    assert await refused(desk, firm) == {}


async def changed(desk: Desk, **changes: Any) -> dict[str, str]:
    """What is said at which field when this is changed of Ana; nothing when it is done."""
    try:
        async with desk.work(CORA) as work:
            ana = await customers.load(work, ANA)
            await customers.change(work, ana, ana.version, **changes)
    except NotAccepted as error:
        return error.fields
    return {}


async def test_what_was_never_known_keeps_nobody_from_changing_the_rest(desk: Desk) -> None:
    """What is required and known cannot go; whoever becomes a company has to have its name."""
    assert await changed(desk, kind=COMPANY) == FIRM
    await change(desk, PERSON, CustomerDetail.ORGANISATION, required=True)
    assert await changed(desk, city="Bonn") == {}
    assert await changed(desk, email="", phone="") == REACH
    assert await changed(desk, kind=COMPANY, email="", phone="") == REACH
    assert await changed(desk, kind=COMPANY, phone="") == {}


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(NotAccepted) as none:
        customers.from_form({"name": "Bo", "kind": "robot"})
    assert none.value.fields == {"kind": "Choose what kind of customer this is."}
    told = customers.from_form({"name": "Bo", "kind": "company"})
    assert told == replace(CustomerDetails(name="Bo"), kind=COMPANY)


@pytest.mark.parametrize("who", [CORA, SAM, FIN], ids=lambda who: who.name)
async def test_only_who_edits_the_policy_says_what_is_needed(desk: Desk, who: Actor) -> None:
    with pytest.raises(NotAllowed):
        await change(desk, PERSON, CustomerDetail.CITY, who, required=True)
