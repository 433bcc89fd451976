"""What the lines of a draft cost: the list price of this moment, or a price of one's own within a limit. S1-4.2.1b"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from models import Customer, OrderLine, Product
from portal.desk import mandates, order_rules, pricing
from portal.desk.cards import REFUSAL, holds_card_number
from portal.desk.money import WHOLE, in_words, read_amount
from portal.desk.saving import UNSTORABLE
from portal.desk.work import Work

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """Another price than that of the list for one product, with its reason; only for lines that are new."""

    product_id: int
    amount: str
    """Of one unit, as typed, in the product's currency."""
    reason: str


@dataclass(frozen=True, slots=True)
class LinePrice:
    """What one unit of a line costs, in minor units, and what it would cost by the list."""

    unit_minor: int
    listed_minor: int | None
    tax_bp: int | None = None
    """The tax it includes, in basis points; None where nobody said. S1-4.4.1a"""
    reason: str = ""
    """Of a price of one's own; empty where the list price holds, or the line is kept as it was agreed."""
    beyond: bool = False
    """Whether somebody else has to agree to it."""
    wrong: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with the price as typed: `price`, `because`."""


@dataclass(frozen=True, slots=True)
class LinePrices:
    """The prices of a draft: what the lists say for its customer, what was typed, and how far that may be below."""

    listed: Mapping[int, int]
    own: Mapping[int, OwnPrice]
    limit_bp: int
    usual_tax_bp: int | None = None
    held: bool = False
    """Whether nobody has agreed yet to the prices of the order that is amended."""

    def of(self, product: Product, kept: OrderLine | None = None) -> LinePrice:
        """What a line costs; one that is kept by an amendment costs what was agreed."""
        if kept is not None:
            beyond = self.held and self._is_beyond(kept.unit_price_minor, kept.list_price_minor)
            return LinePrice(kept.unit_price_minor, kept.list_price_minor, kept.tax_bp, beyond=beyond)
        tax_bp = self.usual_tax_bp if product.tax_bp is None else product.tax_bp
        listed, own = self.listed[product.id], self.own.get(product.id)
        if own is None:
            return LinePrice(listed, listed, tax_bp)
        amount, reason = read_amount(own.amount, product.currency), own.reason.strip()
        wrong: dict[str, str] = {}
        if amount is None:
            wrong["price"] = "Enter an amount such as 12.50."
        elif amount > listed:
            wrong["price"] = f"At most the list price, {in_words(listed, product.currency)}."
        if amount == listed and not reason:
            return LinePrice(listed, listed, tax_bp)
        if words := _wrong_reason(reason):
            wrong["because"] = words
        if wrong or amount is None:
            return LinePrice(listed, listed, tax_bp, wrong=wrong)
        return LinePrice(amount, listed, tax_bp, reason, self._is_beyond(amount, listed))

    def _is_beyond(self, amount: int, listed: int | None) -> bool:
        return listed is not None and (listed - amount) * WHOLE > self.limit_bp * listed


def _wrong_reason(reason: str) -> str:
    """Say what is wrong with the reason of a price; empty where nothing is."""
    if not reason:
        return "Say why it costs less."
    if len(reason) > LONGEST_REASON:
        return f"At most {LONGEST_REASON} characters; these are {len(reason)}."
    if holds_card_number(reason):
        return REFUSAL
    return "This holds a sign that cannot be stored. Type it anew." if UNSTORABLE.search(reason) else ""


async def line_prices(
    work: Work,
    own_prices: Iterable[OwnPrice],
    customer: Customer | None,
    goods: Iterable[Product],
    *,
    held: bool = False,
) -> LinePrices:
    """The prices of these products for this customer now, with those of one's own. Three statements at most.

    `held` where the order that is amended still waits for somebody to agree: then its prices are looked at again.
    """
    own = {one.product_id: one for one in own_prices}
    limit = await mandates.price_limit(work) if own or held else 0
    usual = (await order_rules.in_force(work)).tax_bp
    return LinePrices(await pricing.prices(work, customer, goods), own, limit, usual, held)
