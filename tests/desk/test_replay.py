"""What a replay foretells is what happens: due times as publishing writes them, counts as recomputing everything gives.

The counts are compared with a recompute of every clock, written apart from the product's: it goes through the tables
by objects, projects every target of every case anew, and asks of each moment whether it came. S2-14.1
"""

import asyncio
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

import jobs.replay_policies as replay_policies_module
from jobs.recompute_clocks import recompute_clocks
from jobs.replay_policies import replay_policies
from models import Case, Deadline, Replay
from models.words import CaseKind, Channel, ReplayStatus
from portal.desk import cases, deadlines, matrix, policy_versions, replay, rulebook
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.replay import running
from portal.desk.replay.figures import Figures
from portal.desk.replay.outcomes import Past
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA, CORA, MARA, SAM, Clock, berlin
from tests.desk import stories
from tests.desk.replaying import by_chance, lively, longer, recomputed, shorter
from tests.desk.stories import Change

SINCE, UNTIL = berlin("2026-02-01 00:00"), berlin("2026-05-01 00:00")


@dataclass
class Classified:
    """What is counted of a case of which nothing is known."""

    team: str
    id: int
    kind: CaseKind = CaseKind.INQUIRY


Due = dict[tuple[int, str, int, int], datetime | None]
"""When each running clock is due: case, target, level, cycle."""


async def drafted(desk: Desk, change: Change) -> int:
    """A draft of the policy in force with a change in it."""
    async with desk.work(ADA) as work:
        version = await rulebook.draft(work)
        document = deepcopy(version.document)
        change(document)
        await rulebook.save(work, version, version.version, document)
        return version.id


async def replayed(desk: Desk, version_id: int, since: datetime = SINCE, until: datetime = UNTIL) -> Replay:
    """The replay of a draft, ended."""
    async with desk.work(MARA) as work:
        version = await policy_versions.load(work, version_id)
        await replay.ask(work, version, since, until)
    await replay_policies(desk)
    return (await shown(desk, version_id)).replay


async def shown(desk: Desk, version_id: int, actor: Any = MARA) -> replay.Shown:
    async with desk.look(actor) as work:
        found = await replay.of_version(work, await policy_versions.load(work, version_id))
    assert found is not None
    return found


async def moved(desk: Desk, of: Replay) -> list[tuple[int, str, int, datetime | None, datetime | None]]:
    """Every due time that would move, page by page."""
    found, after = [], ""
    while True:
        async with desk.look(MARA) as work:
            page = await replay.moves(work, of, after)
        found += [(one.case_id, one.kind.value, one.level, one.before, one.after) for one in page.rows]
        if not (after := page.older):
            return found


async def due_times(desk: Desk) -> Due:
    """Every clock that runs or stands still."""
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(select(Deadline).where(Deadline.status.in_(deadlines.UNFINISHED)))
        return {(one.case_id, one.kind.value, one.level, one.cycle): one.due_at for one in rows}


@pytest.mark.parametrize("change", [shorter, longer, *map(by_chance, range(4))], ids=lambda one: one.__name__)
async def test_due_times_move_as_foretold(desk: Desk, clock: Clock, change: Change) -> None:
    await lively(desk, clock)
    version_id = await drafted(desk, change)
    before = await due_times(desk)
    foretold = await moved(desk, await replayed(desk, version_id))
    async with desk.work(MARA) as work:
        await rulebook.publish(work, await policy_versions.load(work, version_id), "As replayed.")
    await recompute_clocks(desk)
    after = await due_times(desk)
    gone = [(*key[:3], before[key], None) for key in before.keys() - after.keys()]
    new = [(*key[:3], None, after[key]) for key in after.keys() - before.keys()]
    other = [
        (*key[:3], before[key], after[key])
        for key in before.keys() & after.keys()
        if before[key] != after[key]
    ]
    happened = sorted([*gone, *new, *other], key=str)
    assert sorted(foretold, key=str) == happened
    assert len(happened) > 5


