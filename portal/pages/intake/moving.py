"""Moving a contact under way to the scripts now in force: what would change, and the button that does it. S1-6.2"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import moving
from portal.desk.plain_numbers import number_in
from portal.web import Visit, chosen


async def show_move(visit: Visit) -> Response:
    """What would change if this contact went on with the scripts now in force."""
    async with visit.look() as work:
        planned = await moving.plan(work, visit.number("intake_id"))
    return visit.page("intake/moving.html", planned=planned, run=planned.run)


async def move(visit: Visit) -> Response:
    """Go on with the versions that were shown."""
    form = await visit.form()
    revision = number_in(chosen(form, "revision")) or 0
    async with visit.work() as work:
        run = await moving.move(work, visit.number("intake_id"), revision, chosen(form, "version"))
    return visit.go(f"/intakes/{run.id}/{run.step}", said="This contact follows the newest scripts now.")
