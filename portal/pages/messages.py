"""Messages that did not arrive: try again, or let go."""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import messages, upkeep
from portal.web import Visit


async def dead_letters(visit: Visit) -> Response:
    """What could not be sent or came back, with what the mail server said."""
    async with visit.look() as work:
        found = await upkeep.dead_letters(work, before=visit.asked("before"))
    return visit.page("messages/index.html", found=found)


async def send_again(visit: Visit) -> Response:
    async with visit.work() as work:
        await messages.send_again(work, await messages.load(work, visit.number("message_id")))
    return visit.go("/messages", "It is in the outbox again.")


async def discard(visit: Visit) -> Response:
    async with visit.work() as work:
        await messages.discard(work, await messages.load(work, visit.number("message_id")))
    return visit.go("/messages", "Let go. It stays on record.")
