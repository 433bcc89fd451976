"""What is saved in the tables is saved by the desk's deeds, and never over what somebody else saved meanwhile."""

import re
from datetime import date
from typing import Any

from sqlalchemy import select

from models import (
    AuditEntry,
    BusinessCalendar,
    CalendarDay,
    Customer,
    Message,
    Person,
    Product,
)
from models.words import MessageStatus
from portal.desk import search
from portal.desk.work import SYSTEM, Desk
from tests.admin_views.story import lived
from tests.cast import ADA, ANA, CEM, CORA, FIN, FRED, INA, MARA, SAM
from tests.shop import CHAIR, stocked
from tests.visits import Visitor

ANA_FORM = {"name": "Ana Example", "preferred_channel": "email", "language": "en", "phone": "+49301234567"}


async def row(desk: Desk, model: type[Any], key: int) -> Any:
    async with desk.look(SYSTEM) as work:
        return await work.session.get_one(model, key)


async def last_deed(desk: Desk) -> tuple[str, str, dict[str, Any]]:
    """Who did what last, and what changed."""
    async with desk.look(SYSTEM) as work:
        entry = (await work.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))).one()
        return entry.who, entry.deed, entry.changes


async def test_a_customer_is_changed_by_the_desk_and_found_anew(visitor: Visitor, desk: Desk) -> None:
    sam = await visitor(SAM)
    answer = await sam.post(
        f"/admin/customers/edit/{ANA}", data={**ANA_FORM, "version": "1", "name": "Ana Nova", "city": "Köln"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/customers/details/{ANA}")
    page = (await sam.get(answer.headers["location"])).text
    assert "The customer is saved." in page
    assert await last_deed(desk) == (
        "Sam",
        "change customer",
        {f"customers/{ANA}": {"name": ["Ana Example", "Ana Nova"], "city": ["Berlin", "Köln"]}},
    )
    async with desk.look(SYSTEM) as work:
        assert [hit.id for hit in await search.find(work, "nova", ("customer",))] == [ANA]


async def test_a_field_that_was_not_sent_stays_and_one_that_is_none_is_not_taken(
    visitor: Visitor, desk: Desk
) -> None:
    sam = await visitor(SAM)
    forged = {
        **ANA_FORM,
        "version": "1",
        "number": "HK-66",
        "created_at": "2020-01-01",
        "id": "7",
        "source": "x",
    }
    assert (await sam.post(f"/admin/customers/edit/{ANA}", data=forged)).status_code == 303
    ana = await row(desk, Customer, ANA)
    assert (ana.number, ana.email, ana.street, ana.source) == (
        "HK-25-000001-1", "ana@example.com", "Example Street 1", None,
    )  # fmt: skip


async def test_a_tier_and_quiet_hours_are_kept_or_refused_with_a_caret(visitor: Visitor, desk: Desk) -> None:
    """Decisions 12 and 15"""
    sam, ada = await visitor(SAM), await visitor(ADA)
    at = f"/admin/customers/edit/{ANA}"
    assert (await sam.post(at, data={**ANA_FORM, "version": "1", "tier": "priority"})).status_code == 303
    assert (await sam.post(at, data={**ANA_FORM, "version": "2"})).status_code == 303
    assert (await row(desk, Customer, ANA)).tier.value == "priority"
    assert (await sam.post(at, data={**ANA_FORM, "version": "2", "tier": "golden"})).status_code == 422
    cem = {
        "version": "1",
        "name": "Cem",
        "email": "cem@example.com",
        "roles": "representative",
        "active": "y",
    }
    cem |= {"zone": "Europe/Berlin", "quiet_hours": "Mo-Su 22:00-7"}
    at = f"/admin/people/edit/{CEM.person_id}"
    refused = await ada.post(at, data=cem)
    assert (refused.status_code, "^" in refused.text) == (422, True)
    assert (await ada.post(at, data={**cem, "quiet_hours": "Mo-Su 22:00-07:00"})).status_code == 303
    assert (await row(desk, Person, 2)).quiet_hours == "Mo-Su 22:00-07:00"


async def test_the_second_of_two_who_save_is_told_who_changed_what(visitor: Visitor, desk: Desk) -> None:
    """Nothing is overwritten; what was typed still stands; saving again is a decision."""
    sam, mara = await visitor(SAM), await visitor(MARA)
    at = f"/admin/customers/edit/{ANA}"
    assert 'name="version" value="1"' in (await sam.get(at)).text
    await mara.post(at, data={**ANA_FORM, "version": "1", "name": "Ana Marasdaughter"})
    typed = {**ANA_FORM, "version": "1", "name": "Ana Samsdaughter", "note": "Rang twice"}
    answer = await sam.post(at, data=typed)
    assert answer.status_code == 409
    for told in ("Mara", "Ana Marasdaughter", "Ana Samsdaughter", "Rang twice", 'name="version" value="2"'):
        assert told in answer.text
    assert (await row(desk, Customer, ANA)).name == "Ana Marasdaughter"
    assert (await sam.post(at, data={**typed, "version": "2"})).status_code == 303
    assert (await row(desk, Customer, ANA)).name == "Ana Samsdaughter"


async def test_a_form_without_its_version_saves_nothing(visitor: Visitor, desk: Desk) -> None:
    sam = await visitor(SAM)
    for version in ({}, {"version": ""}, {"version": "x"}, {"version": "9" * 30}, {"version": "-1"}):
        answer = await sam.post(
            f"/admin/customers/edit/{ANA}", data={**ANA_FORM, **version, "name": "Nobody"}
        )
        assert answer.status_code == 400
    assert (
        await sam.post(f"/admin/customers/edit/{ANA}", data={**ANA_FORM, "version": "7"})
    ).status_code == 409
    assert (await row(desk, Customer, ANA)).name == "Ana Example"


async def test_a_wrong_answer_is_told_beside_its_field_and_the_others_stay(visitor: Visitor) -> None:
    sam = await visitor(SAM)
    typed = {**ANA_FORM, "name": "", "email": "not an address", "city": "Sankt Ägidi & Co"}
    answer = await sam.post("/admin/customers/create", data=typed)
    assert answer.status_code == 422
    assert 'href="#name"' in answer.text
    assert "Sankt Ägidi &amp; Co" in answer.text
    answer = await sam.post("/admin/customers/create", data={**typed, "name": "Bo"})
    assert (answer.status_code, "This is not an e-mail address." in answer.text) == (422, True)


async def test_a_card_number_is_refused_wherever_something_is_typed(visitor: Visitor, desk: Desk) -> None:
    """Decision 7: in every form of the tables, and in the reason of an export."""
    await lived(desk)
    card = "4111 1111 1111 1111"
    sam, mara = await visitor(SAM), await visitor(MARA)
    day = {"calendar": "1", "day": "2026-12-24", "hours": "off", "name": card}
    answers = [
        await sam.post("/admin/customers/create", data={**ANA_FORM, "name": "Bo", "note": f"card {card}"}),
        await mara.post("/admin/calendar-days/create", data=day),
        await sam.post("/admin/customers/export/csv", data={"reason": card}),
    ]
    assert [answer.status_code for answer in answers] == [422] * 3
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(AuditEntry.id).where(AuditEntry.deed.like("export%"))) is None


async def test_a_new_customer_gets_a_number(visitor: Visitor, desk: Desk) -> None:
    sam = await visitor(SAM)
    answer = await sam.post("/admin/customers/create", data={**ANA_FORM, "name": "Bo"})
    assert answer.status_code == 303
    made = await row(desk, Customer, int(answer.headers["location"].rsplit("/", 1)[1]))
    assert (made.name, made.number[:6], made.version) == ("Bo", "HK-26-", 1)


async def test_personal_details_are_masked_for_those_who_verify_first(visitor: Visitor, desk: Desk) -> None:
    """Decision 18: a representative sees no more of who it is than at the desk, nor how to reach them; leads see all."""
    await lived(desk)
    cora, sam = await visitor(CORA), await visitor(SAM)
    for path in ("customers/list", f"customers/details/{ANA}", "messages/list"):
        masked, whole = (await cora.get(f"/admin/{path}")).text, (await sam.get(f"/admin/{path}")).text
        assert ("ana@example.com" in masked, "ana@example.com" in whole) == (False, True)
        assert "a••••@example.com" in masked
    assert "Dear Ana" not in (await cora.get("/admin/messages/list")).text
    assert (await cora.get(f"/admin/customers/edit/{ANA}")).status_code == 403


async def test_who_a_row_belongs_to_is_covered_as_at_the_desk(visitor: Visitor, desk: Desk) -> None:
    """S2-2.4: a name whole, a town or an address in a table would answer what the caller is asked for."""
    day = await lived(desk)
    cora, sam, ina, fred = [await visitor(person) for person in (CORA, SAM, INA, FRED)]
    tables = ["customers", "contacts", "cases", "orders", "follow-ups", "promises"]
    paths = [f"{table}/list" for table in tables] + [f"{table}/details/{day.of(table)}" for table in tables]
    for path in paths:
        told = [(await one.get(f"/admin/{path}")).text for one in (cora, sam)]
        assert [("Ana Example" in page, "Ana E••••" in page) for page in told] == [
            (False, True),
            (True, False),
        ], path
    order = f"/admin/orders/details/{day.order}"
    seen = [(await one.get(order)).text for one in (cora, ina, sam, fred)]
    assert ["Example Street 1" in page for page in seen] == [False, False, True, True]


async def test_finance_reads_payments_and_writes_nowhere(visitor: Visitor, desk: Desk) -> None:
    day = await lived(desk)
    fin = await visitor(FIN)
    page = (await fin.get("/admin/payments/list")).text
    assert ("€10.00" in page, "T-77" in page) == (True, True)
    for path in (f"edit/{day.payment}", "create", f"details/{day.payment}/edit"):
        assert (await fin.get(f"/admin/payments/{path}")).status_code == 404
        assert (await fin.post(f"/admin/payments/{path}", data={"amount_minor": "1"})).status_code in {
            404,
            405,
        }
    details = (await fin.get(f"/admin/payments/details/{day.payment}")).text
    assert ("/edit/" in details, "<button" in details.split("hr-admin-content")[1].split("</main>")[0]) == (
        False,
        False,
    )
    menu = (await fin.get("/admin/")).text
    assert [name for name in ("Customers", "Cases", "Orders", "Payments", "People") if f'list">{name}<' in menu] == [
        "Cases", "Orders", "Payments",
    ]  # fmt: skip


async def test_a_product_gets_a_price_and_its_stock_a_reason(visitor: Visitor, desk: Desk) -> None:
    await stocked(desk)
    mara, at = await visitor(MARA), f"/admin/products/edit/{CHAIR}"
    form = {
        "version": "1",
        "sku": "CH-1",
        "name": "Chair",
        "price": "51,90",
        "currency": "EUR",
        "active": "yes",
    }
    assert (await mara.post(at, data={**form, "on_hand": "5"})).status_code == 303
    answer = await mara.post(at, data={**form, "version": "2", "on_hand": "9"})
    assert (answer.status_code, "Say why the count changes." in answer.text) == (422, True)
    assert (await row(desk, Product, CHAIR)).on_hand == 5
    counted = {**form, "version": "2", "on_hand": "9", "because": "Counted on Monday"}
    assert (await mara.post(at, data=counted)).status_code == 303
    chair = await row(desk, Product, CHAIR)
    assert (chair.price_minor, chair.on_hand, chair.active) == (5190, 9, True)
    assert (await last_deed(desk))[:2] == ("Mara", "count stock")


async def test_a_role_counts_on_the_next_request(visitor: Visitor, desk: Desk) -> None:
    ada, cem = await visitor(ADA), await visitor(CEM)
    form = {"name": "Cem", "email": "cem@example.com", "zone": "Europe/Berlin", "active": "yes"}
    at = f"/admin/people/edit/{CEM.person_id}"
    assert (await cem.get("/admin/payments/list")).status_code == 403
    before = (await row(desk, Person, CEM.person_id or 0)).version
    answer = await ada.post(
        at, data={**form, "version": str(before), "roles": ["representative", "supervisor"]}
    )
    assert answer.status_code == 303
    assert (await cem.get("/admin/payments/list")).status_code == 200
    assert (await row(desk, Person, CEM.person_id or 0)).roles == ("representative", "supervisor")


async def test_a_person_who_is_switched_off_is_out_at_once(visitor: Visitor, desk: Desk) -> None:
    ada, cem = await visitor(ADA), await visitor(CEM)
    before = (await row(desk, Person, CEM.person_id or 0)).version
    form = {"name": "Cem", "zone": "Europe/Berlin", "roles": "representative", "version": str(before)}
    assert (await ada.post(f"/admin/people/edit/{CEM.person_id}", data=form)).status_code == 303
    answer = await cem.get("/admin/customers/list")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/sign-in?next=%2Fadmin%2Fcustomers%2Flist",
    )


