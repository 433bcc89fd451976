"""The question bank of a course, and how it is put: pass mark, tries a day, how many are asked. S2-7.2, S2-7.6

A course is an article of the library that has questions. A question is never changed: another takes its place, so
that what somebody was asked, and answered, stays readable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from models import Article, Course, CourseQuestion
from portal.desk import audit
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.notices import LANGUAGES
from portal.desk.permissions import May
from portal.desk.saving import hold, hold_version
from portal.desk.work import Work

LONGEST_QUESTION, LONGEST_CHOICE, LONGEST_EXPLANATION = 500, 300, 1000
FEWEST_CHOICES, MOST_CHOICES = 2, 6
MOST_QUESTIONS = 100
"""In one language; a try asks no more than this."""
MOST_TRIES = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose, and whether it is right."""

    words: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as an author writes it."""

    language: str
    words: str
    choices: tuple[Choice, ...]
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """How the questions of a course are put. S2-7.6"""

    pass_mark: int = 80
    """In percent."""
    tries_a_day: int = 3
    asks: int = 0
    """0 for all of them."""


async def course_of(work: Work, article_id: int) -> Course | None:
    """The course of an article; None for an article without."""
    work.require(May.SEE_LIBRARY)
    found: Course | None = await work.session.scalar(select(Course).where(Course.article_id == article_id))
    return found


async def bank(work: Work, course: Course | None) -> Sequence[CourseQuestion]:
    """The questions of a course that are asked now, in every language, for who writes them."""
    work.require(May.EDIT_LIBRARY)
    if course is None:
        return []
    return await in_force(work, course.id)


async def in_force(work: Work, course_id: int) -> Sequence[CourseQuestion]:
    """The questions that a course asks now, in the order in which they were written."""
    return (
        await work.session.scalars(
            select(CourseQuestion)
            .where(CourseQuestion.course_id == course_id, CourseQuestion.retired_at.is_(None))
            .order_by(CourseQuestion.id)
        )
    ).all()


async def put(work: Work, article: Article, expected_version: int, terms: Terms) -> Course:
    """Say how the questions of an article are put; `expected_version` is that of its course, 0 where there is none yet.

    Tries that are under way keep what they began with. Raises NotAccepted per field, Conflict, WrongMoment.
    """
    work.require(May.EDIT_LIBRARY)
    refused: dict[str, str] = {}
    if not 1 <= terms.pass_mark <= 100:  # noqa: PLR2004 - a share in percent
        refused |= {"pass_mark": "Between 1 and 100 percent."}
    if not 1 <= terms.tries_a_day <= MOST_TRIES:
        refused["tries_a_day"] = f"Between 1 and {MOST_TRIES} tries a day."
    if not 0 <= terms.asks <= MOST_QUESTIONS:
        refused["asks"] = f"Between 1 and {MOST_QUESTIONS} questions; empty for all."
    if refused:
        raise NotAccepted.of(refused)
    course = await _course(work, article)
    values = {"pass_mark": terms.pass_mark, "tries_a_day": terms.tries_a_day, "asks": terms.asks}
    if expected_version or course.version > 1:
        await hold_version(work, course, expected_version, values)
    for name, value in values.items():
        setattr(course, name, value)
    await audit.record(work, "set up course", course)
    return course


async def ask(work: Work, article: Article, asked: Asked, *, instead_of: int | None = None) -> CourseQuestion:
    """Write a question on an article; it is asked from the next try on. `instead_of` is the one whose place it takes.

    Raises NotAccepted per field: no words, fewer than two choices, none of them right or all, a full bank.
    """
    work.require(May.EDIT_LIBRARY)
    refused = _problems(asked)
    if refused:
        raise NotAccepted.of(refused)
    refuse_card_numbers(words=asked.words, explanation=asked.explanation)
    course = await _course(work, article)
    if instead_of is not None:
        await _let_go(work, course, instead_of)
    elif await _many(work, course, asked.language) >= MOST_QUESTIONS:
        raise NotAccepted(words=f"At most {MOST_QUESTIONS} questions in one language: take one out first.")
    question = CourseQuestion(
        course_id=course.id,
        language=asked.language,
        words=asked.words.strip(),
        choices=[{"words": one.words.strip(), "right": one.right} for one in asked.choices],
        explanation=asked.explanation.strip(),
        written_by_id=work.actor.person_id,
        created_at=work.now,
    )
    work.session.add(question)
    await audit.record(work, "write question", question)
    return question


async def take_out(work: Work, article: Article, question_id: int) -> None:
    """Ask a question no longer; tries that have it keep it. Raises NotFound, WrongMoment."""
    work.require(May.EDIT_LIBRARY)
    course = await course_of(work, article.id)
    if course is None:
        raise NotFound("There is no such question.")
    question = await _let_go(work, course, question_id)
    await audit.record(work, "take out question", question)


async def _let_go(work: Work, course: Course, question_id: int) -> CourseQuestion:
    question = await work.session.get(CourseQuestion, question_id)
    if question is None or question.course_id != course.id:
        raise NotFound("There is no such question.")
    await hold(work, question)
    if question.retired_at is not None:
        raise WrongMoment("Somebody took this question out meanwhile.")
    question.retired_at = work.now
    return question


async def _course(work: Work, article: Article) -> Course:
    """The course of an article, begun where there is none. Raises WrongMoment for one that was retired."""
    if article.retired_at is not None:
        raise WrongMoment("This article was retired.")
    await hold(work, article)  # two first questions at once are one course
    course = await course_of(work, article.id)
    if course is None:
        course = Course(article_id=article.id)
        work.session.add(course)
        await work.session.flush()
    return course


async def _many(work: Work, course: Course, language: str) -> int:
    found = await work.session.scalar(
        select(func.count(CourseQuestion.id)).where(
            CourseQuestion.course_id == course.id,
            CourseQuestion.language == language,
            CourseQuestion.retired_at.is_(None),
        )
    )
    return found or 0


def _problems(asked: Asked) -> dict[str, str]:
    refused: dict[str, str] = {}
    if asked.language not in LANGUAGES:
        refused["language"] = f"One of {', '.join(LANGUAGES)}."
    if not asked.words.strip():
        refused["words"] = "Write the question."
    elif len(asked.words.strip()) > LONGEST_QUESTION:
        refused["words"] = f"At most {LONGEST_QUESTION} characters."
    if len(asked.explanation.strip()) > LONGEST_EXPLANATION:
        refused["explanation"] = f"At most {LONGEST_EXPLANATION} characters."
    told = [one.words.strip() for one in asked.choices]
    right = [one for one in asked.choices if one.right]
    if not FEWEST_CHOICES <= len(told) <= MOST_CHOICES:
        refused["choice_1"] = f"Give {FEWEST_CHOICES} to {MOST_CHOICES} answers to choose from."
    elif not all(told):
        refused["choice_1"] = "An answer that is marked as right has no words."
    elif len({one.casefold() for one in told}) < len(told):
        refused["choice_1"] = "Two answers are the same."
    elif any(len(one) > LONGEST_CHOICE for one in told):
        refused["choice_1"] = f"At most {LONGEST_CHOICE} characters an answer."
    elif not right or len(right) == len(told):
        refused["choice_1"] = "Mark which are right: at least one, and not all of them."
    return refused
