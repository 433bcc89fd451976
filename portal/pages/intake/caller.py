"""Beside the steps: the language that is spoken, how the customer seems, and what is on record of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from portal.desk import details, speaking
from portal.desk.errors import Conflict, NotAccepted
from portal.desk.kinds.who import OFFERED
from portal.desk.plain_numbers import number_in
from portal.web import Visit, chosen

LABELS = {
    "kind": "Kind of customer",
    "name": "Name",
    "organisation": "Organisation",
    "email": "E-mail",
    "phone": "Phone",
    "street": "Street and number",
    "postal_code": "Postcode",
    "city": "Town",
    "region": "Region or state",
    "country": "Country",
    "preferred_channel": "Wants to hear from us",
    "language": "Language",
}
CHOICES = {
    "kind": OFFERED["kinds"],
    "preferred_channel": OFFERED["channels"],
    "language": OFFERED["languages"],
}


async def speak(visit: Visit) -> Response:
    """Speak another language from here on, and go back to the step."""
    intake_id, form = visit.number("intake_id"), await visit.form()
    async with visit.work() as work:
        await speaking.speak(work, intake_id, chosen(form, "language"))
    return _back(visit, intake_id, chosen(form, "step"))


async def note_cues(visit: Visit) -> Response:
    """Keep how the customer seems, and go back to the step."""
    intake_id, form = visit.number("intake_id"), await visit.form()
    cues = [value for value in form.getlist("cue") if isinstance(value, str)]
    async with visit.work() as work:
        await speaking.note_cues(work, intake_id, cues)
    return _back(visit, intake_id, chosen(form, "step"))


async def show(visit: Visit) -> Response:
    """The customer's details to be changed; only the way to the verify step until the caller is verified. S2-6.2"""
    return await _details(visit)


async def change(visit: Visit) -> Response:
    """Change what the caller wants changed."""
    intake_id, form = visit.number("intake_id"), await visit.form()
    typed = {name: chosen(form, name) for name in LABELS if name in form}
    seen = number_in(chosen(form, "version")) or 0
    try:
        async with visit.work() as work:
            changed = await details.propose(work, intake_id, seen, typed)
    except NotAccepted as error:
        return await _details(visit, typed=typed, errors=error.fields, status=422)
    except Conflict as error:
        return await _details(visit, typed=typed, conflict=error, status=409)
    named = ", ".join(LABELS[name].lower() for name in changed)
    return visit.go(f"/intakes/{intake_id}", f"Changed: {named}." if changed else "Nothing was different.")


async def _details(visit: Visit, *, status: int = 200, **more: Any) -> Response:
    async with visit.look() as work:
        known = await details.stand(work, visit.number("intake_id"))
    typed: Mapping[str, str] = more.get("typed", {})
    refusal = known.refusal
    return visit.page(
        "intake/details.html",
        status=refusal.status if refusal and status != 200 else status,  # noqa: PLR2004  as first shown
        run=known.run,
        refusal=refusal,
        version=known.version,
        rows=[
            (name, LABELS[name], known.details[name], typed.get(name, known.details[name]))
            for name in LABELS
            if name in known.details
        ],
        choices_of=CHOICES,
        errors=more.get("errors", {}),
        conflict=more.get("conflict"),
    )


def _back(visit: Visit, intake_id: int, step: str) -> Response:
    """To the step the form stood on, where it is spelled like one."""
    key = step if step.replace("_", "").isalnum() and step.isascii() else ""
    return visit.go(f"/intakes/{intake_id}/{key}" if key else f"/intakes/{intake_id}")
