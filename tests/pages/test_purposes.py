"""No form asks for a personal detail without saying what for. S2-2.2"""

import re
from html import unescape

from models import Customer
from portal.desk import customers
from portal.desk.fields import FIELDS
from portal.desk.fields.purposes import PURPOSES
from portal.desk.work import Desk
from tests.cast import ANA, CORA, MARA
from tests.visits import Visitor
from tests.wizard import Walk, known, to_about

CONTROL = re.compile(r"<(?:input|textarea|select)\b[^>]*>")
KEPT_BY_THE_DESK = {
    "id", "version", "number", "kind", "tier", "marketing_consent_at", "research_consent_at", "locked_until",
    "failed_verifications", "source", "source_id", "created_at", "no_surveys_at", "merged_into_id",
    "held_because", "erased_at",
}  # fmt: skip
"""What stands in a customer's row and is not asked of them, or says nothing of a person."""


def unsaid(page: str, *, besides: str = "") -> tuple[set[str], list[str]]:
    """The personal details that a page asks for, and those of them whose hint does not say what for."""
    asked, silent = set(), []
    for control in CONTROL.findall(page):
        told = dict(re.findall(r'([\w-]+)="([^"]*)"', control))
        name = told.get("name", "")
        if name not in PURPOSES or name == besides or told.get("type") in {"hidden", "radio"}:
            continue
        asked.add(name)
        hints = [
            re.search(rf'id="{one}"[^>]*>(.*?)</', page, re.DOTALL)
            for one in told.get("aria-describedby", "").split()
        ]
        if not any(hint and PURPOSES[name] in unescape(hint[1]) for hint in hints):
            silent.append(name)
    return asked, silent


def test_every_detail_of_a_customer_has_a_purpose() -> None:
    assert {*Customer.__table__.columns.keys()} - KEPT_BY_THE_DESK <= PURPOSES.keys()
    assert set(customers.DETAILS) - {"kind"} <= PURPOSES.keys()
    assert [name for name, words in PURPOSES.items() if not 10 < len(words) < 90] == []
    personal = {"phone", "email", "address"}
    assert {name for name, kind in FIELDS.items() if kind.purpose} == personal


async def test_every_form_says_it_at_the_field(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    cora, mara = await visitor(CORA), await visitor(MARA)
    begun = (await cora.get("/contacts/new")).text
    walk = await Walk(cora).begin()
    await walk.send(greeted="yes")
    await walk.send(do="new")
    fresh = walk.page.text
    other = await Walk(cora).begin()
    await to_about(other)
    changed = (await cora.get(f"/intakes/{other.id}/details")).text
    await other.send(situation="order")
    await other.send(look="CH-1")
    await other.send(**{"product-1": "1", "quantity-1": "2"})
    assert other.at == "delivery"
    made = (await mara.get("/admin/customers/create")).text
    kept = (await mara.get(f"/admin/customers/edit/{ANA}")).text
    parcel = unsaid(
        other.page.text, besides="note"
    )  # what the driver has to know, and nothing about a person
    found = [unsaid(begun), unsaid(fresh), unsaid(changed), parcel, unsaid(made), unsaid(kept)]
    assert [silent for _, silent in found] == [[]] * 6
    details = set(customers.DETAILS) - {"kind"}
    assert [asked for asked, _ in found] == [
        {"handle"}, details, details - {"note"}, {"ship_name", "ship_address"}, details, details,
    ]  # fmt: skip
