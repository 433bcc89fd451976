"""Confirming an order and each of its versions to the customer, in the way the customer prefers. S1-4.4, S1-4.6.3"""

from __future__ import annotations

from typing import Any

from models import Customer, Order
from models.words import PreferredChannel
from portal.desk import audit, notices, order_terms, promises, tax
from portal.desk.orders.owners import owner_of, plan_call
from portal.desk.work import Work


async def confirm(work: Work, order: Order, customer: Customer, old_minor: int | None = None) -> None:
    """Write what the order holds now, have the customer called, or a message sent by hand; once for each version of it.

    The order is loaded with its lines and special requests; `old_minor` is what it came to before, for one that was
    confirmed already and is amended.
    S0-3.6.1, S1-4.4.1d, S1-4.6.3, S0-0.5, S1-4.4.1a
    """
    version = f"/{order.amended + 1}" if order.amended else ""
    wants, sent, message = customer.preferred_channel, None, ""
    if wants is not PreferredChannel.CALL:
        template = "order-confirmation" if old_minor is None else "order-amended"
        terms = await order_terms.words_of(work, order.terms_id, notices.language_of(customer))
        facts = {**_facts(order), "terms": terms}
        if old_minor is not None:
            facts |= {
                "version": order.amended + 1,
                "old_total_minor": old_minor,
                "freight_minor": order.freight_minor,
            }
        elif order.contact_id is not None:
            facts |= {"promises": await promises.told(work, order.contact_id)}
        else:
            facts |= {"promises": []}
        if wants is PreferredChannel.MESSAGE:
            message = await notices.words(work, template, customer, order.number, facts)
        else:
            once = f"{template}/{order.number}{version}"
            sent = await notices.write(
                work, template, to=customer, once=once, reference=order.number, order=order, **facts
            )
    if sent is not None:
        await audit.record(work, "confirm order", order)
        return
    owner_id = await owner_of(work, order)
    if owner_id is not None:
        which = f"version {order.amended + 1} of {order.number}" if order.amended else order.number
        words = f"Call {customer.name} and confirm {which}."
        if message:
            words = f"Send {customer.name} a message that confirms {which}."
        once = f"confirmation-{'message' if message else 'call'}/{order.number}{version}"
        await plan_call(work, order, customer, owner_id, words, once=once, message=message)


def _facts(order: Order) -> dict[str, Any]:
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
            for line in order.lines
        ],
        "total_minor": order.total_minor,
        "taxes": tax.by_rate(order.lines),
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
