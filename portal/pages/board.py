"""The board of cases by level or state, which updates by itself, and the closing-time sheet."""

from __future__ import annotations

from datetime import UTC, datetime

from markupsafe import Markup
from starlette.responses import Response

from portal import showing
from portal.desk import board, closing, own_team, sessions
from portal.desk.board import COLUMNS, By
from portal.guards import cookie_of
from portal.identity import cookie_name
from portal.watching import EVENTS, Listener, Stream, Watch
from portal.web import Visit


def chosen(visit: Visit) -> By:
    """What makes the columns: the level, unless the state is asked for."""
    return By.STATE if visit.asked("by") == By.STATE.value else By.LEVEL


async def show(visit: Visit) -> Response:
    """The board; asked for by itself it is the part that changes. S2-13.4"""
    by, everybody = chosen(visit), visit.asked("teams") == "all"
    async with visit.look() as work:
        columns = await board.columns(work, by, all_teams=everybody)
        team = await own_team.named(work)
    teams = "&teams=all" if everybody else ""
    chips = [(f"/escalations/board?by={one}{teams}", f"By {one}", None, one is by) for one in By]
    now, zone = visit.desk.clock(), visit.person.zone
    template = "escalations/_board.html" if visit.is_htmx else "escalations/board.html"
    return visit.page(
        template,
        by=by,
        columns=columns,
        chips=chips,
        teams=teams,
        whose=whose(team, f"/escalations/board?by={by}", everybody=everybody),
        age=lambda since: showing.age(since, now),
        when=lambda moment: brief(moment, now, zone),
    )


def whose(team: str, here: str, *, everybody: bool) -> list[tuple[str, str, str | None, bool]]:
    """The switch between the own team and all of them; nothing where it makes no difference. S0-4.1b"""
    if not team:
        return []
    return [(here, f"Team {team}", None, not everybody), (f"{here}&teams=all", "All teams", None, everybody)]


def brief(moment: datetime, now: datetime, zone: str) -> Markup:
    """A moment that tells itself anew on the page, without the long one on hover: there are a hundred of them."""
    at = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    return Markup("<time datetime={}>{}</time>").format(at, showing.clock_words(moment, now, zone))


async def rows(visit: Visit) -> Response:
    """The cases of one column as a list."""
    by, key = chosen(visit), visit.asked("column")
    everybody = visit.asked("teams") == "all"
    async with visit.look() as work:
        found = await board.rows(work, by, key, visit.asked("before"), all_teams=everybody)
    return visit.page(
        "escalations/board_rows.html",
        by=by,
        column=key,
        title=COLUMNS[by][key],
        found=found,
        teams="&teams=all" if everybody else "",
    )


async def stream(visit: Visit) -> Response:
    """Says when something changed on the board; to whoever does not ask for events, once.

    It uses the session without prolonging it: a page left open is not a person.
    """
    watch: Watch = visit.request.app.state.watch
    if EVENTS not in visit.request.headers.get("accept", ""):
        return Response(watch.event(), media_type=EVENTS)
    watch.admit(visit.person)
    secret = cookie_of(visit.request.scope, cookie_name(visit.settings))
    told = visit.request.headers.get("last-event-id", "")
    return Stream(watch, Listener(visit.person.person_id, visit.person.roles, sessions.hashed(secret), told))


async def closing_sheet(visit: Visit) -> Response:
    """What will be due before or just after the next opening, of each calendar; made to be printed. S0-4"""
    async with visit.look() as work:
        sheets = await closing.sheets(work)
    return visit.page("escalations/closing_sheet.html", sheets=sheets)
