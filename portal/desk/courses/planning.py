"""Which role takes which course, and reminding those who have to, once. S2-7.3, S3-18.1.1a"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from models import Article, Course, CoursePlan, CourseReminder, CourseTry, Person
from models.words import Role
from portal.desk import audit, bulk, changes, notices
from portal.desk.courses.questions import course_of
from portal.desk.courses.standing import (
    AHEAD,
    EVERY,
    has_passed,
    is_asked,
    is_taken_by_person,
    last_pass,
    since,
    standing,
)
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.library.readers import LONGEST_TIME, READERS
from portal.desk.library.reading import newest_of
from portal.desk.notices import Notice
from portal.desk.permissions import May
from portal.desk.saving import hold, hold_version
from portal.desk.work import Work

BATCH = 200


async def plans_of(work: Work, course: Course | None) -> Sequence[CoursePlan]:
    """Which roles take a course, in the order in which that was said."""
    work.require(May.EDIT_LIBRARY)
    if course is None:
        return []
    wanted = select(CoursePlan).where(CoursePlan.course_id == course.id).order_by(CoursePlan.id)
    return (await work.session.scalars(wanted)).all()


async def plan(work: Work, article: Article, role: str, within_days: int, every_months: int) -> CoursePlan:
    """Let a role take the course of an article, or say anew within which time and how often. S2-7.3

    Raises NotAccepted per field: no course yet, a role that cannot open the library, no time, an unknown rhythm.
    """
    work.require(May.EDIT_LIBRARY)
    refused = {}
    course = await course_of(work, article.id)
    if course is None:
        refused["role"] = "Write a question first: there is nothing to take yet."
    elif role not in {one.value for one in READERS}:
        refused["role"] = "Choose among those who can open the library."
    if not 1 <= within_days <= LONGEST_TIME:
        refused["within_days"] = f"Between 1 and {LONGEST_TIME} days."
    if every_months not in EVERY:
        refused["every_months"] = "Choose how often."
    if refused or course is None:
        raise NotAccepted.of(refused)
    await hold(work, course)  # two who plan the same role at once do so in turn
    known = await work.session.scalar(
        select(CoursePlan).where(CoursePlan.course_id == course.id, CoursePlan.role == Role(role))
    )
    planned = known or CoursePlan(course_id=course.id, role=Role(role), created_at=work.now)
    planned.within_days, planned.every_months = within_days, every_months
    work.session.add(planned)
    await audit.record(work, "plan course", planned)
    return planned


async def unplan(work: Work, article: Article, plan_id: int, expected_version: int) -> None:
    """Ask a role no longer to take a course; what was passed stays. Raises NotFound, Conflict."""
    work.require(May.EDIT_LIBRARY)
    found = await work.session.scalar(
        select(CoursePlan)
        .join(Course, Course.id == CoursePlan.course_id)
        .where(CoursePlan.id == plan_id, Course.article_id == article.id)
    )
    if found is None:
        raise NotFound("There is no such plan.")
    await hold_version(work, found, expected_version, {})
    await work.session.delete(found)
    await audit.record(work, "end plan of course", found)


async def remind(work: Work) -> int:
    """Tell those who have to take a course, once for each time it falls due, in one notice each; return how many people.

    Due is what was never passed, what says something new, and what runs out within two weeks. S2-7.3, S3-18.1.1a
    """
    work.require(May.EDIT_LIBRARY)
    rows = await _due(work)
    fresh = await _noted(work, rows)
    told: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in rows:
        if (row.Course.id, row.Person.id) in fresh:
            told[row.Person.id].setdefault(row.Course.id, row)
    leaves = await newest_of(work, {row.Article.id for row in rows})
    await notices.write_all(
        work,
        [
            Notice(
                "courses-due",
                next(iter(courses.values())).Person,
                f"courses-due/{person_id}/{work.now.isoformat()}",
                facts={
                    "courses": [
                        (
                            leaves[row.Article.id].title,
                            standing(
                                row.CoursePlan,
                                row.Article,
                                row.Person.created_at,
                                row.passed_at,
                                work.now,
                            ).due_at,
                        )
                        for row in courses.values()
                    ],
                    "training_link": f"{work.terms.address}/training",
                },
            )
            for person_id, courses in told.items()
        ],
    )
    if rows:
        await audit.record(work, "remind of courses")
    return len(told)


async def _due(work: Work) -> Sequence[Any]:
    """Who has to take what and was not reminded of it, the people in their order."""
    before = func.coalesce(last_pass(Person.id), 0)
    reminded = (
        select(CourseReminder.id)
        .where(
            CourseReminder.course_id == Course.id,
            CourseReminder.person_id == Person.id,
            CourseReminder.asking == Article.asking,
            CourseReminder.after_id == before,
        )
        .correlate(Course, Article, Person)
        .exists()
    )
    passed_at = (
        select(CourseTry.finished_at)
        .where(CourseTry.id == last_pass(Person.id))
        .correlate(Course, Article, Person)
        .scalar_subquery()
    )
    found = await work.session.execute(
        select(
            Course,
            CoursePlan,
            Article,
            Person,
            before.label("before"),
            passed_at.label("passed_at"),
        )
        .select_from(CoursePlan)
        .join(Course, Course.id == CoursePlan.course_id)
        .join(Article, Article.id == Course.article_id)
        .join(Person, is_taken_by_person())
        .where(is_asked(work), ~has_passed(Person.id, since(work.now + AHEAD)), ~reminded)
        .order_by(Person.id, CoursePlan.id)
        .limit(BATCH)
    )
    return found.all()


async def _noted(work: Work, rows: Sequence[Any]) -> set[tuple[int, int]]:
    """Note that these are reminded: (course, person) of those of whom it was not noted already."""
    if not rows:
        return set()
    keys = {(row.Course.id, row.Person.id, row.Article.asking, row.before) for row in rows}
    make = bulk.insert_of(work.session)
    noted = await work.session.execute(
        make(CourseReminder)
        .values(
            [
                {
                    "course_id": course,
                    "person_id": person,
                    "asking": asking,
                    "after_id": before,
                    "at": work.now,
                }
                for course, person, asking, before in sorted(keys)
            ]
        )
        .on_conflict_do_nothing(index_elements=["course_id", "person_id", "asking", "after_id"])
        .returning(CourseReminder.course_id, CourseReminder.person_id)
        .execution_options(audited=True)
    )
    found = {(course, person) for course, person in noted}
    if not found:
        changes.accounted(work.session)  # another replica told them
    return found
