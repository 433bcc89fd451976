"""The surveys: which go out and when, what comes back, and who wants none. S3-7.2.1c"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import survey_settings
from portal.desk.errors import Conflict, NotAccepted
from portal.desk.evidence.compliance import month_of, today
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages.evidence import in_words
from portal.web import Visit

NUMBERS = ("resolution_hours", "delivery_hours", "cool_down_days")


async def show(visit: Visit) -> Response:
    """What holds, with the form that changes it."""
    return await page(visit)


async def page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page; after a refused form with what was typed."""
    async with visit.look() as work:
        holds = await survey_settings.in_force(work)
        month = month_of(today(work))
        rates = await survey_settings.rates(work, *month)
        stopped = await survey_settings.stopped(work, before=visit.asked("before"))
    typed = refused.typed
    return visit.page(
        "feedback/settings.html",
        holds=holds,
        named=in_words(month[0]),
        rates=rates,
        stopped=stopped,
        older=f"/evidence/surveys?before={stopped.older}" if stopped.older else "",
        told={one: typed.get(one, "") if refused.form else getattr(holds, one) for one in NUMBERS},
        ticked={
            one: typed.get(one) == "yes" if refused.form else getattr(holds, one)
            for one in ("resolution", "delivery")
        },
        **refused.facts(),
    )


async def change(visit: Visit) -> Response:
    async def do(work: Work, typed: Typed) -> str:
        expected = number_in(typed.get("over", ""))
        try:
            await survey_settings.change(
                work,
                -1 if expected is None else expected,
                resolution=typed.get("resolution") == "yes",
                delivery=typed.get("delivery") == "yes",
                **{one: typed.get(one, "") for one in NUMBERS},
            )
        except Conflict as conflict:  # what was typed stays, to be laid over theirs
            raise NotAccepted(resolution_hours=conflict.message) from conflict
        return "/evidence/surveys"

    return await answer_form(visit, "surveys", do, page, "Holds from the next survey on.")