async def policies(desk: Desk, version_id: int) -> tuple[matrix.Policy, matrix.Policy]:
    async with desk.look(SYSTEM) as work:
        version = await policy_versions.load(work, version_id)
        return await policy_versions.in_force(work), matrix.read(version.document)


def foretold_told(figures: Figures, when: str) -> dict[tuple[str, str], int]:
    names = [name.split("/") for name in figures.counts if name.startswith(f"told/{when}/")]
    return {(name[2], name[3]): figures.counts["/".join(name)] for name in names}


def foretold_hours(figures: Figures, when: str) -> dict[tuple[str, int], int]:
    roles = figures.roles()
    return {
        (role.value, hour): number
        for role in roles
        for hour, number in enumerate(figures.load(when, role))
        if number
    }


@pytest.mark.parametrize("change", [shorter, longer, *map(by_chance, range(4))], ids=lambda one: one.__name__)
async def test_the_counts_are_those_of_a_full_recompute(desk: Desk, clock: Clock, change: Change) -> None:
    await lively(desk, clock)
    version_id = await drafted(desk, change)
    of = await replayed(desk, version_id)
    figures = (await shown(desk, version_id)).figures
    before, after = [await recomputed(desk, policy, SINCE) for policy in await policies(desk, version_id)]
    async with desk.look(SYSTEM) as work:
        kinds = {case.id: (case.kind.value, case.team) for case in await work.session.scalars(select(Case))}
    assert of.cases == len(kinds) == sum(row.cases for row in figures.cells())
    was, now = ({one for one in each.missed if one[2] != "escalate"} for each in (before, after))
    cells: Counter[tuple[str, str, str]] = Counter()
    for how, clocks in (("both", was & now), ("newly", now - was), ("saved", was - now)):
        cells.update((*kinds[case], how) for case in {clock[0] for clock in clocks})
    missed = [figures.counts[f"missed/{when}"] for when in ("before", "after")]
    assert missed == [len({clock[0] for clock in clocks}) for clocks in (was, now)]
    assert {
        (row.name, row.team, how): number
        for row in figures.cells()
        for how, number in (("both", row.both), ("newly", row.newly), ("saved", row.saved))
        if number
    } == cells
    targets = Counter(
        (
            f"escalate {one[3]}" if one[2] == "escalate" else one[2],
            "both" if one in before.missed & after.missed else "newly" if one in after.missed else "saved",
        )
        for one in before.missed | after.missed
    )
    assert {
        (row.name, how): number
        for row in figures.targets()
        for how, number in (("both", row.both), ("newly", row.newly), ("saved", row.saved))
        if number
    } == targets
    assert foretold_told(figures, "before") == before.told
    assert foretold_told(figures, "after") == after.told
    assert foretold_hours(figures, "before") == before.hours
    assert foretold_hours(figures, "after") == after.hours
    assert len(targets) > 3


async def test_a_draft_without_a_change_changes_nothing(desk: Desk, clock: Clock) -> None:
    await lively(desk, clock)
    version_id = await drafted(desk, lambda _document: None)
    of = await replayed(desk, version_id)
    figures = (await shown(desk, version_id)).figures
    assert (figures.total("newly"), figures.total("saved"), await moved(desk, of)) == (0, 0, [])
    assert figures.total("both") > 3
    assert foretold_told(figures, "before") == foretold_told(figures, "after")
    assert foretold_hours(figures, "before") == foretold_hours(figures, "after")
    assert not [name for name in figures.counts if name.startswith("moved/") and figures.counts[name]]


