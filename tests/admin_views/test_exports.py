"""A table as a file: what the list shows, never more, never a formula, and written down."""

import csv
import io

from sqlalchemy import select

from models import AuditEntry, Customer
from portal.desk import audit, search
from portal.desk.work import SYSTEM, Desk
from tests.admin_views.counting import many_customers
from tests.admin_views.story import lived
from tests.cast import ANA, CORA, FIN, SAM
from tests.visits import Visitor

EXPORT = "/admin/customers/export/csv"


def lines(answer_text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer_text.removeprefix("\ufeff"))))


async def test_a_file_holds_every_row_of_the_list_in_its_order(visitor: Visitor, desk: Desk) -> None:
    """Over several batches, with nothing left out and nothing twice."""
    await many_customers(desk, 1_203)
    sam = await visitor(SAM)
    answer = await sam.post(EXPORT, data={"sort": "name", "dir": "down"})
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
    assert [line[1] for line in lines((await sam.post(EXPORT, data={"search": "ana"})).text)[1:]] == [
        "Ana Example"
    ]
    since = {"since_from": "2026-01-01", "since_to": "2026-12-31"}
    assert [line[1] for line in lines((await sam.post(EXPORT, data=since)).text)[1:]] == ["Ana Example"]
    assert (await sam.post(EXPORT, data={"since_from": "soon"})).status_code == 400
    saved = await sam.post("/admin/messages/export/csv", data={"view": "dead"})
    assert [line[0] for line in lines(saved.text)[1:]] == ["Your order"]


async def test_no_spreadsheet_runs_what_a_customer_is_called(visitor: Visitor, desk: Desk) -> None:
    name, organisation, city = "=1+1", '=HYPERLINK("https://evil.example")', "@SUM(A1)"
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.name, ana.organisation, ana.city = name, organisation, city
        await search.index(work, ana)
        await audit.record(work, "rename", ana)
    sam = await visitor(SAM)
    cells = lines((await sam.post(EXPORT)).text)[1]
    assert (cells[1], cells[2], cells[5]) == tuple(f"'{one}" for one in (name, organisation, city))


async def test_who_takes_a_table_is_written_down(visitor: Visitor, desk: Desk) -> None:
    """S4-3.3"""
    await many_customers(desk, 3)
    sam = await visitor(SAM)
    await sam.post(EXPORT, data={"reason": "The yearly letter", "since_to": "2026-12-31"})
    async with desk.look(SYSTEM) as work:
        entry = (await work.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))).one()
    assert (entry.who, entry.deed, entry.reason, entry.changes) == (
        "Sam",
        "export customers",
        "The yearly letter",
        {"export": {"rows": [None, 4], "asked": [None, {"since_to": "2026-12-31"}]}},
    )


async def test_those_who_may_not_take_a_table_do_not(visitor: Visitor, desk: Desk) -> None:
    await lived(desk)
    cora, fin = await visitor(CORA), await visitor(FIN)
    assert "Download" not in (await cora.get("/admin/customers/list")).text
    assert (await cora.post(EXPORT)).status_code == 403
    assert (await fin.post(EXPORT)).status_code == 403
    assert (await fin.get("/admin/payments/export/csv")).status_code == 405
    assert (await fin.post("/admin/payments/export/json")).status_code == 404
    money = lines((await fin.post("/admin/payments/export/csv")).text)
    assert [line[5] for line in money] == ["Amount", "€10.00"]
