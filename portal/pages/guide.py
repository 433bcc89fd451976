"""The guide, and tours from page to page. S1-7.1, S3-17.1.1a, S3-17.1.1b, S3-17.1.1c"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.responses import Response

from portal.desk import guide, training
from portal.desk.errors import NotFound
from portal.desk.guide import Tour
from portal.web import Visit

WALKED = "tours"
"""In the session: when each tour was begun, and which of its stops were come to."""


async def index(visit: Visit) -> Response:
    """Every topic, or those that say what is looked for; the reader's own first."""
    wanted = visit.asked("q").strip()
    own, others = guide.find(visit.person, wanted)
    return visit.page(
        "guide/index.html",
        wanted=wanted,
        own=own,
        others=others,
        tours=[] if wanted else guide.tours_for(visit.person),
    )


async def show(visit: Visit) -> Response:
    """One topic."""
    return visit.page("guide/topic.html", topic=guide.topic(visit.text("topic")))


async def walk(visit: Visit) -> Response:
    """Lead to a stop of a tour, and remember that it was come to."""
    walked, number = _tour(visit), visit.number("stop")
    if not 1 <= number <= len(walked.stops):
        raise NotFound("The tour has no such stop.")
    so_far = _so_far(visit, walked)
    seen = sorted({*so_far["seen"], number})
    visit.request.session[WALKED] = {walked.key: {**so_far, "seen": seen}}
    async with visit.look() as work:
        address = await guide.address_of(work, walked.stops[number - 1])
    return visit.go(f"{address}?tour={walked.key}-{number}")


async def end(visit: Visit) -> Response:
    """Keep that a tour was walked to its end, among what somebody practised."""
    walked = _tour(visit)
    so_far = _so_far(visit, walked)
    async with visit.house.work(visit.person) as work:
        record = await training.conclude_tour(
            work, walked, so_far["seen"], datetime.fromisoformat(so_far["began"])
        )
    visit.request.session.pop(WALKED, None)
    return visit.go(f"/practice/records/{record.id}")


def _tour(visit: Visit) -> Tour:
    found = guide.tour(visit.text("tour"))
    if not found.is_for(visit.person):
        raise NotFound("There is no such tour.")
    return found


def _so_far(visit: Visit, walked: Tour) -> dict[str, Any]:
    """What the session remembers of the tour; another tour that was begun is given up."""
    known: dict[str, dict[str, Any]] = visit.request.session.get(WALKED, {})
    return known.get(walked.key) or {"began": visit.desk.clock().isoformat(), "seen": []}
