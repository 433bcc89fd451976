"""One version and one step of it: shown, saved, put in, moved, taken out, and seen as the representative will see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from models import ScriptVersion
from models.words import Channel
from portal.desk import clauses, fields
from portal.desk.errors import Conflict, NotAccepted
from portal.desk.fields import books
from portal.desk.permissions import May
from portal.desk.scripts import editing, linting, offering, previewing, templates, versions
from portal.desk.scripts.kind_facts import KIND_FACTS
from portal.desk.scripts.steps import DAYTIMES, STEP_KINDS
from portal.desk.speaking import NAMES
from portal.desk.work import Work
from portal.pages.scripts.listing import LOOKS
from portal.showing import word
from portal.web import Visit, chosen

EDITING = frozenset({May.EDIT_SCRIPTS})
CONTROLS = frozenset({"do", "was", "channel", "language", "daytime"})
SAID_KEYS = (
    "any",
    *DAYTIMES,
    *map(str, Channel),
    *(f"{one.value}-{day}" for one in Channel for day in DAYTIMES),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The step on the screen: its fields, what is wrong with them, and what somebody else made of it meanwhile."""

    key: str = ""
    form: Mapping[str, str] | None = None
    errors: Mapping[str, str] | None = None
    theirs: str = ""
    saved_by: str = ""


async def version(visit: Visit) -> Response:
    """The steps, the form of one of them, its preview, and what the linter finds."""
    return await _page(visit, Shown(visit.asked("step")))


async def _page(visit: Visit, shown: Shown, status: int = 200) -> Response:
    async with visit.look() as work:
        found = await versions.load(work, visit.number("version_id"))
        context = await linting.context_of(work)
        said = await versions.comments(work, found)
        document = found.document
        keys = [step["key"] for step in document["steps"]]
        key = shown.key if shown.key in keys else keys[0]
        step = document["steps"][keys.index(key)]
        form = dict(shown.form) if shown.form is not None else editing.form_of(step)
        seen = await _preview(visit, work, document, key, form)
    findings = linting.lint(document, context)
    stops = {one.step for one in findings if one.stops}
    return visit.page(
        "scripts/version.html",
        status=status,
        version=found,
        looks=LOOKS,
        step=step,
        key=key,
        form=form,
        was=editing.digest_of(step),
        errors=dict(shown.errors or {}),
        theirs=shown.theirs,
        saved_by=shown.saved_by,
        findings=findings,
        stops=stops,
        advised={one.step for one in findings if not one.stops} - stops,
        comments=[one for one in said if one.step in ("", key)],
        writable=found.status in versions.UNFINISHED and visit.person.permissions >= EDITING,
        asked_before=offering.asked_before(document, key, context.documents, visit.desk.terms.language),
        targets=offering.targets(document, key, visit.desk.terms.language),
        rows={group: editing.rows_of(form, group) for group in editing.ROWS},
        conditions=lambda prefix: editing.conditions_of(form, prefix),
        kinds=[(kind, word(kind)) for kind in STEP_KINDS],
        about=KIND_FACTS.get(step["kind"]),
        answer_kinds=fields.described(),
        said_keys=[(one, word(one.replace("-", ", "))) for one in SAID_KEYS],
        templates=templates.offered(),
        titles=clauses.titles(),
        languages=NAMES,
        channels=[(one.value, word(one)) for one in Channel],
        daytimes=[(one, word(one)) for one in DAYTIMES],
        **seen,
    )


async def save(visit: Visit) -> Response:
    """Save one step; or do what another button of its form means, and show it again unsaved."""
    form, controls = _read(await visit.form())
    key, do = visit.text("step"), controls.get("do", "save")
    if do != "save":
        return await _page(visit, Shown(key, _amended(form, do)))
    try:
        async with visit.work() as work:
            found = await versions.load(work, visit.number("version_id"))
            now = _mine(found, key, controls.get("was", ""))
            step = editing.step_of(form, now)
            await versions.save(
                work, found, found.version, editing.replaced(found.document, key, step), found.note
            )
    except NotAccepted as error:
        return await _page(visit, Shown(key, form, editing.errors_of(error.fields, key, form)), 422)
    except Conflict as error:
        return await _page(
            visit, Shown(key, form, theirs=error.theirs.get(key, ""), saved_by=error.saved_by), 409
        )
    return visit.go(f"/scripts/versions/{found.id}?step={step['key']}", said="Saved.")


