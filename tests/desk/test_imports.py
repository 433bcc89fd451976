"""Taking files in, whatever they hold. S1-4.1.1"""

import csv
import gzip
import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import select

from models import AuditEntry, Customer, Order, OrderLine, Product
from models.words import OrderStatus
from portal import importing
from portal.desk import customers, imports, merging, products, stock
from portal.desk.errors import NotAccepted
from portal.desk.imports import COLUMNS
from portal.desk.work import Desk
from tests.cast import CORA, INA, MARA, Clock

HEADERS = {kind: ",".join(columns) for kind, columns in COLUMNS.items()}
ORDERS = {
    "1": "1,1,a,2026-01-05 10:00:00,2026-01-09,2026-01-08,,shipped,Ben,Bike,4.50,Ana,Side Street 1,Berlin,,10115,DE",
    "2": "2,W-2,,2026-01-06,,,,open,,,,,,,,,",
    "3": "3,3,gone,2026-01-07,,,,cancellation,,,,,,,,,",
}
LINES = ["1,1,p,Chair,2,49.90,0.15", "1,2,p,Chair,2,49.90,0.15", "2,1,x,,1,0.001,", "3,1,p,,-1,49.9,0"]


def written(folder: Path, kind: str, rows: list[str]) -> Path:
    path = folder / f"{kind}.csv"
    path.write_text("\n".join([HEADERS[kind], *rows, ""]), encoding="utf-8")
    return path


def reported(done: importing.Imported) -> list[tuple[str, ...]]:
    with done.report.open(encoding="utf-8", newline="") as opened:
        return [tuple(row) for row in csv.reader(opened)][1:]


async def take(desk: Desk, kind: str, path: Path, **options: object) -> importing.Imported:
    return await importing.run(desk, kind, path, source="shop", **options)  # type: ignore[arg-type] # by name


async def told(desk: Desk, kind: str, path: Path) -> tuple[dict[str, int], list[tuple[str, ...]]]:
    done = await take(desk, kind, path)
    return {what: count for what, count in done.counts.items() if count}, reported(done)


@pytest.fixture
async def shop(desk: Desk, tmp_path: Path) -> Path:
    """A shop of one customer and one product, three orders and their lines, already taken in."""
    await take(desk, "customers", written(tmp_path, "customers", ["a,Ana,,,ana@example.com,,,,,,,"]))
    await take(desk, "products", written(tmp_path, "products", ["p,CH,Chair,Furniture,,49.90,5,"]))
    written(tmp_path, "lines", LINES).rename(tmp_path / "order_line.csv")
    await take(desk, "orders", written(tmp_path, "orders", list(ORDERS.values())))
    return tmp_path


async def test_orders_come_with_their_lines_and_words_about_their_dirt(desk: Desk, shop: Path) -> None:
    """S1-4.1.1"""
    assert reported(await take(desk, "orders", shop / "orders.csv")) == [
        ("orders.csv", "3", "noted", "no customer", "2"),
        ("orders.csv", "4", "corrected", "customer gone is not known; kept without", "3"),
        ("order_line.csv", "4", "corrected", "unit_price 0.001 became 0.00", "2"),
        ("order_line.csv", "5", "noted", "quantity -1: taken as a return", "3"),
    ]
    async with desk.look(CORA) as work:
        orders = list(await work.session.scalars(select(Order).order_by(Order.id)))
        assert [(one.source_id, one.status, one.total_minor, one.freight_minor) for one in orders] == [
            ("1", OrderStatus.DISPATCHED, 2 * 8483 + 450, 450),
            ("2", OrderStatus.CONFIRMED, 0, 0),
            ("3", OrderStatus.CANCELLED, -4990, 0),
        ]
        first = orders[0]
        assert (first.ship_address, first.carrier, first.note) == (
            "Side Street 1\n10115 Berlin\nDE",
            "Bike",
            "Taken by Ben",
        )
        assert (orders[1].note, orders[1].customer_id, orders[2].customer_id) == ("Order W-2", None, None)
        lines = list(await work.session.scalars(select(OrderLine).order_by(OrderLine.id)))
        assert [
            (one.sku, one.description, one.quantity, one.unit_price_minor, one.discount_bp) for one in lines
        ] == [
            ("CH", "Chair", 2, 4990, 1500),
            ("CH", "Chair", 2, 4990, 1500),  # twice the same line is twice the chairs
            ("x", "x", 1, 0, 0),
            ("CH", "Chair", -1, 4990, 0),
        ]


