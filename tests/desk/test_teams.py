"""What is handed up goes to the supervisors of the case's own team, and to all only where it has none. S0-4.1b"""

import pytest
from sqlalchemy import select, update

from jobs.sweep_deadlines import sweep_deadlines
from models import Message, Person
from models.words import CaseKind, Role, Severity
from portal.desk import audit, board, duty, escalation, notices, queues, rulebook
from portal.desk.board import By
from portal.desk.errors import NotAllowed
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CEM, CORA, MARA, SAM, ZONE, Clock
from tests.desk import stories


@pytest.fixture
async def red(desk: Desk) -> int:
    """Cora and Sam are of team Blue; Rita supervises team Red, of which is Cem. Her id."""
    async with desk.work(SYSTEM) as work:
        await rulebook.ensure_defaults(work)
        for who, team in ((CORA, "Blue"), (SAM, "Blue"), (CEM, "Red")):
            here = update(Person).where(Person.id == who.person_id).values(team=team)
            await work.session.execute(here, execution_options={"audited": True})
        rita = Person(
            issuer="x", subject="rita", name="Rita", email="rita@example.com", team="Red",
            roles=(Role.SUPERVISOR.value,), created_at=work.now,
        )  # fmt: skip
        work.session.add(rita)
        await work.session.flush()
        await audit.record(work, "make teams", rita)
        return rita.id


async def told(desk: Desk, template: str = "escalation-notice") -> list[str]:
    async with desk.look(SYSTEM) as work:
        names = await work.session.scalars(select(Message.to_name).where(Message.template == template))
        return sorted(names)


async def moved(desk: Desk, who: int | None, team: str) -> None:
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Person, who)).team = team
        await audit.record(work, "move to another team")


@pytest.mark.usefixtures("red")
@pytest.mark.parametrize(("opener", "supervisor"), [(CORA, "Sam"), (CEM, "Rita")], ids=["blue", "red"])
async def test_an_order_error_that_is_not_solved_goes_to_the_own_supervisor(
    desk: Desk, clock: Clock, opener: object, supervisor: str
) -> None:
    """S0-4.1b, by the clock: its miss is told to the same."""
    await stories.opened(desk, CaseKind.ORDER_ERROR, actor=opener)  # type: ignore[arg-type]  # one of the cast
    clock.forward(hours=2, minutes=1)
    await sweep_deadlines(desk)
    assert (await told(desk), set(await told(desk, "deadline-warning")) - {"Cora", "Cem"}) == (
        [supervisor],
        {supervisor},
    )


@pytest.mark.usefixtures("red")
async def test_one_that_is_handed_up_by_hand_does_too_and_managers_know_no_teams(desk: Desk) -> None:
    case_id = await stories.opened(desk, CaseKind.ORDER_ERROR, actor=CEM)
    for who in (CEM, SAM):
        async with desk.work(who) as work:
            case = await stories.the_case(work, case_id)
            await escalation.raise_by_hand(
                work, case, "Beyond me.", severity=Severity.HIGH, in_spite_of_gaps="It is late."
            )
    assert await told(desk) == ["Mara", "Rita"]


async def test_all_are_told_where_the_team_has_no_supervisor_or_the_case_no_team(
    desk: Desk, red: int
) -> None:
    async with desk.look(SYSTEM) as work:
        everybody = [person.name for person in await notices.people_in(work, Role.SUPERVISOR)]
        green = [person.name for person in await notices.people_in(work, Role.SUPERVISOR, "Green")]
        assert (everybody, green) == (["Sam", "Rita"], ["Sam", "Rita"])
    await moved(desk, red, "Blue")
    async with desk.look(SYSTEM) as work:
        both = [person.name for person in await notices.people_in(work, Role.SUPERVISOR, "Blue")]
        assert both == ["Sam", "Rita"]


