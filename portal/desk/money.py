"""Money is whole minor units with a currency; here it becomes words and is read from them. Decision 21"""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import get_currency_precision

_TYPED = re.compile(r"(\d{1,15})(?:[.,](\d+))?")
"""Digits of any script. More than that are no amount: a column has room for eighteen with the smallest units."""


def in_words(amount_minor: int, currency: str) -> str:
    """`12.50 EUR`, `1234 JPY`: the same in every language, so that it can be read aloud and compared."""
    places = get_currency_precision(currency)
    return f"{Decimal(amount_minor).scaleb(-places):.{places}f} {currency}"


def read_amount(text: str, currency: str) -> int | None:
    """The minor units of an amount as typed (`12`, `12.5`, `12,50`); None when it cannot be read for certain."""
    found = _TYPED.fullmatch(text.strip().removesuffix(currency).strip())
    places = get_currency_precision(currency)
    if found is None or len(found[2] or "") > places:
        return None
    return int(found[1] + (found[2] or "").ljust(places, "0"))
