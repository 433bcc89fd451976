"""The door for other systems: signed messages of a social network. A machine asks, so a machine is answered."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from portal.desk import incoming
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.work import SYSTEM
from portal.web import Visit

NEVER_KEPT = {"cache-control": "no-store"}


async def social(visit: Visit) -> Response:
    """Take one signed message; 201 with the number of its case, 200 with the same where it was sent again. S2-12.4

    There is no such address until a secret is set.
    """
    secret = visit.settings.social_secret.encode()
    if not secret:
        raise NotFound
    headers, body = visit.request.headers, await visit.request.body()
    timestamp, given = headers.get("x-handrail-timestamp", ""), headers.get("x-handrail-signature", "")
    if not incoming.is_signed(secret, timestamp, body, given, visit.house.clock()):
        return _answer(401, error="invalid_signature")
    try:
        told = incoming.read(body)
        async with visit.house.work(SYSTEM, visit.request_id) as work:
            number, fresh = await incoming.take(work, told)
    except NotAccepted as error:
        return _answer(error.status, error="not_accepted", fields=error.fields)
    except WrongMoment as error:
        return _answer(error.status, error="same_id_other_message")
    return _answer(201 if fresh else 200, case=number)


def _answer(status: int, **told: object) -> Response:
    return JSONResponse(told, status_code=status, headers=NEVER_KEPT)
