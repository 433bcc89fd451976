"""One version of the policy: what it says and what it changed; a draft is written, dropped and published here."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from starlette.responses import Response

from models import PolicyVersion, Recompute
from models.words import PolicyStatus
from portal.desk import (
    channels,
    matrix,
    policy_changes,
    policy_telling,
    policy_versions,
    recomputing,
    rulebook,
)
from portal.desk import policy as policy_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.matrix import DeskTime
from portal.desk.work import Work
from portal.pages.policy import row_form
from portal.pages.policy.showing import NOTHING, Refused, channel_options, first_line, laid_out, writable
from portal.web import Visit, chosen


async def draft(visit: Visit) -> Response:
    """Begin a draft of what is in force."""
    async with visit.work() as work:
        made = await rulebook.draft(work)
    return visit.go(
        f"/policy/versions/{made.id}", said="A draft is begun. Nothing changes until it is published."
    )


async def version(visit: Visit) -> Response:
    """One version: its rows and calendars, and what differs from the one before it."""
    return await detail(visit)


async def detail(visit: Visit, refused: Refused = NOTHING, *, moved: str = "") -> Response:
    """The page of a version, after a refused form with what was typed; for htmx the part that changes."""
    async with visit.look() as work:
        found = await policy_versions.load(work, visit.number("policy_id"))
        before = await _before(work, found)
        policy = matrix.read(found.document, found.number or 0, found.in_force_from)
        in_force = (await policy_versions.in_force(work)).number
        alone = await recomputing.named_alone(work, found.document) if refused.form == "publish" else []
        own = await channels.own(work)
    facts = laid_out(visit, policy, own)
    wrong, marked = first_line({**facts["wrong_case"], **refused.errors})
    status = Refused(errors=wrong).status if refused.status < 400 else refused.status  # noqa: PLR2004 - all is well
    return visit.page(
        "policy/_document.html" if visit.is_htmx else "policy/version.html",
        status=status,
        version=found,
        before=before,
        is_draft=found.status is PolicyStatus.DRAFT,
        editable=writable(visit, found),
        in_force=found.number is not None and found.number == in_force,
        behind=found.status is PolicyStatus.DRAFT and (before.number if before else 0) != in_force,
        changes=policy_changes.differences(before.document, found.document) if before else [],
        form=refused.form,
        errors=wrong,
        marked=marked,
        typed=defaultdict(str, refused.typed),
        conflict=refused.conflict,
        said_no=refused.said,
        moved=moved,
        alone=policy_telling.alone(alone),
        channels=channel_options(own),
        units=[(unit, told[0]) for unit, told in row_form.UNITS.items()],
        times={key: times_typed(time) for key, time in policy.times.items()},
        **facts,
    )


def times_typed(time: DeskTime) -> dict[str, str]:
    """A time of the desk as the fields of its form."""
    told = {"counts": time.target.kind.value, "amount": policy_numbers.written(time.target)}
    return {**row_form.fields_of(told), "calendar": str(time.calendar or "")}


async def _before(work: Work, found: PolicyVersion) -> PolicyVersion | None:
    """The version that this one was made from: for a published one, the one it took the place of."""
    return await policy_versions.load(work, found.based_on_id) if found.based_on_id else None


async def drop(visit: Visit) -> Response:
    """Put a draft away."""
    async with visit.work() as work:
        await rulebook.drop(work, await policy_versions.load(work, visit.number("policy_id")))
    return visit.go("/policy", said="The draft is put away. What is in force stays as it is.")


async def bring_up_to_date(visit: Visit) -> Response:
    """Take over what came into force since the draft was begun, and say what both changed."""
    version_id = visit.number("policy_id")
    try:
        async with visit.work() as work:
            both = await rulebook.bring_up_to_date(work, await policy_versions.load(work, version_id))
    except NotAccepted as error:
        return await detail(visit, Refused("update", error.fields))
    said = "The draft is up to date."
    if both:
        said += f" Both changed: {', '.join(map(_part, both))}. There the draft’s own stays; look through it."
    return visit.go(f"/policy/versions/{version_id}", said=said)


def _part(told: str) -> str:
    return {"assignments": "who runs on which calendar"}.get(told, told.replace("_", " "))


async def publish(visit: Visit) -> Response:
    """Bring a draft into force, with a word on what changes and why; the clocks follow it."""
    form = await visit.form()
    typed = {"note": chosen(form, "note")}
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            alone = policy_telling.alone(await recomputing.named_alone(work, found.document))
            followed = await rulebook.publish(work, found, typed["note"])
    except NotAccepted as error:
        return await detail(visit, Refused("publish", error.fields, typed))
    except WrongMoment as error:
        return await _not_now(visit, error, typed)
    return visit.go("/policy", said=f"{_followed(found, followed)} {alone}".strip())


async def _not_now(visit: Visit, error: WrongMoment, typed: dict[str, Any]) -> Response:
    """What was typed is kept where the draft is only behind; for what is no draft any more there is nothing to do."""
    async with visit.look() as work:
        found = await policy_versions.load(work, visit.number("policy_id"))
    if found.status is not PolicyStatus.DRAFT:
        raise error
    return await detail(visit, Refused("publish", typed=typed, said=error.message))


def _followed(found: PolicyVersion, followed: Recompute) -> str:
    said = f"Version {found.number} is in force."
    many = f"{followed.clocks:,} clock{'' if followed.clocks == 1 else 's'}"
    if followed.finished_at is None:
        return f"{said} {many} followed at once; the rest follows in the background."
    return (
        f"{said} {many} followed at once; that is all of them."
        if followed.clocks
        else f"{said} No clock had to change."
    )
