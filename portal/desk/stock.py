"""Counting what is in the stock room: reserved, given back, taken out, counted anew. S1-3.2b, S1-4.2.1a

Every movement is one conditional statement a product, so that two who ask for the last unit at the same moment
cannot both be promised it. The functions return what they changed, for the audit entry of the deed they serve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, true, update
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


@dataclass(frozen=True, slots=True)
class Shift:
    """How many units of a product are promised more or less, and how many are waited for."""

    reserved: int = 0
    waiting: int = 0


async def reserve(work: Work, quantities: Mapping[int, int]) -> Changes:
    """Promise units of products, all or none. Raises WrongMoment when one of them has fewer left.

    Products whose stock is not counted are left alone.
    """
    return await shift(work, {product_id: Shift(units) for product_id, units in quantities.items()})


async def shift(work: Work, shifts: Mapping[int, Shift]) -> Changes:
    """Promise units or take promises back, and note what is waited for, all or none. S1-4.2.1a

    What is promised anew leaves as many as others wait for: those were first. Raises WrongMoment when a product
    has fewer left.
    """
    changes: Changes = {}
    for product_id in sorted(shifts):  # always in this order, so that no two wait for each other
        more = shifts[product_id]
        if more == Shift():
            continue
        if more.reserved > 0:
            possible = Product.on_hand - Product.reserved - Product.waiting >= more.reserved
        else:
            possible = Product.on_hand.is_not(None) & (Product.reserved >= -more.reserved)
        row = await _move(work, product_id, more, possible)
        if row is not None:
            changes[f"products/{product_id}"] = _told(row, more)
            continue
        product = await work.session.get(Product, product_id, populate_existing=True)
        if product is not None and product.available is None:
            continue
        if more.reserved > 0 or product is None:
            left = product.available if product else 0
            name = product.name if product else "This product"
            raise WrongMoment(f"{name}: only {left} left. Somebody else may just have ordered it.")
        if more.waiting:  # promised before its stock was counted: there is no promise to take back
            row = await _move(work, product_id, Shift(waiting=more.waiting), true())
            if row is not None:
                changes[f"products/{product_id}"] = _told(row, Shift(waiting=more.waiting))
    return changes


async def give_back(work: Work, quantities: Mapping[int, int]) -> Changes:
    """Take promises back, of as many units as are still promised."""
    return await shift(work, {product_id: Shift(-units) for product_id, units in quantities.items()})


async def serve(work: Work, quantities: Mapping[int, int]) -> Changes:
    """Units that were waited for are there: they are promised now. Nothing moves beyond what is there."""
    changes: Changes = {}
    for product_id in sorted(quantities):
        units = quantities[product_id]
        there = Product.on_hand - Product.reserved >= units
        row = await _move(work, product_id, Shift(units, -units), there)
        if row is None:
            raise WrongMoment("Somebody else took what had come in.")
        changes[f"products/{product_id}"] = _told(row, Shift(units, -units))
    return changes


async def take_out(work: Work, quantities: Mapping[int, int]) -> Changes:
    """Units have left the house: fewer are there, and their promise is kept."""
    changes: Changes = {}
    for product_id in sorted(quantities):
        wanted = quantities[product_id]
        promised = Product.on_hand.is_not(None) & (Product.reserved >= wanted)
        row = await _move(work, product_id, Shift(-wanted), promised, out=wanted)
        if row is not None:
            changes[f"products/{product_id}"] = {
                **_told(row, Shift(-wanted)),
                "on_hand": [row.on_hand + wanted, row.on_hand],
            }
    return changes


async def put_back(work: Work, quantities: Mapping[int, int]) -> Changes:
    """Units that had left the house are there again and free to be promised. S3-4.1.3c"""
    changes: Changes = {}
    for product_id in sorted(quantities):
        more = quantities[product_id]
        row = await _move(work, product_id, Shift(), Product.on_hand.is_not(None), out=-more)
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
    work: Work, product_id: int, more: Shift, condition: ColumnElement[bool], *, out: int = 0
) -> Any | None:
    """Change one product where the condition holds, and tell its new figures; None where it does not.

    Of a product whose stock is not counted only what is waited for moves.
    """
    values: dict[str, Any] = {"version": Product.version + 1}
    uncounted = Product.on_hand.is_(None)
    if more.waiting:
        values["waiting"] = Product.waiting + more.waiting
        condition = (uncounted | condition) & (Product.waiting >= -more.waiting)
    if more.reserved:
        values["reserved"] = Product.reserved + case((uncounted, 0), else_=more.reserved)
    if out:
        values["on_hand"] = Product.on_hand - out
    found = await work.session.execute(
        update(Product)
        .where(Product.id == product_id, condition)
        .values(values)
        .returning(Product.on_hand, Product.reserved, Product.waiting, Product.version)
        .execution_options(audited=True, synchronize_session=False)
    )
    row = found.one_or_none()
    if row is not None:
        loaded = work.session.sync_session.identity_map.get(identity_key(Product, product_id))
        if loaded is not None:
            for name in ("on_hand", "reserved", "waiting", "version"):
                set_committed_value(loaded, name, getattr(row, name))
    return row


def _told(row: Any, more: Shift) -> dict[str, list[int]]:
    """What a movement changed of a product, by its new figures."""
    told: dict[str, list[int]] = {}
    if more.reserved and row.on_hand is not None:
        told["reserved"] = [row.reserved - more.reserved, row.reserved]
    if more.waiting:
        told["waiting"] = [row.waiting - more.waiting, row.waiting]
    return told
