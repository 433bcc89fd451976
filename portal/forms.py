"""Pages with several forms: doing what one of them asks, or showing the page again with what was typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from portal.desk import tone
from portal.desk.case_notes import Earlier
from portal.desk.errors import NotAccepted
from portal.desk.fields.counting import LATEST, SOONEST
from portal.desk.work import Work
from portal.web import Visit, chosen

Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that comes back: which one, what is wrong with it and what was typed. Without a name: none."""

    form: str = ""
    errors: Typed = field(default_factory=dict)
    typed: Typed = field(default_factory=dict)
    listed: tuple[str, ...] = ()
    """Words in it that customers are not written. S0-3.2.1"""

    def facts(self) -> dict[str, Any]:
        """What a template needs: `wrong.<form>` and `typed.<form>.<field>` are there for every form of the page."""
        typed: defaultdict[str, defaultdict[str, str]] = defaultdict(lambda: defaultdict(str))
        typed[self.form] = defaultdict(str, self.typed)
        return {
            "status": HTTPStatus.UNPROCESSABLE_ENTITY if self.form else HTTPStatus.OK,
            "form": self.form,
            "errors": dict(self.errors),
            "wrong": defaultdict(dict, {self.form: dict(self.errors)}),
            "typed": typed,
            "listed": self.listed,
        }


NOTHING_REFUSED = Refused()


def moment_on(text: str, zone: ZoneInfo) -> datetime:
    """The moment that was typed on a clock of this zone, in UTC. Raises ValueError for none, or one far away."""
    told = datetime.fromisoformat(text.strip())
    if not SOONEST <= told.year < LATEST:
        raise ValueError(text)
    return (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)


TWICE = (("first", "The first, before the clocks went back"), ("second", "The second, after it"))
"""Which of the two it was, where a time of day comes twice: when the clocks go back."""


def earlier_in(typed: Typed, zone: ZoneInfo) -> Earlier:
    """When something happened that is noted only now, as it was typed on a clock of this zone; and why. S2-15.2

    Raises NotAccepted for what is no moment, for an hour that the clocks left out, and for one that came twice until
    it is said which it was. S2-15.1
    """
    text, why = typed.get("happened_at", "").strip(), typed.get("happened_why", "")
    if not text:
        return Earlier(None, why)
    try:
        told = moment_on(text, zone)
        wall = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise NotAccepted(happened_at="Enter a day and a time, such as 2026-03-14 09:00.") from None
    if datetime.fromisoformat(text).tzinfo is not None:
        return Earlier(told, why)
    if told.astimezone(zone).replace(tzinfo=None) != wall:
        raise NotAccepted(happened_at="There was no such time: the clocks went forward over it.")
    again = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if again == told:
        return Earlier(told, why)
    which = typed.get("happened_which", "")
    if which not in dict(TWICE):
        raise NotAccepted(
            happened_which="This time came twice, as the clocks went back. Choose which it was."
        )
    return Earlier(again if which == "second" else told, why)


def listed_in(refused: NotAccepted) -> tuple[str, ...]:
    """The listed words that a form was refused for."""
    return refused.found if isinstance(refused, tone.ListedWords) else ()


async def answer_form(
    visit: Visit,
    form: str,
    do: Callable[[Work, Typed], Awaitable[str]],
    again: Callable[[Visit, Refused], Awaitable[Response]],
    said: str,
) -> Response:
    """Do what a form asks in one transaction and go where it says; refused, show the page again. 422 then."""
    given = await visit.form()
    typed = {name: chosen(given, name) for name in given}
    try:
        async with visit.work() as work:
            if typed.get(tone.TICK) == "yes":
                tone.send_all_the_same(work)
            after = await do(work, typed)
    except NotAccepted as refused:
        return await again(visit, Refused(form, refused.fields, typed, listed_in(refused)))
    return visit.go(after, said)
