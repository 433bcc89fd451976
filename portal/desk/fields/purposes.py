"""What each personal detail is asked for, said at the field that asks. S2-2.2

Whoever types a detail can tell the customer why, and a detail without a purpose is not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_PARCEL = "For what is delivered, and what it costs to send."
PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "name": "To address them and to find them again, as they say it. One word is enough.",
        "organisation": "Of a company: who orders, and whom the receipt is for.",
        "email": "For confirmations, answers and codes.",
        "phone": "To call back, and to know them again when they call.",
        "preferred_channel": "So that they hear from us the way they want.",
        "language": "So that they are spoken and written to in it.",
        "street": _PARCEL,
        "city": _PARCEL,
        "region": "Where an address there needs it.",
        "postal_code": "For what is delivered, and to make sure who is calling.",
        "country": "For delivery, phone numbers, and what the law there wants said.",
        "note": "What helps next time. The customer may ask to read it.",
        "ship_name": "Who takes the parcel, where that is somebody else.",
        "ship_address": "Where this order goes. Not needed for a pick-up.",
        "handle": "To find the customer, and to notice who tries too often.",
    }
)
"""By the name that the detail has on every form."""
