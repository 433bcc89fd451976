"""The diagram of a script in force: how a contact runs, for everybody who works by it. S3-16.1.1"""

from __future__ import annotations

from markupsafe import Markup
from starlette.responses import Response

from portal.desk.scripts import drawing
from portal.web import Visit


async def show(visit: Visit) -> Response:
    """One script drawn with its live counts, and the way to the others."""
    script = visit.text("script")
    async with visit.look() as work:
        drawn = await drawing.drawn(work, script)
        published = await drawing.in_force(work)
    scripts = [
        (f"/scripts/{key}/diagram", one.title(visit.desk.terms.language), None, key == script)
        for key, one in published.items()
    ]
    svg = Markup(drawn.svg)  # noqa: S704 - every word in it is escaped where it is drawn
    return visit.page("diagrams/show.html", drawing=drawn, svg=svg, scripts=scripts)
