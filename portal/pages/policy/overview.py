"""What is in force: the matrix in its order, the calendars, every version, and how far the clocks have followed."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from portal.desk import channels, policy_versions, recomputing
from portal.desk.hours import telling
from portal.pages.policy.showing import laid_out
from portal.web import Visit

MOST = 10
"""Versions and drafts on the page; the table of versions has them all."""


async def index(visit: Visit) -> Response:
    """The policy in force, and which of its rows a case would follow. S2-14.1"""
    async with visit.look() as work:
        policy = await policy_versions.in_force(work)
        listed = await policy_versions.listed(work)
        followed = await recomputing.under_way(work)
        own = await channels.own(work)
    facts = laid_out(visit, policy, own)
    drafts = [one.version for one in listed if one.version.number is None]
    published = [one.version for one in listed if one.version.number is not None]
    return visit.page(
        "policy/index.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if facts["wrong_case"] else HTTPStatus.OK,
        errors=facts["wrong_case"],
        current=next((one.version for one in listed if one.in_force), None),
        drafts=drafts[:MOST],
        versions=published[:MOST],
        more=len(drafts) > MOST or len(published) > MOST,
        recompute=followed,
        span=telling.span,
        **facts,
    )


async def recompute(visit: Visit) -> Response:
    """How far the clocks have followed the last change; it asks again by itself until all have."""
    if not visit.is_htmx:
        return await index(visit)
    async with visit.look() as work:
        followed = await recomputing.under_way(work)
    return visit.page("policy/_recompute.html", recompute=followed, span=telling.span)