async def test_nobody_takes_the_role_from_themselves(visitor: Visitor, desk: Desk) -> None:
    ada = await visitor(ADA)
    before = (await row(desk, Person, ADA.person_id or 0)).version
    form = {
        "name": "Ada",
        "zone": "Europe/Berlin",
        "roles": "manager",
        "active": "yes",
        "version": str(before),
    }
    answer = await ada.post(f"/admin/people/edit/{ADA.person_id}", data=form)
    assert (answer.status_code, "You cannot take this role from yourself" in answer.text) == (422, True)


async def test_hours_that_cannot_be_are_refused_in_the_readers_words(visitor: Visitor, desk: Desk) -> None:
    day = await lived(desk)
    mara, at = await visitor(MARA), f"/admin/calendars/edit/{day.calendar}"
    before = (await row(desk, BusinessCalendar, day.calendar)).version
    form = {
        "name": "Desk",
        "zone": "Europe/Berlin",
        "region": "",
        "is_default": "yes",
        "version": str(before),
    }
    answer = await mara.post(at, data={**form, "hours": "Mo-Fr 17:00-09:00 oops"})
    assert (answer.status_code, 'href="#hours"' in answer.text) == (422, True)
    saved = await mara.post(at, data={**form, "hours": "Mo-Fr 08:00-16:00"})
    assert saved.status_code == 303
    assert (await row(desk, BusinessCalendar, day.calendar)).hours == "Mo-Fr 08:00-16:00"
    shown = (await mara.get(saved.headers["location"])).text
    assert re.findall(r"\w{3} \d+ Mar 2026, 08:00 to 16:00", shown)[:2] == [
        "Mon 2 Mar 2026, 08:00 to 16:00",
        "Tue 3 Mar 2026, 08:00 to 16:00",
    ]
    assert (shown.count(" to 16:00"), 'href="/policy#calendars"' in shown) == (10, True)


