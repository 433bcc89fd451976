"""Putting the rows of a batch into the tables: what is new is added, what is known and different is changed."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from models import AuditEntry, Base, Customer, Order, OrderLine, Product
from models.orders import line_total_minor
from models.words import OrderStatus
from portal.desk import audit, changes, order_terms, packs, search
from portal.desk.imports import rows as reading
from portal.desk.imports.rows import Finding, FindingKind, Reader, Refusal, Row, Taken, Values
from portal.desk.numbers import take_numbers, written
from portal.desk.permissions import May
from portal.desk.work import Work

log = logging.getLogger(__name__)

_SEARCHED = 500


class Kind(StrEnum):
    """What a file holds."""

    CUSTOMERS = "customers"
    PRODUCTS = "products"
    ORDERS = "orders"
    LINES = "lines"


async def take(work: Work, kind: Kind, source: str, rows: Sequence[Row], *, trial: bool = False) -> Taken:
    """Take a batch of rows in, with one audit entry. S1-4.1.1

    What the database refuses is found by halving the batch, so that one bad row costs only itself. A trial
    takes no numbers from the sequences, so that nobody waits for it; its caller rolls back. S0-0.1
    """
    work.require(May.EDIT_CUSTOMERS, May.EDIT_PRODUCTS, May.PLACE_ORDERS)
    taken = await _halving(work, kind, source, rows, trial=trial)
    if taken.added or taken.changed:
        first, last = rows[0].line, rows[-1].line
        counts = {"added": taken.added, "changed": taken.changed}
        reason = f"{source}, lines {first} to {last}"
        await audit.record(work, f"import {kind.value}", reason=reason, changes={source: counts})
    else:
        changes.accounted(work.session)  # nothing was changed, so there is nothing to record
    return taken


async def _halving(work: Work, kind: Kind, source: str, rows: Sequence[Row], *, trial: bool) -> Taken:
    if not rows:
        return Taken()
    try:
        async with work.session.begin_nested():
            return await TAKE[kind](work, source, rows, trial)
    except DBAPIError as error:
        if len(rows) == 1:
            log.warning("The database refuses line %d of %s.", rows[0].line, source, exc_info=error)
            key = "order_id" if kind is Kind.LINES else "source_id"
            return Taken(findings=reading.refused(rows, "the database refuses this row", key))
    middle = len(rows) // 2
    taken = await _halving(work, kind, source, rows[:middle], trial=trial)
    taken.add(await _halving(work, kind, source, rows[middle:], trial=trial))
    return taken


def _read(
    rows: Sequence[Row], how: Callable[[Reader], Values], taken: Taken, *, key: str = "source_id"
) -> list[tuple[Row, Values]]:
    """The rows that can be read. An id that came before in the same batch is refused."""
    found: list[tuple[Row, Values]] = []
    seen: set[Any] = set()
    for row in rows:
        try:
            read = Reader(row, key)
            values = how(read)
        except Refusal as refusal:
            taken.findings += reading.refused([row], str(refusal), key)
            continue
        name = (read.source_id, values["line_no"]) if "line_no" in values else read.source_id
        if name in seen:
            taken.findings += reading.refused([row], "the same id came before", key)
            continue
        seen.add(name)
        taken.findings += read.findings
        if "line_no" not in values:
            values["source_id"] = read.source_id
        found.append((row, values))
    return found


async def _take_numbers(work: Work, name: str, count: int, *, trial: bool) -> list[str]:
    if not trial:
        return await take_numbers(work, name, count)
    used: int = work.remembered.get(f"trial {name}", 900_000)
    work.remembered[f"trial {name}"] = used + count
    return [written(name, 0, used + step).replace("-", "~") for step in range(count)]


async def _store(
    work: Work, table: Any, source: str, found: list[tuple[Row, Values]], taken: Taken, once: frozenset[str]
) -> list[Values]:
    """Change the rows that are known and differ; give those that are new.

    Values named in `once` count when a row is new: later they are the desk's. So is every row that somebody on
    the desk has changed: what the file says of it is noted and left alone.
    """
    ids = [values["source_id"] for _, values in found]
    columns = [column for column in found[0][1] if column not in once] if found else []
    known = {
        row.source_id: row
        for row in await work.session.execute(
            select(table.id, *(getattr(table, column) for column in columns)).where(
                table.source == source, table.source_id.in_(ids)
            )
        )
    }
    new: list[Values] = []
    differing: dict[int, tuple[Row, Values]] = {}
    for row, values in found:
        stored = known.get(values["source_id"])
        if stored is None:
            new.append(values)
        elif all(getattr(stored, column) == values[column] for column in columns):
            taken.unchanged += 1
        else:
            differing[stored.id] = row, values
    for stored_id in await _touched(work, table, list(differing)):
        row, values = differing.pop(stored_id)
        taken.unchanged += 1
        reason = "changed on the desk since; kept as it is there"
        taken.findings.append(Finding(row.line, FindingKind.NOTED, reason, values["source_id"]))
    if differing:
        stored_columns = _table(table)
        await work.session.execute(
            update(stored_columns)
            .where(stored_columns.c.id == bindparam("stored_id"))
            .values({column: bindparam(f"new_{column}") for column in columns})
            .values(version=stored_columns.c.version + 1),
            [
                {"stored_id": stored_id, **{f"new_{column}": values[column] for column in columns}}
                for stored_id, (_, values) in differing.items()
            ],
            execution_options={"audited": True},
        )
        taken.changed += len(differing)
        await _index(work, table, list(differing), known=True)
    return new


async def _touched(work: Work, table: Any, ids: list[int]) -> list[int]:
    """Those that a deed of the desk was about: an import names no single thing."""
    if not ids:
        return []
    entries = (
        select(AuditEntry.subject_id)
        .distinct()
        .where(AuditEntry.subject_kind == table.__tablename__, AuditEntry.subject_id.in_(list(map(str, ids))))
    )
    return [int(one) for one in await work.session.scalars(entries)]


async def _add(work: Work, table: Any, source: str, new: list[Values], taken: Taken) -> None:
    """Insert new rows and the words they are found by."""
    if not new:
        return
    rows = [{**values, "source": source, "version": 1} for values in new]
    await work.session.execute(insert(table), rows, execution_options={"audited": True})
    taken.added += len(new)
    ids = [values["source_id"] for values in new]
    added = await work.session.scalars(
        select(table.id).where(table.source == source, table.source_id.in_(ids))
    )
    await _index(work, table, list(added), known=False)


async def _index(work: Work, table: Any, ids: list[int], *, known: bool) -> None:
    for start in range(0, len(ids), _SEARCHED):
        things = list(
            await work.session.scalars(select(table).where(table.id.in_(ids[start : start + _SEARCHED])))
        )
        found = [(thing.id, search.tokens_of(thing)) for thing in things]
        await search.index_all(work, search.KINDS[table], found, known=known)
        for thing in things:
            work.session.expunge(thing)  # or memory would grow with the file


async def _take_customers(work: Work, source: str, rows: Sequence[Row], trial: bool) -> Taken:  # noqa: FBT001 - called by the table below
    taken = Taken()
    found = _read(rows, reading.customer, taken)
    new = await _store(work, Customer, source, found, taken, frozenset())
    for values, number in zip(new, await _take_numbers(work, "customer", len(new), trial=trial), strict=True):
        values |= {"number": number, "created_at": work.now, "language": "en", "failed_verifications": 0}
    await _add(work, Customer, source, new, taken)
    return taken


async def _take_products(work: Work, source: str, rows: Sequence[Row], _trial: bool) -> Taken:  # noqa: FBT001 - called by the table below
    taken = Taken()
    found = _read(rows, reading.product, taken)
    codes = [values["sku"] for _, values in found]
    owners = {
        row.sku: (row.source, row.source_id)
        for row in await work.session.execute(
            select(Product.sku, Product.source, Product.source_id).where(Product.sku.in_(codes))
        )
    }
    free: list[tuple[Row, Values]] = []
    for row, values in found:
        mine = (source, values["source_id"])
        if owners.setdefault(values["sku"], mine) == mine:
            free.append((row, values))
        else:
            taken.findings += reading.refused([row], f"another product has the code {values['sku']}")
    new = await _store(work, Product, source, free, taken, frozenset({"on_hand"}))
    for values in new:
        values |= {"created_at": work.now, "reserved": 0, "currency": work.terms.currency}
    await _add(work, Product, source, new, taken)
    return taken


async def _take_orders(work: Work, source: str, rows: Sequence[Row], trial: bool) -> Taken:  # noqa: FBT001 - called by the table below
    taken = Taken()
    found = _read(rows, reading.order, taken)
    who = {values["customer_id"] for _, values in found} - {""}
    into = func.coalesce(
        Customer.merged_into_id, Customer.id
    )  # of a record that was merged, the one it went to
    customers = await _ids(work, Customer, source, who, into)
    for row, values in found:
        known_as = values["customer_id"]
        values["customer_id"] = customers.get(known_as)
        if known_as and known_as not in customers:
            reason = f"customer {known_as[:60]} is not known; kept without"
            taken.findings.append(Finding(row.line, FindingKind.CORRECTED, reason, values["source_id"]))
    new = await _store(work, Order, source, found, taken, frozenset({"freight_minor"}))
    terms = await order_terms.in_force_on(work, [values["placed_at"].date() for values in new])
    for values, number in zip(new, await _take_numbers(work, "order", len(new), trial=trial), strict=True):
        values |= {
            "number": number,
            "terms_id": terms[values["placed_at"].date()],
            "currency": work.terms.currency,
            "total_minor": values["freight_minor"],
            "fingerprint": "",
            "tracking": "",
        }
    await _add(work, Order, source, new, taken)
    return taken


async def _take_lines(work: Work, source: str, rows: Sequence[Row], _trial: bool) -> Taken:  # noqa: FBT001 - called by the table below
    taken = Taken()
    found = _read(rows, reading.line, taken, key="order_id")
    wanted = {values["order_id"] for _, values in found}
    orders = await _ids(work, Order, source, wanted)
    still_open = await _still_open(work, source, wanted)
    codes = {values["product_id"] for _, values in found} - {""}
    products = {
        row.source_id: row
        for row in await work.session.execute(
            select(
                Product.id,
                Product.source_id,
                Product.sku,
                Product.name,
                Product.pack_size,
                Product.least_quantity,
            ).where(Product.source == source, Product.source_id.in_(codes))
        )
    }
    there = set(
        await work.session.execute(
            select(OrderLine.order_id, OrderLine.line_no).where(OrderLine.order_id.in_(orders.values()))
        )
    )
    new: list[Values] = []
    for row, values in found:
        source_id, code = values["order_id"], values["product_id"]
        order_id, product = orders.get(source_id), products.get(code)
        if order_id is None:
            taken.findings += reading.refused([row], f"order {source_id[:60]} is not known", "order_id")
            continue
        if (order_id, values["line_no"]) in there:
            taken.unchanged += 1
            continue
        if words := packs.wrong(product, values["quantity"]) if product and values["quantity"] > 0 else "":
            if source_id in still_open:
                taken.findings += reading.refused([row], words, "order_id")
                continue
            taken.findings.append(Finding(row.line, FindingKind.NOTED, words, source_id))
        if product is None:
            reason = f"product {code[:60]} is not known; kept by its code"
            taken.findings.append(Finding(row.line, FindingKind.CORRECTED, reason, source_id))
        if not values["description"].strip():
            values["description"] = product.name if product else code
            reason = "no description; taken from the product"
            taken.findings.append(Finding(row.line, FindingKind.CORRECTED, reason, source_id))
        sku = product.sku if product else code[:60]
        new.append(
            {**values, "order_id": order_id, "product_id": product.id if product else None, "sku": sku}
        )
    if new:
        await work.session.execute(insert(_table(OrderLine)), new, execution_options={"audited": True})
        await _add_to_totals(work, new)
    taken.added += len(new)
    return taken


async def _add_to_totals(work: Work, lines: list[Values]) -> None:
    """What an order costs grows by its new lines, each rounded as it is shown."""
    more: Counter[int] = Counter()
    for values in lines:
        more[values["order_id"]] += line_total_minor(
            values["quantity"], values["unit_price_minor"], values["discount_bp"]
        )
    table = _table(Order)
    await work.session.execute(
        update(table)
        .where(table.c.id == bindparam("order"))
        .values(total_minor=table.c.total_minor + bindparam("more")),
        [{"order": order_id, "more": amount} for order_id, amount in more.items()],
        execution_options={"audited": True},
    )


def _table(mapped: type[Base]) -> Table:
    """The bare table: many rows at once need nothing of what a mapped class does."""
    return cast("Table", mapped.__table__)


async def _ids(work: Work, table: Any, source: str, wanted: set[str], number: Any = None) -> dict[str, int]:
    rows = await work.session.execute(
        select(table.source_id, table.id if number is None else number).where(
            table.source == source, table.source_id.in_(wanted)
        )
    )
    return dict(rows.all())


async def _still_open(work: Work, source: str, wanted: set[str]) -> set[str]:
    """The orders of these that are still to be packed: what they hold has to be in whole packs. S0-3.1.2b"""
    rows = await work.session.scalars(
        select(Order.source_id).where(
            Order.source == source, Order.source_id.in_(wanted), Order.status == OrderStatus.CONFIRMED
        )
    )
    return {one for one in rows if one is not None}


TAKE: dict[Kind, Callable[[Work, str, Sequence[Row], bool], Awaitable[Taken]]] = {
    Kind.CUSTOMERS: _take_customers,
    Kind.PRODUCTS: _take_products,
    Kind.ORDERS: _take_orders,
    Kind.LINES: _take_lines,
}