async def test_taking_the_same_files_again_changes_nothing(desk: Desk, shop: Path, clock: Clock) -> None:
    clock.forward(days=1)
    counts = [
        {
            what: count
            for what, count in (await take(desk, kind, shop / f"{kind}.csv")).counts.items()
            if count
        }
        for kind in ("customers", "products", "orders")
    ]
    assert counts == [
        {"unchanged": 1},
        {"unchanged": 1},
        {
            "unchanged": 3,
            "noted": 1,
            "corrected": 1,
            "lines unchanged": 4,
            "lines corrected": 1,
            "lines noted": 1,
        },
    ]
    async with desk.look(CORA) as work:
        deeds = select(AuditEntry.deed, AuditEntry.reason).where(AuditEntry.deed.startswith("import"))
        assert list(await work.session.execute(deeds.order_by(AuditEntry.id))) == [
            ("import customers", "shop, lines 2 to 2"),
            ("import products", "shop, lines 2 to 2"),
            ("import orders", "shop, lines 2 to 4"),
            ("import lines", "shop, lines 2 to 5"),
        ]


async def test_what_is_other_in_the_file_is_changed_but_never_what_the_desk_changed(
    desk: Desk, shop: Path
) -> None:
    path = written(shop, "customers", ["a,Ana,Ana Example,,ana@example.com,030 7654321,,,Berlin,,,DE"])
    assert await told(desk, "customers", path) == ({"changed": 1}, [])
    async with desk.work(CORA) as work:
        [ana] = await customers.find(work, "7654321")
        assert (ana.name, ana.organisation, ana.phone, ana.version) == (
            "Ana Example",
            "Ana",
            "+49307654321",
            2,
        )
        await customers.change(work, ana, 2, city="Potsdam")
    written(shop, "customers", ["a,Ana,Ana Example,,ana@example.com,030 7654321,,,Bremen,,,DE"])
    kept = ("customers.csv", "2", "noted", "changed on the desk since; kept as it is there", "a")
    assert await told(desk, "customers", path) == ({"unchanged": 1, "noted": 1}, [kept])
    async with desk.look(CORA) as work:
        assert [one.city for one in await customers.find(work, "7654321")] == ["Potsdam"]


async def test_orders_of_a_record_that_was_merged_go_to_the_one_it_went_to(desk: Desk, shop: Path) -> None:
    """S2-6.5: those that are there already stay where they went."""
    async with desk.work(MARA) as work:
        known = (await work.session.scalars(select(Customer).where(Customer.source_id == "a"))).one()
        kept = await customers.create(work, customers.CustomerDetails(name="Ana Sample", phone="+49301"))
        await merging.merge(work, kept, known.number, "The same phone.")
    rows = [*ORDERS.values(), "4,4,a,2026-01-08,,,,open,,,,,,,,,"]
    done = await take(desk, "orders", written(shop, "orders", rows))
    assert (done.counts["added"], done.counts["changed"]) == (1, 0)
    async with desk.look(CORA) as work:
        of_them = select(Order.source_id, Order.customer_id).where(Order.source_id.in_(("1", "4")))
        assert dict((await work.session.execute(of_them)).all()) == {"1": kept.id, "4": kept.id}


async def test_the_stock_is_the_stock_rooms_once_it_was_taken_in(desk: Desk, shop: Path) -> None:
    async with desk.work(INA) as work:
        await stock.count(work, await products.by_code(work, "CH"), 4, "One is broken.")
    assert await told(desk, "products", shop / "products.csv") == ({"unchanged": 1}, [])
    async with desk.look(INA) as work:
        assert (await products.by_code(work, "CH")).on_hand == 4


