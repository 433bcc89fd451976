"""The proof that the procedures are followed: by contact, by clause, and what was left out today. S1-3.4c"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from models.words import Channel, StepState
from portal.desk import (
    chat,
    clauses,
    evidence,
    improvements,
    policy,
    procedures,
    quality,
    standards,
    transcripts,
)
from portal.desk.errors import NotFound
from portal.desk.evidence import Acted, After, Filters
from portal.desk.evidence.compliance import month_of, teams, today
from portal.desk.plain_numbers import number_in
from portal.desk.scripts import SCRIPTS
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused
from portal.showing import word
from portal.web import Visit

STATES = (StepState.DONE, StepState.SKIPPED, StepState.MISSING)
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, and what it may be changed to."""

    filters: Filters
    month: str
    months: list[tuple[str, str]]
    teams: list[str]

    def query(self, **other: str) -> str:
        """The address's question with something else in place."""
        told = {
            "month": self.month,
            "script": self.filters.script,
            "channel": self.filters.channel.value if self.filters.channel else "",
            "team": self.filters.team,
            **other,
        }
        return urlencode({name: value for name, value in told.items() if value})


async def contact(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """One contact with its steps, times, answers and reasons; made to be printed too."""
    async with visit.look() as work:
        found = await evidence.record_of(work, visit.number("contact_id"))
        talk = await chat.of_contact(work, found.contact.id)
        scored = await quality.of_contact(work, found.contact.id)
        asked = number_in(visit.asked("transcript"))
        kept = await transcripts.of_contact(work, found.contact.id, asked)
    return visit.page(
        "evidence/contact.html",
        record=found,
        titles=clauses.titles(),
        talk=talk,
        scored=scored,
        kept=kept,
        **refused.facts(),
    )


async def index(visit: Visit) -> Response:
    """Every clause with how often it was kept, left out and missed."""
    async with visit.look() as work:
        asked = await _asked(visit, work)
        served = await evidence.compliance(work, asked.filters)
        greeting = await evidence.until_greeting(work, asked.filters)
        mended = await evidence.corrected(work, asked.filters)
        went = await evidence.cases_went(work, asked.filters)
        register = await standards.kept(work, served)
    wanted = visit.asked("q").strip().lower()
    shown = [one for one in served if not wanted or wanted in f"{one.clause} {one.title}".lower()]
    return visit.page(
        "evidence/index.html",
        asked=asked,
        served=shown,
        greeting=greeting,
        mended=mended,
        went=went,
        register=register,
        wanted=wanted,
        states=STATES,
        **_choices(),
    )


async def clause(visit: Visit) -> Response:
    """The contacts behind the numbers of one clause."""
    key = visit.text("clause")
    if not clauses.title_of(key):
        raise NotFound("There is no such clause.")
    state = StepState(visit.asked("state")) if visit.asked("state") in set(map(str, STATES)) else None
    async with visit.look() as work:
        asked = await _asked(visit, work)
        found = await evidence.contacts_of(work, key, asked.filters, state, before=visit.asked("before"))
    chips = [
        (f"/evidence/{key}?{asked.query(state=one.value if one else '')}", words, None, one is state)
        for one, words in ((None, "All"), *((one, word(one)) for one in STATES))
    ]
    return visit.page(
        "evidence/clause.html",
        asked=asked,
        clause=key,
        title=clauses.title_of(key),
        found=found,
        chips=chips,
        state=state,
        **_choices(),
    )


async def lapses(visit: Visit) -> Response:
    """What was left out or missed, the newest first: today's, this week's or this month's."""
    spans = {"today": 0, "week": 6, "month": 30}
    span = visit.asked("show") if visit.asked("show") in spans else "today"
    required = visit.asked("required") == "yes"
    async with visit.look() as work:
        until = today(work)
        filters = Filters(until - timedelta(days=spans[span]), until)
        found = await evidence.lapses(work, filters, required=required, before=visit.asked("before"))
    chips = [
        (f"/evidence/left-out?show={one}{'&required=yes' if required else ''}", words, None, one == span)
        for one, words in (("today", "Today"), ("week", "Seven days"), ("month", "A month"))
    ]
    chips.append(
        (
            f"/evidence/left-out?show={span}{'' if required else '&required=yes'}",
            "Only what has to be done",
            None,
            required,
        )
    )
    older = f"/evidence/left-out?show={span}{'&required=yes' if required else ''}&before={found.older}"
    return visit.page(
        "evidence/lapses.html", found=found, chips=chips, older=older if found.older else "", span=span
    )


AFTER_WORDS = {
    After.WITHOUT: "Without a result",
    After.OWED: "Still to be asked",
    After.UNASKED: "Nobody could be asked",
    After.ASKED: "Asked",
}


async def followed_up(visit: Visit) -> Response:
    """Which cases resolved in a month were asked after, by team, and those that were not. S3-12.2.1"""
    what = After(visit.asked("show")) if visit.asked("show") in set(map(str, After)) else After.WITHOUT
    async with visit.look() as work:
        asked = await _asked(visit, work)
        teams = await evidence.asked_after(work, asked.filters)
        found = await evidence.cases_after(work, asked.filters, what, before=visit.asked("before"))
    here = "/evidence/follow-ups"
    chips = [
        (f"{here}?{asked.query(script='', show=one.value)}", words, None, one is what)
        for one, words in AFTER_WORDS.items()
    ]
    return visit.page(
        "evidence/follow_ups.html",
        asked=asked,
        by_team=teams,
        found=found,
        what=what,
        words=AFTER_WORDS,
        chips=chips,
        older=f"{here}?{asked.query(script='', show=what.value, before=found.older)}" if found.older else "",
        **_choices(),
    )


ACTED_WORDS = {
    Acted.DONE: "Done",
    Acted.OPEN: "Still to do",
    Acted.DROPPED: "Dropped",
    Acted.NONE: "No action",
}


async def low_scores(visit: Visit) -> Response:
    """What was done about the low scores of a month. S0-3.7.2"""
    what = Acted(visit.asked("show")) if visit.asked("show") in set(map(str, Acted)) else None
    async with visit.look() as work:
        asked = await _asked(visit, work)
        counts = await evidence.acted_on(work, asked.filters)
        found = await evidence.low_scores(work, asked.filters, what, before=visit.asked("before"))
        raised = await improvements.of_feedback(work, [one.feedback.id for one in found.rows])
    here = f"/evidence/low-scores?month={asked.month}"
    chips = [(here, "All", str(sum(counts.values())), what is None)] + [
        (f"{here}&show={one.value}", words, str(counts[one]), one is what)
        for one, words in ACTED_WORDS.items()
    ]
    older = f"{here}{f'&show={what.value}' if what else ''}&before={found.older}"
    return visit.page(
        "evidence/low_scores.html",
        asked=asked,
        found=found,
        what=what,
        raised=raised,
        words=ACTED_WORDS,
        chips=chips,
        older=older if found.older else "",
    )


async def month(visit: Visit) -> Response:
    """The figures of a month, each with how it is counted. S2-14.4, S3-9.2.1a, S3-9.2.1b, S3-9.2.1c"""
    async with visit.look() as work:
        asked = await _asked(visit, work)
        found = await evidence.figures_of_month(work, asked.filters)
    return visit.page(
        "evidence/month.html",
        asked=asked,
        month=found,
        **told_with(),
        **_choices(),
    )


def told_with() -> dict[str, Any]:
    """What the figures of a month are told with, on its page and in its review."""
    return {"few": policy.FEW_ANSWERS, "lasting": _lasting, "definitions": evidence.DEFINITIONS}


def _lasting(seconds: float) -> str:
    """A stretch of time to the second: `1 h 05 min`, `2 min 30 s`, `45 s`."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes >= 60:  # noqa: PLR2004 - minutes of an hour
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _choices() -> dict[str, Any]:
    return {
        "scripts": [(one, word(one)) for one in SCRIPTS],
        "channels": [(one.value, word(one)) for one in Channel],
    }


async def _asked(visit: Visit, work: Work) -> Asked:
    """Read the filters; what is not one of them is left out."""
    here = today(work)
    months = [month_of(here.replace(day=1))]
    while len(months) < MONTHS:
        months.append(month_of(months[-1][0] - timedelta(days=1)))
    month = visit.asked("month")
    since, until = next((both for both in months if f"{both[0]:%Y-%m}" == month), months[0])
    channel = visit.asked("channel")
    script = visit.asked("script")
    return Asked(
        Filters(
            since,
            until,
            script if script in SCRIPTS else "",
            Channel(channel) if channel in set(map(str, Channel)) else None,
            visit.asked("team")[:60],
        ),
        f"{since:%Y-%m}",
        [(f"{first:%Y-%m}", in_words(first)) for first, _ in months],
        await teams(work),
    )


def in_words(first: date) -> str:
    return f"{first:%B %Y}"


async def by_clause(visit: Visit) -> Response:
    """Every clause with what serves it, or only those that are not served, or in part."""
    only = visit.asked("show") == "missing"
    async with visit.look() as work:
        found = await procedures.served(work)
    chips = [
        ("/procedures", "All", None, not only),
        ("/procedures?show=missing", "Not served, or in part", None, only),
    ]
    return visit.page("evidence/procedures.html", procedures=found, only=only, chips=chips)
