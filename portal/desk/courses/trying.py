"""Taking a course: the questions are drawn, answered once, and the score is computed here. S2-7.2, S2-7.6"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from models import Article, ArticleVersion, Course, CourseQuestion, CourseTry
from portal.desk import audit, bulk
from portal.desk.courses.questions import in_force
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.library.reading import is_in_force, today
from portal.desk.listing import PAGE, Rows, first, newest_first, paged
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.work import Work

Answers = Mapping[int, Sequence[int]]
"""Of each question the places of the choices, from 0."""


@dataclass(frozen=True, slots=True)
class Put:
    """A question as it is put; what is right is told only once it was answered."""

    id: int
    words: str
    choices: tuple[str, ...]
    several: bool
    """Whether more than one of the choices may be right."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A question that was answered."""

    words: str
    choices: tuple[tuple[str, bool, bool], ...]
    """(words, whether it was chosen, whether it is right)"""
    right: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A try with its questions: as they are put while it is under way, marked afterwards."""

    tried: CourseTry
    slug: str
    title: str
    language: str
    number: int
    who: str
    put: tuple[Put, ...] = ()
    marked: tuple[Marked, ...] = ()

    @property
    def score(self) -> int:
        """In whole percent, rounded down: 79.9 is not 80."""
        return score(self.tried)


def score(tried: CourseTry) -> int:
    return (tried.right_answers or 0) * 100 // len(tried.questions)


async def begin(work: Work, slug: str, language: str = "") -> CourseTry:
    """Draw the questions for a try, or go on with the one that is under way. S2-7.6

    Raises NotFound without a course, WrongMoment when all tries of the day are used up or the article is out of use.
    """
    work.require(May.SEE_LIBRARY)
    if work.actor.person_id is None:
        raise WrongMoment("Only a person can take a course.")
    row = (
        await work.session.execute(
            select(Course, Article, is_in_force(today(work)))
            .join(Article, Article.id == Course.article_id)
            .where(Article.slug == slug)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such course.")
    course, article, offered = row
    if not offered:
        raise WrongMoment("This article is out of use, and nobody has to know it.")
    if (known := await _under_way(work, course, article)) is not None:
        return known
    if await tries_today(work, course) >= course.tries_a_day:
        raise WrongMoment(f"That were {course.tries_a_day} tries today. Read it once more, and try tomorrow.")
    version_id, questions = await _version(work, article, await in_force(work, course.id), language)
    make = bulk.insert_of(work.session)
    await work.session.execute(
        make(CourseTry)
        .values(
            course_id=course.id,
            version_id=version_id,
            person_id=work.actor.person_id,
            asking=article.asking,
            pass_mark=course.pass_mark,
            questions=_drawn(questions, course.asks, f"{work.actor.person_id}/{work.now.isoformat()}"),
            answers={},
            began_at=work.now,
        )
        .on_conflict_do_nothing(
            index_elements=["course_id", "person_id", "asking"],
            index_where=CourseTry.finished_at.is_(None),
        )
        .execution_options(audited=True)
    )
    begun = await _under_way(work, course, article)
    if begun is None:  # cannot be: it is ours, or that of our own second click
        raise WrongMoment("Please begin once more.")
    await audit.record(work, "begin course", begun)
    return begun


async def _under_way(work: Work, course: Course, article: Article) -> CourseTry | None:
    found: CourseTry | None = await work.session.scalar(
        select(CourseTry).where(is_under_way(course.id, work.actor.person_id, article.asking))
    )
    return found


def is_under_way(course_id: Any, person_id: Any, asking: Any) -> ColumnElement[bool]:
    """Whether a try is the one of this course that somebody has begun and not handed in: there is one at most."""
    return and_(
        CourseTry.course_id == course_id,
        CourseTry.person_id == person_id,
        CourseTry.asking == asking,
        CourseTry.finished_at.is_(None),
    )


async def tries_today(work: Work, course: Course) -> int:
    """How often the actor began this course on the day it is for them."""
    midnight = work.now.astimezone(ZoneInfo(work.actor.zone)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    found = await work.session.scalar(
        select(func.count(CourseTry.id)).where(
            CourseTry.course_id == course.id,
            CourseTry.person_id == work.actor.person_id,
            CourseTry.began_at >= midnight,
        )
    )
    return found or 0


async def _version(
    work: Work, article: Article, questions: Sequence[CourseQuestion], wanted: str
) -> tuple[int, Sequence[CourseQuestion]]:
    """The newest version in the language asked for, else the desk's, else another, with its questions."""
    newest = await work.session.execute(
        select(ArticleVersion.language, func.max(ArticleVersion.id))
        .where(ArticleVersion.article_id == article.id)
        .group_by(ArticleVersion.language)
    )
    ids = {row[0]: row[1] for row in newest}
    spoken = [one.language for one in questions if one.language in ids]
    for language in (wanted, work.terms.language, *spoken):
        if language in spoken:
            return ids[language], [one for one in questions if one.language == language]
    raise NotFound("There is no question on this article yet.")


