"""A course of the tests, “Gifts”, and taking it right or wrong."""

from models import CourseQuestion, CourseTry
from portal.desk import courses, library
from portal.desk.courses import Asked, Choice, Terms
from portal.desk.library import Card, Text
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import SAM

ENGLISH = Text("en", "Gifts", "We take no gifts.")
BANK = (
    *(
        Asked(
            "en",
            f"Question {number}?",
            (Choice("No"), Choice("Yes", right=True), Choice("Perhaps")),
            "So it is.",
        )
        for number in range(1, 5)
    ),
    Asked("en", "Which two?", (Choice("This", right=True), Choice("Not this"), Choice("That", right=True))),
)
"""Five questions, the last with two right answers."""


async def gifts(desk: Desk, terms: Terms | None = None, slug: str = "gifts") -> None:
    """Sam writes the article and its questions."""
    async with desk.work(SAM) as work:
        article = await library.add(work, slug, Card(), ENGLISH)
        for one in BANK:
            await courses.ask(work, article, one)
        if terms is not None:
            await courses.put(work, article, 1, terms)


async def planned(desk: Desk, role: str, days: int = 10, months: int = 0, slug: str = "gifts") -> None:
    async with desk.work(SAM) as work:
        await courses.plan(work, await library.load(work, slug), role, days, months)


async def took(desk: Desk, who: Actor, wrong: int = 0, slug: str = "gifts") -> CourseTry:
    """Take the course with so many answers wrong; what is right is looked up where only the desk can."""
    async with desk.work(who) as work:
        begun = await courses.begin(work, slug)
    async with desk.look(SYSTEM) as work:
        asked = [await work.session.get_one(CourseQuestion, one) for one in begun.questions]
        right = {
            one.id: [place for place, choice in enumerate(one.choices) if choice["right"]] for one in asked
        }
    answers = {one: [1] if places == [0, 2] else [0] for one, places in list(right.items())[:wrong]}
    async with desk.work(who) as work:
        return await courses.finish(work, begun.id, right | answers)
