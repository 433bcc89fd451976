"""Improvements: raised from what was found, and answered by the version that was published for it. S0-2.2c"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from models import Improvement
from models.words import ImprovementSource
from portal.desk import improvements
from portal.desk.errors import NotFound
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages.evidence import in_words
from portal.web import Visit

Deed = Callable[[Work, Improvement, int, Typed], Awaitable[None]]


async def index(visit: Visit) -> Response:
    """Those that wait for an answer, or have ended; a form to raise one where something is named that it was found in."""
    return await page(visit)


async def page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page; after a refused form with what was typed. `form` is `raise` or `<id>-<deed>`."""
    ended = visit.asked("show") == "ended"
    async with visit.look() as work:
        found = await improvements.listed(work, ended=ended, before=visit.asked("before"))
        offered = await improvements.answers_to(work, found.rows)
    source = refused.typed.get("source") or visit.asked("of")
    chips = [
        ("/improvements", "Waiting for an answer", None, not ended),
        ("/improvements?show=ended", "Answered or dropped", None, ended),
    ]
    older = f"/improvements?{'show=ended&' if ended else ''}before={found.older}" if found.older else ""
    return visit.page(
        "evidence/improvements.html",
        found=found,
        offered=list(offered.items()),
        chips=chips,
        older=older,
        source=source if source in set(map(str, ImprovementSource)) else "",
        of=number_in(refused.typed.get("of") or visit.asked("id")) or 0,
        in_words=in_words,
        **refused.facts(),
    )


async def raise_item(visit: Visit) -> Response:
    async def do(work: Work, typed: Typed) -> str:
        source = typed.get("source", "")
        if source not in set(map(str, ImprovementSource)):
            raise NotFound("Say what this was found in.")
        of = number_in(typed.get("of", "")) or 0
        await improvements.raise_item(work, typed.get("words", ""), ImprovementSource(source), of)
        return "/improvements"

    return await answer_form(visit, "raise", do, page, "Raised. It waits for a version that answers it.")


async def answer(visit: Visit) -> Response:
    async def do(work: Work, item: Improvement, version: int, typed: Typed) -> None:
        await improvements.answer(work, item, version, typed.get("by", ""))

    return await _deed(visit, "answer", do, "Answered by that version.")


async def drop(visit: Visit) -> Response:
    async def do(work: Work, item: Improvement, version: int, typed: Typed) -> None:
        await improvements.drop(work, item, version, typed.get("reason", ""))

    return await _deed(visit, "dropping", do, "Dropped.")


async def _deed(visit: Visit, name: str, do: Deed, said: str) -> Response:
    item_id = visit.number("improvement_id")

    async def on_it(work: Work, typed: Typed) -> str:
        version = number_in(typed.get("version", "")) or 0
        await do(work, await improvements.load(work, item_id), version, typed)
        return "/improvements?show=ended"

    return await answer_form(visit, f"{item_id}-{name}", on_it, page, said)
