"""Papers of an order: a scan with where the paper is, and handing it out. S1-5.2d"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import attachments, order_papers, orders
from portal.desk.errors import NotAccepted
from portal.forms import Refused
from portal.pages.intake.files import handed_out
from portal.pages.orders import detail
from portal.web import Visit, chosen, uploaded


async def add(visit: Visit) -> Response:
    """Keep a scan with the order."""
    form = await visit.form(most_files=1)
    try:
        name, content = await uploaded(form, "scan", attachments.LARGEST) or ("", b"")
        where = chosen(form, "whereabouts")
    finally:
        await form.close()
    order_id = visit.number("order_id")
    try:
        async with visit.work() as work:
            await order_papers.add(work, await orders.load(work, order_id), name, content, where)
    except NotAccepted as refused:
        return await detail(visit, Refused("paper", refused.fields, {"whereabouts": where}))
    return visit.go(f"/orders/{order_id}#papers", "Kept with the order.")


async def hand_out(visit: Visit) -> Response:
    """Give a scan to whoever may see where the customer lives, to be saved and never shown inside a page."""
    async with visit.look() as work:
        order = await orders.load(work, visit.number("order_id"))
        opened = await order_papers.open_paper(work, order, visit.number("paper_id"))
    return handed_out(opened)
