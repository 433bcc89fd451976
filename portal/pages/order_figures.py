"""How the orders of a month went, for whoever leads the desk. S1-0.2, S1-1.1, S1-1.2, S1-6.1a"""

from __future__ import annotations

from datetime import date, timedelta

from starlette.responses import Response

from portal.desk import error_causes, order_figures
from portal.desk.evidence.compliance import month_of, today
from portal.desk.order_figures import Lack, State
from portal.desk.work import Work
from portal.web import Visit

MONTHS = 13
STATE_WORDS = {
    State.HELD: "Somebody has to agree",
    State.CONFIRMED: "Confirmed, not handed over",
    State.HANDED_OVER: "With fulfilment, to prepare",
    State.PREPARED: "Prepared, to dispatch or hand out",
    State.ON_THE_WAY: "On the way",
}
LACK_WORDS = {
    Lack.RECEIVED: "not received in a contact",
    Lack.VERIFIED: "caller not verified",
    Lack.RECORDED: "not read back or without lines",
    Lack.CONFIRMED: "not confirmed",
}


def span(spent: timedelta | None) -> str:
    """A time spent, in the two largest units that say something: `2 d 3 h`, `1 h 5 min`, `40 s`."""
    if spent is None:
        return "–"
    seconds = int(spent.total_seconds())
    told: list[str] = []
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, length)
        if count or (unit == "s" and not told):
            told.append(f"{count} {unit}")
    return " ".join(told[:2])


def _chosen(visit: Visit, work: Work) -> tuple[list[tuple[str, str]], date, date]:
    """The months to choose from, and the first and last day of the one that is chosen."""
    months = [month_of(today(work))]
    while len(months) < MONTHS:
        months.append(month_of(months[-1][0] - timedelta(days=1)))
    asked = visit.asked("month")
    since, until = next((both for both in months if f"{both[0]:%Y-%m}" == asked), months[0])
    return [(f"{one:%Y-%m}", f"{one:%B %Y}") for one, _ in months], since, until


async def show(visit: Visit) -> Response:
    """Time in each state, what orders lack, and how fast and how exactly they were taken, in a month."""
    async with visit.look() as work:
        months, since, until = _chosen(visit, work)
        states = await order_figures.in_states(work, since, until)
        taken = await order_figures.taking(work, since, until)
        causes = await error_causes.pareto(work, since, until)
        lacking = await order_figures.lacking(work, since, until, before=visit.asked("before"))
    longest = max((one.slow for one in states if one.slow), default=timedelta(0))
    slowest = max(
        (one for one in states if one.median), key=lambda one: one.median or timedelta(0), default=None
    )
    month = f"{since:%Y-%m}"
    return visit.page(
        "orders/figures.html",
        months=months,
        month=month,
        states=[
            (
                one,
                STATE_WORDS[one.state],
                span(one.median),
                span(one.slow),
                [_width(spent, longest) for spent in (one.median, one.slow)],
                one is slowest,
            )
            for one in states
        ],
        taken=[(one, span(one.median), span(one.slow)) for one in taken],
        causes=causes,
        lacking=[(one.order, [LACK_WORDS[lack] for lack in one.lacks]) for one in lacking.rows],
        older=f"/orders/figures?month={month}&before={lacking.older}" if lacking.older else "",
    )


def _width(spent: timedelta | None, longest: timedelta) -> int:
    """How long a bar is, of 320 at most."""
    return round(320 * (spent / longest)) if spent and longest else 0
