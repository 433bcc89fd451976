"""Who has to take which course by when, and whose pass still holds. S2-7.3, S2-7.7

A pass holds for the asking of the article in which it was made, and for as many months as the plan says. It may be
renewed some days before it runs out; whoever lets it run out is late from that moment.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from models import Article, ArticleVersion, Course, CoursePlan, CourseQuestion, CourseTry, Person
from models.base import Moment
from portal.desk.courses.questions import in_force as questions_in_force
from portal.desk.courses.recurring import LONG_AGO, holding_since, runs_out
from portal.desk.courses.trying import is_under_way, score, tries_today
from portal.desk.library.readers import READERS, names_role
from portal.desk.library.reading import MOST, Leaf, is_in_force, newest_of, today
from portal.desk.permissions import May
from portal.desk.work import Work

EVERY = (0, 1, 3, 6, 12, 24, 36)
"""Months after which a course can be taken again; 0 for only when the article says something new."""
AHEAD = timedelta(days=14)
"""So long before a pass runs out it is on the list again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands with a course that their role takes."""

    due_at: datetime | None
    """By when it has to be passed; None while nothing has to be done."""
    passed_at: datetime | None
    """Of the pass that counts: of what the article says now."""
    holds_until: datetime | None
    """When that pass runs out; None for not, or for no pass."""
    current: bool

    def is_late(self, now: datetime) -> bool:
        """Whether the time is over, or a pass ran out."""
        if self.current or self.due_at is None:
            return False
        return self.passed_at is not None or self.due_at < now


def standing(
    plan: CoursePlan, article: Article, joined_at: datetime, passed_at: datetime | None, now: datetime
) -> Standing:
    """How somebody stands by one plan. A pure function of the facts."""
    if passed_at is None:
        asked = max(plan.created_at, joined_at, article.asked_at or article.created_at)
        return Standing(asked + timedelta(days=plan.within_days), None, None, current=False)
    if not plan.every_months:
        return Standing(None, passed_at, None, current=True)
    until = runs_out(passed_at, plan.every_months)
    again = passed_at <= holding_since(now + AHEAD, plan.every_months)
    return Standing(until if again else None, passed_at, until, current=until > now)


def stricter(one: Standing, other: Standing) -> Standing:
    """Of two plans for the same course the one that asks for more: who has two roles keeps to both."""
    never = datetime.max.replace(tzinfo=LONG_AGO.tzinfo)

    def asks(told: Standing) -> tuple[datetime, datetime]:
        return told.due_at or never, told.holds_until or never

    return min(one, other, key=asks)


def is_taken_by_person() -> ColumnElement[bool]:
    """Whether the role of a plan is one that this person holds."""
    held = [and_(CoursePlan.role == role, names_role(Person.roles, role)) for role in READERS]
    return and_(Person.active, or_(*held))


def of_role(work: Work) -> ColumnElement[bool]:
    """Whether the role of a plan is one of the actor's."""
    return CoursePlan.role.in_([role for role in READERS if role.value in work.actor.roles])


def is_asked(work: Work) -> ColumnElement[bool]:
    """Whether a course can be taken: its article holds, and there is something to ask."""
    asks = exists().where(CourseQuestion.course_id == Course.id, CourseQuestion.retired_at.is_(None))
    return and_(is_in_force(today(work)), asks)


def since(now: datetime) -> ColumnElement[datetime]:
    """After which moment one has to have passed for it to hold, by the plan."""
    told: ColumnElement[datetime] = case(
        *(
            (CoursePlan.every_months == months, literal(holding_since(now, months), Moment()))
            for months in EVERY
            if months
        ),
        else_=literal(LONG_AGO, Moment()),
    )
    return told


def _passes(person_id: Any) -> ColumnElement[bool]:
    return and_(
        CourseTry.course_id == Course.id,
        CourseTry.person_id == person_id,
        CourseTry.asking == Article.asking,
        CourseTry.passed.is_(True),
    )


def has_passed(person_id: Any, after: Any = LONG_AGO) -> ColumnElement[bool]:
    """Whether somebody passed what the article says now, after a moment."""
    return exists().where(_passes(person_id), CourseTry.finished_at > after)


def last_pass(person_id: Any) -> Any:
    """The id of somebody's last pass of what the article says now, as one value; nothing without."""
    return (
        select(func.max(CourseTry.id))
        .where(_passes(person_id))
        .correlate(Course, Article, Person)
        .scalar_subquery()
    )


