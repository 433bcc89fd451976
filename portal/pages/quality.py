"""Scorecards: samples of a month, contacts scored beside their record, and how one's own were scored. S2-0.4, S2-15.6"""

from __future__ import annotations

import secrets
from datetime import date

from starlette.responses import Response

from models.words import Mark
from portal.desk import clauses, evidence, own_team, quality
from portal.desk.errors import Conflict, NotAccepted
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages.evidence import in_words
from portal.web import Visit

MARKS = (
    (Mark.FULLY.value, "Fully"),
    (Mark.PARTLY.value, "Partly"),
    (Mark.NOT.value, "Not"),
    (Mark.NEEDLESS.value, "Did not come up"),
)


async def index(visit: Visit) -> Response:
    """The samples, the newest first, and the form that draws one. S2-0.4"""
    return await index_page(visit)


async def index_page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page; after a refused form with what was typed."""
    async with visit.look() as work:
        found = await quality.listed(work, before=visit.asked("before"))
        mine = await own_team.named(work)
        teams = [mine] if mine else await evidence.teams(work)
        months = _months(work)
    return visit.page(
        "quality/index.html",
        found=found,
        older=f"/quality?before={found.older}" if found.older else "",
        months=months,
        teams=[(one, one) for one in teams],
        mine=mine,
        seed=secrets.token_hex(4),
        most=quality.MOST_EACH,
        in_words=in_words,
        **refused.facts(),
    )


async def draw(visit: Visit) -> Response:
    async def do(work: Work, typed: Typed) -> str:
        told = (typed.get(name, "") for name in ("month", "team", "per_person", "seed"))
        found = await quality.draw(work, *told)
        return f"/quality/samples/{found.id}"

    return await answer_form(
        visit, "draw", do, index_page, "Drawn. Each contact is scored beside its record."
    )


async def sample(visit: Visit) -> Response:
    """The contacts of a sample, how far they are scored, and whether its seed still draws them."""
    async with visit.look() as work:
        found = await quality.load(work, visit.number("sample_id"))
        rows = await quality.scores_of(work, found, after=visit.asked("after"))
        again, gone = await quality.redrawn(work, found)
    here = f"/quality/samples/{found.id}"
    return visit.page(
        "quality/sample.html",
        sample=found,
        found=rows,
        again=again,
        gone=gone,
        older=f"{here}?after={rows.older}" if rows.older else "",
        in_words=in_words,
    )


async def show_score(visit: Visit) -> Response:
    """One contact: the card beside the record of what was done. S2-15.6"""
    return await score_page(visit)


async def score_page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page; after a refused form with what was typed."""
    async with visit.look() as work:
        row = await quality.one(work, visit.number("score_id"))
        record = await evidence.record_of(work, row.contact_id)
        kept, due = await quality.adherence(work, row.contact_id)
    typed = refused.facts()["typed"]["score"]
    return visit.page(
        "quality/score.html",
        row=row,
        record=record,
        kept=kept,
        due=due,
        titles=clauses.titles(),
        criteria=[
            (one, typed[f"mark-{one.key}"] or row.marks.get(one.key, ""))
            for one in quality.criteria_of(row.sample.card)
        ],
        marks=MARKS,
        marked=dict(MARKS),
        own=row.person_id == visit.person.person_id,
        in_words=in_words,
        **refused.facts(),
    )


async def score(visit: Visit) -> Response:
    score_id = visit.number("score_id")

    async def do(work: Work, typed: Typed) -> str:
        row = await quality.one(work, score_id)
        marks = {one.key: typed.get(f"mark-{one.key}", "") for one in quality.criteria_of(row.sample.card)}
        version = number_in(typed.get("version", "")) or 0
        stands = row.remarks
        try:
            await quality.score(work, row, version, marks, typed.get("remarks", ""))
        except Conflict as conflict:  # yours stays in the form, to be laid over theirs
            raise NotAccepted(remarks=f"{conflict.message} The remarks now say: “{stands}”") from conflict
        return f"/quality/samples/{row.sample_id}"

    return await answer_form(visit, "score", do, score_page, "Scored. Who took the contact sees it.")


