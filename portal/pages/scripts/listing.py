"""All scripts, and the versions of one."""

from __future__ import annotations

from collections import Counter

from starlette.responses import Response

from models.words import ScriptStatus
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.scripts import owning, versions
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.showing import word
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
        owned = await owning.owners(work)
    return visit.page("scripts/index.html", scripts=found, owners=owned)


async def show(visit: Visit) -> Response:
    """The versions of one script, the newest first, and who answers for it. S4-1.4, S4-1.1"""
    return await detail(visit)


async def detail(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of one script; after a refused form with what is wrong with it."""
    script = visit.text("script")
    async with visit.look() as work:
        rows = await versions.history(work, script)
        force = (await versions.in_force(work)).get(script)
        said = Counter(await versions.commented(work, script))
        owner = (await owning.owners(work))[script]
        can_own = await owning.choosable(work) if work.may(May.EDIT_SCRIPTS) else []
    return visit.page(
        "scripts/show.html",
        script=script,
        versions=rows,
        force=force,
        comments=said,
        looks=LOOKS,
        unfinished=versions.UNFINISHED,
        owner=owner,
        can_own=[(key, name or f"Every {word(role).lower()}") for key, name, role in can_own],
        **refused.facts(),
    )


async def own(visit: Visit) -> Response:
    """Say who answers for a script from now on."""
    script = visit.text("script")

    async def do(work: Work, typed: Typed) -> str:
        seen = number_in(typed.get("version", "")) or 0
        await owning.name_owner(work, script, typed.get("owner", ""), seen)
        return f"/scripts/{script}"

    return await answer_form(visit, "owner", do, detail, "Kept: who answers for this script.")


async def draft(visit: Visit) -> Response:
    """Begin a draft from a version, else from the one in force."""
    script = visit.text("script")
    form = await visit.form()
    based_on = number_in(chosen(form, "based_on"))
    async with visit.work() as work:
        base = await versions.load(work, based_on) if based_on is not None else None
        made = await versions.draft(work, script, base if base and base.script == script else None)
    return visit.go(f"/scripts/versions/{made.id}", said=f"Draft {made.number} begun. Nobody sees it yet.")