async def test_bad_rows_are_refused_and_the_others_go_on(desk: Desk, tmp_path: Path) -> None:
    rows = [
        "1,First,,,,,,,,,,",
        ",No id,,,,,,,,,,",
        "too,few",
        '2,"A lost quote,,,,,,,,,,',
        " 3 ,,,,not an address,,,,,,,",
        "1,First again,,,,,,,,,,",
        f"4,{'x' * 301},,,,,,,,,,",
        "5,Card,,,,,,4111 1111 1111 1111,,,,",
        '6,"Two\nlines",,,,,,,,,,',
        "",
        "7,Last,,,,,,,,,,",
    ]
    path = written(tmp_path, "customers", rows)
    path.write_bytes(path.read_bytes().replace(b"7,Last", b"8,\xff\xfe,,,,,,,,,,\n9,N\0,,,,,,,,,,\n7,Last"))
    counts, findings = await told(desk, "customers", path)
    assert counts == {"added": 4, "refused": 8, "corrected": 3}
    assert sorted((int(row[1]), *row[2:]) for row in findings) == [
        (3, "refused", "The row has no source_id that can be read.", ""),
        (4, "refused", "2 columns where 12 are expected", ""),
        (5, "refused", "2 columns where 12 are expected", ""),
        (6, "corrected", "no name; called “Customer 3”", "3"),
        (6, "corrected", "source_id “ 3 ” without its blanks", "3"),
        (6, "corrected", "“not an address” is no e-mail address; it stands in the note", "3"),
        (7, "refused", "the same id came before", "1"),
        (8, "refused", "name is longer than 300 characters", "4"),
        (9, "refused", "address looks like a card number", "5"),
        (13, "refused", "name holds signs that are no text", "8"),
        (14, "refused", "name holds signs that are no text", "9"),
    ]
    async with desk.look(CORA) as work:
        names = (
            select(Customer.source_id, Customer.name).where(Customer.source == "shop").order_by(Customer.id)
        )
        assert list(await work.session.execute(names)) == [
            ("1", "First"),
            ("3", "Customer 3"),
            ("6", "Two\nlines"),
            ("7", "Last"),
        ]


@pytest.mark.parametrize(
    ("kind", "row", "reason"),
    [
        ("products", "p2,CH,Another,,,1,,", "another product has the code CH"),
        ("products", "p2, ,Nameless,,,1,,", "The product has no code."),
        ("products", "p2,X,X,,,-1,,", "list_price is below nothing"),
        ("products", "p2,X,X,,,1e99,,", "list_price 1E+99 is more than can be stored"),
        ("products", "p2,X,X,,,free,,", "list_price “free” is no number"),
        ("products", "p2,X,X,,,NaN,,", "list_price “NaN” is no number"),
        ("products", "p2,X,X,,,1,2.5,", "units_in_stock 2.5 is no whole number that can be stored"),
        ("orders", "9,9,a,yesterday,,,,open,,,,,,,,,", "order_date “yesterday” is no date"),
        ("orders", "9,9,a,,,,,open,,,,,,,,,", "The order has no date."),
        ("orders", "9,9,a,2026-01-05,,,,lost,,,,,,,,,", "status “lost” is not known"),
    ],
)
async def test_a_row_that_cannot_be_is_refused_with_its_reason(
    desk: Desk, shop: Path, kind: str, row: str, reason: str
) -> None:
    counts, findings = await told(desk, kind, written(shop, kind, [row]))
    assert (counts["refused"], findings[0][1:4]) == (1, ("2", "refused", reason))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,9,p,,0,1,", "quantity is 0"),
        ("1,9,p,,1,1,1.5", "discount 1.5 is not between 0 and 1"),
        ("1,9,p,,1,,", "A line needs line_no, quantity and unit_price."),
        ("99,1,p,,1,1,", "order 99 is not known"),
        ("1,9,p,,99999999999,1,", "quantity 99999999999 is no whole number that can be stored"),
    ],
)
async def test_a_line_that_cannot_be_is_refused(desk: Desk, shop: Path, row: str, reason: str) -> None:
    """S0-0.1"""
    written(shop, "lines", [row]).rename(shop / "order_line.csv")
    done = await take(desk, "orders", shop / "orders.csv")
    assert [row[2:4] for row in reported(done) if row[0] == "order_line.csv"] == [("refused", reason)]


async def test_what_only_the_database_refuses_costs_its_own_row(desk: Desk, shop: Path) -> None:
    rows = [f"1,{number},p,Chair,1,1,0" for number in range(10, 40)]
    rows[17] = "1,27,p,Chair,1,21474836.47,0"
    rows[21] = "1,9000000000000,p,Chair,1,1,0"
    written(shop, "lines", rows).rename(shop / "order_line.csv")
    done = await take(desk, "orders", shop / "orders.csv")
    assert done.counts["lines added"] == 29
    async with desk.look(CORA) as work:
        order = (await work.session.scalars(select(Order).where(Order.source_id == "1"))).one()
        assert order.total_minor == 2 * 8483 + 450 + 28 * 100 + 2147483647


