"""Confirming an order and each of its versions to the customer, in the way the customer prefers. S1-4.4, S1-4.6.3"""

from __future__ import annotations

from typing import Any

from models import Customer, Order
from models.words import PreferredChannel
from portal.desk import audit, notices, promises
from portal.desk.orders.checking import CheckedDraft
from portal.desk.orders.owners import owner_of, plan_call
from portal.desk.work import Work


async def confirm(
    work: Work, order: Order, customer: Customer, checked: CheckedDraft, old_minor: int = 0
) -> None:
    """Write what the order holds now, or have the customer called; once for each version of it.

    `old_minor` is what an amended order came to before. S0-3.6.1, S1-4.4.1d, S1-4.6.3, S0-0.5, S1-4.4.1a
    """
    message = None
    version = f"/{order.amended + 1}" if order.amended else ""
    if customer.preferred_channel is not PreferredChannel.CALL:
        template = "order-amended" if order.amended else "order-confirmation"
        facts = _facts(order, checked)
        if order.amended:
            facts |= {
                "version": order.amended + 1,
                "old_total_minor": old_minor,
                "freight_minor": order.freight_minor,
            }
        elif order.contact_id is not None:
            facts |= {"promises": await promises.told(work, order.contact_id)}
        else:
            facts |= {"promises": []}
        message = await notices.write(
            work,
            template,
            to=customer,
            once=f"{template}/{order.number}{version}",
            reference=order.number,
            order=order,
            **facts,
        )
    if message is not None:
        await audit.record(work, "confirm order", order)
        return
    owner_id = await owner_of(work, order)
    if owner_id is not None:
        words = f"Call {customer.name} and confirm {order.number}."
        if order.amended:
            words = f"Call {customer.name} and confirm version {order.amended + 1} of {order.number}."
        once = f"confirmation-call/{order.number}{version}"
        await plan_call(work, order, customer, owner_id, words, once=once)


def _facts(order: Order, checked: CheckedDraft) -> dict[str, Any]:
    return {
        "lines": [
            {
                "description": line.description,
                "quantity": line.quantity,
                "unit_price_minor": line.unit_price_minor,
                "total_minor": line.total_minor,
                "waiting": line.waiting,
                "waits_until": line.waits_until,
            }
            for line in checked.lines
        ],
        "total_minor": order.total_minor,
        "currency": order.currency,
        "delivery_method": order.delivery_method,
        "ship_name": order.ship_name,
        "ship_address": order.ship_address,
        "expected_on": order.expected_on,
        "wanted_on": order.wanted_on,
        "wanted_hours": order.wanted_hours,
        "requests": [
            {"wish": request.wish, "status": request.status, "reason": request.reason}
            for request in order.requests
        ],
    }
