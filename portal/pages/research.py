"""Lists for research partners: making one, taking it away, and who is to be recalled. S4-3.4"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date

from starlette.responses import Response

from portal.cells import csv_cell
from portal.desk import research
from portal.desk.errors import NotAccepted
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.web import Visit


async def index(visit: Visit) -> Response:
    """The lists there are."""
    return await _page(visit)


async def _page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    async with visit.look() as work:
        found = await research.lists(work, visit.asked("before"))
    older = f"/research?before={found.older}" if found.older else ""
    return visit.page("consents/research.html", found=found.rows, older=older, **refused.facts())


async def make(visit: Visit) -> Response:
    """Put everybody on a list who agrees to research."""

    async def do(work: Work, typed: Typed) -> str:
        try:
            until = date.fromisoformat(typed.get("until", "").strip())
        except ValueError:
            raise NotAccepted(until="Enter a day such as 2026-03-14.") from None
        await research.make(work, typed.get("partner", ""), typed.get("reason", ""), until)
        return "/research"

    return await answer_form(visit, "research", do, _page, "Made. Take the file to hand it out.")


async def hand_out(visit: Visit) -> Response:
    """The file for the partner; noted as given out."""
    async with visit.work() as work:
        made = await research.load(work, visit.number("list_id"))
        rows = await research.hand_out(work, made)
    return _file(f"research-{made.id}.csv", ("Number", "Name", "E-mail"), rows)


async def recall(visit: Visit) -> Response:
    """The numbers of those whom the partner has to forget."""
    async with visit.look() as work:
        made = await research.load(work, visit.number("list_id"))
        numbers = await research.recalled(work, made)
    return _file(f"research-{made.id}-recall.csv", ("Number",), [(number,) for number in numbers])


def _file(name: str, heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Response:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerows([csv_cell(one) for one in row] for row in (heading, *rows))
    return Response(
        written.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
