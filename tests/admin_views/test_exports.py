"""A table as a file: what the list shows, never more, never a formula, and written down."""

import csv
import io
import re

import pytest
from sqlalchemy import func, select

from models import AuditEntry, Customer, Disclosure
from portal.desk import audit, search
from portal.desk.work import SYSTEM, Desk
from tests.admin_views.counting import many_customers
from tests.admin_views.story import lived
from tests.cast import ANA, CORA, FIN, MARA, SAM
from tests.visits import Visitor

EXPORT = "/admin/customers/export/csv"
WHY = {"reason": "The yearly letter", "recipient": "The printer", "ground": "contract"}


def lines(answer_text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer_text.removeprefix("\ufeff"))))


async def test_a_file_holds_every_row_of_the_list_in_its_order(visitor: Visitor, desk: Desk) -> None:
    """Over several batches, with nothing left out and nothing twice."""
    await many_customers(desk, 1_203)
    sam = await visitor(SAM)
    answer = await sam.post(EXPORT, data={**WHY, "sort": "name", "dir": "down"})
    assert 'filename="customers-2026-03-02-1204-rows.csv"' in answer.headers["content-disposition"]
    found = lines(answer.text)
    async with desk.look(SYSTEM) as work:
        wanted = await work.session.scalars(
            select(Customer.number).order_by(Customer.name.desc(), Customer.id.desc())
        )
        assert [line[0] for line in found[1:]] == list(wanted)
    assert found[0] == ["Number", "Name", "Organisation", "E-mail", "Phone", "Town", "By", "Since"]


async def test_a_file_follows_search_and_filter(visitor: Visitor, desk: Desk) -> None:
    """S0-2.2a"""
    await lived(desk)
    await many_customers(desk, 40)
    sam = await visitor(SAM)
    assert [line[1] for line in lines((await sam.post(EXPORT, data={**WHY, "search": "ana"})).text)[1:]] == [
        "Ana Example"
    ]
    since = {"since_from": "2026-01-01", "since_to": "2026-12-31"}
    assert [line[1] for line in lines((await sam.post(EXPORT, data={**WHY, **since})).text)[1:]] == [
        "Ana Example"
    ]
    assert (await sam.post(EXPORT, data={**WHY, "since_from": "soon"})).status_code == 400
    saved = await sam.post("/admin/messages/export/csv", data={**WHY, "view": "dead"})
    assert [line[0] for line in lines(saved.text)[1:]] == ["Your order"]


async def test_no_spreadsheet_runs_what_a_customer_is_called(visitor: Visitor, desk: Desk) -> None:
    name, organisation, city = "=1+1", '=HYPERLINK("https://evil.example")', "@SUM(A1)"
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.name, ana.organisation, ana.city = name, organisation, city
        await search.index(work, ana)
        await audit.record(work, "rename", ana)
    sam = await visitor(SAM)
    cells = lines((await sam.post(EXPORT, data=WHY)).text)[1]
    assert (cells[1], cells[2], cells[5]) == tuple(f"'{one}" for one in (name, organisation, city))


async def test_who_takes_a_table_is_written_down(visitor: Visitor, desk: Desk) -> None:
    """S4-3.3"""
    await many_customers(desk, 3)
    sam = await visitor(SAM)
    await sam.post(EXPORT, data={**WHY, "since_to": "2026-12-31"})
    async with desk.look(SYSTEM) as work:
        row = (await work.session.scalars(select(Disclosure))).one()
        entry = (await work.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))).one()
    assert (entry.who, entry.deed, entry.reason, entry.changes["export"]) == (
        "Sam",
        "export customers",
        "The yearly letter",
        {"rows": [None, 4], "asked": [None, {"since_to": "2026-12-31"}]},
    )
    told = (row.who, row.recipient, row.what, row.ground.value, row.reason, row.exported, row.customer_id)
    assert told == (
        "Sam", "The printer", "Customers (since_to 2026-12-31)", "contract", "The yearly letter", 4, None,
    )  # fmt: skip


@pytest.mark.parametrize("lacking", ["reason", "recipient", "ground"])
async def test_an_export_asks_what_for_to_whom_and_on_what_ground(
    visitor: Visitor, desk: Desk, lacking: str
) -> None:
    """S4-3.3: what was typed stays, the list stays as it was narrowed, and nothing leaves."""
    await many_customers(desk, 3)
    refused = await (await visitor(SAM)).post(EXPORT, data={**WHY, lacking: "  ", "search": "ana"})
    assert (refused.status_code, refused.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert re.findall(r'<a href="#(\w+)">', refused.text) == [lacking]
    kept = [WHY[name] for name in ("reason", "recipient") if name != lacking]
    assert [one for one in kept if f'value="{one}"' not in refused.text] == []
    assert 'name="search" value="ana"' in refused.text
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(Disclosure)) == 0


async def test_what_tells_of_no_customer_needs_a_reason_alone(visitor: Visitor, desk: Desk) -> None:
    await lived(desk)
    mara = await visitor(MARA)
    for address in ("products", "people", "audit"):
        page = (await mara.get(f"/admin/{address}/list")).text
        assert ('name="ground"' in page) is (address == "audit")
    answer = await mara.post("/admin/products/export/csv", data={"reason": "A stocktaking"})
    assert (answer.status_code, (await mara.post("/admin/products/export/csv")).status_code) == (200, 422)
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).where(Disclosure.exported.is_not(None))) == 0


async def test_what_is_given_out_by_other_ways_is_noted_by_hand(visitor: Visitor) -> None:
    """S4-3.3"""
    mara, sam = await visitor(MARA), await visitor(SAM)
    note = {
        "recipient": "The court in Berlin", "what": "The letters of one case", "customer_number": " hk-25-000001-1",
        "ground": "statutory_duty", "reason": "File 12 O 7/26",
    }  # fmt: skip
    here = "/admin/disclosures"
    wrong = await mara.post(f"{here}/create", data={**note, "customer_number": "HK-99", "reason": ""})
    assert (wrong.status_code, 'value="The court in Berlin"' in wrong.text) == (422, True)
    assert (await mara.post(f"{here}/create", data=note)).status_code == 303
    page = (await mara.get(f"{here}/list")).text
    assert [
        one for one in (note["recipient"], "HK-25-000001-1", "Statutory duty", "Mara") if one not in page
    ] == []
    assert [
        (await sam.get(f"{here}/list")).status_code,
        (await sam.post(f"{here}/create", data=note)).status_code,
    ] == [403] * 2


async def test_those_who_may_not_take_a_table_do_not(visitor: Visitor, desk: Desk) -> None:
    await lived(desk)
    cora, fin = await visitor(CORA), await visitor(FIN)
    assert "Download" not in (await cora.get("/admin/customers/list")).text
    assert (await cora.post(EXPORT)).status_code == 403
    assert (await fin.post(EXPORT)).status_code == 403
    assert (await fin.get("/admin/payments/export/csv")).status_code == 405
    assert (await fin.post("/admin/payments/export/json")).status_code == 404
    money = lines((await fin.post("/admin/payments/export/csv", data=WHY)).text)
    assert [line[5] for line in money] == ["Amount", "€10.00"]