def _drawn(questions: Sequence[CourseQuestion], asks: int, seed: str) -> list[int]:
    """The questions of one try: all as they were written, or so many of them, others for each try."""
    ids = [one.id for one in questions]
    if not asks or asks >= len(ids):
        return ids
    chance = {one: hashlib.sha256(f"{seed}/{one}".encode()).digest() for one in ids}
    return sorted(sorted(ids, key=chance.__getitem__)[:asks])


async def sheet(work: Work, try_id: int) -> Sheet:
    """One's own try, or one of the team's that is finished. Raises NotFound.

    What is right is not told while the try is under way: it is in no answer of the server.
    """
    work.require(May.SEE_LIBRARY)
    row = (
        await work.session.execute(
            select(CourseTry, Article.slug, ArticleVersion)
            .join(ArticleVersion, ArticleVersion.id == CourseTry.version_id)
            .join(Article, Article.id == ArticleVersion.article_id)
            .where(CourseTry.id == try_id)
            .options(joinedload(CourseTry.person))
        )
    ).one_or_none()
    if row is None or not _may_see(work, row.CourseTry):
        raise NotFound("There is no such try.")
    tried, version = row.CourseTry, row.ArticleVersion
    questions = await _questions(work, tried)
    told = tried, row.slug, version.title, version.language, version.number, tried.person.name
    if tried.finished_at is None:
        return Sheet(*told, put=tuple(_put(one) for one in questions))
    return Sheet(*told, marked=tuple(_marked(one, tried) for one in questions))


def _may_see(work: Work, tried: CourseTry) -> bool:
    if tried.person_id == work.actor.person_id:
        return True
    return tried.finished_at is not None and work.may(May.SEE_TRAINING)


async def _questions(work: Work, tried: CourseTry) -> list[CourseQuestion]:
    found = await work.session.scalars(select(CourseQuestion).where(CourseQuestion.id.in_(tried.questions)))
    known = {one.id: one for one in found}
    return [known[one] for one in tried.questions]


def _put(question: CourseQuestion) -> Put:
    return Put(
        question.id,
        question.words,
        tuple(one["words"] for one in question.choices),
        len(_right(question)) > 1,
    )


def _right(question: CourseQuestion) -> set[int]:
    return {place for place, one in enumerate(question.choices) if one["right"]}


def _marked(question: CourseQuestion, tried: CourseTry) -> Marked:
    chosen, right = set(tried.answers.get(str(question.id), ())), _right(question)
    return Marked(
        question.words,
        tuple((one["words"], place in chosen, place in right) for place, one in enumerate(question.choices)),
        chosen == right,
        question.explanation,
    )


async def finish(work: Work, try_id: int, answers: Answers) -> CourseTry:
    """Hand in the answers of a try: a question is right when just what is right was chosen. S2-7.2

    Keeps score and pass with the version of the article. Raises NotFound, WrongMoment for one that is handed in,
    NotAccepted at each question that is not answered.
    """
    work.require(May.SEE_LIBRARY)
    tried = await work.session.get(CourseTry, try_id)
    if tried is None or tried.person_id != work.actor.person_id:
        raise NotFound("There is no such try.")
    await hold(work, tried)
    if tried.finished_at is not None:
        raise WrongMoment("These answers are handed in already.")
    questions = await _questions(work, tried)
    given = {one.id: sorted({*answers.get(one.id, ())} & {*range(len(one.choices))}) for one in questions}
    places_of = enumerate(given.items(), start=1)
    if missing := {
        f"q{one}": f"Answer question {number}." for number, (one, places) in places_of if not places
    }:
        raise NotAccepted.of(missing)
    tried.answers = {str(one): places for one, places in given.items()}
    tried.right_answers = sum(set(given[one.id]) == _right(one) for one in questions)
    tried.passed = tried.right_answers * 100 >= tried.pass_mark * len(questions)
    tried.finished_at = work.now
    await audit.record(work, "finish course", tried)
    return tried


@dataclass(frozen=True, slots=True)
class Tried:
    """A line of somebody's history."""

    id: int
    slug: str
    title: str
    language: str
    number: int
    passed: bool
    score: int
    finished_at: datetime


async def history(work: Work, before: str = "") -> Rows[Tried]:
    """What the actor took and how it went, the newest first. S2-7.6"""
    work.require(May.SEE_LIBRARY)
    statement = (
        select(CourseTry)
        .where(CourseTry.person_id == work.actor.person_id, CourseTry.finished_at.is_not(None))
        .options(joinedload(CourseTry.version).joinedload(ArticleVersion.article))
    )
    ordered = newest_first(statement, CourseTry.finished_at, CourseTry.id, before)
    found = list(await work.session.scalars(first(ordered, PAGE + 1)))
    page = paged(found, PAGE, lambda row: row.finished_at or row.began_at)
    return Rows([_line(one) for one in page.rows], page.older)


def _line(tried: CourseTry) -> Tried:
    version = tried.version
    return Tried(
        tried.id,
        version.article.slug,
        version.title,
        version.language,
        version.number,
        bool(tried.passed),
        score(tried),
        tried.finished_at or tried.began_at,
    )