async def test_a_replay_that_is_broken_off_goes_on_and_comes_to_the_same(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lively(desk, clock)
    version_id = await drafted(desk, shorter)
    whole = await replayed(desk, version_id)
    listed = await moved(desk, whole)
    monkeypatch.setattr(running, "AT_ONCE", 2)
    monkeypatch.setattr(running, "STRETCH", 2)
    async with desk.work(MARA) as work:
        await replay.ask(work, await policy_versions.load(work, version_id), SINCE, UNTIL)
    begun = (await shown(desk, version_id)).replay
    assert (begun.status, begun.cases, begun.expected) == (ReplayStatus.RUNNING, 2, whole.cases)
    clock.forward(minutes=40)
    with pytest.raises(RuntimeError):  # a process that dies in the middle has counted nothing
        await _a_step_that_dies(desk)
    again = []
    for _ in range(3):  # of several replicas, at different times
        async with desk.work(SYSTEM) as work:
            await replay.step(work, 1)
        again.append((await shown(desk, version_id)).replay.cases)
    assert again == [3, 4, 5]
    await replay_policies(desk)
    ended = (await shown(desk, version_id)).replay
    assert (ended.status, ended.cases, ended.figures) == (ReplayStatus.FINISHED, whole.cases, whole.figures)
    assert await moved(desk, ended) == listed
    assert await replay_policies(desk) == 0


async def _a_step_that_dies(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        await replay.step(work, 3)
        raise RuntimeError


async def test_several_replicas_count_every_case_once(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lively(desk, clock)
    version_id = await drafted(desk, shorter)
    whole = await replayed(desk, version_id)
    monkeypatch.setattr(running, "AT_ONCE", 1)
    monkeypatch.setattr(running, "STRETCH", 1)
    monkeypatch.setattr(replay_policies_module, "BATCH", 1)
    monkeypatch.setattr(replay_policies_module, "BATCH_ON_SQLITE", 1)
    async with desk.work(MARA) as work:
        await replay.ask(work, await policy_versions.load(work, version_id), SINCE, UNTIL)
    await asyncio.gather(*(replay_policies(desk) for _ in range(3)))
    ended = (await shown(desk, version_id)).replay
    assert (ended.status, ended.cases, ended.figures) == (ReplayStatus.FINISHED, whole.cases, whole.figures)


@pytest.mark.parametrize(
    ("answered", "looked_at", "missed"),
    [
        ("10:30", "12:00", 0),  # at its very due moment it is in time
        ("10:31", "12:00", 1),
        ("", "10:29", 0),
        ("", "10:30", 1),  # nobody has answered, and now it is due
    ],
)
async def test_a_clock_is_missed_from_its_due_moment_on(
    desk: Desk, clock: Clock, answered: str, looked_at: str, missed: int
) -> None:
    """The draft gives half an hour, what is in force an hour."""
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    if answered:
        clock.at(f"2026-03-02 {answered}")
        async with desk.work(CORA) as work:
            await cases.answer(work, await stories.the_case(work, case_id), "At nine.")
    clock.at(f"2026-03-02 {looked_at}")
    version_id = await drafted(desk, shorter)
    await replayed(desk, version_id)
    assert (await shown(desk, version_id)).figures.counts["target/newly/answer"] == missed


async def test_only_the_cases_of_the_period_count_and_every_open_one(desk: Desk, clock: Clock) -> None:
    await lively(desk, clock)
    version_id = await drafted(desk, longer)
    await replayed(desk, version_id, berlin("2026-01-01 00:00"), berlin("2026-02-01 00:00"))
    counts = (await shown(desk, version_id)).figures.counts
    async with desk.look(SYSTEM) as work:
        rows = (await work.session.scalars(select(Case.status))).all()
    still = sum(status in deadlines.OPEN_CASES for status in rows)
    assert (counts["cases/past"], counts["cases/open"], counts["cases/untold"]) == (0, still, 0)
    assert 0 < still < len(rows)


async def test_a_draft_or_a_policy_that_changes_makes_a_replay_outdated(desk: Desk, clock: Clock) -> None:
    await lively(desk, clock)
    version_id = await drafted(desk, shorter)
    await replayed(desk, version_id)
    assert (await shown(desk, version_id)).outdated == ""
    async with desk.work(ADA) as work:
        version = await policy_versions.load(work, version_id)
        await rulebook.save(work, version, version.version, {**version.document, "assignments": None})
    assert (await shown(desk, version_id)).outdated == "The draft was changed since."
    await replayed(desk, version_id)
    assert (await shown(desk, version_id)).outdated == ""
    await stories.policy_changed(desk, shorter)
    assert (await shown(desk, version_id)).outdated == "Another version came into force since."


async def test_a_replay_under_way_is_given_up_when_its_draft_changes(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lively(desk, clock)
    version_id = await drafted(desk, shorter)
    monkeypatch.setattr(running, "AT_ONCE", 2)
    monkeypatch.setattr(running, "STRETCH", 1)
    async with desk.work(MARA) as work:
        await replay.ask(work, await policy_versions.load(work, version_id), SINCE, UNTIL)
    async with desk.work(ADA) as work:
        version = await policy_versions.load(work, version_id)
        await rulebook.save(work, version, version.version, {**version.document, "assignments": None})
    await replay_policies(desk)
    given_up = (await shown(desk, version_id)).replay
    assert (given_up.status, given_up.words) == (ReplayStatus.GIVEN_UP, "The draft was changed since.")
    assert given_up.cases == 2


async def test_who_may_not_see_a_case_is_shown_neither_its_number_nor_that_it_counted(
    desk: Desk, clock: Clock
) -> None:
    """S3-5.1.2: managers see legal cases; an administrator writes the policy and sees no cases at all."""
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    secret = await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL, legal=True)
    plain = await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL)
    clock.forward(minutes=31)
    version_id = await drafted(desk, shorter)
    of = await replayed(desk, version_id)
    managers, admins = await shown(desk, version_id), await shown(desk, version_id, ADA)
    assert (managers.figures.total("newly"), admins.figures.total("newly")) == (2, 1)
    assert (managers.figures.counts["moved/cases"], admins.figures.counts["moved/cases"]) == (2, 1)
    assert (set(managers.numbers), set(admins.numbers)) == ({secret, plain}, set())
    assert {case for case, *_ in await moved(desk, of)} == {secret, plain}
    async with desk.look(ADA) as work:
        assert (await replay.moves(work, of)).rows == []


async def test_the_figures_are_no_longer_for_more_cases(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sizes in letters, after 12 cases and after 120 alike; and of the moved ones only so many are kept."""
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    monkeypatch.setattr(running, "MOST_KEPT", 10)
    names, version_id = [], 0
    for many in (12, 108):
        for _ in range(many):
            await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL)
        clock.forward(minutes=1)
        version_id = await drafted(desk, shorter)
        of = await replayed(desk, version_id)
        names.append((sorted(of.figures["cases"]["counts"]), len(await moved(desk, of))))
    assert names[0] == names[1]
    assert names[1][1] == 10
    counts = (await shown(desk, version_id)).figures.counts
    assert (counts["moved/cases"], counts["moved/kept"]) == (120, 10)


async def test_no_more_teams_are_told_apart_than_a_page_holds() -> None:
    figures = Figures()
    for number in range(500):
        case = Classified(f"Team {number}", number)
        figures.note(Past(case, (), (), ()), ([], []), ZoneInfo("UTC"), is_open=False)
    assert (len(figures.cells()), sum(row.cases for row in figures.cells())) == (61, 500)
    assert len(Figures.read(figures.stored()).cells()) == 61


async def test_what_cannot_be_replayed_is_refused_in_words(desk: Desk) -> None:
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    version_id = await drafted(desk, shorter)
    async with desk.work(MARA) as work:
        version = await policy_versions.load(work, version_id)
        with pytest.raises(NotAccepted, match="The last day is before"):
            await replay.ask(work, version, UNTIL, SINCE)
    async with desk.work(SAM) as work:
        version = await policy_versions.load(work, version_id)
        with pytest.raises(NotAllowed):
            await replay.ask(work, version, SINCE, UNTIL)
    async with desk.work(MARA) as work:
        await rulebook.publish(work, await policy_versions.load(work, version_id), "Now.")
    async with desk.work(MARA) as work:
        version = await policy_versions.load(work, version_id)
        with pytest.raises(WrongMoment, match="published already"):
            await replay.ask(work, version, SINCE, UNTIL)
