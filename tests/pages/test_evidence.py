"""The pages of the evidence: by clause, by contact, what was left out today, and what serves each clause."""

import pytest
from starlette.applications import Starlette

from portal.desk.work import Desk
from tests.cast import ADA, CORA, FIN, MARA, SAM
from tests.desk.test_evidence import broken_off
from tests.html import read
from tests.visits import Visitor


async def test_a_number_leads_to_the_contacts_it_counts(desk: Desk, visitor: Visitor) -> None:
    contact_id = await broken_off(desk)
    sam = await visitor(SAM)
    report = await sam.get("/evidence?q=S2-10.3")
    addresses = [one.attributes.get("href", "") for one in read(report.text).each("a")]
    links = [one for one in addresses if "state=missing" in one]
    assert len(links) == 1
    listed = await sam.get(links[0])
    assert f"/contacts/{contact_id}#step-close" in listed.text
    assert "The line broke." in listed.text
    contact = await sam.get(f"/contacts/{contact_id}")
    assert 'id="step-close"' in contact.text
    assert "Did not want to say." in contact.text


async def test_what_was_left_out_stands_on_the_supervisors_list_the_same_day(
    desk: Desk, visitor: Visitor
) -> None:
    await broken_off(desk)
    sam = await visitor(SAM)
    assert "Did not want to say." in (await sam.get("/evidence/left-out")).text
    assert "Did not want to say." not in (await sam.get("/evidence/left-out?required=yes")).text
    home = await sam.get("/")
    assert "/evidence/left-out" in home.text


@pytest.mark.parametrize(
    "address",
    [
        "/evidence?month=9999-99&script=nothing&channel=pigeon&team=" + "x" * 500,
        "/evidence/S2-10.3?month=&state=eaten&before=~~~",
        "/evidence/left-out?show=always&before=-1~-1",
    ],
)
async def test_an_address_made_up_by_hand_shows_what_can_be_shown(address: str, visitor: Visitor) -> None:
    assert (await (await visitor(SAM)).get(address)).status_code == 200


async def test_a_clause_or_contact_that_does_not_exist_is_said_to(visitor: Visitor) -> None:
    sam = await visitor(SAM)
    assert (await sam.get("/evidence/S9-9")).status_code == 404
    assert (await sam.get("/contacts/999")).status_code == 404


async def test_every_clause_is_listed_with_what_serves_it_or_as_not_served(
    app: Starlette, visitor: Visitor
) -> None:
    """S4-1.1"""
    del app
    mara = await visitor(MARA)
    await mara.post("/contacts", data={"channel": "phone"})
    page = (await mara.get("/procedures")).text
    for clause in ("S0-1.1", "S3-16.1.1", "S4-5.5"):
        assert f'id="{clause}"' in page
    assert "/scripts/opening/diagram#step-greet" in page
    missing = (await mara.get("/procedures?show=missing")).text
    assert 'id="S0-2.3b"' in missing
    assert 'id="S0-3.1.1b"' not in missing
    lacking = " ".join(missing.split('id="S0-2.3a"')[1].split("<li")[0].split())
    assert "served in part" in lacking
    assert "there is nothing to reconcile with yet" in lacking
    nothing = missing.split('id="S0-2.3b"')[1].split("<li")[0]
    assert "not served yet" in nothing


async def test_the_report_is_for_those_who_lead(desk: Desk, visitor: Visitor) -> None:
    contact_id = await broken_off(desk)
    for actor, status in ((CORA, 403), (FIN, 403), (ADA, 403), (SAM, 200)):
        assert (await (await visitor(actor)).get("/evidence")).status_code == status
    seen = [(await (await visitor(one)).get(f"/contacts/{contact_id}")).status_code for one in (CORA, FIN)]
    assert seen == [200, 403]
