"""My desk: where a person lands."""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import overview
from portal.web import Visit


async def show(visit: Visit) -> Response:
    """What waits for whoever signed in; asked for again each half minute, as a part. S1-2.1"""
    async with visit.look() as work:
        desk = await overview.my_desk(work)
    return visit.page("home/_desk.html" if visit.is_htmx else "home/show.html", desk=desk)
