"""The practice room: scenarios to play, how they went, and the way in and out. S2-0.3, S3-13"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import guide, sessions, training
from portal.desk.errors import WrongMoment
from portal.desk.guide import Tour
from portal.desk.kinds import Run
from portal.desk.training import Scenario
from portal.desk.work import Actor, Desk
from portal.guards import cookie_of
from portal.identity import cookie_name
from portal.practice import PracticeRoom
from portal.web import Visit


async def index(visit: Visit) -> Response:
    """What can be practised, and how it went last time."""
    async with visit.house.look(visit.person) as work:
        records = await training.latest(work)
    return visit.page(
        "practice/index.html",
        scenarios=list(training.scenarios(visit.house.terms.language).values()),
        records=records,
        tours=guide.tours_for(visit.person),
        TOUR=training.TOUR,
    )


async def enter(visit: Visit) -> Response:
    """Go into the room and take contacts freely."""
    await _go_in(visit)
    return visit.go("/", said="You are in the practice room. Nothing is sent, and nothing is counted.")


async def play(visit: Visit) -> Response:
    """Go into the room and take the call of a scenario."""
    played = training.scenario(visit.text("scenario"), visit.house.terms.language)
    room = await _go_in(visit)
    async with room.work(_practising(visit.person)) as work:
        intake_id = await training.begin(work, played)
    return visit.go(
        f"/intakes/{intake_id}",
        said="The phone rings. What the caller says stands beside what is good to know.",
    )


async def leave(visit: Visit) -> Response:
    """Go back to the desk."""
    async with visit.house.work(visit.person) as work:
        await sessions.practise(work, _secret(visit), on=False)
    return visit.go("/practice", said="You are back at the desk. What you do now counts.")


async def ended(visit: Visit, run: Run, said: str) -> Response:
    """Lead on from a contact that has just ended: home, or in the practice room to how it went."""
    if not visit.person.practice:
        return visit.go("/", said=said)
    async with visit.look() as work:
        played = training.scenario_of(work, run)
        checks = await training.check(work, run, played) if played else []
    if played is None:
        return visit.go("/", said=said)
    async with visit.house.work(visit.person) as work:
        record = await training.conclude(work, run, played, checks)
        where = f"/practice/records/{record.id}"
    return visit.go(where, said=said)


async def record(visit: Visit) -> Response:
    """How one practised contact went, check by check."""
    async with visit.house.look(_of_the_house(visit)) as work:
        found = await training.record_of(work, visit.number("record_id"))
    return visit.page("practice/record.html", record=found, scenario=_practised(visit, found.scenario))


async def team(visit: Visit) -> Response:
    """What the team has practised, newest first."""
    async with visit.house.look(visit.person) as work:
        found = await training.listed(work, before=visit.asked("before"))
    practised = {one.scenario: _practised(visit, one.scenario) for one in found.rows}
    titles = {key: one.title if one else key for key, one in practised.items()}
    return visit.page("practice/team.html", found=found, titles=titles)


def _practised(visit: Visit, key: str) -> Scenario | Tour | None:
    """What a record is about; None when it is no longer there."""
    if key.startswith(training.TOUR):
        return guide.tours().get(key.removeprefix(training.TOUR))
    return training.scenarios(visit.house.terms.language).get(key)


async def _go_in(visit: Visit) -> Desk:
    if not _secret(visit):
        raise WrongMoment("Please sign in again, then practise.")
    room: PracticeRoom = visit.request.app.state.practice
    desk = await room.open()
    await room.bring_over()
    async with visit.house.work(visit.person) as work:
        await sessions.practise(work, _secret(visit), on=True)
    return desk


def _secret(visit: Visit) -> str:
    return cookie_of(visit.request.scope, cookie_name(visit.settings))


def _practising(person: Actor) -> Actor:
    return Actor.person(person.person_id or 0, person.name, person.roles, person.zone, practice=True)


def _of_the_house(visit: Visit) -> Actor:
    """Who asks, with what they may do in the house: also for somebody who is in the room now."""
    person = visit.person
    return Actor.person(person.person_id or 0, person.name, person.roles, person.zone)
