"""Orders: drafted, checked, read back, placed, and led on their way until they are delivered or cancelled.

S0-3.1, S1-4.1 to S1-4.4, S0-5.1a
"""

from portal.desk.orders.checking import (
    CheckedDraft,
    CheckedLine,
    Difference,
    OrderDraft,
    check,
    differences,
    fingerprint,
    read_aloud,
)
from portal.desk.orders.finding import find, last_orders, load, of_customer
from portal.desk.orders.placing import place
from portal.desk.orders.stages import (
    CHANGES,
    StageChange,
    cancel,
    decide_request,
    deliver,
    dispatch,
    expect_on,
    hand_over,
    prepare,
)

__all__ = [
    "CHANGES",
    "CheckedDraft",
    "CheckedLine",
    "Difference",
    "OrderDraft",
    "StageChange",
    "cancel",
    "check",
    "decide_request",
    "deliver",
    "differences",
    "dispatch",
    "expect_on",
    "find",
    "fingerprint",
    "hand_over",
    "last_orders",
    "load",
    "of_customer",
    "place",
    "prepare",
    "read_aloud",
]
