"""Role by course: who is current, who is not, and who is late. S2-7.7"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, false, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased, joinedload

from models import Article, ArticleVersion, Course, CoursePlan, CourseTry, Person
from models.words import Role
from portal.desk import audit
from portal.desk.courses.standing import (
    Standing,
    has_passed,
    is_asked,
    is_taken_by_person,
    last_pass,
    since,
    standing,
)
from portal.desk.courses.trying import score
from portal.desk.errors import NotFound
from portal.desk.library.reading import Leaf, newest_of
from portal.desk.listing import LARGEST_ID, PAGE, Rows
from portal.desk.permissions import May
from portal.desk.work import Work

MOST_EXPORTED = 10_000
"""Rows of a file: a course and a person each."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How far a role is with a course."""

    plan_id: int
    people: int
    current: int
    late: int


@dataclass(frozen=True, slots=True)
class Line:
    """A course with every role that takes it."""

    course_id: int
    leaf: Leaf
    cells: dict[Role, Cell]


@dataclass(frozen=True, slots=True)
class Taker:
    """A colleague who takes a course."""

    person_id: int
    name: str
    team: str
    standing: Standing
    try_id: int | None
    """Of the pass that counts."""
    score: int
    number: int | None
    """Of the version that was passed, in its language."""
    language: str


async def coverage(work: Work, after: int = 0) -> Rows[Line]:
    """Every course that a role takes, with how many of each role are current and how many are late. S2-7.7"""
    work.require(May.SEE_TRAINING)
    planned = exists().where(CoursePlan.course_id == Course.id)
    courses = (
        await work.session.scalars(
            select(Course)
            .join(Article, Article.id == Course.article_id)
            .where(is_asked(work), planned, Course.id > after)
            .options(joinedload(Course.article))
            .order_by(Course.id)
            .limit(PAGE + 1)
        )
    ).all()
    shown = courses[:PAGE]
    plans = (
        await work.session.scalars(
            select(CoursePlan)
            .where(CoursePlan.course_id.in_([one.id for one in shown]))
            .order_by(CoursePlan.id)
        )
    ).all()
    articles = {one.id: one.article for one in shown}
    counts = await _counts(work, plans, articles)
    leaves = await newest_of(work, [one.article_id for one in shown])
    lines = [
        Line(
            one.id,
            leaves[one.article_id],
            {
                plan.role: Cell(plan.id, *counts.get(plan.id, (0, 0, 0)))
                for plan in plans
                if plan.course_id == one.id
            },
        )
        for one in shown
    ]
    return Rows(lines, str(shown[-1].id) if len(courses) > PAGE else "")


async def _counts(
    work: Work, plans: Sequence[CoursePlan], articles: dict[int, Article]
) -> dict[int, tuple[int, int, int]]:
    """Of each plan how many take it, how many of them are current, and how many late. One statement."""
    if not plans:
        return {}
    time_is_up: ColumnElement[bool] = or_(
        false(),
        *(
            and_(CoursePlan.id == plan.id, Person.created_at < work.now - timedelta(days=plan.within_days))
            for plan in plans
            if _asked_at(plan, articles[plan.course_id]) < work.now - timedelta(days=plan.within_days)
        ),
    )
    each = (
        select(
            CoursePlan.id.label("plan"),
            case((has_passed(Person.id, since(work.now)), 1), else_=0).label("current"),
            case((or_(has_passed(Person.id), time_is_up), 1), else_=0).label("overdue"),
        )
        .select_from(CoursePlan)
        .join(Course, Course.id == CoursePlan.course_id)
        .join(Article, Article.id == Course.article_id)
        .join(Person, is_taken_by_person())
        .where(CoursePlan.id.in_([one.id for one in plans]))
        .subquery()
    )
    rows = await work.session.execute(
        select(
            each.c.plan,
            func.count(),
            func.sum(each.c.current),
            func.sum((1 - each.c.current) * each.c.overdue),
        ).group_by(each.c.plan)
    )
    return {plan: (people, int(current), int(late)) for plan, people, current, late in rows}


