"""One version and one step of it: shown, saved, put in, moved, taken out, and seen as the representative will see it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from models import ScriptVersion
from models.words import Channel, Severity
from portal.desk import clauses, fields, specimens, trees
from portal.desk.errors import Conflict, NotAccepted
from portal.desk.fields import books
from portal.desk.permissions import May
from portal.desk.saving import storable
from portal.desk.scripts import (
    comparing,
    drawing,
    editing,
    linting,
    offering,
    previewing,
    templates,
    versions,
)
from portal.desk.scripts.checking import SAID
from portal.desk.scripts.phrases import key_of, name_of, steps_of, title_of
from portal.desk.scripts.steps import ANY, DAYTIMES, OPENING, STEP_KINDS
from portal.desk.scripts.ways import tree_rows
from portal.desk.speaking import NAMES
from portal.desk.work import Work
from portal.pages.scripts import picture
from portal.pages.scripts.listing import LOOKS
from portal.showing import word
from portal.web import Visit, chosen

MOST_SENT = editing.MOST_FIELDS + 500
"""Fields of a step that are read: those of its form, a row more, and what is ticked several times."""
MOVES = {"up": -1, "down": 1}
EDITING = frozenset({May.EDIT_SCRIPTS})
CONTROLS = frozenset({"do", "was", "channel", "language", "daytime"})


@dataclass(frozen=True, slots=True)
class Shown:
    """The step on the screen: its fields, what is wrong with them, and what somebody else made of it meanwhile."""

    key: str = ""
    form: Mapping[str, str] | None = None
    errors: Mapping[str, str] | None = None
    theirs: str = ""
    saved_by: str = ""
    fresh: str = ""
    """What has just changed, as `_amended` tells it: it takes the keys, and its fold stands open."""
    controls: Mapping[str, str] | None = None
    comment: str = ""
    """A comment that was refused."""
    was: str = ""
    """What the form was made from; the step as it stands where nobody typed yet, or where both were shown."""


async def version(visit: Visit) -> Response:
    """The steps, the form of one of them, its preview, and what the linter finds."""
    return await detail(visit, Shown(visit.asked("step")))


async def detail(visit: Visit, shown: Shown, status: int = 200) -> Response:
    """The page of a version; after a refused form with what was typed and what is wrong with it."""
    language = visit.desk.terms.language
    async with visit.look() as work:
        found = await versions.load(work, visit.number("version_id"))
        context = await linting.context_of(work)
        said = await versions.comments(work, found)
        document = found.document
        steps = {step["key"]: step for step in document["steps"]}
        key = shown.key if shown.key in steps else next(iter(steps))
        step = steps[key]
        form = dict(shown.form) if shown.form is not None and shown.key == key else editing.form_of(step)
        seen = await _preview(visit, work, document, context.documents, key, form, shown.controls)
    findings = linting.lint(document, context)
    stops = {one.step for one in findings if one.stops}
    opening = context.documents.get(OPENING, {}) if found.script != OPENING else {}
    before = [*steps_of(opening), *list(steps.values())[: list(steps).index(key)]]
    return visit.page(
        "scripts/version.html",
        status=status,
        version=found,
        looks=LOOKS,
        title=title_of(document, language),
        title_form=editing.text_form("title", document.get("title")),
        steps=[(one, name_of(told, language), told["kind"]) for one, told in steps.items()],
        key=key,
        name=name_of(step, language),
        form=form,
        typed=shown.form is not None,
        was=shown.was or editing.digest_of(step),
        errors=dict(shown.errors or {}),
        theirs=shown.theirs,
        unlike=_unlike(document, key, form, language) if shown.theirs else [],
        saved_by=shown.saved_by,
        fresh=shown.fresh,
        findings=placed(findings, document, language),
        stops=stops,
        advised={one.step for one in findings if not one.stops} - stops,
        stopping=len(linting.stopping(findings)),
        comment=shown.comment,
        comments=[one for one in said if one.step in ("", key)],
        spoken_of=Counter(one.step for one in said),
        writable=found.status in versions.UNFINISHED and visit.person.permissions >= EDITING,
        before=[(key_of(one), name_of(one, language)) for one in before],
        asked_before=offering.asked_before(document, key, context.documents, language),
        targets=offering.targets(document, key, language),
        rows_of=lambda group: editing.rows_of(form, group),
        conditions_of=lambda prefix: editing.conditions_of(form, prefix),
        severities=[(one.value, word(one)) for one in Severity],
        leads=lambda tree: editing.leads(form, tree, language),
        language=language,
        kinds=[(kind, word(kind)) for kind in STEP_KINDS],
        answer_kinds={one.name: one for one in fields.described()},
        said_keys=[(one, "Any time, any channel" if one == ANY else _when(one)) for one in SAID],
        templates=templates.offered(),
        titles=clauses.titles(),
        articles=sorted(slug for slug, valid in (context.articles or {}).items() if valid),
        **seen,
    )


def _unlike(
    document: Mapping[str, Any], key: str, form: Mapping[str, str], language: str
) -> list[comparing.Difference]:
    """What is different in a step as it stands from how it is typed; nothing where what is typed cannot be read."""
    try:
        mine = editing.step_of(form, document["steps"][editing.place_of(document, key)])
    except NotAccepted:
        return []
    typed = editing.replaced(document, key, mine)
    return comparing.differences(typed, document, language)


def placed(
    findings: Iterable[linting.Finding], document: Mapping[str, Any], language: str
) -> list[tuple[linting.Finding, str, str]]:
    """Each finding with the field of the form that it speaks of, and the name of its step."""
    steps = {key_of(step): step for step in steps_of(document)}
    return [
        (
            one,
            editing.anchor_of(steps[one.step], one.field) if one.step in steps else "",
            name_of(steps[one.step], language) if one.step in steps else "The whole script",
        )
        for one in findings
    ]


def _when(key: str) -> str:
    channel, _, daytime = key.partition("-")
    return f"{word(channel)}, {daytime}" if daytime else word(channel)


async def save(visit: Visit) -> Response:
    """Save one step; or do what another button of its form means, and show it again unsaved."""
    form, controls = _read(await visit.form(most_fields=MOST_SENT))
    key, do = visit.text("step"), controls.get("do", "save")
    try:
        if do != "save":
            amended, fresh = _amended(form, do)
            return await detail(
                visit, Shown(key, amended, fresh=fresh, controls=controls, was=controls.get("was", ""))
            )
        async with visit.work() as work:
            found = await versions.load(work, visit.number("version_id"))
            now = _mine(found, key, controls.get("was", ""))
            step = editing.step_of(form, now)
            await versions.save(
                work, found, found.version, editing.replaced(found.document, key, step), found.note
            )
    except NotAccepted as error:
        wrong = editing.errors_of(error.fields, key, form)
        return await detail(
            visit, Shown(key, form, wrong, controls=controls, was=controls.get("was", "")), 422
        )
    except Conflict as error:
        return await detail(
            visit,
            Shown(key, form, theirs=error.theirs.get(key, ""), saved_by=error.saved_by, controls=controls),
            409,
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
    form, controls = _read(await visit.form(most_fields=MOST_SENT))
    key = visit.text("step")
    async with visit.look() as work:
        found = await versions.load(work, visit.number("version_id"))
        others = (await linting.context_of(work)).documents
        seen = await _preview(visit, work, found.document, others, key, form, controls)
    return visit.page("scripts/_preview.html", key=key, **seen)


async def _preview(
    visit: Visit,
    work: Work,
    document: Mapping[str, Any],
    others: Mapping[str, Mapping[str, Any]],
    key: str,
    form: Mapping[str, str],
    controls: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the preview shows; why it cannot, where the step cannot be walked as it is typed."""
    told = {name: visit.asked(name) for name in ("channel", "language", "daytime")} | dict(controls or {})
    seen = previewing.seen(work, document, others, key, form, told)
    facts: dict[str, dict[str, Any]] = {}
    shown: picture.Picture | None = None
    needless = ""
    if seen.step and seen.script:
        facts = await books.facts(work, seen.step.ask, {}, None)
        specimen = await specimens.specimen(work, seen.script, seen.step, seen.channel, seen.language)
        shown, needless = picture.drawn(visit, specimen), specimen.needless
    return {
        "seen": seen,
        "picture": shown,
        "needless": needless,
        "trees": [
            (tree.name, tuple(drawing.nested(list(tree_rows(tree)), 0)))
            for tree in (trees.read(seen.step.options) if seen.step else ())
        ],
        "asked": [
            # Named apart from the fields of the form beside it.
            (replace(one, name=f"preview-{one.name}"), only_if, facts.get(one.name, {}))
            for one, only_if in seen.asks
        ],
        "languages": NAMES,
        "channels": [(one.value, word(one)) for one in Channel],
        "daytimes": [(one, word(one)) for one in DAYTIMES],
    }


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

    moved = await _changed(visit, change, "" if visit.is_htmx else "Moved.")
    done = visit.is_htmx and moved.status_code == HTTPStatus.OK
    return Response(status_code=HTTPStatus.NO_CONTENT) if done else moved


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
        if visit.is_htmx:  # what is on the screen stays there
            raise
        return await detail(visit, Shown(errors=error.fields), 422)
    return visit.go(f"/scripts/versions/{found.id}{f'?step={key}' if key else ''}", said=said)


