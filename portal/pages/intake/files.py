"""Files: added to a step that asks for some, and handed out to be kept. Nothing of them is ever shown by a page."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from portal.desk import attachments, intake
from portal.desk.errors import Conflict, NotAccepted, WrongMoment
from portal.desk.fields.knowing import MOST_FILES
from portal.pages.intake import step as steps
from portal.web import Visit

UPLOAD = "upload-"
"""Before the name of a question, what its file is posted as."""
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


async def send(visit: Visit) -> Response:
    """Answer the form of a step that asks for files: keep those that came, then do what the button means."""
    form = await visit.form(most_files=MOST_FILES)
    try:
        return await _send(visit, form)
    finally:
        await form.close()


async def _send(visit: Visit, form: FormData) -> Response:
    typed, controls = steps.told_of(form)
    intake_id, key = visit.number("intake_id"), visit.text("step")
    came = [
        (name.removeprefix(UPLOAD), value)
        for name, value in form.multi_items()
        if name.startswith(UPLOAD) and isinstance(value, UploadFile) and value.filename
    ]
    try:
        for field, upload in came:
            content = await upload.read(attachments.LARGEST + 1)
            async with visit.work() as work:
                run = await intake.add_file(
                    work,
                    intake_id,
                    key,
                    steps.revision_of(controls),
                    typed,
                    field,
                    upload.filename or "",
                    content,
                )
            controls["revision"] = str(run.revision)
    except NotAccepted as error:
        return await steps.refused(visit, typed, controls, error)
    except Conflict as error:
        return await steps.conflict(visit, typed, controls, error)
    except WrongMoment as error:
        return steps.told(visit, error)
    if controls.get("do") == intake.ADD_FILE and not came:
        fields = [one.removeprefix(UPLOAD) for one in form if one.startswith(UPLOAD)]
        words = dict.fromkeys(fields[:1], "Choose a file first.")
        return await steps.refused(
            visit, typed, controls, NotAccepted.of(words or {"file": "Choose a file first."})
        )
    return await steps.sent(visit, typed, controls)


async def hand_out(visit: Visit) -> Response:
    """Give a file to whoever may see its contact, to be saved and never to be shown inside a page."""
    async with visit.look() as work:
        opened = await attachments.open_file(work, visit.number("attachment_id"))
    return handed_out(opened)


def handed_out(opened: attachments.Opened) -> Response:
    """A file as it leaves: to be saved, whatever it is."""
    plain = "".join(sign if sign.isascii() and sign not in '"\\;' else "_" for sign in opened.name)
    return Response(
        opened.content,
        media_type=opened.media_type,
        headers={
            "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(opened.name, safe='')}",
            "content-security-policy": POLICY,
            "x-content-type-options": "nosniff",
            "etag": f'"{opened.digest}"',
        },
    )
