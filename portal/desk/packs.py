"""In which quantities a product is sold: whole packs, and no fewer than some. S0-3.1.2b, S1-4.1.2c"""

from __future__ import annotations

from typing import Protocol


class Packed(Protocol):
    """What is asked of a product here, so that a row of a few columns does as well."""

    @property
    def name(self) -> str: ...
    @property
    def pack_size(self) -> int: ...
    @property
    def least_quantity(self) -> int: ...


def least(product: Packed) -> int:
    """The fewest units that can be ordered: whole packs that hold at least the least quantity."""
    return -(-product.least_quantity // product.pack_size) * product.pack_size


def fitting(product: Packed, quantity: int) -> tuple[int, ...]:
    """The quantities that can be ordered next to this one: the one below, where there is one, and the one above."""
    pack, fewest = product.pack_size, least(product)
    below = quantity // pack * pack
    if below < fewest:
        return (fewest,)
    return (below,) if below == quantity else (below, below + pack)


def wrong(product: Packed, quantity: int) -> str:
    """Say why so many units are not sold, and which quantities are; empty where they are."""
    near = fitting(product, quantity)
    if near == (quantity,):
        return ""
    rule = told(product)
    return f"{product.name} comes {rule}: {' or '.join(f'{one:,}' for one in near)}."


def told(product: Packed) -> str:
    """The rule in words: `in packs of 6, at least 12`; empty for a product that is sold in any quantity."""
    packs = [f"in packs of {product.pack_size:,}"] if product.pack_size > 1 else []
    fewest = [f"at least {least(product):,}"] if least(product) > product.pack_size else []
    return ", ".join(packs + fewest)
