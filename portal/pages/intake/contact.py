"""A contact as a whole: begun, taken over, ended without being finished."""

from __future__ import annotations

import secrets

from starlette.responses import Response

from models.words import Channel, Direction
from portal.desk import channels, intake, matrix, runs
from portal.desk.channels import ChannelTerms
from portal.desk.errors import NotAccepted
from portal.desk.work import Work
from portal.pages import practice
from portal.web import Visit, chosen

CHANNELS = [
    (one.value, label)
    for one, label in zip(Channel, ("Phone", "E-mail", "Chat", "Social", "Online", "In person"), strict=True)
]
NOT_APPROVED = "Not approved for business: the contact is kept, and the customer is sent to another channel."
DIRECTIONS = [
    (Direction.INBOUND.value, "The customer came to us"),
    (Direction.OUTBOUND.value, "We went to the customer"),
]


async def new(visit: Visit) -> Response:
    """Ask on which approved channel the contact comes, and from where; how else they came stands folded. S0-1.2b, S2-12.1

    A telephone system fills in who calls by its link, behind the `#` of the address, which no browser sends to a
    server: a number stands in no log. S0-3.2.3
    """
    return await _new(
        visit,
        {
            "channel": visit.asked("channel"),
            "direction": Direction.INBOUND.value,
            "handle": "",
            "network": "",
            "link": "",
        },
    )


async def _new(
    visit: Visit, typed: dict[str, str], errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    async with visit.look() as work:
        rules = await channels.rules(work)
        own = await channels.own(work)
    known = [(value, label, rules[Channel(value)].approved) for value, label in CHANNELS]
    known += [(matrix.own(one.own), one.own, one.approved) for one in own]
    offered = [(value, label) for value, label, approved in known if approved]
    others = [(value, label) for value, label, approved in known if not approved]
    if typed["channel"] not in {value for value, *_ in known}:
        typed = {**typed, "channel": next((value for value, _ in (*offered, *others)), "")}
    return visit.page(
        "intake/new.html",
        channels=offered,
        others=others,
        not_approved=NOT_APPROVED,
        directions=DIRECTIONS,
        typed=typed,
        key=secrets.token_urlsafe(16),
        errors=errors or {},
        status=status,
    )


async def begin(visit: Visit) -> Response:
    """Open a contact and go to its first step. S0-3.1.1a"""
    form = await visit.form()
    typed = {name: chosen(form, name) for name in ("channel", "direction", "handle", "network", "link")}
    channel, direction = typed["channel"], typed["direction"] or Direction.INBOUND.value
    origin = channels.Origin(typed["handle"], typed["network"], typed["link"])
    try:
        async with visit.work() as work:
            by = await _by(work, channel, direction)
            made = await intake.begin(
                work,
                by.channel,
                Direction(direction),
                key=chosen(form, "key")[:80],
                origin=origin,
                own_channel=by.own,
            )
    except NotAccepted as error:
        return await _new(visit, typed, error.fields, 422)
    return visit.go(f"/intakes/{made}")


async def _by(work: Work, channel: str, direction: str) -> ChannelTerms:
    """The channel that was chosen. Raises NotAccepted for none that is on offer, or a way that is none."""
    found = await channels.chosen(work, channel)
    if found is None or direction not in {one.value for one in Direction}:
        raise NotAccepted(channel="Choose the channel.")
    return found


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
    said = "The contact was ended and stays on record."
    if not visit.person.practice:
        return visit.go("/", said=said)
    async with visit.look() as work:
        run = await runs.find(work, intake_id)
    return await practice.ended(visit, run, said)
