"""The jobs: when each ran last, and what went wrong."""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import upkeep
from portal.web import Visit


async def index(visit: Visit) -> Response:
    """Last slot, lag and errors of every job."""
    async with visit.look() as work:
        found = await upkeep.job_runs(work)
    return visit.page("jobs/_jobs.html" if visit.is_htmx else "jobs/index.html", jobs=found)