async def test_a_day_is_closed_changed_and_made_ordinary_again(visitor: Visitor, desk: Desk) -> None:
    day = await lived(desk)
    mara = await visitor(MARA)
    opened = (await mara.get(f"/admin/calendar-days/create?calendar={day.calendar}")).text
    assert 'value="Desk"' in opened
    form = {"calendar": str(day.calendar), "day": "2026-12-24", "hours": "09:00-12:00", "name": "Eve"}
    made = await mara.post("/admin/calendar-days/create", data=form)
    assert made.status_code == 303
    key = int(made.headers["location"].rsplit("/", 1)[1])
    assert (
        await mara.post(f"/admin/calendar-days/edit/{key}", data={**form, "hours": "off"})
    ).status_code == 303
    eve = await row(desk, CalendarDay, key)
    assert (eve.day, eve.hours, eve.name) == (date(2026, 12, 24), "off", "Eve")
    moved = await mara.post(f"/admin/calendar-days/edit/{key}", data={**form, "day": "2026-12-25"})
    assert (moved.status_code, "The day stays" in moved.text) == (422, True)
    nowhere = await mara.post("/admin/calendar-days/create", data={**form, "calendar": "77"})
    assert (nowhere.status_code, "Choose a calendar of the list." in nowhere.text) == (422, True)
    gone = await mara.post("/admin/calendar-days/do/make-ordinary", data={"id": str(key), "from": "details"})
    assert (gone.status_code, gone.headers["location"]) == (303, "/admin/calendar-days/list")
    assert (await mara.get(f"/admin/calendar-days/details/{key}")).status_code == 404


