"""One step: shown, saved as it is typed, sent; and what to say when somebody else saved first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from portal.desk import asking, attachments, intake, kinds, runs, tone, training
from portal.desk.errors import Conflict, DeskError, NotAccepted, NotFound, WrongMoment
from portal.desk.kinds import KINDS, NOTES, Run
from portal.desk.plain_numbers import number_in
from portal.desk.scripts import Step
from portal.desk.work import Work
from portal.forms import listed_in
from portal.pages import practice
from portal.showing import word, zone_of
from portal.web import Visit

SEVERAL = "several"
"""Names the questions that are answered with several values."""
CONTROLS = frozenset({"revision", "do", "back", "skip", "skip_reason", SEVERAL})
KEYS = (
    ("Alt N", "Notes"),
    ("Alt D", "The guide for difficult contacts"),
    ("Alt H", "Help now: call the supervisors"),
    ("Ctrl Enter", "Continue from a long answer"),
    ("↑ ↓", "Up and down in what was found"),
)


async def show(visit: Visit) -> Response:
    """The step with everything that was saved; a colleague's intake can be taken over here."""
    async with visit.look() as work:
        run = await runs.find(work, visit.number("intake_id"))
        if run.finished_at is not None:
            return visit.page("intake/ended.html", run=run, called=_hinted(run), places=runs.progress(run))
        if run.held_by_id != work.actor.person_id:
            return visit.page("intake/held.html", run=run, called=_hinted(run))
        step = run.script.step(visit.text("step"))
        if step is None:
            return visit.go(f"/intakes/{run.id}/{run.step}")
        facts = await _facts(work, run, step)
    return _page(visit, run, step, facts, back=visit.asked("back"))


def _hinted(run: Run) -> str:
    """What the customer may be called by who is not in the contact with them. Decision 18"""
    return kinds.masked(run.caller).name if run.caller else ""


async def send(visit: Visit) -> Response:
    """Finish a step, leave it out, or answer a button inside it; then on to the next."""
    return await sent(visit, *await _form(visit))


async def sent(visit: Visit, typed: dict[str, str], controls: dict[str, str]) -> Response:
    """Answer a form of a step that was read."""
    intake_id, key = visit.number("intake_id"), visit.text("step")
    known: dict[str, Any] = {}
    try:
        async with visit.work(known) as work:
            run, kept = await _sent(work, intake_id, key, typed, controls)
    except NotAccepted as error:
        return await refused(visit, typed, controls, error)
    except Conflict as error:
        same = await _sent_at_once(visit, typed, controls)
        if same is None:
            return await conflict(visit, typed, controls, error)
        run, kept = same, False
    except WrongMoment as error:
        return told(visit, error)
    if run.finished_at is not None:
        return await practice.ended(visit, run, f"Contact {run.contact_number} is closed.")
    shown = key if kept else run.step
    if not visit.is_htmx:
        back = f"?back={controls['back']}" if kept and controls.get("back") else ""
        return visit.go(f"/intakes/{run.id}/{shown}{back}")
    return await come_to(visit, run, shown, known, controls.get("back", "") if kept else "")


async def come_to(
    visit: Visit, run: Run, key: str, known: dict[str, Any] | None = None, back: str = ""
) -> Response:
    """Put a step in the place of the one on the screen, with its address."""
    step = run.script.step(key) or run.script.steps[0]
    async with visit.look(
        known
    ) as work:  # the prices and the stock that were just checked are those that are shown
        facts = await _facts(work, run, step)
    response = _page(visit, run, step, facts, back=back)
    response.headers["hx-push-url"] = f"/intakes/{run.id}/{step.key}"
    return response


async def draft(visit: Visit) -> Response:
    """Save what was typed so far and say when. Validation never stands in the way."""
    typed, controls = await _form(visit)
    try:
        async with visit.work() as work:
            run = await intake.save_draft(
                work, visit.number("intake_id"), visit.text("step"), revision_of(controls), typed
            )
    except Conflict as error:
        return await conflict(visit, typed, controls, error)
    except NotAccepted as error:
        response = visit.page("intake/_refused.html", status=422, errors=error.fields)
        return _to_notice(response)
    except WrongMoment as error:
        return told(visit, error)
    return visit.page("intake/_saved.html", run=run, saved_at=_clock(visit, run))


