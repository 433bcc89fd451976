"""The story of one order: every deed on it and every letter about it, with who was behind it. S0-0.2, S0-3.6.2

Reads only, one statement for the deeds and one for the letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from models import AuditEntry, Mail, Message, Order
from portal.desk.fields.counting import spoken_day
from portal.desk.orders import notes as order_notes
from portal.desk.permissions import May
from portal.desk.queues import masked_or_none
from portal.desk.timeline import LONGEST, Entry, Told, letters, mails
from portal.desk.work import Work

TITLES = {
    "place order": "Placed",
    "confirm order": "Confirmation written",
    "amend order": "Amended",
    "hand over order": "Handed over to fulfilment",
    "receive order": "Ticked as received",
    "prepare order": "Prepared",
    "dispatch order": "Dispatched",
    "deliver order": "Delivered",
    "cancel order": "Cancelled",
    "add paper": "A paper was scanned",
    "move expected day": "Expected day moved",
    "promise goods that came in": "Goods that came in were promised",
}
"""How a deed of the trail is told; others by their own name."""


async def of(work: Work, order: Order, *, shown: bool, notes: bool = False) -> list[Entry]:
    """What happened with an order, newest first. `order` is loaded with its customer.

    `shown` says whether letters that tell where the customer lives may be read, `notes` whether what the teams wrote to
    each other stands among it: for the paper, as the screen has it beside. S1-4.7.2
    """
    work.require(May.SEE_ORDERS)
    entries = await _deeds(work, order)
    if work.may(May.SEE_MESSAGES):
        entries += await letters(work, Message.order_id == order.id, masked_or_none(order), shown=shown)
    if work.may(May.WORK_CASES):
        entries += await mails(work, Mail.order_id == order.id, masked_or_none(order), shown=shown)
    if notes:
        entries += [
            Entry(
                one.written_at,
                Told.NOTE,
                "Internal note",
                one.words,
                who=one.written_by.name if one.written_by else "",
            )
            for one in await order_notes.everything(work, order, LONGEST)
        ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


async def _deeds(work: Work, order: Order) -> list[Entry]:
    key = (Order.__tablename__, str(order.id))
    rows = await work.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == key[0], AuditEntry.subject_id == key[1])
        .order_by(AuditEntry.id.desc())
        .limit(LONGEST)
    )
    return [
        Entry(
            one.at,
            Told.ORDER,
            TITLES.get(one.deed, one.deed.capitalize()),
            _words(one.reason, one.changes.get("/".join(key), {})),
            who=one.who,
        )
        for one in rows
    ]


def _words(reason: str, changed: Mapping[str, Any]) -> str:
    """Why it was done, and from which day to which the order moved."""
    old, new = changed.get("expected_on", (None, None))
    if not (old and new):
        return reason
    days = " → ".join(spoken_day(date.fromisoformat(one)) for one in (old, new))
    return f"{days}\n{reason}".strip()
