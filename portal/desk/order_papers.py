"""What there is of an order on paper: scanned, with a word on where the paper is, on the order's trail. S1-5.2d

A scan is looked at as any file is, kept whole and only handed out; it may tell where the customer lives, so it is opened
by those alone to whom the address is shown.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import joinedload

from models import Order, OrderPaper
from portal.desk import audit, disclosure
from portal.desk.attachments import LARGEST, Opened, kind_of, safe_name
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.listing import LIMIT
from portal.desk.permissions import May
from portal.desk.saving import hold, storable
from portal.desk.work import Work

LONGEST_WHERE = 300
_rows: Any = OrderPaper.__table__


async def add(work: Work, order: Order, name: str, content: bytes, whereabouts: str) -> int:
    """Keep the scan of a paper with its order; give its number. S1-5.2d

    Raises NotAccepted of `scan` for what is empty, too large or no picture or PDF, and of `whereabouts` where nobody
    says where the paper is; WrongMoment for the same scan once more, or more than are shown.
    """
    work.require(May.SEE_ORDERS)
    called, where = safe_name(name), storable(whereabouts).strip()
    refuse_card_numbers(whereabouts=where)
    kind = kind_of(called, content) if content else None
    found = {}
    if not content:
        found["scan"] = "Choose the scan of the paper."
    elif len(content) > LARGEST:
        found["scan"] = f"{called} is larger than 5 MB."
    elif kind is None or kind[0] == "text":
        found["scan"] = f"{called} cannot be taken: send a picture or a PDF, named as what it is."
    if not 0 < len(where) <= LONGEST_WHERE:
        found["whereabouts"] = f"Say where the paper is, in at most {LONGEST_WHERE} characters."
    if found or kind is None:
        raise NotAccepted.of(found)
    await hold(work, order)
    digest = hashlib.sha256(content).hexdigest()
    known = list(await work.session.scalars(select(OrderPaper.digest).where(OrderPaper.order_id == order.id)))
    if digest in known:
        raise WrongMoment(f"This scan is kept with {order.number} already.")
    if len(known) >= LIMIT:
        raise WrongMoment(f"{order.number} has {LIMIT} papers already: scan the rest into one file.")
    values = {
        "order_id": order.id,
        "name": called,
        "whereabouts": where,
        "media_type": kind[1],
        "size": len(content),
        "digest": digest,
        "content": content,
        "added_by_id": work.actor.person_id,
        "added_at": work.now,
    }
    made: int = await work.session.scalar(
        insert(_rows).values(values).returning(_rows.c.id).execution_options(audited=True)
    )
    told = {one: [None, values[one]] for one in ("name", "whereabouts", "media_type", "size", "digest")}
    await audit.record(
        work, "add paper", order, changes={f"order_papers/{made}": told}, reason=f"{called}: {where}"
    )
    return made


async def of_order(work: Work, order: Order) -> list[OrderPaper]:
    """The papers of an order, without their content, the newest first."""
    work.require(May.SEE_ORDERS)
    rows = await work.session.scalars(
        select(OrderPaper)
        .where(OrderPaper.order_id == order.id)
        .options(joinedload(OrderPaper.added_by))
        .order_by(OrderPaper.id.desc())
        .limit(LIMIT)
    )
    return list(rows)


async def open_paper(work: Work, order: Order, paper_id: int) -> Opened:
    """Read the scan of a paper of an order. Raises NotFound, and NotAllowed while the address is hidden. Decision 18"""
    work.require(May.SEE_ORDERS)
    row = (
        await work.session.execute(
            select(OrderPaper.name, OrderPaper.media_type, OrderPaper.digest, OrderPaper.content).where(
                OrderPaper.id == paper_id, OrderPaper.order_id == order.id
            )
        )
    ).first()
    if row is None:
        raise NotFound
    if not await disclosure.address_shown(work, order.customer_id):
        raise NotAllowed(
            "The paper may tell where the customer lives: it is opened once the caller is verified."
        )
    return Opened(row.name, row.media_type, row.digest, row.content)
