"""What customers answered to the desk's own questions: which there are, what came of each, a table to take away."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.responses import Response

from portal.cells import csv_cell
from portal.desk import answers
from portal.desk.permissions import May
from portal.desk.work import Work
from portal.web import Visit

MONTHS = YEAR = 12


@dataclass(frozen=True, slots=True)
class Span:
    """A month, or the twelve months up to now."""

    since: datetime
    until: datetime
    month: str
    months: list[tuple[str, str]]

    def query(self, **other: str) -> str:
        """The address's question with something else in place."""
        return urlencode({name: value for name, value in {"month": self.month, **other}.items() if value})


async def index(visit: Visit) -> Response:
    """Every question of the desk's own, with how often it was answered."""
    async with visit.look() as work:
        span = _span(visit, work)
        found = await answers.known(work, span.since, span.until)
    wanted = visit.asked("q").strip().lower()
    shown = [one for one in found if wanted in f"{one.field.label} {one.step_name} {one.title}".lower()]
    return visit.page("answers/index.html", span=span, found=shown, wanted=wanted)


async def question(visit: Visit) -> Response:
    """What came of one question; with `as=csv`, its answers as a table."""
    where = (visit.text("script"), visit.text("step"), visit.text("field"))
    wanted = visit.asked("q")
    async with visit.look() as work:
        span = _span(visit, work)
        if visit.asked("as") == "csv":
            asked, given = await answers.exported(work, *where, span.since, span.until)
            return _table(asked, given)
        report = await answers.report(work, *where, span.since, span.until, words=wanted)
    return visit.page(
        "answers/question.html",
        span=span,
        report=report,
        wanted=wanted,
        may_export=visit.person.may(May.EXPORT),
    )


def _table(asked: answers.Asked, given: list[answers.Given]) -> Response:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow([csv_cell(one) for one in ("Contact", "Ended", asked.field.label)])
    for one in given:
        table.writerow([csv_cell(one.contact), one.ended_at.isoformat(), csv_cell(one.cell)])
    name = f"{asked.script}-{asked.step}-{asked.field.name}.csv"
    return Response(
        written.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _span(visit: Visit, work: Work) -> Span:
    """The month asked for; without one, the last twelve."""
    now = work.now.year * YEAR + work.now.month - 1
    firsts = [_first(now - back) for back in range(MONTHS)]
    months = [(f"{one:%Y-%m}", f"{one:%B %Y}") for one in firsts]
    for place, (name, _) in enumerate(months):
        if name == visit.asked("month"):
            return Span(firsts[place], _first(now - place + 1), name, months)
    return Span(firsts[-1], _first(now + 1), "", months)


def _first(month: int) -> datetime:
    """The beginning of a month, counted from the year 0."""
    return datetime(month // YEAR, month % YEAR + 1, 1, tzinfo=UTC)
