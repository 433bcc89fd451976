"""Into which words a name, a phone number or an address is taken apart to be found again. Decision 27

Nothing here touches the database: text in, tokens out. What is stored and what is asked for go through the
same functions, so that both agree for every script.
"""

from __future__ import annotations

import re
import unicodedata

from portal.desk.phones import national

LONGEST = 80
"""Characters of a token that count."""
SHORTEST_DIGITS = 3
"""Digits that are too few to look for."""
TRUNK_DIGITS = 6
"""From how many digits on a leading zero may be the trunk prefix of a national number."""

_PLAIN = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "\u0131": "i", "ŋ": "n",
        "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ĸ": "k", "ə": "e",
    }
)  # fmt: skip
"""Letters that no normal form takes apart."""

_APOSTROPHES = re.compile("['`\u00b4\u02b9\u02bb-\u02bf\u02c8\u2018\u2019\u2032]")
_NO_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]+"
)
"""Scripts that set words side by side: Thai, Lao, Burmese, Khmer, Japanese, Chinese, Korean."""


def plain(text: str) -> str:
    """The text without case and marks, with one form for each letter and digit."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(
        str(unicodedata.decimal(sign, sign))
        for sign in apart
        if unicodedata.category(sign)[0] not in "MC" or sign.isspace()
    )
    return unicodedata.normalize("NFC", bare.translate(_PLAIN))


def _chunks(text: str) -> list[str]:
    """The words as they are set off by spaces; a text of signs alone keeps them."""
    return plain(text).split() or text.split()


def _pieces(chunk: str) -> list[str]:
    """The runs of letters and digits, with runs of scripts that know no spaces cut off from the others."""
    found: list[str] = []
    for run in re.findall(r"[^\W_]+", chunk):
        found += [piece for piece in re.split(f"({_NO_SPACES.pattern})", run) if piece]
    return found


def _pairs(piece: str) -> list[str]:
    return [piece[at : at + 2] for at in range(len(piece) - 1)]


def of_name(text: str) -> set[str]:
    """Everything by which a name is found: its words, its words run together, its pairs of signs."""
    found: set[str] = set()
    if not any(sign.isalpha() for sign in text):
        found.update({digits(text), digits(text).lstrip("0")} - {""})  # asked for as digits are
    for chunk in _chunks(text):
        pieces = _pieces(_APOSTROPHES.sub(" ", chunk))
        joined = "".join(pieces)
        if not pieces:
            found.add(chunk)
            continue
        found.update({*pieces, joined})
        if "@" in chunk:
            found.add(chunk)
        for piece in pieces:
            if _NO_SPACES.fullmatch(piece):
                found.update(_pairs(piece))
    return {token[:LONGEST] for token in found}


def asked_name(text: str) -> list[str]:
    """The tokens a typed name has to begin with, all of them."""
    asked: list[str] = []
    for chunk in _chunks(text):
        pieces = _pieces(_APOSTROPHES.sub("", chunk))
        if not pieces:
            asked.append(chunk)
        for piece in pieces:
            long = _NO_SPACES.fullmatch(piece) and len(piece) > 2  # noqa: PLR2004 - more than one pair
            asked += _pairs(piece) if long else [piece]
    return [token[:LONGEST] for token in dict.fromkeys(asked)]


def digits(text: str) -> str:
    """The digits alone, of whatever script."""
    return "".join(str(found) for sign in text if (found := unicodedata.decimal(sign, None)) is not None)


def of_phone(phone: str) -> set[str]:
    """The digits forwards and backwards, so that a number is found from either end."""
    given = digits(phone)
    if not given:
        return set()
    found = {given.lstrip("0")[:LONGEST] or given, backwards(given)}
    if inland := national(phone):
        found.add(inland)
    return found


def backwards(given: str) -> str:
    """The token under which the last digits come first."""
    return ("<" + given[::-1])[:LONGEST]


def asked_digits(given: str) -> list[str]:
    """The beginnings under which these digits may stand: from the front, and from the back."""
    bare = given.lstrip("0")
    asked = [bare[:LONGEST]] if bare else []
    asked.append(backwards(given))
    if bare != given and len(given) >= TRUNK_DIGITS:
        asked.append(backwards(bare))
    return asked


def of_email(email: str) -> set[str]:
    """The whole address, without case."""
    return {plain(email).strip()[:LONGEST]} if email.strip() else set()


def of_number(number: str) -> set[str]:
    """A number of ours: as it is spelled without dashes, and its digits alone."""
    bare = "".join(sign for sign in plain(number) if sign.isalnum())
    return {token[:LONGEST] for token in (bare, digits(number)) if token}


def of_home(name: str, postal_code: str) -> set[str]:
    """One token for this name at this post code, to see that somebody is already known. S2-6.4"""
    who, where = " ".join(sorted(plain(name).split())), "".join(plain(postal_code).split())
    return {f"={where}={who}"[:LONGEST]} if who and where else set()