async def part(visit: Visit) -> Response:
    """What a step finds for what is being typed: products or customers."""
    typed, _ = await _form(visit)
    async with visit.look() as work:
        run = await runs.find(work, visit.number("intake_id"))
        runs.refuse_other_holder(work, run)
        step = run.script.step(visit.text("step"))
        if step is None or not KINDS[step.kind].looks:
            raise NotFound
        run = _as_typed(run, step, typed)
        facts = await KINDS[step.kind].facts(work, run, step)
    return visit.page(
        f"intake/kinds/_{step.kind}_found.html", run=run, step=step, typed=run.typed(step.key), **facts
    )


async def _form(visit: Visit) -> tuple[dict[str, str], dict[str, str]]:
    """Read the answers and, apart from them, what steers the wizard."""
    return told_of(await visit.form())


def told_of(form: FormData) -> tuple[dict[str, str], dict[str, str]]:
    """Give the answers, and what steers the wizard. Of two values of one name the last counts.

    Where the form says that a question takes several, they are one answer with a line each.
    """
    told = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    for name in {one for one in form.getlist(SEVERAL) if isinstance(one, str)} - CONTROLS:
        lines = (" ".join(one.splitlines()) for one in form.getlist(name) if isinstance(one, str))
        told[name] = "\n".join(line for line in lines if line)
    return {name: value for name, value in told.items() if name not in CONTROLS}, {
        name: value for name, value in told.items() if name in CONTROLS
    }


def revision_of(controls: Mapping[str, str]) -> int:
    return number_in(controls.get("revision", "")) or 0


async def _sent(
    work: Work, intake_id: int, key: str, typed: dict[str, str], controls: dict[str, str]
) -> tuple[Run, bool]:
    """Do what the pressed button means; say whether it stays on this step."""
    revision, back = revision_of(controls), controls.get("back", "")
    if typed.get(tone.TICK) == "yes":
        tone.send_all_the_same(work)
    if controls.get("skip"):
        return await intake.skip(work, intake_id, key, revision, controls.get("skip_reason", "")), False
    do = controls.get("do", "") or await _meant(work, intake_id, key, typed)
    if do:
        return await intake.amend(work, intake_id, key, revision, typed, do), True
    return await intake.finish_step(work, intake_id, key, revision, typed, back), False


async def _sent_at_once(visit: Visit, typed: dict[str, str], controls: dict[str, str]) -> Run | None:
    """The intake where the other click of a double one took effect meanwhile, perhaps on another replica."""
    if controls.get("do") or controls.get("skip"):
        return None
    async with visit.look() as work:
        return await intake.already_sent(
            work, visit.number("intake_id"), visit.text("step"), revision_of(controls), typed
        )


async def _meant(work: Work, intake_id: int, key: str, typed: dict[str, str]) -> str:
    """Which button Enter means at this step: only kinds with a box to look in answer otherwise than Continue."""
    if "look" not in typed:
        return ""
    run = await runs.find(work, intake_id)
    step = run.script.step(key)
    return KINDS[step.kind].asks_for(run, step, typed) if step else ""


async def _facts(work: Work, run: Run, step: Step) -> dict[str, Any]:
    kind = KINDS[step.kind]
    return {
        **await kind.facts(work, run, step),
        "asked_facts": await asking.facts(work, run, step),
        "said_words": kinds.words_of(run, step, work),
        "called": run.called(work.now),
        "verified": run.verified(work.now),
        "closed": kind.closed(run),
        "guide_said": kinds.guide_said(run, step),
        "card": await training.card_of(work, run),
    }


