"""Calls for help: who needs somebody now, what was abusive, and the private counts. For those who supervise. S2-5.7"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import abuse, difficult, help_calls, intake
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.web import Visit


async def index(visit: Visit) -> Response:
    """The calls that wait, the reports to review, the calls that are over."""
    return await listed(visit)


async def listed(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page; after a refused form with what was typed. `form` is `<id>-<deed>`."""
    async with visit.look() as work:
        waiting = await help_calls.waiting(work)
        reports = await abuse.to_review(work)
        past = await help_calls.past(work, visit.asked("before"))
    return visit.page("help_calls/index.html", waiting=waiting, reports=reports, past=past, **refused.facts())


async def waiting_part(visit: Visit) -> Response:
    """What the bar on top says while somebody calls for help; nothing otherwise."""
    async with visit.look() as work:
        waiting = await help_calls.waiting(work)
    return visit.page(
        "help_calls/_waiting.html", waiting=[one for one, _ in waiting if one.answered_at is None]
    )


async def answer(visit: Visit) -> Response:
    """Come to somebody's help."""
    async with visit.work() as work:
        await help_calls.answer(work, visit.number("call_id"))
    return visit.go("/help-calls", said="You come to help. Your colleague sees it.")


async def take_over(visit: Visit) -> Response:
    """Come to help and hold the contact from now on."""
    call_id = visit.number("call_id")
    async with visit.work() as work:
        call = await help_calls.load(work, call_id)
        if call.answered_by_id != work.actor.person_id:
            await help_calls.answer(work, call_id)
        run = await intake.take_over(work, await help_calls.intake_of(work, call))
    return visit.go(f"/intakes/{run.id}/{run.step}", said="You hold this contact now.")


async def end(visit: Visit) -> Response:
    """End a call with what came of it."""
    call_id = visit.number("call_id")

    async def do(work: Work, typed: Typed) -> str:
        await help_calls.end(work, call_id, typed.get("outcome", ""))
        return "/help-calls"

    return await answer_form(visit, f"{call_id}-end", do, listed, "Ended, and written down.")


async def review(visit: Visit) -> Response:
    """Review a contact that was ended for abuse."""
    report_id = visit.number("report_id")

    async def do(work: Work, typed: Typed) -> str:
        upheld = {"yes": True, "no": False}.get(typed.get("upheld", ""))
        await abuse.review(work, report_id, upheld=upheld, words=typed.get("review", ""))
        return "/help-calls"

    return await answer_form(visit, f"{report_id}-review", do, listed, "Reviewed.")


async def counts(visit: Visit) -> Response:
    """How much each representative has been through, by month."""
    async with visit.look() as work:
        found = await difficult.counts(work)
    return visit.page("help_calls/counts.html", counts=found)
