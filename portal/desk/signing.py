"""Signed bodies of other systems: who shares the secret wrote it, and just now. S2-12.4, S1-4.1.1"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

FRESH = timedelta(minutes=5)
"""How far the clock of whoever sends may be from ours; what is older was recorded and sent again."""


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """What whoever sends has to say of a body and the moment it is sent at: `v1=` and hexadecimal digits."""
    told = hmac.new(secret, b"v1." + timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={told.hexdigest()}"


def is_signed(secret: bytes, timestamp: str, body: bytes, given: str, now: datetime) -> bool:
    """Whether a body was signed with the shared secret, and just now."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= len("9999999999")):
        return False
    fresh = abs(now.timestamp() - int(timestamp)) <= FRESH.total_seconds()
    same = hmac.compare_digest(signature(secret, timestamp, body).encode(), given.encode("utf-8", "replace"))
    return same and fresh
