"""What a customer sees behind “how it stands”: where a case or an order is, in their language. S3-14.2.1b"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus

from starlette.responses import Response

from models.words import CaseStatus, OrderStatus
from portal.desk import links, standing
from portal.desk.errors import NotFound
from portal.desk.standing import Standing
from portal.desk.work import Work
from portal.letters import said_day, said_moment, said_word
from portal.pages.feedback import unknown, wished
from portal.web import Visit

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "case": "Your {kind} {number}",
        "order": "Your order {number}",
        "begun": "With us since",
        "placed": "Placed",
        "heard": "First answer",
        "hear by": "You hear from us by",
        "solve by": "We mean to have it solved by",
        "ended": "Ended",
        "expected": "Expected on",
        "way": "The way of your order",
        "not yet": "not yet",
        "now": "This page tells how it stands now. Open it again whenever you like.",
        "case open": "Somebody is working on it.",
        "case waiting": "We asked you something and wait for your answer. Just reply to our message.",
        "case resolved": "It is solved. If it is not, reply to our message, and it goes on.",
        "case closed": "It is solved and closed.",
        "case cancelled": "It was withdrawn: nobody is working on it any more.",
        "case merged": "It goes on under another number of yours. The message that told you names it.",
        "order draft": "We are looking at it before we confirm it.",
        "order confirmed": "It is confirmed, and is prepared next.",
        "order handed_over": "It is being prepared.",
        "order prepared": "It is packed, and leaves our house next.",
        "order prepared pickup": "It is packed: come by whenever it suits you.",
        "order dispatched": "It is on its way.",
        "order delivered": "It has arrived.",
        "order delivered pickup": "You have picked it up.",
        "order cancelled": "It was cancelled.",
        "stage confirmed": "Confirmed",
        "stage prepared": "Packed",
        "stage dispatched": "On its way",
        "stage delivered": "Arrived",
        "stage delivered pickup": "Picked up",
        "expired": "This link has expired",
        "expired more": "It has been over for a while. If something is left, just write or call.",
    },
    "de": {
        "case": "Vorgang {number}: {kind}",
        "order": "Ihre Bestellung {number}",
        "begun": "Bei uns seit",
        "placed": "Bestellt",
        "heard": "Erste Antwort",
        "hear by": "Sie hören von uns bis",
        "solve by": "Gelöst sein soll es bis",
        "ended": "Beendet",
        "expected": "Voraussichtlich am",
        "way": "Der Weg Ihrer Bestellung",
        "not yet": "noch nicht",
        "now": "Diese Seite zeigt den Stand von jetzt. Sie können sie jederzeit wieder öffnen.",
        "case open": "Jemand kümmert sich darum.",
        "case waiting": "Wir haben Sie etwas gefragt. Antworten Sie einfach auf unsere Nachricht.",
        "case resolved": "Es ist gelöst. Falls nicht, antworten Sie auf unsere Nachricht, dann geht es weiter.",
        "case closed": "Es ist gelöst und abgeschlossen.",
        "case cancelled": "Es wurde zurückgezogen: Niemand arbeitet mehr daran.",
        "case merged": "Es geht unter einer anderen Nummer weiter. Sie steht in unserer Nachricht dazu.",
        "order draft": "Wir sehen sie noch durch, bevor wir sie bestätigen.",
        "order confirmed": "Sie ist bestätigt und wird als Nächstes zusammengestellt.",
        "order handed_over": "Sie wird zusammengestellt.",
        "order prepared": "Sie ist gepackt und verlässt als Nächstes unser Haus.",
        "order prepared pickup": "Sie ist gepackt: Holen Sie sie ab, wann es Ihnen passt.",
        "order dispatched": "Sie ist unterwegs.",
        "order delivered": "Sie ist angekommen.",
        "order delivered pickup": "Sie haben sie abgeholt.",
        "order cancelled": "Sie wurde storniert.",
        "stage confirmed": "Bestätigt",
        "stage prepared": "Gepackt",
        "stage dispatched": "Unterwegs",
        "stage delivered": "Angekommen",
        "stage delivered pickup": "Abgeholt",
        "expired": "Dieser Link ist abgelaufen",
        "expired more": "Es ist schon länger vorbei. Ist noch etwas offen, schreiben Sie oder rufen Sie an.",
    },
}

Fact = tuple[str, str]


async def show_case(visit: Visit) -> Response:
    """How a case stands."""
    return await _show(visit, standing.of_case, "case")


async def show_order(visit: Visit) -> Response:
    """How an order stands."""
    return await _show(visit, standing.of_order, "order")


async def _show(visit: Visit, find: Callable[[Work, str], Awaitable[Standing]], what: str) -> Response:
    try:
        async with visit.look() as work:
            found = await find(work, visit.text("token"))
    except links.Expired:
        say = WORDS[wished(visit)]
        return visit.page(
            "feedback/told.html",
            status=links.Expired.status,
            language=wished(visit),
            heading=say["expired"],
            words=say["expired more"],
            surveys="",
        )
    except NotFound:
        return await unknown(visit)
    say = WORDS[found.language]
    kind = said_word(found.kind, found.language)
    return visit.page(
        "standing/show.html",
        status=HTTPStatus.OK,
        language=found.language,
        say=say,
        heading=say[what].format(number=found.number, kind=kind),
        words=_words(found, say, f"{what} {found.status.value}"),
        stages=_stages(found, say),
        facts=_facts(found, say),
    )


def _words(found: Standing, say: dict[str, str], name: str) -> str:
    return say.get(f"{name} pickup", say[name]) if found.pickup else say[name]


def _stages(found: Standing, say: dict[str, str]) -> list[tuple[str, str, bool]]:
    """Each stage of an order: its name, when it was reached, whether it is the last one reached."""
    if found.status is OrderStatus.CANCELLED:
        return []
    shown = [one for one in found.stages if not (found.pickup and one[0] is OrderStatus.DISPATCHED)]
    last = max((place for place, (_, at) in enumerate(shown) if at), default=None)
    return [
        (_words(found, say, f"stage {stage.value}"), _moment(found, at) if at else "", place == last)
        for place, (stage, at) in enumerate(shown)
    ]


def _facts(found: Standing, say: dict[str, str]) -> list[Fact]:
    """What else is told, in the order in which it happens; nothing that is not owed any more."""
    moments = [
        ("begun" if isinstance(found.status, CaseStatus) else "placed", found.begun_at),
        ("heard", found.heard_at),
        ("hear by", found.hear_by),
        ("solve by", found.solve_by),
        ("ended", found.ended_at),
    ]
    told = [(say[name], _moment(found, at)) for name, at in moments if at]
    if found.expected_on and not found.ended_at:
        told.append((say["expected"], said_day(found.expected_on, found.language)))
    return told


def _moment(found: Standing, at: datetime) -> str:
    return said_moment(at, found.zone, found.language)