def _page(
    visit: Visit,
    run: Run,
    step: Step,
    facts: Mapping[str, Any],
    *,
    errors: Mapping[str, str] | None = None,
    back: str = "",
    status: int = 200,
) -> Response:
    places = runs.progress(run)
    place = next((one for one in places if one.step.key == step.key), None)
    if place is None:
        return visit.go(f"/intakes/{run.id}/{run.step}")
    return visit.page(
        "intake/_step.html" if visit.is_htmx else "intake/step.html",
        status=status,
        run=run,
        step=step,
        place=place,
        places=places,
        place_number=places.index(place) + 1,
        typed=run.typed(step.key),
        notes=run.typed(NOTES).get(NOTES, ""),
        errors=dict(errors or {}),
        back=back if run.script.step(back) else "",
        keys=KEYS,
        saved_at=_clock(visit, run),
        **facts,
    )


def _clock(visit: Visit, run: Run) -> str:
    """When it was last saved, to the second: `14:02:11`."""
    return f"{run.saved_at.astimezone(zone_of(visit.person.zone)):%H:%M:%S}"


def _as_typed(run: Run, step: Step, typed: Mapping[str, str]) -> Run:
    """The run as if what is on the screen were saved."""
    kind = KINDS[step.kind]
    mine = {name: value for name, value in typed.items() if value and kind.keeps and kind.takes(step, name)}
    mine |= attachments.named(run, step)
    notes = {NOTES: {NOTES: typed[NOTES]}} if NOTES in typed else {}
    return replace(run, answers={**run.answers, step.key: mine, **notes})


async def refused(
    visit: Visit, typed: dict[str, str], controls: dict[str, str], error: NotAccepted
) -> Response:
    """Show the step again with what is wrong; keep what was typed, on the screen and where it can be, saved."""
    intake_id, key = visit.number("intake_id"), visit.text("step")
    run: Run | None = None
    errors = dict(error.fields)
    try:
        async with visit.work() as work:
            run = await intake.save_draft(work, intake_id, key, revision_of(controls), typed)
    except NotAccepted as unkept:
        errors |= unkept.fields  # a card number: shown once more to be corrected, and kept nowhere
    except DeskError as other:
        return told(visit, other)
    async with visit.look() as work:
        run = run or await runs.find(work, intake_id)
        step = run.script.step(key)
        if step is None:
            raise NotFound
        shown = _as_typed(run, step, typed)
        facts = await _facts(work, shown, step)
    facts = {**facts, "listed": listed_in(error)}
    return _page(visit, shown, step, facts, errors=errors, back=controls.get("back", ""), status=error.status)


async def conflict(
    visit: Visit, typed: dict[str, str], controls: dict[str, str], error: Conflict
) -> Response:
    """Show yours and theirs side by side; nothing was overwritten."""
    async with visit.look() as work:
        run = await runs.find(work, visit.number("intake_id"))
        step = run.script.step(visit.text("step")) or run.script.steps[0]
        mine = run.held_by_id == work.actor.person_id
    labels = {**KINDS[step.kind].labels, **{one.name: one.label for one in step.ask}}
    rows = [
        (labels.get(name) or word(name), error.yours.get(name, ""), error.theirs.get(name, ""))
        for name in {**error.yours, **error.theirs}
        if not name.startswith("product-")  # an id says nothing; the lines themselves are on the screen
    ]
    facts = {
        "run": run,
        "step": step,
        "error": error,
        "rows": rows,
        "typed": typed,
        "controls": controls,
        "mine": mine,
    }
    if visit.is_htmx:
        return _to_notice(visit.page("intake/_conflict.html", status=error.status, **facts))
    return visit.page("intake/conflict.html", status=error.status, **facts)


def told(visit: Visit, error: DeskError) -> Response:
    """Say what cannot be done now, beside the answers that are still on the screen."""
    if visit.is_htmx:
        return _to_notice(visit.page("components/_problem.html", status=error.status, error=error))
    return visit.page("problem.html", status=error.status, error=error)


def _to_notice(response: Response) -> Response:
    response.headers["hx-retarget"], response.headers["hx-reswap"] = "#notice", "innerHTML"
    return response
