"""Escalations: what was handed up to whom, and taking it in hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from models import Escalation
from portal.desk import escalation, queues
from portal.desk.errors import NotAccepted
from portal.desk.work import Work
from portal.web import Visit, chosen

Deed = Callable[[Work, Escalation, Mapping[str, str]], Awaitable[None]]


async def index(visit: Visit) -> Response:
    """The queue: for my group, or all that I may see."""
    return await queue(visit)


async def queue(
    visit: Visit,
    *,
    status: int = 200,
    form: str = "",
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The page of the queue; after a refused form with what was typed. `form` is `<id>-<deed>`."""
    everything = visit.asked("show") == "all"
    async with visit.look() as work:
        found = await queues.escalations(work, mine=not everything, before=visit.asked("before"))
        clocks = await queues.clocks_of(work, (row.case.id for row in found.rows))
    chips = [
        ("/escalations", "For me", None, not everything),
        ("/escalations?show=all", "All active", None, everything),
    ]
    return visit.page(
        "escalations/index.html",
        status=status,
        found=found,
        clocks=clocks,
        chips=chips,
        everything=everything,
        form=form,
        errors=dict(errors or {}),
        wrong=defaultdict(dict, {form: dict(errors or {})}),
        typed=defaultdict(lambda: defaultdict(str), {form: defaultdict(str, typed or {})}),
    )


async def accept(visit: Visit) -> Response:
    async def do(work: Work, one: Escalation, _typed: Mapping[str, str]) -> None:
        await escalation.accept(work, one)

    return await deed(visit, "acceptance", do, "Accepted. You hold this case now.", to_case=True)


async def comment(visit: Visit) -> Response:
    async def do(work: Work, one: Escalation, typed: Mapping[str, str]) -> None:
        await escalation.comment(work, one, typed.get("comment", ""))

    return await deed(visit, "comment", do, "Noted on the case.")


async def hand_back(visit: Visit) -> Response:
    async def do(work: Work, one: Escalation, typed: Mapping[str, str]) -> None:
        await escalation.hand_back(work, one, typed.get("reason", ""))

    return await deed(visit, "return", do, "Handed back to the representatives.")


async def resolve(visit: Visit) -> Response:
    async def do(work: Work, one: Escalation, typed: Mapping[str, str]) -> None:
        await escalation.resolve(work, one, typed.get("what_was_done", ""))

    return await deed(
        visit, "resolution", do, "Done here. The case goes back to be closed with the customer."
    )


async def deed(visit: Visit, form: str, do: Deed, said: str, *, to_case: bool = False) -> Response:
    """Do one deed on the escalation of the address and come back."""
    given = await visit.form()
    typed = {name: chosen(given, name) for name in given}
    escalation_id = visit.number("escalation_id")
    try:
        async with visit.work() as work:
            one = await queues.escalation_of(work, escalation_id)
            await do(work, one, typed)
            case_id = one.case_id
    except NotAccepted as refused:
        return await queue(
            visit, status=422, form=f"{escalation_id}-{form}", errors=refused.fields, typed=typed
        )
    return visit.go(f"/cases/{case_id}" if to_case else "/escalations", said)
