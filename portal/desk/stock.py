"""Counting what is in the stock room: reserved, given back, taken out, counted anew. S1-3.2b, S1-4.2.1a

Every movement is one conditional statement a product, so that two who ask for the last unit at the same moment
cannot both be promised it. The functions return what they changed, for the audit entry of the deed they serve.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from models import Product
from portal.desk import audit
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.work import Work

Changes = dict[str, dict[str, list[int]]]
"""{"products/5": {"reserved": [2, 4]}}"""


async def reserve(work: Work, quantities: Mapping[int, int]) -> Changes:
    """Promise units of products, all or none. Raises WrongMoment when one of them has fewer left.

    Products whose stock is not counted are left alone.
    """
    changes: Changes = {}
    for product_id in sorted(quantities):  # always in this order, so that no two wait for each other
        wanted = quantities[product_id]
        enough = Product.on_hand - Product.reserved >= wanted
        row = await _move(work, product_id, {"reserved": Product.reserved + wanted}, enough)
        if row is not None:
            changes[f"products/{product_id}"] = {"reserved": [row.reserved - wanted, row.reserved]}
            continue
        product = await work.session.get(Product, product_id, populate_existing=True)
        if product is None or product.available is not None:
            left = product.available if product else 0
            name = product.name if product else "This product"
            raise WrongMoment(f"{name}: only {left} left. Somebody else may just have ordered it.")
    return changes


async def give_back(work: Work, quantities: Mapping[int, int]) -> Changes:
    """Take promises back, of as many units as are still promised."""
    changes: Changes = {}
    for product_id in sorted(quantities):
        wanted = quantities[product_id]
        promised = Product.on_hand.is_not(None) & (Product.reserved >= wanted)
        row = await _move(work, product_id, {"reserved": Product.reserved - wanted}, promised)
        if row is not None:
            changes[f"products/{product_id}"] = {"reserved": [row.reserved + wanted, row.reserved]}
    return changes


async def take_out(work: Work, quantities: Mapping[int, int]) -> Changes:
    """Units have left the house: fewer are there, and their promise is kept."""
    changes: Changes = {}
    for product_id in sorted(quantities):
        wanted = quantities[product_id]
        values = {"reserved": Product.reserved - wanted, "on_hand": Product.on_hand - wanted}
        promised = Product.on_hand.is_not(None) & (Product.reserved >= wanted)
        row = await _move(work, product_id, values, promised)
        if row is not None:
            changes[f"products/{product_id}"] = {
                "reserved": [row.reserved + wanted, row.reserved],
                "on_hand": [row.on_hand + wanted, row.on_hand],
            }
    return changes


async def put_back(work: Work, quantities: Mapping[int, int]) -> Changes:
    """Units that had left the house are there again and free to be promised. S3-4.1.3c"""
    changes: Changes = {}
    for product_id in sorted(quantities):
        more = quantities[product_id]
        counted = Product.on_hand.is_not(None)
        row = await _move(work, product_id, {"on_hand": Product.on_hand + more}, counted)
        if row is not None:
            changes[f"products/{product_id}"] = {"on_hand": [row.on_hand - more, row.on_hand]}
    return changes


async def count(work: Work, product: Product, on_hand: int | None, reason: str) -> None:
    """Set how many units are there, with the reason; None where stock is no longer counted. S1-3.2b

    Raises NotAccepted without a reason, below nothing, or below what is promised to customers.
    """
    work.require(May.EDIT_PRODUCTS)
    if not reason.strip():
        raise NotAccepted(reason="Say why the count changes.")
    refuse_card_numbers(reason=reason)
    await hold(work, product)
    if on_hand is not None and on_hand < max(product.reserved, 0):
        raise NotAccepted(on_hand=f"At least {product.reserved}: so many are promised to customers.")
    product.on_hand = on_hand
    if on_hand is None:
        product.reserved = 0
    await audit.record(work, "count stock", product, reason=reason)


async def _move(
    work: Work, product_id: int, values: Mapping[str, Any], condition: ColumnElement[bool]
) -> Any | None:
    """Change one product where the condition holds, and tell its new figures; None where it does not."""
    found = await work.session.execute(
        update(Product)
        .where(Product.id == product_id, condition)
        .values({**values, "version": Product.version + 1})
        .returning(Product.on_hand, Product.reserved, Product.version)
        .execution_options(audited=True, synchronize_session=False)
    )
    row = found.one_or_none()
    if row is not None:
        loaded = work.session.sync_session.identity_map.get(identity_key(Product, product_id))
        if loaded is not None:
            for name in ("on_hand", "reserved", "version"):
                set_committed_value(loaded, name, getattr(row, name))
    return row
