"""The reviews of the months: read, noted on, signed. S0-6.1"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import evidence, month_reviews
from portal.desk.errors import Conflict, NotAccepted
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages.evidence import in_words, told_with
from portal.pages.order_figures import STATE_WORDS, span
from portal.web import Visit


async def index(visit: Visit) -> Response:
    """Every review, the newest first, and which wait for a signature."""
    async with visit.look() as work:
        found = await month_reviews.listed(work, visit.asked("before"))
    older = f"/evidence/reviews?before={found.older}" if found.older else ""
    return visit.page("evidence/reviews.html", found=found, older=older, in_words=in_words)


async def show(visit: Visit) -> Response:
    """One review: its figures as they were, and the notes."""
    return await page(visit)


async def page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of one review; after a refused form with what was typed."""
    async with visit.look() as work:
        review = await month_reviews.load(work, visit.number("review_id"))
    return visit.page(
        "evidence/review.html",
        review=review,
        month=evidence.read_month(review.figures),
        named=in_words(review.month),
        orders=month_reviews.orders_of(review),
        span=span,
        states=STATE_WORDS,
        **told_with(),
        **refused.facts(),
    )


async def note(visit: Visit) -> Response:
    """Keep the notes, or sign with them."""
    review_id = visit.number("review_id")

    async def do(work: Work, typed: Typed) -> str:
        review = await month_reviews.load(work, review_id)
        version = number_in(typed.get("version", "")) or 0
        sign = typed.get("do") == "sign"
        stands = review.notes
        try:
            await month_reviews.note(work, review, version, typed.get("notes", ""), sign=sign)
        except Conflict as conflict:  # yours stays in the form, to be laid over theirs
            raise NotAccepted(notes=f"{conflict.message} It now says: “{stands}”") from conflict
        return f"/evidence/reviews/{review_id}"

    return await answer_form(visit, "review", do, page, "Kept.")