async def test_a_published_version_of_the_policy_is_looked_at_and_never_changed(
    visitor: Visitor, desk: Desk
) -> None:
    day = await lived(desk)
    mara, cora = await visitor(MARA), await visitor(CORA)
    at = f"/admin/policy-versions/details/{day.policy_version}"
    assert (await cora.get(at)).status_code == 403
    told = (await mara.get(at)).text
    assert "Calendar changed: Desk, 2026-03-11." in told
    assert f"/policy/versions/{day.policy_version}" in told
    edited = await mara.post(f"/admin/policy-versions/edit/{day.policy_version}", data={"note": "Mine"})
    assert edited.status_code in {403, 404}


async def test_a_dead_letter_is_sent_again_by_those_who_may(visitor: Visitor, desk: Desk) -> None:
    day = await lived(desk)
    cora, sam = await visitor(CORA), await visitor(SAM)
    at, chosen = "/admin/messages/do/send-again", {"id": str(day.dead), "from": "details"}
    assert (await cora.post(at, data=chosen)).status_code == 403
    assert "Send again" not in (await cora.get(f"/admin/messages/details/{day.dead}")).text
    assert "Your order" in (await sam.get("/admin/messages/list?view=dead")).text
    assert (await sam.post(at, data=chosen)).headers["location"] == f"/admin/messages/details/{day.dead}"
    assert (await row(desk, Message, day.dead)).status is MessageStatus.QUEUED
    assert (await last_deed(desk))[:2] == ("Sam", "send message again")