def waiting(work: Work) -> Select[Any]:
    """The ids of the courses that the actor has to take, to be counted with others."""
    asks = exists().where(
        CoursePlan.course_id == Course.id,
        of_role(work),
        ~has_passed(work.actor.person_id, since(work.now + AHEAD)),
    )
    return select(Course.id).join(Article, Article.id == Course.article_id).where(is_asked(work), asks)


@dataclass(frozen=True, slots=True)
class ToTake:
    """A course that the actor's role takes."""

    leaf: Leaf
    standing: Standing
    passed_id: int | None
    """The try that passed."""
    score: int
    version: tuple[str, int] | None
    """Language and number of the version that was passed."""


async def mine(work: Work) -> list[ToTake]:
    """Every course of the actor's roles: what is due first on top, then what holds longest last. S2-7.3"""
    work.require(May.SEE_LIBRARY)
    passed = aliased(CourseTry)
    rows = (
        await work.session.execute(
            select(
                Article, CoursePlan, Person.created_at, passed, ArticleVersion.language, ArticleVersion.number
            )
            .select_from(CoursePlan)
            .join(Course, Course.id == CoursePlan.course_id)
            .join(Article, Article.id == Course.article_id)
            .join(Person, Person.id == work.actor.person_id)
            .outerjoin(passed, passed.id == last_pass(Person.id))
            .outerjoin(ArticleVersion, ArticleVersion.id == passed.version_id)
            .where(is_asked(work), of_role(work))
            .order_by(CoursePlan.id)
            .limit(MOST)
        )
    ).all()
    leaves = await newest_of(work, {row.Article.id for row in rows})
    found: dict[int, ToTake] = {}
    for article, plan, joined_at, passing, language, number in rows:
        tried: CourseTry | None = passing
        told = standing(plan, article, joined_at, tried.finished_at if tried else None, work.now)
        if (known := found.get(article.id)) is not None:
            told = stricter(known.standing, told)
        found[article.id] = ToTake(
            leaves[article.id],
            told,
            tried.id if tried else None,
            score(tried) if tried else 0,
            (language, number) if tried else None,
        )
    return sorted(
        found.values(),
        key=lambda one: (
            one.standing.due_at is None,
            one.standing.due_at or work.now,
            one.leaf.title.casefold(),
        ),
    )


@dataclass(frozen=True, slots=True)
class Offered:
    """The course of an article, as its page offers it."""

    course: Course
    questions: int
    """How many are asked in one try."""
    left: int
    """Tries that the actor has left today."""
    under_way: int | None
    """The try that is under way."""
    passed_at: datetime | None
    standing: Standing | None
    """None where no role of the actor takes it."""


async def offered(work: Work, article: Article) -> Offered | None:
    """The course of an article, for who reads it; None where there is nothing to take. S2-7.2"""
    work.require(May.SEE_LIBRARY)
    me = work.actor.person_id
    passed = aliased(CourseTry)
    under_way = (
        select(CourseTry.id)
        .where(is_under_way(Course.id, me, Article.asking))
        .correlate(Course, Article)
        .scalar_subquery()
    )
    rows = (
        await work.session.execute(
            select(Course, CoursePlan, Person.created_at, passed.finished_at, under_way)
            .join(Article, Article.id == Course.article_id)
            .outerjoin(Person, Person.id == me)
            .outerjoin(CoursePlan, and_(CoursePlan.course_id == Course.id, of_role(work)))
            .outerjoin(passed, passed.id == last_pass(me))
            .where(Course.article_id == article.id, is_asked(work))
        )
    ).all()
    if not rows:
        return None
    course, _, _, passed_at, began = rows[0]
    told: Standing | None = None
    for _, plan, joined_at, _, _ in rows:
        if plan is not None and joined_at is not None:
            one = standing(plan, article, joined_at, passed_at, work.now)
            told = stricter(told, one) if told else one
    many = await _asked_at_once(work, course)
    left = max(course.tries_a_day - await tries_today(work, course), 0)
    return Offered(course, many, left, began, passed_at, told)


async def _asked_at_once(work: Work, course: Course) -> int:
    """How many questions a try has: of the language that has most of them, or so many as are drawn."""
    by_language = Counter(one.language for one in await questions_in_force(work, course.id))
    most = max(by_language.values())
    return min(course.asks or most, most)
