"""Money is whole minor units with a currency; here it becomes words and is read from them. Decision 21"""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import get_currency_precision

WHOLE = 10_000
"""All of something, in basis points."""
_PLACES_OF_A_PERCENT = 2

_TYPED = re.compile(r"(\d{1,15})(?:[.,](\d+))?")
"""Digits of any script. More than that are no amount: a column has room for eighteen with the smallest units."""


def in_words(amount_minor: int, currency: str) -> str:
    """`12.50 EUR`, `1234 JPY`: the same in every language, so that it can be read aloud and compared."""
    places = get_currency_precision(currency)
    return f"{Decimal(amount_minor).scaleb(-places):.{places}f} {currency}"


def percent(basis_points: int) -> str:
    """`7.5 %`, `19 %`"""
    return f"{Decimal(basis_points).scaleb(-2).normalize():f} %"


def percent_or(basis_points: int | None, other: str = "") -> str:
    """A share in words, or the other words where there is none."""
    return other if basis_points is None else percent(basis_points)


def read_percent(text: str) -> int | None:
    """The basis points of a share as typed (`7`, `7.5`, `7,50 %`), at most all of it; None when it is none."""
    found = _TYPED.fullmatch(text.strip().removesuffix("%").strip())
    if found is None or len(found[2] or "") > _PLACES_OF_A_PERCENT:
        return None
    points = int(found[1] + (found[2] or "").ljust(_PLACES_OF_A_PERCENT, "0"))
    return points if points <= WHOLE else None


def read_amount(text: str, currency: str) -> int | None:
    """The minor units of an amount as typed (`12`, `12.5`, `12,50`); None when it cannot be read for certain."""
    found = _TYPED.fullmatch(text.strip().removesuffix(currency).strip())
    places = get_currency_precision(currency)
    if found is None or len(found[2] or "") > places:
        return None
    return int(found[1] + (found[2] or "").ljust(places, "0"))
