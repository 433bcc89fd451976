"""Scripts as text files: taken away to read and compare, brought in as a draft."""

from __future__ import annotations

from starlette.responses import Response

from portal.desk.errors import NotAccepted
from portal.desk.scripts import versions
from portal.web import Visit, chosen


async def hand_out(visit: Visit) -> Response:
    """One version as a text file."""
    async with visit.look() as work:
        version = await versions.load(work, visit.number("version_id"))
    name = f"{version.script}-{version.number}.toml"
    return Response(
        versions.export_text(version),
        media_type="application/toml; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def show_import(visit: Visit) -> Response:
    """Ask for the text of a script."""
    return visit.page("scripts/import.html", typed="")


async def bring_in(visit: Visit) -> Response:
    """Bring a script in as a draft. Broken, it is refused with line, step and reason, and nothing changes."""
    form = await visit.form()
    told = chosen(form, "file")
    if not told.strip():
        return _refused(visit, told, {"file": "Paste the text of a script."})
    try:
        async with visit.work() as work:
            made = await versions.import_text(work, told, "The script")
    except NotAccepted as error:
        return _refused(visit, told, dict(error.fields))
    version = made.version
    said = (
        f"Draft {version.number} was made of it."
        if made.changed
        else f"Version {version.number} is the same already; nothing changed."
    )
    return visit.go(f"/scripts/versions/{version.id}", said=said)


def _refused(visit: Visit, told: str, errors: dict[str, str]) -> Response:
    return visit.page("scripts/import.html", status=422, typed=told, errors=errors)