def _mine(found: ScriptVersion, key: str, was: str) -> Mapping[str, Any]:
    """The step as it stands, if it is still what the form was made from. Raises Conflict with what it is now.

    A colleague's work on other steps stands in nobody's way.
    """
    now: Mapping[str, Any] = found.document["steps"][editing.place_of(found.document, key)]
    if was != editing.digest_of(now):
        who = found.changed_by.name if found.changed_by else "Somebody"
        raise Conflict(
            f"{who} changed this step while you were writing. Nothing was overwritten.",
            theirs={key: editing.as_text(now)},
            saved_by=who,
        )
    return now


async def preview(visit: Visit) -> Response:
    """The step as it is typed, as the representative will see it. Writes nothing."""
    form, controls = _read(await visit.form())
    key = visit.text("step")
    async with visit.look() as work:
        found = await versions.load(work, visit.number("version_id"))
        seen = await _preview(visit, work, found.document, key, form, controls)
    return visit.page(
        "scripts/_preview.html",
        version=found,
        key=key,
        languages=NAMES,
        channels=[(one.value, word(one)) for one in Channel],
        daytimes=[(one, word(one)) for one in DAYTIMES],
        **seen,
    )


async def _preview(
    visit: Visit,
    work: Work,
    document: Mapping[str, Any],
    key: str,
    form: Mapping[str, str],
    controls: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the preview shows; why it cannot, where the step cannot be walked as it is typed."""
    told = {name: visit.asked(name) for name in ("channel", "language", "daytime")} | dict(controls or {})
    seen = previewing.seen(work, document, key, form, told)
    facts = await books.facts(work, seen.step.ask, {}, None) if seen.step else {}
    return {"seen": seen, "asked_facts": facts}


async def add(visit: Visit) -> Response:
    """Put a step in behind another: from a template, or a copy."""
    form = await visit.form()
    after = chosen(form, "after")

    def change(document: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        step = templates.made(chosen(form, "template"), document)
        return editing.inserted(document, step, after), str(step["key"])

    return await _changed(visit, change, "The step is in. Give it its words.")


async def move(visit: Visit) -> Response:
    """Let a step stand one place up or down, or where it was dropped."""
    form = await visit.form()
    key, to = chosen(form, "key"), chosen(form, "to")

    def change(document: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        here = editing.place_of(document, key)
        steps = {"up": here - 1, "down": here + 1}
        if to not in steps and not (to.isascii() and to.isdigit() and len(to) <= 3):  # noqa: PLR2004  a script has fewer steps
            raise NotAccepted(to="Say where the step shall stand.")
        return editing.moved(document, key, steps[to] if to in steps else int(to)), key

    return await _changed(visit, change, "Moved.")


async def remove(visit: Visit) -> Response:
    """Take a step out."""
    key = visit.text("step")

    def change(document: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        return editing.removed(document, key), ""

    return await _changed(visit, change, "The step is out. The version it was made from still has it.")


async def rename(visit: Visit) -> Response:
    """Give the script another title."""
    form, _ = _read(await visit.form())

    def change(document: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        return editing.renamed(document, form), ""

    return await _changed(visit, change, "Saved.")


async def _changed(visit: Visit, change: Any, said: str) -> Response:
    """Change the document as it stands now and save it; refused, the version is shown with the reason."""
    try:
        async with visit.work() as work:
            found = await versions.load(work, visit.number("version_id"))
            document, key = change(found.document)
            await versions.save(work, found, found.version, document, found.note)
    except NotAccepted as error:
        return await _page(visit, Shown(errors=error.fields), 422)
    return visit.go(f"/scripts/versions/{found.id}{f'?step={key}' if key else ''}", said=said)


def _read(form: FormData) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of the step, and apart from them what steers the page."""
    told = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    return {name: value for name, value in told.items() if name not in CONTROLS}, {
        name: value for name, value in told.items() if name in CONTROLS
    }


def _amended(form: Mapping[str, str], do: str) -> dict[str, str]:
    """The form with a row more or less: `add-ask`, `add-ask-2-when`, `remove-ask-2`; else it is shown as it is."""
    what, _, group = do.partition("-")
    if what == "add" and editing.is_group(group):
        return editing.with_row(form, group)
    group, _, number = group.rpartition("-")
    if what == "remove" and editing.is_group(group) and number.isascii() and number.isdigit():
        return editing.without_row(form, group, int(number[:4]))
    return dict(form)
