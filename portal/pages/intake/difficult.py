"""The two keys of a hard conversation: the guide, and help. Both keep what was typed, with and without a script. S2-5"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import difficult, help_calls, intake, runs
from portal.desk.errors import Conflict, DeskError, NotAccepted
from portal.desk.kinds import KINDS
from portal.desk.work import Work
from portal.pages.intake.step import come_to, conflict, revision_of, told, told_of
from portal.web import Visit


async def guide(visit: Visit) -> Response:
    """Open the guide for difficult contacts at its first step. S2-5.1"""
    typed, controls = await _form(visit)
    try:
        async with visit.work() as work:
            revision = await _keep(work, visit, typed, revision_of(controls))
            at = visit.text("step")
            run = await difficult.open_guide(work, visit.number("intake_id"), at, revision)
    except Conflict as error:
        return await conflict(visit, typed, controls, error)
    except DeskError as error:
        return told(visit, error)
    if visit.is_htmx:
        return await come_to(visit, run, run.step)
    return visit.go(f"/intakes/{run.id}/{run.step}")


async def call_for_help(visit: Visit) -> Response:
    """Call every supervisor, once, or say that help is not needed any more. S2-5.7

    Without a script the page is left, so what was typed is saved first, where it can be; the call is made anyhow.
    """
    intake_id = visit.number("intake_id")
    typed, controls = await _form(visit)
    withdrawn = bool(typed.pop("withdraw", ""))
    async with visit.work() as work:
        if withdrawn:
            await help_calls.withdraw(work, intake_id)
        else:
            await help_calls.call(work, intake_id)
    if visit.is_htmx:
        return await presence(visit)
    try:
        async with visit.work() as work:
            await _keep(work, visit, typed, revision_of(controls))
    except Conflict as error:
        return await conflict(visit, typed, controls, error)
    except NotAccepted as error:
        return told(visit, error)
    said = "Help is not needed any more." if withdrawn else "Your supervisors have been called."
    return visit.go(f"/intakes/{intake_id}/{visit.text('step')}", said=said)


async def presence(visit: Visit) -> Response:
    """Who comes to help, and who holds the contact: asked for while help is on its way. S2-5.7"""
    async with visit.look() as work:
        run = await runs.find(work, visit.number("intake_id"))
        mine = run.held_by_id == work.actor.person_id
    return visit.page("intake/_presence.html", run=run, mine=mine)


async def _form(visit: Visit) -> tuple[dict[str, str], dict[str, str]]:
    """Read the step's form with the step it stood on: `at`, or where the intake stands."""
    typed, controls = told_of(await visit.form())
    at = typed.pop("at", "")
    if not at:
        async with visit.look() as work:
            at = (await runs.find(work, visit.number("intake_id"))).step
    visit.request.path_params["step"] = at
    return typed, controls


async def _keep(work: Work, visit: Visit, typed: dict[str, str], revision: int) -> int:
    """Save what stands on the screen, where the step takes it; the revision to go on from.

    Nothing stands there when the step cannot be filled in: then the form holds the revision alone.
    """
    run = await runs.find(work, visit.number("intake_id"))
    step = run.script.step(visit.text("step"))
    if not typed or step is None or not KINDS[step.kind].keeps or KINDS[step.kind].closed(run):
        return revision
    return (await intake.save_draft(work, run.id, step.key, revision, typed)).revision
