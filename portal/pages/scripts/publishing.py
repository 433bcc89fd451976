"""A draft on its way into force: compared, commented on, approved, published; and the way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from starlette.responses import Response

from models import ScriptVersion
from portal.desk.errors import NotAccepted
from portal.desk.scripts import comparing, linting, using, versions
from portal.desk.scripts.phrases import key_of, name_of, steps_of, title_of
from portal.desk.work import Work
from portal.forms import moment_on
from portal.pages.scripts.steps import Shown, detail, placed
from portal.showing import zone_of
from portal.web import Visit, chosen

Deed = Callable[[Work, ScriptVersion], Awaitable[str]]


async def show_publishing(visit: Visit) -> Response:
    """What changes, what stands against it, who is in the middle of the old one, from when."""
    return await _publishing(visit)


async def _publishing(
    visit: Visit, errors: Mapping[str, str] | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    async with visit.look() as work:
        version = await versions.load(work, visit.number("version_id"))
        context = await linting.context_of(work)
        force = (await versions.in_force(work)).get(version.script)
        old = await versions.load(work, force.id) if force else None
        number, some = await using.in_the_middle(work, version.script)
        comments = await versions.comments(work, version)
        names = _names(context.documents, version, old, language=visit.desk.terms.language)
    findings = linting.lint(version.document, context)
    language = visit.desk.terms.language
    return visit.page(
        "scripts/publishing.html",
        status=422 if errors else 200,
        version=version,
        old=old,
        changes=_by_step(comparing.differences(old.document, version.document, language) if old else []),
        title=title_of(version.document, language),
        names=names,
        findings=placed(findings, version.document, language),
        stopped=bool(linting.stopping(findings)),
        number=number,
        some=some,
        comments=comments,
        unfinished=version.status in versions.UNFINISHED,
        errors=dict(errors or {}),
        typed=dict(typed or {}),
    )


async def publish(visit: Visit) -> Response:
    """Let contacts begin with it, from now or from a moment on."""
    form = await visit.form()
    typed = {name: chosen(form, name) for name in ("at", "note")}
    try:
        at = _moment(visit, typed["at"])
        async with visit.work() as work:
            version = await versions.load(work, visit.number("version_id"))
            await versions.publish(work, version, at=at, note=typed["note"])
    except NotAccepted as error:
        return await _publishing(visit, error.fields, typed)
    since = f"{at.astimezone(zone_of(visit.person.zone)):%A %d %B, %H:%M} on" if at else "now on"
    return visit.go(f"/scripts/{version.script}", said=f"Version {version.number} is in force from {since}.")


async def approve(visit: Visit) -> Response:
    """Agree to the draft as it stands."""

    async def deed(work: Work, version: ScriptVersion) -> str:
        await versions.approve(work, version)
        return f"/scripts/versions/{version.id}/publishing"

    return await _done(visit, deed, "Approved. Saving it again would take the approval away.")


async def retire(visit: Visit) -> Response:
    """Take a version out of use."""

    async def deed(work: Work, version: ScriptVersion) -> str:
        await versions.retire(work, version)
        return f"/scripts/{version.script}"

    return await _done(visit, deed, "Taken out of use. Contacts that began with it keep it.")


async def roll_back(visit: Visit) -> Response:
    """Publish the content of an earlier version again."""

    async def deed(work: Work, version: ScriptVersion) -> str:
        await versions.roll_back(work, version)
        return f"/scripts/{version.script}"

    return await _done(visit, deed, "The earlier content is in force again, as a new version.")


async def _done(visit: Visit, deed: Deed, said: str) -> Response:
    async with visit.work() as work:
        where = await deed(work, await versions.load(work, visit.number("version_id")))
    return visit.go(where, said=said)


async def comment(visit: Visit) -> Response:
    """Say something about a version or one of its steps."""
    form = await visit.form()
    version_id, step = visit.number("version_id"), chosen(form, "step")
    words = chosen(form, "words")
    try:
        async with visit.work() as work:
            await versions.comment(work, await versions.load(work, version_id), words, step)
    except NotAccepted as error:
        return await detail(visit, Shown(step, errors=error.fields, comment=words), 422)
    at = f"?step={step}" if step else ""
    return visit.go(f"/scripts/versions/{version_id}{at}#comments", said="Your comment stands beside it.")


async def compare(visit: Visit) -> Response:
    """What is different between two versions, in words."""
    other = visit.asked("to")
    async with visit.look() as work:
        version = await versions.load(work, visit.number("version_id"))
        history = await versions.history(work, version.script)
        known = {str(one.id): one for one in history}
        default = str(version.based_on_id or "")
        chosen_id = other if other in known else default if default in known else ""
        old = await versions.load(work, int(chosen_id)) if chosen_id else None
    language = visit.desk.terms.language
    found = comparing.differences(old.document, version.document, language) if old else []
    return visit.page(
        "scripts/differences.html",
        version=version,
        old=old,
        title=title_of(version.document, language),
        names=_names({}, version, old, language=language),
        changes=_by_step(found),
        others=[
            (str(one.id), f"Version {one.number}, {one.status.value}")
            for one in history
            if one.id != version.id
        ],
    )


def _names(
    around: Mapping[str, Mapping[str, Any]], *told: ScriptVersion | None, language: str
) -> dict[str, str]:
    """What each step is called, the newest name of it, and those of the scripts around."""
    documents = [*around.values(), *(one.document for one in reversed(told) if one)]
    found = {key_of(step): name_of(step, language) for document in documents for step in steps_of(document)}
    return {**found, "": "The script as a whole"}


def _by_step(found: list[comparing.Difference]) -> list[tuple[str, list[comparing.Difference]]]:
    return [(step, list(group)) for step, group in groupby(found, key=lambda one: one.step)]


def _moment(visit: Visit, text: str) -> datetime | None:
    """The moment that was typed, in the reader's zone; None for now. Raises NotAccepted."""
    if not text.strip():
        return None
    try:
        return moment_on(text, zone_of(visit.person.zone))
    except ValueError:
        raise NotAccepted(at="Enter a day and a time, such as 2026-03-14 09:00.") from None
