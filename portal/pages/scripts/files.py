"""Scripts as text files: taken away to read and compare, brought in as a draft."""

from __future__ import annotations

from codecs import BOM_UTF8

from starlette.datastructures import FormData
from starlette.responses import Response

from portal.desk import attachments
from portal.desk.errors import NotAccepted
from portal.desk.saving import storable
from portal.desk.scripts import versions
from portal.desk.scripts.document import LARGEST
from portal.web import Visit, chosen, uploaded

LONGEST_NAME = 100
"""Characters of a file's name that are told with what is wrong in it."""


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
    """Ask for the file of a script, or for its text."""
    return visit.page("scripts/import.html", typed="")


async def bring_in(visit: Visit) -> Response:
    """Bring a script in as a draft. Broken, it is refused with line, step and reason, and nothing changes."""
    form = await visit.form(most_files=1, longest=attachments.LARGEST)
    try:
        name, told = await _told(form)
    finally:
        await form.close()
    if not told.strip():
        return _refused(visit, told, {"file": "Choose the file of a script, or paste its text."})
    try:
        async with visit.work() as work:
            made = await versions.import_text(work, told, name)
    except NotAccepted as error:
        return _refused(visit, told, dict(error.fields))
    version = made.version
    said = (
        f"Draft {version.number} was made of it."
        if made.changed
        else f"Version {version.number} is the same already; nothing changed."
    )
    return visit.go(f"/scripts/versions/{version.id}", said=said)


async def _told(form: FormData) -> tuple[str, str | bytes]:
    """The file that was chosen with its name, else the text that was pasted."""
    if (came := await uploaded(form, "upload", LARGEST)) is None:
        return "The script", chosen(form, "file")
    name, content = came
    return storable(name)[:LONGEST_NAME], content


def _refused(visit: Visit, told: str | bytes, errors: dict[str, str]) -> Response:
    """The form again, with the text of a file in it too, where it can be read: it can be mended there and then."""
    typed = told if isinstance(told, str) else told.decode("utf-8-sig", "ignore")
    if len(typed) > LARGEST or (isinstance(told, bytes) and typed.encode() != told.removeprefix(BOM_UTF8)):
        typed = ""  # half a text would come in without anybody noticing
    return visit.page("scripts/import.html", status=422, typed=typed, errors=errors)
