"""Pages made for paper: scripts and the complaint form, blank to fill in by pen, or filled from what was taken."""

from __future__ import annotations

from markupsafe import Markup
from starlette.responses import Response

from portal.desk import (
    chat,
    disclosure,
    evidence,
    manual,
    order_story,
    orders,
    policy_telling,
    printing,
    queues,
    transcripts,
)
from portal.web import Visit


async def blank_script(visit: Visit) -> Response:
    """Every question of the script in force, with lines and boxes."""
    async with visit.look() as work:
        form = await printing.blank(work, visit.text("script"))
    return visit.page("print/script.html", form=form)


async def whole_manual(visit: Visit) -> Response:
    """Every script, picture, question and scenario in one, with the version on each printed page. S3-18.2"""
    async with visit.look() as work:
        found = await manual.whole(work)
    pictures = {one.script: Markup(one.drawing.svg) for one in found.chapters}  # noqa: S704 - escaped where drawn
    return visit.page("print/manual.html", manual=found, pictures=pictures, tell=policy_telling)


async def contact(visit: Visit) -> Response:
    """A contact as the form would stand when filled in."""
    async with visit.look() as work:
        record = await evidence.record_of(work, visit.number("contact_id"))
        talk = await chat.of_contact(work, record.contact.id)
        kept = await transcripts.of_contact(work, record.contact.id)
    return visit.page("print/contact.html", record=record, talk=talk, kept=kept)


async def blank_complaint(visit: Visit) -> Response:
    """The complaint form with nothing in it. S3-12.1.1a"""
    return visit.page("print/complaint.html", form=None)


async def complaint(visit: Visit) -> Response:
    """The complaint form of a case. S3-12.1.1a, S3-15.1.1"""
    async with visit.look() as work:
        form = await printing.complaint(work, visit.number("case_id"))
    return visit.page("print/complaint.html", form=form)


async def order(visit: Visit) -> Response:
    """An order with everything that happened with it, what the teams wrote to each other included. S1-4.7.2"""
    async with visit.look() as work:
        found = await orders.load(work, visit.number("order_id"))
        open_to = await disclosure.address_shown(work, found.customer_id)
        story = await order_story.of(work, found, shown=open_to, notes=True)
    return visit.page("print/order.html", order=found, customer=queues.masked_or_none(found), story=story)
