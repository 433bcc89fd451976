"""The access log: who saw or verified whom, when and why."""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import access
from portal.web import Visit


async def index(visit: Visit) -> Response:
    """Newest first, twenty-five at a time; customers stay covered here, too. S2-2.4"""
    failed = visit.asked("only") == "failed"
    async with visit.look() as work:
        found = await access.log(work, before=visit.asked("before"), failed=failed)
    return visit.page("access/index.html", found=found, failed=failed)
