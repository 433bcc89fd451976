"""What a customer sees behind “no more questions”: one button, in their language, without signing in. S3-9.1.1"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import customers, surveys
from portal.desk.errors import NotAccepted, NotFound
from portal.pages.feedback import unknown
from portal.web import Visit, chosen

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Questions about how we did",
        "asked": "Now and then we ask how it went: at most once a month, and never for advertising.",
        "stop": "Do not ask me any more",
        "not asked": "We do not ask you any more. Everything else we write – about orders and questions – goes on.",
        "ask again": "You may ask me again",
    },
    "de": {
        "title": "Fragen, wie es war",
        "asked": "Ab und zu fragen wir, wie es war: höchstens einmal im Monat und nie zur Werbung.",
        "stop": "Fragen Sie mich nicht mehr",
        "not asked": "Wir fragen Sie nicht mehr. Alles andere, zu Bestellungen und Fragen, schreiben wir weiterhin.",
        "ask again": "Sie dürfen mich wieder fragen",
    },
}
YES, NO = "yes", "no"


async def show(visit: Visit) -> Response:
    """Whether they are asked, and the button for the other. Changes nothing: a mail scanner opens links too."""
    try:
        async with visit.look() as work:
            wish = await surveys.behind(work, visit.text("token"))
    except NotFound:
        return await unknown(visit)
    return visit.page("feedback/surveys.html", language=wish.language, say=WORDS[wish.language], wish=wish)


async def say(visit: Visit) -> Response:
    """Take what the button says; anything else changes nothing."""
    wanted = chosen(await visit.form(), "asked")
    try:
        async with visit.work() as work:
            if wanted in {YES, NO}:
                await surveys.say_by_link(work, visit.text("token"), asked=wanted == YES)
            else:
                await surveys.behind(work, visit.text("token"))
    except NotFound:
        return await unknown(visit)
    return visit.go(visit.request.scope["path"])


async def note(visit: Visit) -> Response:
    """Note on a customer what they told a colleague."""
    wanted, customer_id = chosen(await visit.form(), "asked"), visit.number("customer_id")
    if wanted not in {YES, NO}:
        raise NotAccepted(asked="Say whether the customer is asked how it went.")
    async with visit.work() as work:
        await surveys.note(work, await customers.load(work, customer_id), asked=wanted == YES)
    told = "The customer may be asked again." if wanted == YES else "The customer is not asked any more."
    return visit.go(f"/customers/{customer_id}", told)
