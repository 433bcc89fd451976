"""Courses: what is asked, how it is scored, who has to take what by when, who is reminded, who is current. S2-7"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from jobs.remind_courses import remind_courses
from models import AuditEntry, CourseQuestion, CourseReminder, CourseTry, Message
from models.words import Role
from portal.desk import courses, library
from portal.desk.courses import Asked, Choice, Terms
from portal.desk.courses.recurring import holding_since, runs_out
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.library import Card, Text
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CEM, CORA, FIN, MARA, SAM, START, Clock
from tests.desk.courses import BANK, gifts, planned, took


async def due(desk: Desk, *people: Actor) -> dict[str, list[tuple[bool, datetime | None]]]:
    """What each has on the list: whether a pass holds, and by when something has to be done."""
    found = {}
    for who in people:
        async with desk.look(who) as work:
            mine = await courses.mine(work)
            found[who.name] = [(one.standing.current, one.standing.due_at) for one in mine]
            waiting = (await work.session.scalars(courses.waiting(work))).all()
            assert len(waiting) == sum(one.standing.due_at is not None for one in mine)
    return found


async def test_the_score_is_computed_as_the_pass_mark_says_and_kept_with_the_version(desk: Desk) -> None:
    """S2-7.2, S2-7.6"""
    await gifts(desk, Terms(pass_mark=80, tries_a_day=3))
    async with desk.work(CORA) as work:
        begun = await courses.begin(work, "gifts")
        assert (await courses.begin(work, "gifts")).id == begun.id  # a second click goes on with it
    async with desk.look(CORA) as work:
        sheet = await courses.sheet(work, begun.id)
    assert [(one.words, one.several) for one in sheet.put] == [
        *((f"Question {number}?", False) for number in range(1, 5)), ("Which two?", True),
    ]  # fmt: skip
    assert (sheet.marked, sheet.put[0].choices) == ((), ("No", "Yes", "Perhaps"))
    with pytest.raises(NotAccepted) as refused:
        async with desk.work(CORA) as work:
            await courses.finish(work, begun.id, {1: [1], 2: [7], 3: [], 4: [0, -1]})
    assert refused.value.fields == {f"q{one}": f"Answer question {one}." for one in (2, 3, 5)}
    async with desk.work(CORA) as work:  # 3 of 5: the two that are one answer short or one too many are wrong
        failed = await courses.finish(work, begun.id, {1: [1], 2: [1], 3: [1], 4: [0, 1], 5: [0]})
        assert (failed.right_answers, failed.passed) == (3, False)
    passed = await took(desk, CORA, wrong=1)
    assert (passed.right_answers, passed.passed, passed.version_id, passed.asking) == (4, True, 1, 1)
    async with desk.look(CORA) as work:
        page = await courses.history(work)
        marked = (await courses.sheet(work, begun.id)).marked
        assert [(one.passed, one.score, one.number) for one in page.rows] == [(True, 80, 1), (False, 60, 1)]
        assert marked[4].choices == (("This", True, True), ("Not this", False, False), ("That", False, True))
        assert (marked[0].explanation, marked[0].right, marked[4].right) == ("So it is.", True, False)
    async with desk.look(SYSTEM) as work:
        deeds = await work.session.scalars(
            select(AuditEntry.deed).where(AuditEntry.who == "Cora").order_by(AuditEntry.id)
        )
        assert deeds.all() == ["begin course", "finish course"] * 2


async def test_tries_are_counted_by_the_day_and_questions_are_drawn(desk: Desk, clock: Clock) -> None:
    """S2-7.6"""
    await gifts(desk, Terms(pass_mark=100, tries_a_day=2, asks=3))
    asked = [(await took(desk, CORA, wrong=1)).questions for _ in range(2)]
    with pytest.raises(WrongMoment, match="2 tries today"):
        await took(desk, CORA)
    async with desk.look(CORA) as work:
        offered = await courses.offered(work, await library.load(work, "gifts"))
    assert offered is not None
    assert (offered.questions, offered.left, offered.under_way, offered.passed_at) == (3, 0, None, None)
    clock.at("2026-03-03 00:00")
    asked += [(await took(desk, CORA)).questions, (await took(desk, CEM)).questions]
    assert all(len(one) == 3 and set(one) <= {1, 2, 3, 4, 5} for one in asked)
    assert len({tuple(one) for one in asked}) > 1


async def test_a_try_is_nobody_elses_and_is_handed_in_once(desk: Desk) -> None:
    await gifts(desk)
    done = await took(desk, CORA)
    async with desk.work(CEM) as work:
        begun = await courses.begin(work, "gifts")
    for who, tried, error in (
        (CORA, begun.id, NotFound), (CEM, done.id, NotFound), (SAM, begun.id, NotFound), (CORA, done.id, WrongMoment),
    ):  # fmt: skip
        with pytest.raises(error):
            async with desk.work(who) as work:
                await courses.finish(work, tried, {one: [1] for one in range(1, 6)})
    async with desk.look(SAM) as work:
        assert (await courses.sheet(work, done.id)).who == "Cora"
        with pytest.raises(NotFound):  # what somebody is at is nobody's to look at
            await courses.sheet(work, begun.id)
    async with desk.look(CEM) as work:
        with pytest.raises(NotFound):
            await courses.sheet(work, done.id)
        with pytest.raises(NotFound):
            await courses.sheet(work, 99)


async def test_a_question_is_never_changed_and_who_has_it_keeps_it(desk: Desk) -> None:
    """S2-7.6"""
    await gifts(desk)
    async with desk.work(CORA) as work:
        begun = await courses.begin(work, "gifts")
    async with desk.work(SAM) as work:
        article = await library.load(work, "gifts")
        await courses.ask(work, article, BANK[0], instead_of=1)
        await courses.take_out(work, article, 5)
    async with desk.look(SAM) as work:
        article = await library.load(work, "gifts")
        bank = await courses.bank(work, await courses.course_of(work, article.id))
        assert [one.id for one in bank] == [2, 3, 4, 6]
    done = await took(desk, CORA)
    assert (done.id, done.questions, done.passed) == (begun.id, [1, 2, 3, 4, 5], True)
    assert (await took(desk, CORA)).questions == [2, 3, 4, 6]
    for question, error in ((1, WrongMoment), (5, WrongMoment), (99, NotFound)):
        with pytest.raises(error):
            async with desk.work(SAM) as work:
                await courses.take_out(work, await library.load(work, "gifts"), question)


async def test_what_cannot_be_asked_is_refused_at_its_field(desk: Desk) -> None:
    await gifts(desk)
    yes, no = Choice("Yes", right=True), Choice("No")
    wrong = {
        "language": Asked("fr", "Why?", (yes, no)),
        "words": Asked("en", " ", (yes, no)),
        "explanation": Asked("en", "Why?", (yes, no), "x" * 1001),
    }
    for field, asked in wrong.items():
        with pytest.raises(NotAccepted) as refused:
            async with desk.work(SAM) as work:
                await courses.ask(work, await library.load(work, "gifts"), asked)
        assert set(refused.value.fields) == {field}
    for choices in (
        (yes,), (yes, Choice("yes ")), (no, Choice("Perhaps")), (yes, Choice("Too", right=True)), (yes, no, Choice("")),
        (yes, *(Choice(str(one)) for one in range(6))), (yes, Choice("x" * 301)),
    ):  # fmt: skip
        with pytest.raises(NotAccepted) as refused:
            async with desk.work(SAM) as work:
                await courses.ask(work, await library.load(work, "gifts"), Asked("en", "Why?", choices))
        assert set(refused.value.fields) == {"choice_1"}, choices
    for terms in (
        Terms(pass_mark=0),
        Terms(pass_mark=101),
        Terms(tries_a_day=0),
        Terms(asks=-1),
        Terms(asks=101),
    ):
        with pytest.raises(NotAccepted):
            async with desk.work(SAM) as work:
                await courses.put(work, await library.load(work, "gifts"), 1, terms)
    async with desk.work(SAM) as work:
        await courses.put(work, await library.load(work, "gifts"), 1, Terms(pass_mark=70))
    with pytest.raises(Conflict):
        async with desk.work(MARA) as work:
            await courses.put(work, await library.load(work, "gifts"), 1, Terms(pass_mark=60))
    for who in (CORA, FIN):
        with pytest.raises(NotAllowed):
            async with desk.work(who) as work:
                await courses.ask(work, await library.load(work, "gifts"), BANK[0])
    async with desk.look(SYSTEM) as work:
        assert len((await work.session.scalars(select(CourseQuestion.id))).all()) == len(BANK)


def test_a_pass_runs_out_when_those_who_count_say_so() -> None:
    """S2-7.3: forward and back agree to the microsecond, at the ends of months too."""
    tick = timedelta(microseconds=1)
    for day in range(370):
        passed = START.replace(month=1, day=1) + timedelta(days=day, hours=day % 24)
        for months in (1, 3, 6, 12):
            until = runs_out(passed, months)
            assert passed > holding_since(until - tick, months), (passed, months)
            assert passed <= holding_since(until, months), (passed, months)


async def test_who_has_to_take_it_until_when_and_again(desk: Desk, clock: Clock) -> None:
    """S2-7.3, S3-18.1.1a"""
    await gifts(desk)
    await planned(desk, "representative", days=10, months=6)
    first = START + timedelta(days=10)
    assert await due(desk, CORA, CEM, SAM) == {"Cora": [(False, first)], "Cem": [(False, first)], "Sam": []}
    await took(desk, CORA)
    await took(desk, CEM, wrong=2)
    assert await due(desk, CORA, CEM) == {"Cora": [(True, None)], "Cem": [(False, first)]}
    until = runs_out(START, 6)
    clock.now = until - timedelta(days=14)
    assert await due(desk, CORA) == {"Cora": [(True, until)]}
    clock.now = until
    assert await due(desk, CORA) == {"Cora": [(False, until)]}
    await took(desk, CORA)
    assert await due(desk, CORA) == {"Cora": [(True, None)]}
    await planned(desk, "representative", days=5, months=0)  # the same plan, said anew
    async with desk.work(SAM) as work:
        article = await library.load(work, "gifts")
        await library.write_version(
            work, article, article.version, Text("en", "Gifts", "Small ones."), Card()
        )
    assert await due(desk, CORA) == {"Cora": [(False, until + timedelta(days=5))]}
    assert (await took(desk, CORA)).version_id == 2
    async with desk.work(SAM) as work:
        await courses.unplan(work, await library.load(work, "gifts"), 1, 2)
    assert await due(desk, CORA, CEM) == {"Cora": [], "Cem": []}


async def test_everybody_is_reminded_once_each_time_a_course_falls_due(desk: Desk, clock: Clock) -> None:
    """S2-7.3, S3-18.1.1a"""
    await gifts(desk)
    await gifts(desk, slug="presents")
    for slug in ("gifts", "presents"):
        await planned(desk, "representative", months=1, slug=slug)
    await planned(desk, "supervisor", months=1)
    await took(desk, SAM)
    assert await remind_courses(desk) == 2
    clock.forward(days=20)
    assert await remind_courses(desk) == 1  # Sam's runs out within two weeks
    assert await remind_courses(desk) == 0
    await took(desk, CORA)
    clock.forward(days=20)
    assert await remind_courses(desk) == 1  # Cora's again; Cem was told of his, and is late
    async with desk.look(SYSTEM) as work:
        told = await work.session.execute(
            select(Message.to_name, Message.body_text)
            .where(Message.template == "courses-due")
            .order_by(Message.id)
        )
        lines = [(name, text.count("'Gifts'")) for name, text in told]
        kept = (await work.session.scalars(select(CourseReminder.after_id).order_by(CourseReminder.id))).all()
    assert lines == [("Cora", 2), ("Cem", 2), ("Sam", 1), ("Cora", 1)]
    assert kept == [0, 0, 0, 0, 1, 2]


async def test_the_matrix_counts_whom_it_lists(desk: Desk, clock: Clock) -> None:
    """S2-7.7"""
    await gifts(desk)
    await planned(desk, "representative", days=10, months=1)
    await planned(desk, "supervisor", days=30)
    done = await took(desk, CORA)
    for days, cells, behind in (
        (0, {Role.REPRESENTATIVE: (2, 1, 0), Role.SUPERVISOR: (1, 0, 0)}, [("Cem", False)]),
        (11, {Role.REPRESENTATIVE: (2, 1, 1), Role.SUPERVISOR: (1, 0, 0)}, [("Cem", True)]),
        (20, {Role.REPRESENTATIVE: (2, 0, 2), Role.SUPERVISOR: (1, 0, 1)}, [("Cem", True), ("Cora", True)]),
    ):
        clock.forward(days=days)
        async with desk.look(MARA) as work:
            [line] = (await courses.coverage(work)).rows
            plan = await courses.plan_of(work, line.cells[Role.REPRESENTATIVE].plan_id)
            late = await courses.takers_of(work, plan)
            assert {role: (one.people, one.current, one.late) for role, one in line.cells.items()} == cells
            assert [(one.name, one.standing.is_late(work.now)) for one in late.rows] == behind
            good = (await courses.takers_of(work, plan, current=True)).rows
            assert [(one.name, one.try_id, one.score, one.number) for one in good] == (
                [] if len(behind) == 2 else [("Cora", done.id, 100, 1)]
            )
    async with desk.work(SAM) as work:
        rows = await courses.exported(work, "For the audit.")
        assert [(title, role, one.name, one.standing.current) for title, role, one in rows] == [
            ("Gifts", Role.REPRESENTATIVE, "Cem", False), ("Gifts", Role.REPRESENTATIVE, "Cora", False),
            ("Gifts", Role.SUPERVISOR, "Sam", False),
        ]  # fmt: skip
    for who in (CORA, FIN):
        async with desk.look(who) as work:
            with pytest.raises(NotAllowed):
                await courses.coverage(work)


async def test_what_ships_are_three_courses_in_both_languages_that_representatives_take(desk: Desk) -> None:
    """S3-8.1.1a, S3-8.1.1b, S3-8.1.1c"""
    async with desk.work(SYSTEM) as work:
        assert (await courses.install(work), await courses.install(work)) == (3, 0)
    async with desk.look(CORA) as work:
        assert [one.leaf.slug for one in await courses.mine(work)] == [
            "empathy",
            "listening",
            "speaking-clearly",
        ]
    async with desk.look(SYSTEM) as work:
        asked = (await work.session.scalars(select(CourseQuestion))).all()
        many = {(one.course_id, one.language) for one in asked if one.explanation}
        assert (len(asked), len(many)) == (36, 6)
    for slug in ("empathy", "listening", "speaking-clearly"):
        assert (await took(desk, CORA, slug=slug)).passed is True
    async with desk.work(CORA) as work:
        german = await courses.begin(work, "listening", "de")
        sheet = await courses.sheet(work, german.id)
        assert (sheet.language, sheet.title, len(sheet.put)) == ("de", "Kurs: Zuhören", 6)
        assert (
            await work.session.scalar(select(CourseTry.id).where(CourseTry.finished_at.is_(None)))
            == german.id
        )
