"""Card numbers are never stored, wherever somebody types them. Decision 7, S0-3.5.2a"""

from __future__ import annotations

import re
import unicodedata

from portal.desk.errors import NotAccepted

SHORTEST, LONGEST = 13, 19
"""How many digits a card number has."""

REFUSAL = "This looks like a card number. Leave it out: card numbers are never stored."

LEFT_OUT = "[card number left out]"

_GAP = r"[\s\-.,_/·•]{1,3}"
_DIGIT = re.compile(r"\d")
_RUN = re.compile(rf"[0-9]+(?:{_GAP}[0-9]+)*")


def _plain(text: str) -> str:
    """The text with digits of every script as 0 to 9, dashes as one dash, and nothing that cannot be seen."""
    kept: list[str] = []
    for sign in text:
        digit = unicodedata.decimal(sign, None)
        category = unicodedata.category(sign)
        if digit is not None:
            kept.append(str(digit))
        elif category == "Pd" or sign == "\N{MINUS SIGN}":
            kept.append("-")
        elif category not in {"Cf", "Mn"}:
            kept.append(sign)
    return "".join(kept)


def _adds_up(digits: str) -> bool:
    """The Luhn check."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - two digits are added up as one
    return total % 10 == 0


def _candidates(run: str) -> set[str]:
    """Every number that stands in a run of digits and gaps, from the start of a group to the end of one."""
    groups = re.findall(r"[0-9]+", run)
    edges = [0]
    for group in groups:
        edges.append(edges[-1] + len(group))
    digits = "".join(groups)
    return {
        digits[start:end]
        for place, start in enumerate(edges)
        for end in edges[place + 1 : place + 1 + LONGEST]  # each group is a digit at least
        if SHORTEST <= end - start <= LONGEST
    }


def holds_card_number(text: str) -> bool:
    """Whether somewhere in the text stands a number of 13 to 19 digits that passes the Luhn check.

    Spaces, dashes, dots and full-width digits do not hide it. No card begins with 0.
    """
    if len(_DIGIT.findall(text)) < SHORTEST:
        return False
    return any(
        not number.startswith("0") and _adds_up(number)
        for run in _RUN.findall(_plain(text))
        for number in _candidates(run)
    )


def without_card_numbers(text: str) -> str:
    """The text with a word in the place of each number that may be a card's: for what nobody can be asked to change."""
    if not holds_card_number(text):
        return text
    return _RUN.sub(lambda found: LEFT_OUT if holds_card_number(found[0]) else found[0], _plain(text))


def refuse_card_numbers(**texts: str) -> None:
    """Raise NotAccepted for each field in which a card number stands."""
    found = {field: REFUSAL for field, text in texts.items() if text and holds_card_number(text)}
    if found:
        raise NotAccepted(**found)
