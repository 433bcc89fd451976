"""One box for everything: a number leads straight to its thing, other words to a short list."""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import finding
from portal.web import Visit


async def show(visit: Visit) -> Response:
    """What the line finds."""
    text = visit.looked_for()
    async with visit.look() as work:
        found = await finding.find(work, text)
    if found.straight_to and not visit.is_htmx:
        return visit.go(found.straight_to)
    return visit.page("search/show.html", q=text, found=found)


async def look(visit: Visit) -> Response:
    """Take a line that was typed, and go on to what it finds."""
    return await visit.look_for("/search")