async def test_a_dry_run_tells_the_same_and_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    await take(desk, "customers", written(tmp_path, "customers", ["a,Ana,,,,,,,,,,"]))
    written(tmp_path, "lines", LINES).rename(tmp_path / "order_line.csv")
    path = written(tmp_path, "orders", list(ORDERS.values()))
    tried = await take(desk, "orders", path, dry_run=True)
    tried_findings = reported(tried)
    async with desk.look(CORA) as work:
        assert list(await work.session.scalars(select(Order))) == []
    done = await take(desk, "orders", path)
    assert (tried.counts, tried_findings) == (done.counts, reported(done))
    assert "would be: 3 added" in tried.words()
    async with desk.look(CORA) as work:
        numbers = await work.session.scalars(select(Order.number).order_by(Order.id))
        assert next(iter(numbers)) == "HR-26-000001-9"


@pytest.mark.usefixtures("shop")
async def test_what_is_imported_is_found_by_its_number_and_by_its_customer(desk: Desk) -> None:
    async with desk.look(CORA) as work:
        order = (await work.session.scalars(select(Order).where(Order.source_id == "1"))).one()
        for text in (order.number, "ana"):
            assert "Ana" in [one.name for one in await customers.find(work, text)]
        assert (await work.session.scalars(select(Product.name))).all() == ["Chair"]


async def test_a_packed_file_is_read_and_a_broken_one_is_told(desk: Desk, shop: Path) -> None:
    plain = (shop / "order_line.csv").read_bytes().replace(b"Chair", b"Stool")
    (shop / "order_line.csv").unlink()
    packed = gzip.compress(plain.replace(b"1,1,p", b"1,5,p") * 50)
    (shop / "order_line.csv.gz").write_bytes(packed[:-20])
    done = await take(desk, "orders", shop / "orders.csv")
    assert done.counts["lines added"] == 1
    assert "the file breaks off here" in {row[3][:24] for row in reported(done)}


@pytest.mark.parametrize("text", ["", "name,phone\nAna,1\n", "\0\0\0"])
async def test_a_file_without_its_columns_is_refused(desk: Desk, tmp_path: Path, text: str) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotAccepted, match="The file has no column source_id"):
        await take(desk, "customers", path)
    with pytest.raises(NotAccepted, match="order_line"):
        await take(desk, "orders", path)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_memory_does_not_grow_with_the_file(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)

    async def peak(first: int, count: int) -> int:
        rows = (
            f"{number},Guest {number},,,g{number}@example.com,,,,,,,"
            for number in range(first, first + count)
        )
        path = written(tmp_path, "customers", list(rows))
        tracemalloc.start()
        try:
            await take(desk, "customers", path)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    await peak(0, 1_500)  # what is loaded once, and what is kept of the last thousand names and numbers
    small = await peak(10_000, 300)
    assert await peak(20_000, 1_500) < 1.2 * small


async def test_only_whole_rights_import(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        with pytest.raises(Exception, match="Your role does not allow this"):
            await imports.take(work, imports.Kind.CUSTOMERS, "shop", [])


async def test_lines_between_two_packs_are_refused_where_they_are_still_to_be_packed(
    desk: Desk, shop: Path
) -> None:
    """S0-3.1.2b: what left the house long ago is what it is, with a word about it"""
    async with desk.work(MARA) as work:
        chair = (await work.session.scalars(select(Product))).one()
        await products.change(work, chair, chair.version, pack_size=6)
    lines = ["1,7,p,Chair,7,49.90,0", "2,7,p,Chair,7,49.90,0", "2,8,p,Chair,12,49.90,0"]
    written(shop, "lines", lines).rename(shop / "order_line.csv")
    done = await take(desk, "orders", shop / "orders.csv")
    words = "Chair comes in packs of 6: 6 or 12."
    assert [one for one in reported(done) if one[0] == "order_line.csv"] == [
        ("order_line.csv", "2", "noted", words, "1"),
        ("order_line.csv", "3", "refused", words, "2"),
    ]
    async with desk.look(CORA) as work:
        kept = await work.session.execute(
            select(OrderLine.order_id, OrderLine.quantity)
            .where(OrderLine.line_no >= 7)
            .order_by(OrderLine.id)
        )
        assert [tuple(one) for one in kept] == [(1, 7), (2, 12)]
