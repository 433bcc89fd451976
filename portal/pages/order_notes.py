"""What the teams write to each other on an order: a note, and that it was read. S1-4.7.2"""

from __future__ import annotations

from starlette.responses import Response

from models import Order
from portal.desk.orders import notes
from portal.desk.work import Work
from portal.forms import Typed
from portal.pages.orders import deed
from portal.web import Visit


async def write(visit: Visit) -> Response:
    """Write a note, to be read by whoever it names or asks."""

    async def do(work: Work, order: Order, typed: Typed) -> None:
        await notes.write(work, order, typed.get("words", ""), typed.get("asked", ""))

    return await deed(visit, "note", do, "Noted. Whoever it asks finds it on their desk.", "#notes")


async def have_read(visit: Visit) -> Response:
    """Say that what was asked of oneself is read."""

    async def do(work: Work, order: Order, _typed: Typed) -> None:
        await notes.have_read(work, order)

    return await deed(visit, "read", do, "Marked as read.", "#notes")
