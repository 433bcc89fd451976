"""What a customer sees behind a feedback link: one question, in their language, without signing in. S0-3.7.1"""

from __future__ import annotations

from starlette.responses import Response

from portal.desk import attempts, feedback, links
from portal.desk.errors import NotAccepted, NotFound, TooOften, WrongMoment
from portal.desk.feedback import Invitation
from portal.desk.notices import LANGUAGES
from portal.web import Visit, chosen

WRONG_LINKS = 20
WITHIN_SECONDS = 600
"""So many links that are none of ours may come from one address in so many seconds."""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "How did we do?",
        "delivery": "Your order {reference} has arrived. How did it go, all in all?",
        "resolution": "We have closed “{subject}” ({reference}). How did it go, all in all?",
        "question": "Your rating",
        "5": "5: very good",
        "4": "4: good",
        "3": "3: fair",
        "2": "2: poor",
        "1": "1: very poor",
        "comment": "Is there something you would like to tell us?",
        "optional": "(optional)",
        "no more": "I want no such questions",
        "hint": "Please write no card numbers. We read everything that is written here.",
        "send": "Send",
        "problem": "Please look at this again",
        "wrong score": "Choose one of the five.",
        "wrong comment": "This cannot be taken: leave out card numbers, and use at most 5,000 characters.",
        "thanks": "Thank you",
        "thanked": "Your answer about {reference} has arrived. You can close this page.",
        "already": "This was answered already",
        "already more": "There is one answer to each invitation, and yours is kept. Thank you.",
        "expired": "This link has expired",
        "expired more": "It was open for a month. If you still want to tell us something, just write or call.",
        "unknown": "This link does not work",
        "unknown more": "Part of it may be missing. Open it again from the message, in one piece.",
        "often": "Too many tries",
        "often more": "Please wait a few minutes and open the link from the message again.",
    },
    "de": {
        "title": "Wie waren wir?",
        "delivery": "Ihre Bestellung {reference} ist angekommen. Wie war es insgesamt?",
        "resolution": "Wir haben „{subject}“ ({reference}) abgeschlossen. Wie war es insgesamt?",
        "question": "Ihre Bewertung",
        "5": "5: sehr gut",
        "4": "4: gut",
        "3": "3: mittel",
        "2": "2: schlecht",
        "1": "1: sehr schlecht",
        "comment": "Möchten Sie uns etwas dazu sagen?",
        "optional": "(freiwillig)",
        "no more": "Ich möchte keine solchen Fragen",
        "hint": "Bitte keine Kartennummern. Wir lesen alles, was hier geschrieben wird.",
        "send": "Absenden",
        "problem": "Bitte sehen Sie noch einmal nach",
        "wrong score": "Wählen Sie eine der fünf Möglichkeiten.",
        "wrong comment": "So geht es nicht: ohne Kartennummern und mit höchstens 5.000 Zeichen.",
        "thanks": "Vielen Dank",
        "thanked": "Ihre Antwort zu {reference} ist angekommen. Sie können diese Seite schließen.",
        "already": "Das haben Sie schon beantwortet",
        "already more": "Zu jeder Einladung gibt es eine Antwort, und Ihre ist gespeichert. Vielen Dank.",
        "expired": "Dieser Link ist abgelaufen",
        "expired more": "Er galt einen Monat. Möchten Sie uns noch etwas sagen, schreiben Sie oder rufen Sie an.",
        "unknown": "Dieser Link funktioniert nicht",
        "unknown more": "Vielleicht fehlt ein Stück. Öffnen Sie ihn noch einmal aus der Nachricht, in einem Stück.",
        "often": "Zu viele Versuche",
        "often more": "Bitte warten Sie ein paar Minuten und öffnen Sie den Link noch einmal aus der Nachricht.",
    },
}


async def show(visit: Visit) -> Response:
    """The question, or thanks when it was answered. Records nothing: a mail scanner opens links too."""
    try:
        async with visit.look() as work:
            invitation = await feedback.opened(work, visit.text("token"))
    except links.Expired:
        return _told(visit, wished(visit), "expired", links.Expired.status)
    except NotFound:
        return await unknown(visit)
    if invitation.answered:
        return _told(
            visit,
            invitation.language,
            "thanks",
            200,
            more="thanked",
            reference=invitation.reference,
            surveys=invitation.surveys,
        )
    return _asked(visit, invitation)


async def answer(visit: Visit) -> Response:
    """Take the answer and say thank you; what cannot be taken comes back as it was typed."""
    form, token = await visit.form(), visit.text("token")
    score, comment = chosen(form, "score"), chosen(form, "comment")
    try:
        async with visit.look() as work:
            invitation = await feedback.opened(work, token)
    except links.Expired:
        return _told(visit, wished(visit), "expired", links.Expired.status)
    except NotFound:
        return await unknown(visit)
    try:
        async with visit.work() as work:
            await feedback.answer(work, token, int(score) if score in set("12345") else None, comment)
    except WrongMoment:
        return _told(visit, invitation.language, "already", WrongMoment.status)
    except NotAccepted as refusal:
        return _asked(visit, invitation, score=score, comment=comment, fields=refusal.fields)
    return visit.go(visit.request.scope["path"])


def _asked(
    visit: Visit,
    invitation: Invitation,
    *,
    score: str = "",
    comment: str = "",
    fields: dict[str, str] | None = None,
) -> Response:
    say = WORDS[invitation.language]
    errors = {name: say[f"wrong {name}"] for name in fields or {}}
    about = say[invitation.kind.value].format(reference=invitation.reference, subject=invitation.subject)
    return visit.page(
        "feedback/show.html",
        status=NotAccepted.status if errors else 200,
        language=invitation.language,
        say=say,
        about=about,
        surveys=invitation.surveys,
        score=score,
        comment=comment,
        errors=errors,
    )


def _told(
    visit: Visit,
    language: str,
    what: str,
    status: int,
    *,
    more: str = "",
    reference: str = "",
    surveys: str = "",
) -> Response:
    say = WORDS[language]
    words = say[more or f"{what} more"].format(reference=reference)
    return visit.page(
        "feedback/told.html",
        status=status,
        language=language,
        heading=say[what],
        words=words,
        say=say,
        surveys=surveys,
    )


async def unknown(visit: Visit) -> Response:
    """Answer a link that is none of ours, and not very often from one address."""
    address = visit.request.client.host if visit.request.client else "nowhere"
    try:
        async with visit.work() as work:
            await attempts.count(work, f"link/{address}", WRONG_LINKS, WITHIN_SECONDS)
    except TooOften:
        return _told(visit, wished(visit), "often", TooOften.status)
    return _told(visit, wished(visit), "unknown", NotFound.status)


def wished(visit: Visit) -> str:
    """The first language of ours that the browser asks for: here we do not know who is reading."""
    for part in visit.request.headers.get("accept-language", "").lower().split(","):
        language = part.strip().split(";")[0].split("-")[0]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]
