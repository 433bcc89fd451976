"""The questions of an article: writing them, how they are put, and which role takes the course. S2-7.6, S2-7.3"""

from __future__ import annotations

from starlette.responses import Response

from models import CourseQuestion
from portal.desk import courses, library
from portal.desk.courses import EVERY, MOST_CHOICES, Asked, Choice, Terms
from portal.desk.library.readers import READERS
from portal.desk.notices import LANGUAGES
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages.library import NAMES
from portal.showing import word
from portal.web import Visit

PLACES = range(1, MOST_CHOICES + 1)


async def show(visit: Visit) -> Response:
    """The bank of an article, with a form for one more question, or for one that takes another's place."""
    return await _page(visit)


async def _page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    async with visit.look() as work:
        opened = await library.opened(work, visit.text("slug"))
        course = await courses.course_of(work, opened.article.id)
        bank = await courses.bank(work, course)
        plans = await courses.plans_of(work, course)
    facts = refused.facts()
    wanted = number_in(refused.typed.get("instead_of", "") or visit.asked("change"))
    changed = next((one for one in bank if one.id == wanted), None)
    if changed is not None and refused.form != "question":
        facts["typed"]["question"].update(_as_typed(changed))
    return visit.page(
        "training/bank.html",
        leaf=opened.leaf,
        course=course or courses.Terms(),
        version=course.version if course else 0,
        bank=bank,
        plans=plans,
        changed=changed,
        places=PLACES,
        languages=[(one, NAMES[one]) for one in LANGUAGES],
        names=NAMES,
        roles=[(one.value, word(one)) for one in READERS],
        rhythms=[(str(one), rhythm(one)) for one in EVERY],
        rhythm=rhythm,
        **facts,
    )


def rhythm(months: int) -> str:
    """How often a course is taken, in words."""
    if not months:
        return "Once, and when it says something new"
    return "Every month" if months == 1 else f"Every {months} months"


def _as_typed(question: CourseQuestion) -> Typed:
    told = {
        "language": question.language,
        "words": question.words,
        "explanation": question.explanation,
        "instead_of": str(question.id),
    }
    for place, one in enumerate(question.choices, start=1):
        told |= {f"choice_{place}": one["words"], f"right_{place}": "yes" if one["right"] else ""}
    return told


async def ask(visit: Visit) -> Response:
    """Write a question, or another in the place of one."""

    async def do(work: Work, typed: Typed) -> str:
        article = await library.load(work, visit.text("slug"))
        await courses.ask(work, article, _asked(typed), instead_of=number_in(typed.get("instead_of", "")))
        return f"/library/{article.slug}/questions"

    return await answer_form(visit, "question", do, _page, "Written. It is asked from the next try on.")


def _asked(typed: Typed) -> Asked:
    choices = [
        Choice(typed.get(f"choice_{place}", ""), typed.get(f"right_{place}") == "yes") for place in PLACES
    ]
    return Asked(
        typed.get("language", ""),
        typed.get("words", ""),
        tuple(one for one in choices if one.words or one.right),
        typed.get("explanation", ""),
    )


async def take_out(visit: Visit) -> Response:
    """Ask a question no longer."""
    async with visit.work() as work:
        article = await library.load(work, visit.text("slug"))
        await courses.take_out(work, article, visit.number("question_id"))
    return visit.go(f"/library/{article.slug}/questions", "Taken out. Who was asked it can still read it.")


async def put(visit: Visit) -> Response:
    """Say how the questions are put."""

    async def do(work: Work, typed: Typed) -> str:
        article = await library.load(work, visit.text("slug"))
        terms = Terms(
            _number(typed, "pass_mark"),
            _number(typed, "tries_a_day"),
            _number(typed, "asks") if typed.get("asks") else 0,
        )
        await courses.put(work, article, number_in(typed.get("version", "")) or 0, terms)
        return f"/library/{article.slug}/questions"

    return await answer_form(visit, "terms", do, _page, "Saved. Tries under way keep what they began with.")


async def plan(visit: Visit) -> Response:
    """Let a role take the course."""

    async def do(work: Work, typed: Typed) -> str:
        article = await library.load(work, visit.text("slug"))
        months = number_in(typed.get("every_months", ""))
        await courses.plan(
            work,
            article,
            typed.get("role", ""),
            _number(typed, "within_days"),
            -1 if months is None else months,
        )
        return f"/library/{article.slug}/questions"

    return await answer_form(
        visit, "plan", do, _page, "Planned. It stands on their desks, and they are told once."
    )


async def unplan(visit: Visit) -> Response:
    """Ask a role no longer to take the course."""
    form = await visit.form()
    async with visit.work() as work:
        article = await library.load(work, visit.text("slug"))
        version = number_in(str(form.get("version", ""))) or 0
        await courses.unplan(work, article, visit.number("plan_id"), version)
    return visit.go(
        f"/library/{article.slug}/questions", "They need not take it any more. What was passed stays."
    )


def _number(typed: Typed, name: str) -> int:
    """A number that was typed; what is none is none that a rule accepts."""
    found = number_in(typed.get(name, ""))
    return -1 if found is None else found
