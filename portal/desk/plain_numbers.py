"""The one reader of numbers that a form or an address names a row, a version or a place by."""

from __future__ import annotations

DIGITS = 9
"""More than these name no row of ours, and not every database could compare them."""


def number_in(text: str) -> int | None:
    """The whole number in plain digits; None for anything else and for more digits than any row has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None
