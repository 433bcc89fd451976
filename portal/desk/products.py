"""What the desk sells: found by code or name, with its price and what is left of it. S1-4.1.2b"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import bindparam, inspect, select

from models import Product
from portal.desk import audit, search
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.money import WHOLE
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

NEAR = 3
"""How many similar codes are named when one is wrong."""
_READ = 60
"""Signs of what was typed that similar ones are looked for by: no code is longer."""
_LEAST = 2
"""Signs that have to agree from the beginning: less is no likeness."""
LARGEST_PACK = 1_000_000
"""Units; more are not ordered in one line."""
LONGEST_WARRANTY = 1_200
"""Months; more is a slip of the finger."""
_LENGTHS = {
    column.key: length
    for column in inspect(Product).columns
    if (length := getattr(column.type, "length", None)) is not None
}
_BY_IDS = (
    select(Product)
    .where(Product.id.in_(bindparam("ids", expanding=True)))
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDetails:
    """What the catalogue says of a product. The price is in minor units of the currency."""

    sku: str
    name: str
    price_minor: int
    category: str = ""
    unit: str = "piece"
    currency: str = ""
    active: bool = True
    warranty_months: int | None = None
    """Months from the purchase; None where nobody has said. S4-5.1"""
    pack_size: int = 1
    """Only whole packs of so many units are sold. S0-3.1.2b"""
    least_quantity: int = 1
    """The fewest units that are sold at once."""
    tax_bp: int | None = None
    """The tax the price includes, in basis points; None for the rate of the house. S1-4.4.1a"""
    shelf: str = ""
    """Where fulfilment takes it from. S1-3.3a"""


DETAILS = tuple(field.name for field in fields(ProductDetails))


async def create(work: Work, details: ProductDetails, *, on_hand: int | None = None) -> Product:
    """Add a product to the catalogue; `on_hand` None where its stock is not counted.

    Raises NotAccepted with a message per field.
    """
    work.require(May.EDIT_PRODUCTS)
    product = Product(
        on_hand=on_hand, reserved=0, created_at=work.now, **{name: getattr(details, name) for name in DETAILS}
    )
    product.currency = product.currency or work.terms.currency
    await _refuse(work, product, {"on_hand": "Nothing or more."} if (on_hand or 0) < 0 else {})
    work.session.add(product)
    await search.index(work, product)
    await audit.record(work, "create product", product)
    return product


async def change(work: Work, product: Product, expected_version: int, **changes: Any) -> None:
    """Change what the catalogue says. Orders keep the price they were placed at. S1-4.2.1b

    Raises Conflict when somebody saved meanwhile, NotAccepted with a message per field.
    """
    work.require(May.EDIT_PRODUCTS)
    if unknown := changes.keys() - set(DETAILS):
        raise NotAccepted.of(dict.fromkeys(sorted(unknown), "This is not changed here."))
    await hold_version(work, product, expected_version, changes)
    with work.session.no_autoflush:
        for name, value in changes.items():
            if getattr(product, name) != value:
                setattr(product, name, value)
        await _refuse(work, product, {})
    await search.index(work, product)
    await audit.record(work, "change product", product)


async def _refuse(work: Work, product: Product, found: dict[str, str]) -> None:
    for name in ("sku", "name"):
        if not getattr(product, name).strip():
            found[name] = "This cannot be empty."
    for name, longest in _LENGTHS.items():
        if len(getattr(product, name, None) or "") > longest:
            found[name] = f"At most {longest} characters."
    found |= _wrong_numbers(product)
    taken = select(Product.id).where(Product.sku == product.sku)
    if product.id is not None:
        taken = taken.where(Product.id != product.id)
    if "sku" not in found and await work.session.scalar(taken) is not None:
        found["sku"] = f"Another product has the code {product.sku}."
    if found:
        raise NotAccepted.of(found)
    refuse_card_numbers(name=product.name, category=product.category, shelf=product.shelf or "")


def _wrong_numbers(product: Product) -> dict[str, str]:
    found: dict[str, str] = {}
    if not 0 <= (product.warranty_months or 0) <= LONGEST_WARRANTY:
        found["warranty_months"] = f"Between 0 and {LONGEST_WARRANTY} months."
    if not 0 <= (product.tax_bp or 0) <= WHOLE:
        found["tax_bp"] = "Between 0 and 100 percent."
    for name in ("pack_size", "least_quantity"):
        if not 1 <= getattr(product, name) <= LARGEST_PACK:
            found[name] = f"Between 1 and {LARGEST_PACK:,} units."
    if product.price_minor < 0:
        found["price_minor"] = "Nothing or more."
    return found


async def load(work: Work, product_id: int) -> Product:
    """The product with this id. Raises NotFound."""
    work.require(May.SEE_PRODUCTS)
    product = await work.session.get(Product, product_id)
    if product is None:
        raise NotFound
    return product


async def load_all(work: Work, product_ids: Sequence[int]) -> dict[int, Product]:
    """The products with these ids, as they are now, by id; those that do not exist are missing."""
    if not product_ids:
        return {}
    rows = await work.session.scalars(_BY_IDS, {"ids": list(set(product_ids))})
    return {row.id: row for row in rows}


async def find(work: Work, text: str, limit: int = search.LIMIT) -> list[Product]:
    """Products on sale whose code or name begins so, by name."""
    work.require(May.SEE_PRODUCTS)
    hits = await search.find(work, text, ("product",), limit)
    rows = await work.session.scalars(
        select(Product)
        .where(Product.id.in_([hit.id for hit in hits]), Product.active)
        .order_by(Product.name, Product.id)
    )
    return list(rows)


async def by_code(work: Work, code: str) -> Product:
    """The product with exactly this code, or the only one that differs in case alone.

    Raises NotAccepted, naming similar codes. S1-4.1.2b
    """
    work.require(May.SEE_PRODUCTS)
    wanted = code.strip()
    exact = await work.session.scalar(select(Product).where(Product.sku == wanted))
    if exact is not None:
        return exact
    near = await _near(work, wanted)
    same = [product for product in near if product.sku.casefold() == wanted.casefold()]
    if len(same) == 1:
        return same[0]
    raise NotAccepted(code=unknown(wanted, _likest(near, wanted)))


async def similar(work: Work, text: str) -> list[Product]:
    """The few products on sale whose code or name is most like what was typed and finds nothing. S1-4.1.2b"""
    work.require(May.SEE_PRODUCTS)
    return _likest(await _near(work, text.strip()), text.strip())


def unknown(wanted: str, near: Sequence[Product], what: str = "code") -> str:
    """Say that nothing is sold under this, and what is most like it."""
    named = ", ".join(f"{product.sku} {product.name}" for product in near)
    return f"No product has the {what} {wanted}.{f' Similar: {named}.' if named else ''}"


def _likest(near: Sequence[Product], wanted: str) -> list[Product]:
    """The likest first, by code or by name."""
    text = wanted.casefold()

    def unlike(product: Product) -> tuple[float, str]:
        likeness = (
            SequenceMatcher(None, text, one.casefold()).ratio() for one in (product.sku, product.name)
        )
        return -max(likeness), product.sku

    return sorted(near, key=unlike)[:NEAR]


async def _near(work: Work, code: str) -> list[Product]:
    """The products that agree with the longest beginning of a code that any agrees with.

    What a beginning finds, each shorter one finds as well: so the longest is found by halving, in a few lookups
    however long the code is.
    """
    found: list[Product] = []
    shortest, longest = _LEAST, min(len(code), _READ)
    while shortest <= longest:
        length = (shortest + longest) // 2
        if here := await find(work, code[:length]):
            found, shortest = here, length + 1
        else:
            longest = length - 1
    return found
