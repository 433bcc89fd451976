"""What customers answered to the desk's own questions: which there are, what came of each, a table to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from starlette.responses import Response

from models.words import DisclosureGround
from portal.cells import csv_cell
from portal.desk import answers, disclosures
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.work import Work
from portal.showing import word
from portal.web import Visit, chosen

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
    """What came of one question."""
    return await _question(visit)


async def look(visit: Visit) -> Response:
    """Take the words that answers are looked for by: what customers said stands in no address. S0-3.2.3"""
    return await visit.look_for(f"/answers/{'/'.join(map(quote, _where(visit)))}", "month")


async def take_away(visit: Visit) -> Response:
    """The answers to one question as a table, for a reason that is written down. S4-3.3"""
    form = await visit.form()
    typed = {name: chosen(form, name) for name in disclosures.ASKED}
    try:
        given = disclosures.read(typed, of_customers=True)
    except NotAccepted as refused:
        return await _question(visit, typed, refused.fields)
    async with visit.work() as work:
        span = _span(visit, work)
        asked, found = await answers.exported(work, *_where(visit), span.since, span.until, given)
    return _table(asked, found)


def _where(visit: Visit) -> tuple[str, str, str]:
    return visit.text("script"), visit.text("step"), visit.text("field")


async def _question(
    visit: Visit, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    where, wanted = _where(visit), visit.looked_for()
    async with visit.look() as work:
        span = _span(visit, work)
        report = await answers.report(work, *where, span.since, span.until, words=wanted)
    return visit.page(
        "answers/question.html",
        status=NotAccepted.status if errors else 200,
        typed=typed or dict.fromkeys(disclosures.ASKED, ""),
        errors=errors or {},
        grounds=[(one.value, word(one)) for one in DisclosureGround],
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
