"""The transcript of a contact: kept with it, corrected, taken away. Each is a form on the contact's page. S3-6.1.1a"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import transcripts
from portal.desk.errors import NotAccepted
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.forms import Refused, Typed, answer_form
from portal.pages import evidence
from portal.web import Visit, chosen, uploaded


async def add(visit: Visit) -> Response:
    """Keep what was said in a call, pasted or from a file."""
    form = await visit.form(most_files=1)
    try:
        typed = {name: chosen(form, name) for name in ("words", "after")}
        name, content = await uploaded(form, "file", transcripts.LARGEST) or ("", None)
    finally:
        await form.close()
    contact_id = visit.number("contact_id")
    try:
        async with visit.work() as work:
            contact = await transcripts.contact_of(work, contact_id)
            await transcripts.add(
                work, contact, typed["words"], name, content, after=number_in(typed["after"]) or 0
            )
    except NotAccepted as refused:
        return await evidence.contact(visit, Refused("transcript", refused.fields, typed))
    return visit.go(f"/contacts/{contact_id}#transcript", "Kept with the contact.")


async def remove(visit: Visit) -> Response:
    """Take the transcript away, with a reason."""
    contact_id = visit.number("contact_id")

    async def away(work: Work, typed: Typed) -> str:
        contact = await transcripts.contact_of(work, contact_id)
        await transcripts.remove(work, contact, typed.get("because", ""))
        return f"/contacts/{contact_id}#transcript"

    return await answer_form(visit, "removal", away, evidence.contact, "The transcript is gone.")
