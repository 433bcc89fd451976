"""A contact keeps the versions it began with, whatever is published meanwhile, until somebody moves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from models import Contact, Intake
from models.words import Channel
from portal.database import Database
from portal.desk import audit, intake, moving, runs
from portal.desk.errors import Conflict, NotFound, WrongMoment
from portal.desk.kinds import Run
from portal.desk.kinds.base import words_of
from portal.desk.scripts import versions
from portal.desk.work import SYSTEM, Desk
from tests.cast import CEM, CORA, Clock
from tests.desk.scripts.making import Told, answers_to, asks, documents, in_force, question, script, step


async def begun(desk: Desk, situation: str = "inquiry") -> int:
    """A contact at the first step of its situation."""
    async with desk.work(CORA) as work:
        intake_id = await intake.begin(work, Channel.PHONE)
    await sent(desk, intake_id, "greet", greeted="yes")
    async with desk.work(CORA) as work:
        run = await runs.find(work, intake_id)
        await intake.skip(work, intake_id, "who", run.revision, "Wants to stay unnamed.")
    await sent(desk, intake_id, "about", situation=situation)
    return intake_id


async def found(desk: Desk, intake_id: int) -> Run:
    async with desk.look(CORA) as work:
        return await runs.find(work, intake_id)


async def sent(desk: Desk, intake_id: int, key: str, **typed: str) -> Run:
    async with desk.work(CORA) as work:
        run = await runs.find(work, intake_id)
        return await intake.finish_step(work, intake_id, key, run.revision, typed)


async def versions_of(desk: Desk, intake_id: int) -> str:
    async with desk.look(SYSTEM) as work:
        return str(await work.session.scalar(select(Intake.script_version).where(Intake.id == intake_id)))


@asynccontextmanager
async def counted(desk: Desk) -> AsyncIterator[list[str]]:
    """The first word of every statement sent meanwhile."""
    database = desk.database
    assert isinstance(database, Database)
    engines = {engine.sync_engine for engine in (database.reader, database.writer)}
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement.split(maxsplit=1)[0])

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_contact_keeps_its_version_and_a_new_one_follows_the_new_one(
    desk: Desk, clock: Clock
) -> None:
    """S1-6.2, S4-1.3, S2-0.1"""
    first = await begun(desk)
    clock.forward(minutes=1)
    newer = await in_force(desk, script(step("fresh", question("x"))))
    second = await begun(desk)
    walks = []
    for intake_id in (first, second):
        run = await found(desk, intake_id)
        walks.append([one.key for one in run.script.steps if one.script == "inquiry"])
    assert walks == [["need", "answer"], ["fresh"]]
    assert str(newer) in (await versions_of(desk, second)).split("-")
    assert str(newer) not in (await versions_of(desk, first)).split("-")


async def test_the_situation_is_frozen_when_it_is_chosen(desk: Desk, clock: Clock) -> None:
    async with desk.work(CORA) as work:
        intake_id = await intake.begin(work, Channel.PHONE)
    clock.forward(minutes=1)
    newer = await in_force(desk, script(step("fresh", question("x"))))
    opening = await in_force(desk, script(step("other"), key="opening"))
    await sent(desk, intake_id, "greet", greeted="yes")
    async with desk.work(CORA) as work:
        run = await runs.find(work, intake_id)
        await intake.skip(work, intake_id, "who", run.revision, "Wants to stay unnamed.")
    await sent(desk, intake_id, "about", situation="inquiry")
    frozen = (await versions_of(desk, intake_id)).split("-")
    assert (str(newer) in frozen, str(opening) in frozen) == (True, False)


async def test_another_process_reads_the_versions_once(desk: Desk) -> None:
    """And no step asks for them again. What is typed is saved by the same statements as ever."""
    intake_id = await begun(desk)
    desk.kept.clear()
    counts = []
    for _ in range(2):
        async with counted(desk) as seen:
            await found(desk, intake_id)
        counts.append(seen)
    assert counts == [["SELECT", "SELECT"], ["SELECT"]]


async def test_what_is_rolled_back_is_not_kept(desk: Desk) -> None:
    async def break_off() -> None:
        async with desk.work(SYSTEM) as work:
            await versions.install(work)
            await versions.in_force(work)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await break_off()
    assert desk.kept["scripts"].documents == {}
    assert (await found(desk, await begun(desk))).script.key == "inquiry"


async def test_a_contact_of_an_older_release_walks_what_is_in_force(desk: Desk) -> None:
    intake_id = await begun(desk)
    async with desk.work(SYSTEM) as work:
        row = await work.session.get_one(Intake, intake_id)
        row.script_version = "2026.11+0a1b2c3d"
        await audit.record(work, "come from an older release", row)
    run = await found(desk, intake_id)
    assert (run.script.key, run.step) == ("inquiry", "need")


async def test_what_is_said_is_in_the_customers_language_and_the_rest_in_the_desks(
    desk: Desk, clock: Clock
) -> None:
    """S2-1.3, S2-1.6"""
    both = {"en": "English", "de": "Deutsch"}
    said = {"en": "Good {daytime} {nobody}", "de": {"any": "Guten {daytime}", "evening": "Schönen {daytime}"}}
    await in_force(desk, script({**step("one", kind="say"), "title": both, "say": said}, key="opening"))
    words = []
    async with desk.work(CORA) as work:
        intake_id = await intake.begin(work, Channel.PHONE)
    for language, wall in (
        ("en", "2026-03-02 09:00"),
        ("de", "2026-03-02 09:00"),
        ("de", "2026-03-02 19:00"),
    ):
        clock.at(wall)
        async with desk.work(SYSTEM) as work:
            row = await work.session.get_one(Contact, 1)
            row.language = language
            await audit.record(work, "speak", row)
        async with desk.look(CORA) as work:
            run = await runs.find(work, intake_id)
            words.append((run.script.steps[0].title, words_of(run, run.script.steps[0], work)))
    assert words == [
        ("English", "Good morning {nobody}"),
        ("English", "Guten Morgen"),
        ("English", "Schönen Abend"),
    ]


BEFORE = script(step("one", question("kept"), question("gone")), step("two", question("later")))
AFTER = script(
    step("one", question("kept"), question("new", required="Ask it.")),
    step("three", question("y"), when=[asks("one", "new", "yes")]),
)


async def moved(desk: Desk, clock: Clock) -> tuple[int, list[str]]:
    await in_force(desk, BEFORE)
    intake_id = await begun(desk)
    await sent(desk, intake_id, "one", kept="K", gone="G")
    await sent(desk, intake_id, "two", later="L")
    clock.forward(minutes=1)
    await in_force(desk, AFTER)
    async with desk.work(CORA) as work:
        planned = await moving.plan(work, intake_id)
        told = await moving.would_change(work, intake_id)
        await moving.move(work, intake_id, planned.run.revision, planned.version)
    return intake_id, told


async def test_moving_says_what_changes_and_loses_nothing(desk: Desk, clock: Clock) -> None:
    intake_id, told = await moved(desk, clock)
    assert told == [
        "New step: “Three”.",
        "No longer a step: “Two”. What was entered there is kept.",
        "New question at “One”: New",
        "No longer asked at “One”: Gone The answer is kept.",
        "“One” is due again.",
    ]
    run = await found(desk, intake_id)
    assert (run.answers["one"], run.answers["two"]) == ({"kept": "K", "gone": "G"}, {"later": "L"})
    assert ("one" in run.done, "two" in run.done) == (False, True)
    await sent(desk, intake_id, "one", kept="K", new="yes")
    clock.forward(minutes=1)
    await in_force(desk, {**BEFORE, "version": "again"})
    async with desk.work(CORA) as work:
        planned = await moving.plan(work, intake_id)
        await moving.move(work, intake_id, planned.run.revision, planned.version)
    run = await found(desk, intake_id)
    assert (run.answers["one"]["gone"], run.answers["two"]) == ("G", {"later": "L"})
    async with desk.look(CORA) as work:
        assert await moving.would_change(work, intake_id) == []


async def test_only_who_holds_the_contact_moves_it_and_only_to_what_was_shown(
    desk: Desk, clock: Clock
) -> None:
    intake_id = await begun(desk)
    clock.forward(minutes=1)
    await in_force(desk, AFTER)
    run = await found(desk, intake_id)
    assert run.newer is False  # nobody has looked since: a step asks for nothing of its own
    async with desk.look(CORA) as work:
        planned = await moving.plan(work, intake_id)
    assert (await found(desk, intake_id)).newer
    for version, revision, refusal in (
        ("1-2-3", run.revision, WrongMoment),
        (planned.version, run.revision - 1, Conflict),
    ):
        with pytest.raises(refusal):
            async with desk.work(CORA) as work:
                await moving.move(work, intake_id, revision, version)
    async with desk.work(CEM) as work:
        await intake.take_over(work, intake_id)
    with pytest.raises(Conflict):
        async with desk.work(CEM) as work:
            await moving.move(work, intake_id, run.revision, planned.version)
    assert await versions_of(desk, intake_id) == run.script.version


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_back_and_forth_loses_nothing_and_two_never_overwrite_each_other(
    desk: Desk, clock: Clock, data: st.DataObject
) -> None:
    """Cora walks a script of chance, goes back as she likes, and Cem tries to save what he saw before."""
    told: Told = data.draw(documents(most=5))
    clock.forward(minutes=1)
    await in_force(desk, told)
    intake_id = await begun(desk)
    typed: dict[str, dict[str, str]] = {}
    for one in data.draw(st.permutations(told["steps"])):
        answers = data.draw(answers_to(script(one))).get(one["key"], {})
        seen = await found(desk, intake_id)
        try:
            await sent(desk, intake_id, one["key"], **answers)
        except NotFound:
            continue  # these answers do not lead there
        typed[one["key"]] = answers
        with pytest.raises(Conflict):
            async with desk.work(CEM) as work:
                await intake.save_draft(work, intake_id, one["key"], seen.revision, {"q0": "mine"})
    now = await found(desk, intake_id)
    assert {key: now.typed(key) for key in typed} == typed
    async with desk.work(CEM) as work:
        await intake.take_over(work, intake_id)
    with pytest.raises(Conflict):
        await sent(desk, intake_id, told["steps"][0]["key"], q0="cora after all")
    assert (await found(desk, intake_id)).answers == now.answers
