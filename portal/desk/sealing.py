"""Digits that stand in a letter and nowhere else: sealed in the outbox, opened as the letter leaves. S2-2.1, S2-2.5

What is stored is the digits plus a number that only the desk's secret gives, so a dump of the database, a page that
shows a letter and the audit trail all hold something that says nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

SHORTEST_SECRET = 32
"""Bytes."""
DIGITS = 6
_MANY: int = 10**DIGITS
_NONCE = 8
_MARK = "[sealed:"
_SEALED = re.compile(r"\[sealed:([0-9a-f]{16})([0-9a-f]{6})\]")


def sealed(secret: bytes, digits: str) -> str:
    """The mark that stands for these six digits in a letter. Raises ValueError without a proper secret."""
    if len(secret) < SHORTEST_SECRET:
        raise ValueError("Digits are sealed with a secret of at least 32 bytes.")
    nonce = secrets.token_bytes(_NONCE)
    return f"{_MARK}{nonce.hex()}{(int(digits) + _pad(secret, nonce)) % _MANY:06x}]"


def opened(secret: bytes, text: str) -> str:
    """The text with every sealed mark as its digits."""
    if _MARK not in text:
        return text
    return _SEALED.sub(lambda found: _digits(secret, bytes.fromhex(found[1]), int(found[2], 16)), text)


def _digits(secret: bytes, nonce: bytes, held: int) -> str:
    return f"{(held - _pad(secret, nonce)) % _MANY:0{DIGITS}}"


def _pad(secret: bytes, nonce: bytes) -> int:
    return int.from_bytes(hmac.new(secret, b"sealed digits " + nonce, hashlib.sha256).digest(), "big") % _MANY
