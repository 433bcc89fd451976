"""What customers ask of their own data: noting it, the register, handing the data out, ending it. S2-2.3"""

from __future__ import annotations

import json
from datetime import date

from starlette.responses import Response

from models.words import DataRequestKind
from portal.desk import customers, data_requests
from portal.desk.errors import NotAccepted
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages.customers import detail
from portal.pages.erasures import called
from portal.web import Visit, chosen

FIELDS = ("asks", "words", "received_on")


async def note(visit: Visit) -> Response:
    """Note on a customer what they ask, and since when."""
    form, customer_id = await visit.form(), visit.number("customer_id")
    typed = {name: chosen(form, name) for name in FIELDS}
    try:
        async with visit.work() as work:
            customer = await customers.load(work, customer_id)
            kind, day = _asked(typed)
            request = await data_requests.note(work, customer, kind, typed["words"], day)
    except NotAccepted as refused:
        return await detail(visit, status=422, errors=refused.fields, typed=typed)
    return visit.go(f"/customers/{customer_id}", f"Noted. It is to be answered by {request.due_on:%d %B %Y}.")


def _asked(typed: Typed) -> tuple[DataRequestKind, date]:
    kind = next((one for one in DataRequestKind if one.value == typed["asks"]), None)
    try:
        day = date.fromisoformat(typed["received_on"].strip())
    except ValueError:
        day = None
    if kind is None or day is None:
        wrong = {} if kind else {"asks": "Choose what they ask."}
        raise NotAccepted.of(wrong | ({} if day else {"received_on": "Enter a day such as 2026-03-14."}))
    return kind, day


async def index(visit: Visit) -> Response:
    """The register: what is open, or what was answered."""
    return await _page(visit)


async def _page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    ended = visit.asked("show") == "ended"
    async with visit.look() as work:
        found = await data_requests.listed(work, ended=ended, before=visit.asked("before"))
        today = work.now.date()
    chips = [
        ("/data-requests", "Open", None, not ended),
        ("/data-requests?show=ended", "Answered", None, ended),
    ]
    older = f"/data-requests?show={'ended' if ended else 'open'}&before={found.older}" if found.older else ""
    return visit.page(
        "data_requests/index.html",
        found=found.rows,
        older=older,
        chips=chips,
        ended=ended,
        today=today,
        handed_out=data_requests.HANDED_OUT,
        **refused.facts(),
    )


async def hand_out(visit: Visit) -> Response:
    """Everything that is known of the customer: a file for machines, or a page to print. Noted as given out."""
    form, request_id = await visit.form(), visit.number("data_request_id")
    identity, wanted = chosen(form, "identity"), chosen(form, "as")
    try:
        async with visit.work() as work:
            request = await data_requests.load(work, request_id)
            told = await data_requests.hand_out(work, request, identity)
            number = (await customers.load(work, request.customer_id)).number
    except NotAccepted as refused:
        typed = {"identity": identity}
        return await _page(visit, Refused(f"{request_id}-out", refused.fields, typed))
    if wanted == "page":
        return visit.page("data_requests/own_data.html", told=told, number=number, called=called)
    return Response(
        json.dumps({"customer": number, "data": told}, ensure_ascii=False, indent=2),
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{number}.json"'},
    )


async def finish(visit: Visit) -> Response:
    """Say that it is done."""
    return await _end(visit, "done", refuse=False)


async def refuse(visit: Visit) -> Response:
    """Refuse it, with the reason."""
    return await _end(visit, "refusal", refuse=True)


async def _end(visit: Visit, key: str, *, refuse: bool) -> Response:
    request_id = visit.number("data_request_id")

    async def do(work: Work, typed: Typed) -> str:
        request = await data_requests.load(work, request_id)
        end = data_requests.refuse if refuse else data_requests.finish
        await end(work, request, typed.get("outcome", ""))
        return "/data-requests"

    said = "Refused. Tell the customer why." if refuse else "Done. Tell the customer."
    return await answer_form(visit, f"{request_id}-{key}", do, _page, said)