def _read(form: FormData) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of the step, and apart from them what steers the page; what was ticked several times is one value."""
    told: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            there = told.get(name, "")
            told[name] = (
                f"{there} | {storable(value)}" if there and value.strip() else there or storable(value)
            )
    return {name: value for name, value in told.items() if name not in CONTROLS}, {
        name: value for name, value in told.items() if name in CONTROLS
    }


def _amended(form: Mapping[str, str], do: str) -> tuple[dict[str, str], str]:
    """The form with a row more, less or elsewhere (`add-ask-2-when`, `remove-ask-2`, `up-ask-2`), and what is new.

    What is new is the row that came, `ask-2`, the button that moved one, where the row is now, `up-ask-1`, or the
    group that lost one: `gone-ask`.
    """
    what, _, group = do.partition("-")
    if what == "add" and editing.is_group(group):
        more = editing.with_row(form, group)
        return more, f"{group}-{editing.rows_of(more, group)[-1]}"
    group, _, told = group.rpartition("-")
    if what not in {"remove", *MOVES} or not editing.is_group(group) or not re.fullmatch("[0-9]{1,3}", told):
        return dict(form), ""
    number = int(told)
    if what == "remove":
        return editing.without_row(form, group, number), f"gone-{group}"
    moved, now = editing.moved_row(form, group, number, MOVES[what])
    return moved, f"{what}-{group}-{now}"
