"""Signed links for customers: one purpose each, nothing in them but a number. They open without signing in.

What a link is still good for stands in its row (expired, used), so that it can be ended; the signature only says
that we made it.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import ClassVar

from itsdangerous import BadData, URLSafeSerializer

from portal.desk.errors import DeskError, NotFound
from portal.desk.work import Terms

SHORTEST_SECRET = 32
"""Bytes."""


class Purpose(StrEnum):
    """What a link is for; a link made for one purpose opens nothing else."""

    FEEDBACK = "feedback"
    SURVEYS = "surveys"
    CASE = "case"
    """How a case stands. S3-14.2.1b"""
    ORDER = "order"
    """How an order stands."""
    CONSENTS = "consents"


class Expired(DeskError):
    """The link was ours, and its time is over."""

    status: ClassVar[int] = 410


def token(terms: Terms, purpose: Purpose, number: int) -> str:
    """Sign a number for one purpose. Raises ValueError without a proper secret."""
    return str(_signer(terms, purpose).dumps(number))


def number(terms: Terms, purpose: Purpose, token: str) -> int:
    """The number in a token of ours for this purpose. Raises NotFound for any other."""
    try:
        found = _signer(terms, purpose).loads(token)
    except BadData:
        found = None
    if not isinstance(found, int):
        raise NotFound("This link is not one of ours, or part of it is missing.")
    return found


def standing(terms: Terms, *, order_id: int | None, case_id: int | None) -> str:
    """The address where a customer sees how a case stands, or else an order; "" about neither. S3-14.2.1b"""
    if case_id is not None:
        return f"{terms.address}/standing/cases/{token(terms, Purpose.CASE, case_id)}"
    if order_id is not None:
        return f"{terms.address}/standing/orders/{token(terms, Purpose.ORDER, order_id)}"
    return ""


def _signer(terms: Terms, purpose: Purpose) -> URLSafeSerializer:
    if len(terms.secret) < SHORTEST_SECRET:
        raise ValueError("Links are signed with a secret of at least 32 bytes.")
    return URLSafeSerializer(
        terms.secret,
        salt=f"handrail link {purpose.value}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
