"""Escalations: what was handed up to whom, and taking it in hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from models import Escalation
from portal.desk import escalation, own_team, queues
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages.board import whose
from portal.web import Visit

NOBODY_TOLD = "nobody-told"
Deed = Callable[[Work, Escalation, Typed], Awaitable[None]]


async def index(visit: Visit) -> Response:
    """The queue: for my group, or all that I may see."""
    return await queue(visit)


async def queue(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of the queue; after a refused form with what was typed. `form` is `<id>-<deed>`."""
    show = visit.asked("show")
    mine, nobody_told = show not in {"all", NOBODY_TOLD}, show == NOBODY_TOLD
    everybody = visit.asked("teams") == "all"
    async with visit.look() as work:
        found = await queues.escalations(
            work, mine=mine, nobody_told=nobody_told, all_teams=everybody, before=visit.asked("before")
        )
        team = "" if nobody_told else await own_team.named(work)
        clocks = await queues.clocks_of(work, (row.case.id for row in found.rows))
    teams = "&teams=all" if everybody else ""
    chips = [
        (f"/escalations?show=mine{teams}", "For me", None, mine),
        (f"/escalations?show=all{teams}", "All active", None, show == "all"),
        (f"/escalations?show={NOBODY_TOLD}", "Nobody could be told", None, nobody_told),
    ]
    return visit.page(
        "escalations/index.html",
        found=found,
        clocks=clocks,
        chips=chips,
        show="mine" if mine else show,
        teams=teams,
        whose=whose(team, f"/escalations?show={'mine' if mine else show}", everybody=everybody),
        **refused.facts(),
    )


async def accept(visit: Visit) -> Response:
    async def do(work: Work, one: Escalation, _typed: Typed) -> None:
        await escalation.accept(work, one)

    return await deed(visit, "acceptance", do, "Accepted. You hold this case now.", to_case=True)


async def comment(visit: Visit) -> Response:
    async def do(work: Work, one: Escalation, typed: Typed) -> None:
        await escalation.comment(work, one, typed.get("comment", ""))

    return await deed(visit, "comment", do, "Noted on the case.")


async def hand_back(visit: Visit) -> Response:
    async def do(work: Work, one: Escalation, typed: Typed) -> None:
        await escalation.hand_back(work, one, typed.get("reason", ""))

    return await deed(visit, "return", do, "Handed back to the representatives.")


async def resolve(visit: Visit) -> Response:
    async def do(work: Work, one: Escalation, typed: Typed) -> None:
        await escalation.resolve(work, one, typed.get("what_was_done", ""))

    return await deed(
        visit, "resolution", do, "Done here. The case goes back to be closed with the customer."
    )


async def deed(visit: Visit, form: str, do: Deed, said: str, *, to_case: bool = False) -> Response:
    """Do one deed on the escalation of the address and come back."""
    escalation_id = visit.number("escalation_id")

    async def on_it(work: Work, typed: Typed) -> str:
        one = await queues.escalation_of(work, escalation_id)
        await do(work, one, typed)
        return f"/cases/{one.case_id}" if to_case else "/escalations"

    return await answer_form(visit, f"{escalation_id}-{form}", on_it, queue, said)
