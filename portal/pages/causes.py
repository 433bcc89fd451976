"""Cases of one cause: putting a case under it, and one message to the customers of all. S2-4.5"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from models import Case
from portal.desk import common_cause, due, queues
from portal.desk.errors import WrongMoment
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.web import Visit, chosen

Deed = Callable[[Work, Case, Typed], Awaitable[None]]


async def show(visit: Visit) -> Response:
    """The cause a case is under, or the cases under it."""
    return await page(visit)


async def page(visit: Visit, refused: Refused = NOTHING_REFUSED, words: str = "") -> Response:
    """The page; with words, whom they would reach stands above them before anything is sent."""
    async with visit.look() as work:
        case = await queues.case_of(work, visit.number("case_id"))
        if case.status not in due.OPEN_CASES:
            raise WrongMoment(f"Case {case.number} is {case.status.value}. Reopen it first.")
        told = await common_cause.foreseen(work, case, words)
        cause = await common_cause.cause_of(work, case)
    return visit.page(
        "cases/cause.html",
        case=case,
        cause=cause,
        told=told,
        looked=bool(words.strip()),
        words=words,
        customers=[(one, queues.masked_or_none(one)) for one in told.cases],
        **refused.facts(),
    )


async def put_under(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        await common_cause.put_under(work, case, typed.get("number", ""))

    return await _deed(visit, "under", do, "It is under its cause now.")


async def take_out(visit: Visit) -> Response:
    async def do(work: Work, case: Case, _typed: Typed) -> None:
        await common_cause.take_out(work, case)

    return await _deed(visit, "out", do, "It is under that cause no longer.")


async def tell(visit: Visit) -> Response:
    """Show whom the words would reach; send them once that was seen. Without a script these are two submits."""
    form = await visit.form()
    words = chosen(form, "words")
    if chosen(form, "do") != "send" and words.strip():
        return await page(visit, words=words)

    async def do(work: Work, case: Case, typed: Typed) -> None:
        await common_cause.tell_all(work, case, typed.get("words", ""), typed.get("digest", ""))

    return await _deed(visit, "message", do, "The customers of all these cases were told.")


async def _deed(visit: Visit, form: str, do: Deed, said: str) -> Response:
    case_id = visit.number("case_id")

    async def on_it(work: Work, typed: Typed) -> str:
        await do(work, await queues.case_of(work, case_id), typed)
        return f"/cases/{case_id}/cause"

    async def again(visit: Visit, refused: Refused) -> Response:
        return await page(visit, refused, refused.typed.get("words", ""))

    return await answer_form(visit, form, on_it, again, said)
