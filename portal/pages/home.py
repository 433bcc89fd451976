"""My desk: where a person lands."""

from __future__ import annotations

from starlette.responses import Response

from portal.web import Visit


async def show(visit: Visit) -> Response:
    """The list of work of whoever signed in."""
    return visit.page("home/show.html")
