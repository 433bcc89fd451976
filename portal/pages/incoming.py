"""The doors for other systems: signed messages of social networks, signed orders of shops. A machine is answered as one."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from portal.desk import incoming, shops, signing
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.work import SYSTEM
from portal.web import Visit

NEVER_KEPT = {"cache-control": "no-store"}


async def social(visit: Visit) -> Response:
    """Take one signed message; 201 with the number of its case, 200 with the same where it was sent again. S2-12.4

    There is no such address until a secret is set.
    """
    if not visit.settings.social_secret:
        raise NotFound
    body = await _signed(visit, visit.settings.social_secret)
    if body is None:
        return _not_signed()
    try:
        told = incoming.read(body)
        async with visit.house.work(SYSTEM, visit.request_id) as work:
            number, fresh = await incoming.take(work, told)
    except NotAccepted as error:
        return _answer(error.status, error="not_accepted", fields=error.fields)
    except WrongMoment as error:
        return _answer(error.status, error="same_id_other_message")
    return _answer(201 if fresh else 200, case=number)


async def order(visit: Visit) -> Response:
    """Take one signed order of a shop; 201 with our number of it, 200 with the same where it was sent again. S1-4.1.1

    There is no such address until a shop has a secret. What keeps it from being taken is told at once, field by field.
    """
    secrets, shop = visit.settings.shops, visit.request.headers.get("x-handrail-shop", "")
    if not secrets:
        raise NotFound
    # A shop that nobody knows is told no more than one that signs wrongly, and takes as long.
    body = await _signed(visit, secrets.get(shop, next(iter(secrets.values()))))
    if body is None or shop not in secrets:
        return _not_signed()
    try:
        sold, digest = shops.read(body)
        async with visit.house.work(shops.shop_of(shop), visit.request_id) as work:
            taken, fresh = await shops.take(work, shop, sold, digest)
            number = taken.number
    except NotAccepted as error:
        return _answer(error.status, error="not_accepted", fields=error.fields)
    except shops.OtherOrder as error:
        return _answer(error.status, error="same_number_other_order")
    except WrongMoment as error:
        return _answer(error.status, error="changed_meanwhile", words=error.message)
    return _answer(201 if fresh else 200, order=number)


async def _signed(visit: Visit, secret: str) -> bytes | None:
    """The body, where it was signed with this secret, and just now; else None."""
    headers, body = visit.request.headers, await visit.request.body()
    timestamp, given = headers.get("x-handrail-timestamp", ""), headers.get("x-handrail-signature", "")
    good = signing.is_signed(secret.encode(), timestamp, body, given, visit.house.clock())
    return body if good else None


def _not_signed() -> Response:
    return _answer(401, error="invalid_signature")


def _answer(status: int, **told: object) -> Response:
    return JSONResponse(told, status_code=status, headers=NEVER_KEPT)
