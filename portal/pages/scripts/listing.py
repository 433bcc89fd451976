"""All scripts, and the versions of one."""

from __future__ import annotations

from collections import Counter

from starlette.responses import Response

from models.words import ScriptStatus
from portal.desk.plain_numbers import number_in
from portal.desk.scripts import versions
from portal.web import Visit, chosen

LOOKS = {
    ScriptStatus.DRAFT: ("warn", "pencil"),
    ScriptStatus.APPROVED: ("accent", "check"),
    ScriptStatus.PUBLISHED: ("good", "check"),
    ScriptStatus.RETIRED: ("", "x"),
}


async def index(visit: Visit) -> Response:
    """Every script: what is in force, how much it is used, what is being written."""
    async with visit.look() as work:
        found = await versions.listed(work)
    return visit.page("scripts/index.html", scripts=found)


async def show(visit: Visit) -> Response:
    """The versions of one script, the newest first. S4-1.4"""
    script = visit.text("script")
    async with visit.look() as work:
        rows = await versions.history(work, script)
        force = (await versions.in_force(work)).get(script)
        said = Counter(await versions.commented(work, script))
    return visit.page(
        "scripts/show.html",
        script=script,
        versions=rows,
        force=force,
        comments=said,
        looks=LOOKS,
        unfinished=versions.UNFINISHED,
    )


async def draft(visit: Visit) -> Response:
    """Begin a draft from a version, else from the one in force."""
    script = visit.text("script")
    form = await visit.form()
    based_on = number_in(chosen(form, "based_on"))
    async with visit.work() as work:
        base = await versions.load(work, based_on) if based_on is not None else None
        made = await versions.draft(work, script, base if base and base.script == script else None)
    return visit.go(f"/scripts/versions/{made.id}", said=f"Draft {made.number} begun. Nobody sees it yet.")
