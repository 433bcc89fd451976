"""The demo's mailbox: what would have been sent, as the receiver would see it."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from portal.desk import messages
from portal.desk.errors import NotFound
from portal.desk.sealing import opened
from portal.web import Visit

AT_ONCE = 30
LETTER_HEADERS = {
    # the letter stands in a frame of the mailbox and may load, run and send nothing; its links open beside it
    "content-security-policy": "default-src 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox",
    "x-frame-options": "SAMEORIGIN",
}


async def index(visit: Visit) -> Response:
    """The newest messages; one is open."""
    _only_in_the_demo(visit)
    before = visit.asked("before")
    async with visit.look() as work:
        found = await messages.latest(
            work, AT_ONCE + 1, before=int(before) if before.isdigit() and len(before) < AT_ONCE // 2 else None
        )
    shown = found[:AT_ONCE]
    return visit.page("demo/mail.html", messages=shown, older=shown[-1].id if len(found) > AT_ONCE else None)


async def show(visit: Visit) -> Response:
    """One message: its headers, its text, and its HTML in a frame."""
    _only_in_the_demo(visit)
    async with visit.look() as work:
        message = await messages.load(work, visit.number("message_id"))
    text = opened(visit.desk.terms.secret, message.body_text)  # whoever tries the demo is the customer, too
    return visit.page("demo/letter.html", message=message, text=text)


async def letter(visit: Visit) -> Response:
    """The HTML part alone, for the frame. A policy of its own keeps it from doing anything."""
    _only_in_the_demo(visit)
    async with visit.look() as work:
        message = await messages.load(work, visit.number("message_id"))
    return HTMLResponse(opened(visit.desk.terms.secret, message.body_html), headers=LETTER_HEADERS)


def _only_in_the_demo(visit: Visit) -> None:
    if not visit.settings.demo:
        raise NotFound
