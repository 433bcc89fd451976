"""Consents: on a customer, behind a customer's link, and for whoever writes offers. S4-3.1"""

from __future__ import annotations

from starlette.responses import Response

from models.words import ConsentPurpose
from portal.desk import consents, customers, offers
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages.feedback import unknown
from portal.web import Visit, chosen

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "What you agreed to",
        "agreed": "You agreed to this:",
        "marketing": "We write to you about offers.",
        "research": "Your answers may be used for research.",
        "stop": "I take it back",
        "none": "You agreed to nothing, and get no offers. Everything else – about orders and questions – goes on.",
    },
    "de": {
        "title": "Worin Sie eingewilligt haben",
        "agreed": "Darin haben Sie eingewilligt:",
        "marketing": "Wir schreiben Ihnen über Angebote.",
        "research": "Ihre Antworten dürfen für die Forschung verwendet werden.",
        "stop": "Ich widerrufe das",
        "none": "Sie haben in nichts eingewilligt und bekommen keine Angebote. Alles andere schreiben wir weiterhin.",
    },
}


async def show(visit: Visit) -> Response:
    """What the customer agreed to, and one button. Changes nothing: a mail scanner opens links too."""
    try:
        async with visit.look() as work:
            wish = await consents.behind(work, visit.text("token"))
    except NotFound:
        return await unknown(visit)
    return visit.page("consents/public.html", language=wish.language, say=WORDS[wish.language], wish=wish)


async def take_back(visit: Visit) -> Response:
    """Take back what the customer behind the link agreed to. S4-3.1"""
    try:
        async with visit.work() as work:
            await consents.withdraw_by_link(work, visit.text("token"))
    except NotFound:
        return await unknown(visit)
    return visit.go(visit.request.scope["path"])


async def note(visit: Visit) -> Response:
    """Note on a customer what they told a colleague: that they agree, or that they take it back."""
    form, customer_id = await visit.form(), visit.number("customer_id")
    purpose, agreed = _purpose(chosen(form, "purpose")), chosen(form, "agreed")
    if agreed not in {"yes", "no"}:
        raise NotAccepted(agreed="Say whether the customer agrees.")
    async with visit.work() as work:
        customer = await customers.load(work, customer_id)
        if agreed == "yes":
            await consents.agree(work, customer, purpose, number_in(chosen(form, "wording_id")))
        else:
            await consents.withdraw(work, customer, purpose)
    said = (
        "Noted that the customer agrees." if agreed == "yes" else "Taken back. Nothing more goes out on it."
    )
    return visit.go(f"/customers/{customer_id}", said)


async def index(visit: Visit) -> Response:
    """What customers are asked, how many agree, and the offers there were."""
    return await _page(visit)


async def _page(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    async with visit.look() as work:
        asked = await consents.asked(work)
        found = await offers.made(work, visit.asked("before"))
    older = f"/consents?before={found.older}" if found.older else ""
    return visit.page("consents/index.html", asked=asked, offers=found.rows, older=older, **refused.facts())


async def reword(visit: Visit) -> Response:
    """Ask for a purpose in other words from now on."""
    purpose = chosen(await visit.form(), "purpose")

    async def do(work: Work, typed: Typed) -> str:
        await consents.reword(work, _purpose(purpose), typed.get("words_en", ""), typed.get("words_de", ""))
        return "/consents"

    said = "From now on customers are asked in these words."
    return await answer_form(visit, f"{purpose}-words", do, _page, said)


async def make_offer(visit: Visit) -> Response:
    """Write an offer to everybody who agreed."""

    async def do(work: Work, typed: Typed) -> str:
        if typed.get("sure") != "yes":
            raise NotAccepted(sure="Tick that this goes to everybody who agreed to offers.")
        await offers.make(work, typed.get("subject", ""), typed.get("words", ""))
        return "/consents"

    said = "Made. The letters go out in the next minutes, to those who agree then."
    return await answer_form(visit, "offer", do, _page, said)


def _purpose(said: str) -> ConsentPurpose:
    try:
        return ConsentPurpose(said)
    except ValueError:
        raise NotAccepted(purpose="Say what for.") from None
