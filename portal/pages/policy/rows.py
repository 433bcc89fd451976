"""One row of a draft's matrix: added above all others, changed, moved among its kind, taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from models import PolicyVersion
from models.words import PolicyStatus, Role, Severity
from portal.desk import channels, matrix, policy_drafts, policy_telling, policy_versions
from portal.desk.channels import ChannelTerms
from portal.desk.errors import Conflict, NotAccepted, NotFound, WrongMoment
from portal.pages.policy import row_form
from portal.pages.policy.showing import GONE, Refused, choices, options, version_in
from portal.pages.policy.versions import detail
from portal.showing import word
from portal.web import Visit, chosen

TITLES = {"targets": "target", "levels": "level"}
REMOVED = Conflict(
    "Somebody took this row out while you were writing. Save it to put it in again as a new one."
)


async def new_row(visit: Visit) -> Response:
    """An empty form for a row that will stand above all others of its kind."""
    part = visit.asked("part", "targets")
    return await _form(visit, part if part in TITLES else "targets")


async def add_row(visit: Visit) -> Response:
    """Put a new row above all others: the first that holds wins."""
    typed = await _typed(visit)
    part = typed.get("part", "")
    if part not in TITLES:
        raise NotFound("There is no such part of the policy.")
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            row = row_form.row_of(typed, part, {})
            key = await policy_drafts.put_row(work, found, version_in(typed), part, row)
    except NotAccepted as error:
        return await _form(visit, part, refused=Refused("row", error.fields, typed))
    except Conflict as error:
        return await _form(visit, part, refused=Refused("row", typed=typed, conflict=error))
    said = "The row stands above all others of its kind. Move it down where another has to win over it."
    return visit.go(f"/policy/versions/{found.id}#row-{key}", said=said)


async def edit_row(visit: Visit) -> Response:
    """The form of one row of a draft."""
    async with visit.look() as work:
        found = await policy_versions.load(work, visit.number("policy_id"))
    part, _ = _row_called(found, visit.text("key"))
    return await _form(visit, part, visit.text("key"))


async def change_row(visit: Visit) -> Response:
    """Change a row in its place; the second of two who do is shown what the first one saved."""
    typed, key = await _typed(visit), visit.text("key")
    part = typed.get("part", "")
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            part, before = _row_called(found, key)
            row = row_form.row_of(typed, part, before)
            await policy_drafts.put_row(work, found, version_in(typed), part, row, key)
    except NotAccepted as error:
        return await _form(visit, part, key, Refused("row", error.fields, typed))
    except Conflict as error:
        return await _form(visit, part, key, Refused("row", typed=typed, conflict=error))
    except NotFound:
        if part not in TITLES:
            raise
        return await _form(visit, part, refused=Refused("row", typed=typed, conflict=REMOVED))
    return visit.go(f"/policy/versions/{found.id}#row-{key}", said="The row is changed.")


async def remove_row(visit: Visit) -> Response:
    """Take a row out of a draft."""
    typed, key = await _typed(visit), visit.text("key")
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            part, _ = _row_called(found, key)
            named = policy_telling.about(matrix.read(found.document).rows[key])
            await policy_drafts.remove_row(work, found, version_in(typed), part, key)
    except Conflict as error:
        return await detail(visit, Refused(conflict=error))
    return visit.go(
        f"/policy/versions/{found.id}", said=f"Taken out: {named}. What is in force still has it."
    )


async def move_row(visit: Visit) -> Response:
    """Move a row one place up or down among its kind; with htmx the part that changes comes back."""
    typed = await _typed(visit)
    part, key, way = (typed.get(name, "") for name in ("part", "key", "way"))
    if part not in TITLES or way not in {"up", "down"}:
        raise NotFound("Say which row shall move where.")
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            await policy_drafts.move_row(work, found, version_in(typed), part, key, -1 if way == "up" else 1)
            policy = matrix.read(found.document)
    except Conflict as error:
        return await detail(visit, Refused(conflict=error))
    rows = policy.targets if part == "targets" else policy.levels
    place = next(at for at, row in enumerate(rows, 1) if row.key == key)
    said = f"{policy_telling.about(policy.rows[key])}: now row {place} of {len(rows)}."
    if visit.is_htmx:
        return await detail(visit, moved=said)
    return visit.go(f"/policy/versions/{found.id}#row-{key}", said=said)


async def set_time(visit: Visit) -> Response:
    """Say in a draft how long something may take that is no case's, and on which calendar. S1-4.7.1, S1-4.5.2"""
    typed, key = await _typed(visit), visit.text("key")
    form = f"time-{key}"
    try:
        async with visit.work() as work:
            found = await policy_versions.load(work, visit.number("policy_id"))
            await policy_drafts.put_time(work, found, version_in(typed), key, row_form.time_of(typed))
    except NotAccepted as error:
        return await detail(visit, Refused(form, error.fields, typed))
    except Conflict as error:
        return await detail(visit, Refused(form, typed=typed, conflict=error))
    return visit.go(f"/policy/versions/{found.id}#times", said="The time is changed.")


