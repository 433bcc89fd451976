"""What a product costs whom, and when: the one rule, and the price lists that managers keep. S1-4.2.1b

What stands on no list costs what the catalogue says, so a desk without lists has nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from models import Customer, ListPrice, PriceList, Product
from portal.desk import audit
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.saving import hold, hold_version
from portal.desk.work import Work

LONGEST_NAME = 120
MOST = 2**31 - 1
"""Minor units that one unit can cost."""


async def prices(work: Work, customer: Customer | None, goods: Iterable[Product]) -> dict[int, int]:
    """What one unit of each product costs this customer now, in minor units of its currency. S1-4.2.1b

    Of the lists that are for the customer the one that says more of whom it is for comes first – kind and tier, then
    tier, then kind, then those for everybody – and of two such the price that has begun last. Without a customer
    only lists for everybody count. One statement, however many products.
    """
    found = {product.id: product.price_minor for product in goods}
    if not found:
        return {}
    kind, tier = (customer.kind, customer.tier) if customer else (None, None)
    rows = await work.session.execute(
        select(ListPrice.product_id, ListPrice.price_minor)
        .join(PriceList, PriceList.id == ListPrice.list_id)
        .where(
            ListPrice.product_id.in_(found),
            PriceList.active,
            ListPrice.valid_from <= work.now,
            or_(ListPrice.valid_until.is_(None), ListPrice.valid_until > work.now),
            or_(PriceList.kind.is_(None), PriceList.kind == kind),
            or_(PriceList.tier.is_(None), PriceList.tier == tier),
        )
        .order_by(
            PriceList.tier.is_(None).desc(),
            PriceList.kind.is_(None).desc(),
            ListPrice.valid_from,
            ListPrice.id,
        )
    )
    found.update((product_id, price_minor) for product_id, price_minor in rows)  # what counts most comes last
    return found


async def add_list(work: Work, **details: Any) -> PriceList:
    """Begin a price list: its name, and the kind and tier of customers it is for. Raises NotAccepted per field."""
    work.require(May.EDIT_PRODUCTS)
    made = PriceList(**{"name": "", "kind": None, "tier": None, "active": True} | details)
    await _refuse_list(work, made)
    work.session.add(made)
    await audit.record(work, "add price list", made)
    return made


async def change_list(work: Work, row: PriceList, expected_version: int, **changes: Any) -> None:
    """Change whom a list is for, or switch it off: it holds for orders from now on. Conflict for a second author."""
    work.require(May.EDIT_PRODUCTS)
    await hold_version(work, row, expected_version, changes)
    _set(row, changes, {"name", "kind", "tier", "active"})
    await _refuse_list(work, row)
    await audit.record(work, "change price list", row)


async def _refuse_list(work: Work, row: PriceList) -> None:
    row.name = row.name.strip()
    found: dict[str, str] = {}
    if not row.name or len(row.name) > LONGEST_NAME:
        found["name"] = f"A list needs a name, of at most {LONGEST_NAME} characters."
    with work.session.no_autoflush:
        taken = await work.session.scalar(select(PriceList.id).where(PriceList.name == row.name))
    if taken not in {None, row.id}:
        found["name"] = "Another list has this name."
    if found:
        raise NotAccepted.of(found)
    refuse_card_numbers(name=row.name)


async def add_price(
    work: Work,
    on: PriceList,
    product: Product,
    *,
    price_minor: int,
    valid_from: datetime,
    valid_until: datetime | None = None,
) -> ListPrice:
    """Put a price on a list, in minor units of the product's currency. Orders that are placed keep theirs.

    Raises NotAccepted per field, also where the list has another price for a part of that time.
    """
    work.require(May.EDIT_PRODUCTS)
    await hold(work, on)  # two who write a price for the same time do so one after the other
    made = ListPrice(
        list_id=on.id,
        product_id=product.id,
        price_minor=price_minor,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    await _refuse_price(work, made)
    work.session.add(made)
    await audit.record(work, "add list price", made)
    return made


async def change_price(work: Work, row: ListPrice, expected_version: int, **changes: Any) -> None:
    """Change a price or the time for which it holds. Raises as `add_price`, Conflict for a second author."""
    work.require(May.EDIT_PRODUCTS)
    await hold(work, await work.session.get_one(PriceList, row.list_id))
    await hold_version(work, row, expected_version, changes)
    _set(row, changes, {"price_minor", "valid_from", "valid_until"})
    await _refuse_price(work, row)
    await audit.record(work, "change list price", row)


async def _refuse_price(work: Work, row: ListPrice) -> None:
    found: dict[str, str] = {}
    if not 0 <= row.price_minor <= MOST:
        found["price_minor"] = "Nothing or more."
    if row.valid_until is not None and row.valid_until <= row.valid_from:
        found["valid_until"] = "It ends after it begins."
    else:
        others = select(ListPrice).where(
            ListPrice.list_id == row.list_id,
            ListPrice.product_id == row.product_id,
            or_(ListPrice.valid_until.is_(None), ListPrice.valid_until > row.valid_from),
        )
        if row.id is not None:
            others = others.where(ListPrice.id != row.id)
        if row.valid_until is not None:
            others = others.where(ListPrice.valid_from < row.valid_until)
        with work.session.no_autoflush:
            other = await work.session.scalar(others.limit(1))
        if other is not None:
            found["valid_from"] = "This list has another price for a part of this time: end that first."
    if found:
        raise NotAccepted.of(found)


def _set(row: Any, changes: Mapping[str, Any], known: set[str]) -> None:
    if unknown := changes.keys() - known:
        raise NotAccepted.of(dict.fromkeys(sorted(unknown), "This is not changed here."))
    for name, value in changes.items():
        setattr(row, name, value)
