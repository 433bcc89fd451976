"""Courses: one's own list, taking one, how it went, and how far the team is. S2-7.2, S2-7.3, S2-7.7"""

from __future__ import annotations

import csv
import io
from contextlib import AbstractAsyncContextManager

from starlette.datastructures import FormData
from starlette.responses import Response

from models.words import Role
from portal.cells import csv_cell
from portal.desk import courses, disclosures
from portal.desk.courses import Taker
from portal.desk.errors import NotAccepted
from portal.desk.listing import LARGEST_ID
from portal.desk.plain_numbers import number_in
from portal.desk.work import Actor, Work
from portal.forms import NOTHING_REFUSED, Refused
from portal.showing import word
from portal.web import Visit, chosen

HEADING = (
    "Course",
    "Role",
    "Name",
    "Team",
    "Current",
    "Passed",
    "Version",
    "Score",
    "To be passed by",
    "Holds until",
)


async def index(visit: Visit) -> Response:
    """What the reader's role takes, what is due, and what they took so far. S2-7.3, S2-7.6"""
    async with _looking(visit) as work:
        mine = await courses.mine(work)
        taken = await courses.history(work, visit.asked("before"))
    return visit.page("training/index.html", mine=mine, taken=taken)


async def begin(visit: Visit) -> Response:
    """Begin a try, or go on with the one that is under way."""
    form = await visit.form()
    async with _working(visit) as work:
        begun = await courses.begin(work, visit.text("slug"), chosen(form, "language"))
    return visit.go(f"/training/tries/{begun.id}")


async def show(visit: Visit) -> Response:
    """The questions of a try; once they are answered, how it went."""
    return await _sheet(visit)


async def finish(visit: Visit) -> Response:
    """Hand in the answers; what is missing is said at its question, and what was chosen stays. S2-7.2"""
    form, try_id = await visit.form(), visit.number("try_id")
    picked = _picked(form)
    try:
        async with _working(visit) as work:
            tried = await courses.finish(work, try_id, picked)
    except NotAccepted as refused:
        return await _sheet(visit, Refused("answers", refused.fields), picked)
    return visit.go(f"/training/tries/{try_id}", "Passed." if tried.passed else "Not passed this time.")


async def _sheet(
    visit: Visit, refused: Refused = NOTHING_REFUSED, picked: dict[int, list[int]] | None = None
) -> Response:
    async with _looking(visit) as work:
        sheet = await courses.sheet(work, visit.number("try_id"))
    template = "training/result.html" if sheet.tried.finished_at else "training/questions.html"
    return visit.page(template, sheet=sheet, picked=picked or {}, **refused.facts())


def _picked(form: FormData) -> dict[int, list[int]]:
    """What was chosen: `q12=0`, more than once where several may be right."""
    found: dict[int, list[int]] = {}
    for name, value in form.multi_items():
        question, place = (
            number_in(name.removeprefix("q")),
            number_in(value) if isinstance(value, str) else None,
        )
        if name.startswith("q") and question is not None and place is not None:
            found.setdefault(question, []).append(place)
    return found


async def coverage(visit: Visit) -> Response:
    """Role by course: how many are current, and how many are late. S2-7.7"""
    return await _coverage(visit)


async def _coverage(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    async with visit.look() as work:
        page = await courses.coverage(work, _after(visit))
    roles = [one for one in Role if any(one in line.cells for line in page.rows)]
    return visit.page(
        "training/coverage.html", lines=page.rows, roles=roles, more=page.older, **refused.facts()
    )


async def take_away(visit: Visit) -> Response:
    """Everybody with every course of their role as a table, for a reason that is written down. S2-7.7, S4-3.3"""
    form = await visit.form()
    typed = {"reason": chosen(form, "reason")}
    try:
        given = disclosures.read(typed, of_customers=False)
        async with visit.work() as work:
            rows = await courses.exported(work, given.reason)
    except NotAccepted as refused:
        return await _coverage(visit, Refused("export", refused.fields, typed))
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(HEADING)
    for title, role, one in rows:
        table.writerow([csv_cell(cell) for cell in (title, word(role), *_cells(one))])
    return Response(
        written.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="courses.csv"'},
    )


def _cells(one: Taker) -> tuple[object, ...]:
    told = one.standing
    moments = [
        moment.isoformat() if moment else "" for moment in (told.passed_at, told.due_at, told.holds_until)
    ]
    version = f"{one.number} {one.language}" if one.number else ""
    score = f"{one.score} %" if one.try_id else ""
    return one.name, one.team, "yes" if told.current else "no", moments[0], version, score, *moments[1:]


async def plan(visit: Visit) -> Response:
    """Those of a role who are not current with a course, or those who are. S2-7.7"""
    current = visit.asked("show") == "current"
    async with visit.look() as work:
        found = await courses.plan_of(work, visit.number("plan_id"))
        leaf = await courses.leaf_of(work, found)
        page = await courses.takers_of(work, found, current=current, after=_after(visit))
    return visit.page(
        "training/takers.html", plan=found, leaf=leaf, current=current, rows=page.rows, more=page.older
    )


def _after(visit: Visit) -> int:
    return min(max(number_in(visit.asked("after")) or 0, 0), LARGEST_ID)


def _of_the_house(visit: Visit) -> Actor:
    """Who asks, with what they may do in the house: a course taken from the practice room counts as well."""
    person = visit.person
    return Actor.person(person.person_id or 0, person.name, person.roles, person.zone)


def _looking(visit: Visit) -> AbstractAsyncContextManager[Work]:
    return visit.house.look(_of_the_house(visit))


def _working(visit: Visit) -> AbstractAsyncContextManager[Work]:
    return visit.house.work(_of_the_house(visit), visit.request_id)