async def _form(visit: Visit, part: str, key: str = "", refused: Refused | None = None) -> Response:
    """The form of a row; after a refusal with what was typed, after a conflict with what stands there now too."""
    refused = refused or Refused()
    async with visit.look() as work:
        found = await policy_versions.load(work, visit.number("policy_id"))
        own = await channels.own(work)
    if found.status is not PolicyStatus.DRAFT and not refused.typed:
        raise WrongMoment("A version that was published never changes. Begin a draft to change the policy.")
    policy = matrix.read(found.document)
    if key not in policy.rows:
        key = ""
    stands = row_form.fields_of(_row_called(found, key)[1]) if key else row_form.fields_of({})
    typed = {**stands, **dict.fromkeys(("off",), ""), **refused.typed} if refused.typed else stands
    fresh = refused.conflict is not None or "version" not in typed
    return visit.page(
        "policy/row.html",
        status=refused.status,
        version=found,
        part=part,
        key=key,
        thing=TITLES[part],
        about=policy_telling.about(policy.rows[key]) if key else "",
        says=policy_telling.says(policy.rows[key]) if key else "",
        typed=defaultdict(str, {**typed, "version": str(found.version) if fresh else typed["version"]}),
        errors=dict(refused.errors),
        conflict=refused.conflict,
        gone=GONE if found.status is not PolicyStatus.DRAFT else "",
        choices=_choices(own, typed.get("channel", "")),
        targets=[(one.value, word(one)) for one in matrix.OWN],
        units=[(unit, told[0]) for unit, told in row_form.UNITS.items()],
        roles=options(Role),
        ways_of_telling=list(row_form.TELLING.items()),
        moments=[
            (moment, policy_telling.MOMENTS[moment], row_form.slots_of(typed, moment))
            for moment in policy_telling.MOMENTS
        ],
        deeds=list(policy_telling.DEEDS.items()),
        receivers=[
            ("holder", "the holder"),
            *((one.value, f"the {policy_telling.spoken(one)}") for one in Role),
        ],
        severities=options(Severity),
    )


def _choices(own: Sequence[ChannelTerms], named: str) -> dict[str, list[tuple[str, str]]]:
    """What a row can ask of a case; a channel of the desk's own that it names stays, also once it is off the list."""
    offered = choices(own)
    if named.startswith(matrix.OWN_CHANNEL) and named not in dict(offered["channel"]):
        offered["channel"].append((named, named.removeprefix(matrix.OWN_CHANNEL)))
    return offered


def _row_called(found: PolicyVersion, key: str) -> tuple[str, Mapping[str, Any]]:
    """The part in which a row stands, and the row as the document has it. Raises NotFound."""
    for part in policy_drafts.PARTS:
        for row in found.document.get(part, ()):
            if row.get("key") == key:
                return part, row
    raise NotFound("This row is not there any more.")


async def _typed(visit: Visit) -> dict[str, str]:
    form = await visit.form()
    return {name: chosen(form, name) for name in form}
