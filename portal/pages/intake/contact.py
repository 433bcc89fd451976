"""A contact as a whole: begun, taken over, ended without being finished."""

from __future__ import annotations

import secrets

from starlette.responses import Response

from models.words import Channel, Direction
from portal.desk import intake, runs
from portal.desk.errors import NotAccepted
from portal.web import Visit, chosen

CHANNELS = [
    (one.value, label)
    for one, label in zip(Channel, ("Phone", "E-mail", "Chat", "Social", "Online", "In person"), strict=True)
]
DIRECTIONS = [
    (Direction.INBOUND.value, "The customer came to us"),
    (Direction.OUTBOUND.value, "We went to the customer"),
]


async def new(visit: Visit) -> Response:
    """Ask on which channel the contact comes."""
    return _new(visit)


def _new(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    return visit.page(
        "intake/new.html",
        channels=CHANNELS,
        directions=DIRECTIONS,
        key=secrets.token_urlsafe(16),
        errors=errors or {},
        status=status,
    )


async def begin(visit: Visit) -> Response:
    """Open a contact and go to its first step. S0-3.1.1a"""
    form = await visit.form()
    channel, direction = chosen(form, "channel"), chosen(form, "direction") or Direction.INBOUND.value
    if channel not in {one.value for one in Channel} or direction not in {one.value for one in Direction}:
        return _new(visit, {"channel": "Choose the channel."}, 422)
    async with visit.work() as work:
        made = await intake.begin(work, Channel(channel), Direction(direction), key=chosen(form, "key")[:80])
    return visit.go(f"/intakes/{made}")


async def resume(visit: Visit) -> Response:
    """Go to the step where the intake stands."""
    async with visit.look() as work:
        run = await runs.find(work, visit.number("intake_id"))
    return visit.go(f"/intakes/{run.id}/{run.step}")


async def take_over(visit: Visit) -> Response:
    """Hold the intake from now on."""
    async with visit.work() as work:
        run = await intake.take_over(work, visit.number("intake_id"))
    return visit.go(f"/intakes/{run.id}/{run.step}", said="You hold this contact now.")


async def abandon(visit: Visit) -> Response:
    """End the contact without finishing it, with a reason. S0-3.3.3"""
    intake_id = visit.number("intake_id")
    form = await visit.form()
    try:
        async with visit.work() as work:
            await intake.abandon(work, intake_id, chosen(form, "reason"))
    except NotAccepted as error:
        async with visit.look() as work:
            run = await runs.find(work, intake_id)
        return visit.page(
            "intake/abandon.html", status=422, run=run, errors=error.fields, reason=chosen(form, "reason")
        )
    return visit.go("/", said="The contact was ended and stays on record.")