def _asked_at(plan: CoursePlan, article: Article) -> datetime:
    return max(plan.created_at, article.asked_at or article.created_at)


async def plan_of(work: Work, plan_id: int) -> CoursePlan:
    """One plan with its course and article. Raises NotFound."""
    work.require(May.SEE_TRAINING)
    found = await work.session.get(
        CoursePlan, plan_id, options=[joinedload(CoursePlan.course).joinedload(Course.article)]
    )
    if found is None:
        raise NotFound("There is no such plan.")
    return found


async def leaf_of(work: Work, plan: CoursePlan) -> Leaf:
    """The article that a plan's course is about, as it is now."""
    work.require(May.SEE_TRAINING)
    return (await newest_of(work, [plan.course.article_id]))[plan.course.article_id]


async def takers_of(work: Work, plan: CoursePlan, *, current: bool = False, after: int = 0) -> Rows[Taker]:
    """Those of a role who are current with a course, or are not; by name, a page at a time. S2-7.7"""
    work.require(May.SEE_TRAINING)
    holds = has_passed(Person.id, since(work.now))
    found = await _takers(work, [plan.id], PAGE + 1, after, holds if current else ~holds)
    rows = [one for _, one in found[:PAGE]]
    return Rows(rows, str(rows[-1].person_id) if len(found) > PAGE else "")


async def exported(work: Work, reason: str) -> list[tuple[str, Role, Taker]]:
    """Everybody with every course that their role takes: (title, role, how they stand). Kept with its reason. S2-7.7"""
    work.require(May.SEE_TRAINING, May.EXPORT)
    plans = (
        await work.session.scalars(
            select(CoursePlan.id)
            .join(Course, Course.id == CoursePlan.course_id)
            .join(Article, Article.id == Course.article_id)
            .where(is_asked(work))
            .order_by(CoursePlan.id)
        )
    ).all()
    found = await _takers(work, plans, MOST_EXPORTED)
    leaves = await newest_of(work, {plan.course.article_id for plan, _ in found})
    await audit.record(work, "export coverage", reason=reason)
    return [(leaves[plan.course.article_id].title, plan.role, one) for plan, one in found]


async def _takers(
    work: Work,
    plan_ids: Sequence[int],
    limit: int,
    after: int = 0,
    narrowed: ColumnElement[bool] | None = None,
) -> list[tuple[CoursePlan, Taker]]:
    passed = aliased(CourseTry)
    statement = (
        select(CoursePlan, Person, passed, ArticleVersion.number, ArticleVersion.language)
        .join(Course, Course.id == CoursePlan.course_id)
        .join(Article, Article.id == Course.article_id)
        .join(Person, is_taken_by_person())
        .outerjoin(passed, passed.id == last_pass(Person.id))
        .outerjoin(ArticleVersion, ArticleVersion.id == passed.version_id)
        .where(CoursePlan.id.in_(plan_ids))
        .options(joinedload(CoursePlan.course).joinedload(Course.article))
        .order_by(CoursePlan.id, Person.name, Person.id)
        .limit(limit)
    )
    if narrowed is not None:
        statement = statement.where(narrowed)
    if after:
        began = select(Person.name).where(Person.id == min(after, LARGEST_ID)).scalar_subquery()
        statement = statement.where(tuple_(Person.name, Person.id) > tuple_(began, literal(after)))
    found = []
    for plan, person, passing, number, language in await work.session.execute(statement):
        tried: CourseTry | None = passing
        told = standing(
            plan, plan.course.article, person.created_at, tried.finished_at if tried else None, work.now
        )
        taker = Taker(
            person.id, person.name, person.team, told,
            tried.id if tried else None, score(tried) if tried else 0, number, language or "",
        )  # fmt: skip
        found.append((plan, taker))
    return found
