"""What somebody looks for, as a word in an address that says nothing to anybody else. S0-3.2.3, S3-14.1.1b

A name that was typed into a search box stands in no address: the form posts it, and the page that answers is called by
this word, so that reloading, going back and the next page work. Only whoever typed it can open it, for as long as a
session lasts; to everybody else, and in every log, it is noise.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from portal.desk.sealing import SHORTEST_SECRET

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

KEPT = timedelta(hours=12)
"""No longer than anybody stays signed in."""
LONGEST = 4000
"""Signs of a word that are looked at."""
_NONCE, _MOMENT = 12, 5


def hidden(secret: bytes, person_id: int | None, now: datetime, text: str) -> str:
    """The word that stands for a text in addresses of this person. Raises ValueError without a proper secret."""
    nonce = os.urandom(_NONCE)
    told = int(now.timestamp()).to_bytes(_MOMENT, "big") + text.encode()
    word = nonce + _cipher(secret).encrypt(nonce, told, _whose(person_id))
    return base64.urlsafe_b64encode(word).decode().rstrip("=")


def shown(secret: bytes, person_id: int | None, now: datetime, word: str) -> str:
    """The text that a word stands for; empty for one that is somebody else's, too old, or none."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415  as in `_cipher`

    if not word or len(word) > LONGEST:
        return ""
    try:
        held = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        told = _cipher(secret).decrypt(held[:_NONCE], held[_NONCE:], _whose(person_id))
    except (binascii.Error, ValueError, InvalidTag):
        return ""
    age = now - datetime.fromtimestamp(int.from_bytes(told[:_MOMENT], "big"), now.tzinfo)
    return told[_MOMENT:].decode() if age <= KEPT else ""


def _whose(person_id: int | None) -> bytes:
    return f"looked for by {person_id}".encode()


def _cipher(secret: bytes) -> ChaCha20Poly1305:
    """The cipher is loaded by the first search, like all that only some requests need."""
    from cryptography.hazmat.primitives.ciphers.aead import (  # noqa: PLC0415  as above
        ChaCha20Poly1305,
    )

    if len(secret) < SHORTEST_SECRET:
        raise ValueError("What is looked for is hidden with a secret of at least 32 bytes.")
    return ChaCha20Poly1305(hmac.new(secret, b"what is looked for", hashlib.sha256).digest())
