"""Two real houses move in: their files are taken in and every figure is theirs."""

from decimal import Decimal
from pathlib import Path

import pytest

from portal import importing
from portal.desk import customers, imports, orders, search
from portal.desk.imports.figures import Figures
from portal.desk.work import SYSTEM, Desk
from tests.real_input import real

NORTHWIND = Figures(
    customers=46,
    products=77,
    orders=406,
    lines=1_057,
    line_value=Decimal("600951.07"),
    units=24_086,
    freight=Decimal("30689.32"),
    unshipped=10,
    shipped_late=15,
    cancelled=0,
    without_customer=0,
)
RETAIL = Figures(
    customers=2_205,
    products=4_070,
    orders=13_336,
    lines=275_756,
    line_value=Decimal("5454687.56"),
    units=2_896_157,
    freight=Decimal("0.00"),
    unshipped=0,
    shipped_late=0,
    cancelled=1_903,
    without_customer=1_802,
)
FILES = {"customers": "customer.csv", "products": "product.csv", "orders": "order.csv"}


async def move_in(desk: Desk, source: str, reports: Path) -> dict[str, dict[str, int]]:
    done = {
        kind: await importing.run(
            desk, kind, real(f"{source}/{name}"), source=source, report=reports / f"{kind}.csv"
        )
        for kind, name in FILES.items()
    }
    return {kind: {what: n for what, n in one.counts.items() if n} for kind, one in done.items()}


async def figures(desk: Desk, source: str) -> Figures:
    async with desk.look(SYSTEM) as work:
        return await imports.figures(work, source)


async def test_northwind(desk: Desk, tmp_path: Path) -> None:
    assert await move_in(desk, "orders_northwind", tmp_path) == {
        "customers": {"added": 46},
        "products": {"added": 77},
        "orders": {"added": 406, "lines added": 1_057},
    }
    assert await figures(desk, "orders_northwind") == NORTHWIND
    assert await move_in(desk, "orders_northwind", tmp_path) == {
        "customers": {"unchanged": 46},
        "products": {"unchanged": 77},
        "orders": {"unchanged": 406, "lines unchanged": 1_057},
    }
    assert await figures(desk, "orders_northwind") == NORTHWIND
    async with desk.look(SYSTEM) as work:
        for text in ("maria anders", "futterk", "0074321", "ALFKI"):
            assert [one.name for one in await customers.find(work, text)] == ["Maria Anders"]
        hits = await search.find(work, "10250", ("order",))
        order = await orders.load(work, hits[0].id)
        assert (len(hits), order.source_id, order.total_minor - order.freight_minor) == (1, "10250", 155_260)


async def _retail(desk: Desk, reports: Path) -> None:
    assert await move_in(desk, "orders_retail", reports) == {
        "customers": {"added": 2_205, "corrected": 2_205},
        "products": {"added": 4_070, "corrected": 245},
        "orders": {
            "added": 13_336,
            "noted": 1_802,
            "lines added": 275_756,
            "lines noted": 5_432 + 1_259,
            "lines corrected": 709 + 2,
        },
    }
    assert await figures(desk, "orders_retail") == RETAIL
    report = (reports / "orders.csv").read_text(encoding="utf-8").splitlines()
    assert len(report) == 1 + 1_802 + 5_432 + 1_259 + 709 + 2
    small = [line for line in report if "0.001" in line]
    assert [line.split(",")[2:] for line in small] == [
        ["corrected", "unit_price 0.001 became 0.00", "550193"],
        ["corrected", "unit_price 0.001 became 0.00", "568375"],
    ]


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_retail(desk: Desk, tmp_path: Path) -> None:
    await _retail(desk, tmp_path)
    again = await move_in(desk, "orders_retail", tmp_path)
    assert (again["orders"]["unchanged"], again["orders"]["lines unchanged"]) == (13_336, 275_756)
    assert await figures(desk, "orders_retail") == RETAIL


@pytest.mark.full
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_retail_on_a_server(desk: Desk, tmp_path: Path) -> None:
    await _retail(desk, tmp_path)