async def test_of_the_own_team_those_on_duty_and_others_while_only_they_are(
    desk: Desk, clock: Clock, red: int
) -> None:
    async with desk.work(MARA) as work:
        await duty.put_on(
            work, Role.SUPERVISOR, SAM.person_id or 0, "Mo-Fr 09:00-12:00", ZONE, work.now.date()
        )
        await duty.put_on(work, Role.SUPERVISOR, red, "Mo-Fr 11:00-14:00", ZONE, work.now.date())
    found = {}
    for at in ("2026-03-02 10:00", "2026-03-02 11:30", "2026-03-02 13:00", "2026-03-02 16:00"):
        clock.at(at)
        async with desk.look(SYSTEM) as work:
            found[at[-5:]] = [one.name for one in await notices.people_in(work, Role.SUPERVISOR, "Blue")]
    assert found == {"10:00": ["Sam"], "11:30": ["Sam"], "13:00": ["Rita"], "16:00": ["Sam"]}


async def test_a_team_without_a_supervisor_is_a_finding(desk: Desk, red: int) -> None:
    """S0-4.1b"""
    async with desk.look(SAM) as work:
        assert await duty.teams_without_supervisor(work) == []
    await moved(desk, red, "Blue")
    async with desk.look(SAM) as work:
        assert await duty.teams_without_supervisor(work) == ["Red"]
    await moved(desk, red, "")
    await moved(desk, SAM.person_id, "")
    async with desk.look(SAM) as work:
        assert await duty.teams_without_supervisor(work) == []  # nobody supervises by teams here
    async with desk.look(CORA) as work:
        with pytest.raises(NotAllowed):
            await duty.teams_without_supervisor(work)


async def opened_by(desk: Desk, *openers: Actor) -> list[int]:
    """Order errors of these people, each of their team at that time."""
    return [await stories.opened(desk, CaseKind.ORDER_ERROR, actor=one) for one in openers]


async def listed(desk: Desk, who: Actor, *, mine: bool = False, all_teams: bool = False) -> list[int]:
    async with desk.look(who) as work:
        return [row.case.id for row in (await queues.escalations(work, mine=mine, all_teams=all_teams)).rows]


async def on_board(desk: Desk, who: Actor, *, all_teams: bool = False) -> set[int]:
    async with desk.look(who) as work:
        columns = await board.columns(work, By.LEVEL, all_teams=all_teams)
        counted = sum(one.count for one in columns)
        found = {card.case.id for one in columns for card in one.cards}
        first = await board.rows(work, By.LEVEL, "1", all_teams=all_teams)
        assert {card.case.id for card in columns[1].cards} == {card.case.id for card in first.rows}
    assert counted == len(found)
    return found


async def test_lists_and_board_show_a_supervisor_the_own_team_first(
    desk: Desk, clock: Clock, red: int
) -> None:
    """S0-4.1b: and whatever no team's supervisor looks after; managers, finance and who has no team see all."""
    rita = Actor.person(red, "Rita", (Role.SUPERVISOR.value,))
    blue, reds = await opened_by(desk, CORA, CEM)
    await moved(desk, CORA.person_id, "")
    (free,) = await opened_by(desk, CORA)
    await moved(desk, CORA.person_id, "Green")
    (green,) = await opened_by(desk, CORA)
    clock.forward(hours=2, minutes=1)
    await sweep_deadlines(desk)
    everything = [blue, reds, free, green]
    assert {
        "sam": await listed(desk, SAM, mine=True),
        "rita": await listed(desk, rita, mine=True),
        "all active of rita's": await listed(desk, rita),
        "everybody's": await listed(desk, rita, all_teams=True),
        "everybody's for supervisors": await listed(desk, rita, mine=True, all_teams=True),
        "mara": await listed(desk, MARA),
    } == {
        "sam": [blue, free, green],
        "rita": [reds, free, green],
        "all active of rita's": [reds, free, green],
        "everybody's": everything,
        "everybody's for supervisors": everything,
        "mara": everything,
    }
    assert (await on_board(desk, rita), await on_board(desk, rita, all_teams=True)) == (
        {reds, free, green},
        set(everything),
    )
    assert await on_board(desk, MARA) == set(everything)
    async with desk.work(rita) as work:
        found = await queues.escalation_on(work, await stories.the_case(work, blue))
        assert found is not None
        await escalation.accept(work, found)  # the level says who may, the team only what is seen first
    assert await listed(desk, rita, mine=True) == everything
    await moved(desk, red, "")
    assert await listed(desk, rita) == everything
