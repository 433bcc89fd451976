"""Is the process alive, and can it serve? For proxies and people on call."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from portal.desk import house
from portal.web import Visit


async def alive(_visit: Visit) -> Response:
    """The process answers; asks nobody else."""
    return PlainTextResponse("alive\n")


async def ready(visit: Visit) -> Response:
    """The database answers and its tables are at the version this code needs; else 503."""
    async with visit.look() as work:
        found = await house.schema_version(work)
    if found != visit.request.app.state.schema:
        return PlainTextResponse("waiting for a migration\n", status_code=503, headers={"retry-after": "5"})
    return PlainTextResponse("ready\n")
