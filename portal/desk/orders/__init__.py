"""Orders: drafted, checked, read back, placed, and led on their way until they are delivered or cancelled.

S0-3.1, S1-4.1 to S1-4.4, S0-5.1a
"""

from portal.desk.orders.amending import (
    amend,
    check_amendment,
    draft_of,
    refuse_channel,
    unamendable,
    versions,
)
from portal.desk.orders.approving import (
    ApprovalRow,
    approve,
    of_order,
    open_on,
    queue,
    refuse_price,
    send_back,
)
from portal.desk.orders.approving import load as load_approval
from portal.desk.orders.checking import (
    REPLACED_BP,
    CheckedDraft,
    CheckedLine,
    OrderDraft,
    check,
    fingerprint,
)
from portal.desk.orders.contents import Change, content_after, content_of
from portal.desk.orders.contents import differences as changes_between
from portal.desk.orders.finding import Wanted, find, found, last_orders, load, of_customer
from portal.desk.orders.kept import KeptLines
from portal.desk.orders.picking import pick_list
from portal.desk.orders.placing import place
from portal.desk.orders.prices import OwnPrice, line_prices
from portal.desk.orders.requests import decide_request
from portal.desk.orders.stages import (
    CHANGES,
    StageChange,
    cancel,
    deliver,
    dispatch,
    expect_on,
    hand_over,
    prepare,
    unmovable,
)
from portal.desk.orders.telling import Difference, differences, read_aloud
from portal.desk.orders.waiting import come_in, serve

__all__ = [
    "CHANGES",
    "REPLACED_BP",
    "ApprovalRow",
    "Change",
    "CheckedDraft",
    "CheckedLine",
    "Difference",
    "KeptLines",
    "OrderDraft",
    "OwnPrice",
    "StageChange",
    "Wanted",
    "amend",
    "approve",
    "cancel",
    "changes_between",
    "check",
    "check_amendment",
    "come_in",
    "content_after",
    "content_of",
    "decide_request",
    "deliver",
    "differences",
    "dispatch",
    "draft_of",
    "expect_on",
    "find",
    "fingerprint",
    "found",
    "hand_over",
    "last_orders",
    "line_prices",
    "load",
    "load_approval",
    "of_customer",
    "of_order",
    "open_on",
    "pick_list",
    "place",
    "prepare",
    "queue",
    "read_aloud",
    "refuse_channel",
    "refuse_price",
    "send_back",
    "serve",
    "unamendable",
    "unmovable",
    "versions",
]
