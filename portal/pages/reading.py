"""What has to be read: one's own list, saying that one has, and how far the team is. S0-7, S2-7.5"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import library
from portal.desk.listing import LARGEST_ID
from portal.desk.plain_numbers import number_in
from portal.web import Visit, chosen


async def index(visit: Visit) -> Response:
    """What the reader still has to read."""
    async with visit.look() as work:
        waiting = await library.mine(work)
    return visit.page("reading/index.html", waiting=waiting)


async def have_read(visit: Visit) -> Response:
    """Say that one has read and understood what an article says now; then on to what is left."""
    form = await visit.form()
    version_id, asking = number_in(chosen(form, "version_id")), number_in(chosen(form, "asking"))
    async with visit.work() as work:
        article = await library.load(work, visit.text("slug"))
        await library.have_read(work, article, version_id or 0, asking or 0)
    return visit.go("/reading", "Kept: you have read and understood it.")


async def team(visit: Visit) -> Response:
    """Every article that somebody must have read, with how far it is."""
    async with visit.look() as work:
        page = await library.asked_of_the_team(work, _after(visit))
    return visit.page("reading/team.html", rows=page.rows, more=page.older)


async def of_an_article(visit: Visit) -> Response:
    """Who has not read an article, or who has."""
    read = visit.asked("show") == "read"
    async with visit.look() as work:
        opened = await library.opened(work, visit.text("slug"))
        page = await library.readers_of(work, opened.article, read=read, after=_after(visit))
    return visit.page(
        "reading/readers.html",
        leaf=opened.leaf,
        article=opened.article,
        read=read,
        rows=page.rows,
        more=page.older,
    )


def _after(visit: Visit) -> int:
    return min(max(number_in(visit.asked("after")) or 0, 0), LARGEST_ID)
