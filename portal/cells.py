"""Cells of the files we write, safe in whatever spreadsheet opens them."""

from __future__ import annotations

import re

CSV_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CSV_NEW_CELL = re.compile('([;\t\r\n])(?=["\\s]*[-=+@\uff1d\uff0b\uff0d\uff20])')
"""Where a spreadsheet that takes another sign for the end of a cell would begin a formula."""


def csv_cell(value: object, *, numbers: bool = True) -> str:
    """A cell no spreadsheet will run: what begins like a formula, there or within, gets an apostrophe in front.

    `numbers` says whether a plain number such as -5 may stay one.
    """
    text = "" if value is None else str(value)
    begins = text.lstrip().startswith(CSV_FORMULA) or text.startswith(CSV_FORMULA)
    if begins and not (numbers and _is_number(text)):
        text = f"'{text}"
    return CSV_NEW_CELL.sub(r"\1'", text)


def _is_number(text: str) -> bool:
    stripped = text.strip()
    return (
        stripped.removeprefix("-").replace(".", "", 1).isascii()
        and stripped.removeprefix("-").replace(".", "", 1).isdigit()
    )