async def mine(visit: Visit) -> Response:
    """How one's own contacts were scored, with the remarks, and the one answer to each. S2-0.4"""
    return await mine_page(visit)


async def mine_page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page; after a refused answer with what was typed, and that score first."""
    async with visit.look() as work:
        found = await quality.mine(work, before=visit.asked("before"))
        rows = list(found.rows)
        asked = number_in(refused.form)
        if asked and asked not in {one.id for one in rows}:
            rows = [await quality.own(work, asked), *rows]
    return visit.page(
        "quality/mine.html",
        rows=[(one, quality.criteria_of(one.sample.card)) for one in rows],
        older=f"/quality/mine?before={found.older}" if found.older else "",
        marked=dict(MARKS),
        titles=clauses.titles(),
        **refused.facts(),
    )


async def answer(visit: Visit) -> Response:
    score_id = visit.number("score_id")

    async def do(work: Work, typed: Typed) -> str:
        row = await quality.own(work, score_id)
        await quality.answer(work, row, number_in(typed.get("version", "")) or 0, typed.get("answer", ""))
        return "/quality/mine"

    return await answer_form(visit, str(score_id), do, mine_page, "Your answer is kept beside the score.")


async def averages(visit: Visit) -> Response:
    """What the scores of a month come to, by person; for those who score alone. S2-0.4"""
    async with visit.look() as work:
        months = _months(work)
        month = _month(visit, quality.months(work))
        found = await quality.averages(work, month, after=visit.asked("after"))
    chosen = f"{month:%Y-%m}"
    return visit.page(
        "quality/averages.html",
        found=found,
        months=months,
        month=chosen,
        named=in_words(month),
        older=f"/quality/averages?month={chosen}&after={found.older}" if found.older else "",
    )


async def show_card(visit: Visit) -> Response:
    """What contacts are scored by; a form for those who may write it."""
    return await card_page(visit)


async def card_page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page; after a refused form with what was typed."""
    async with visit.look() as work:
        card = await quality.in_force(work)
    typed = refused.facts()["typed"]["card"]
    lines = [(one.asks, one.clause, str(one.weight)) for one in quality.criteria_of(card)]
    lines += [("", "", "")] * (quality.MOST_CRITERIA - len(lines))
    if refused.form:
        lines = [
            (typed[f"asks-{place}"], typed[f"clause-{place}"], typed[f"weight-{place}"])
            for place in range(1, quality.MOST_CRITERIA + 1)
        ]
    return visit.page(
        "quality/card.html",
        card=card,
        criteria=quality.criteria_of(card),
        lines=lines,
        adherence=typed["adherence"] if refused.form else card.adherence_weight,
        titles=clauses.titles(),
        **refused.facts(),
    )


async def write_card(visit: Visit) -> Response:
    async def do(work: Work, typed: Typed) -> str:
        lines = [
            (
                typed.get(f"asks-{place}", ""),
                typed.get(f"clause-{place}", ""),
                typed.get(f"weight-{place}", ""),
            )
            for place in range(1, quality.MOST_CRITERIA + 1)
        ]
        over = number_in(typed.get("over", ""))
        try:
            await quality.write(work, lines, typed.get("adherence", ""), -1 if over is None else over)
        except Conflict as conflict:  # what was typed stays, to be laid over theirs
            raise NotAccepted(adherence=conflict.message) from conflict
        return "/quality/card"

    return await answer_form(visit, "card", do, card_page, "In force for the samples drawn from now on.")


def _months(work: Work) -> list[tuple[str, str]]:
    return [(f"{one:%Y-%m}", in_words(one)) for one in quality.months(work)]


def _month(visit: Visit, months: list[date]) -> date:
    asked = visit.asked("month")
    return next((one for one in months if f"{one:%Y-%m}" == asked), months[0])
