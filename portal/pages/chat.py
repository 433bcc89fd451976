"""What a customer sees who wants to chat: who they are, what they want to say, and then the chat itself. S2-12.3

Without signing in. A secret in a cookie, which no script reads, leads to one chat; without it there is none. It works
without JavaScript: with it the page asks every few seconds what is new.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from models import Chat
from models.words import Channel, ChatStatus
from portal.desk import channels, chat
from portal.desk.chat import CHATTER, Attended, Line, Opening
from portal.desk.errors import DeskError, NotAccepted, NotFound, TooOften, WrongMoment
from portal.desk.notices import customers_zone
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.guards import cookie_of
from portal.letters import said_day
from portal.pages.chat_words import WORDS
from portal.pages.feedback import wished
from portal.web import Visit, chosen

KEPT_SECONDS = 2 * 24 * 60 * 60
"""How long a browser keeps the secret; what it opens ends before."""
HERE = "/chat"


def _cookie(visit: Visit) -> str:
    """Name the cookie; the prefix makes browsers insist on https and on this one host."""
    return "__Host-handrail-chat" if visit.settings.production else "handrail-chat"


def _secret(visit: Visit) -> str:
    """The secret of the one who asks. Raises NotFound where the desk has no chat."""
    if not visit.settings.chat:
        raise NotFound
    return cookie_of(visit.request.scope, _cookie(visit))


async def show(visit: Visit) -> Response:
    """The chat that this browser has; else the form to begin one, or to leave a message where nobody is there."""
    secret = _secret(visit)
    if not visit.asked("new"):
        try:
            return await _room(visit, secret)
        except NotFound:
            pass
    return await _beginning(visit)


async def begin(visit: Visit) -> Response:
    """Begin a chat, or leave a message."""
    held = _secret(visit)
    form, language = await visit.form(), wished(visit)
    typed = {name: chosen(form, name) for name in ("name", "address", "words")}
    async with visit.house.look(CHATTER) as work:
        try:
            known = await chat.behind(work, held)
        except NotFound:
            known = None
    if known is not None and known.status is not ChatStatus.ENDED:
        return visit.go(HERE)  # it was sent twice
    client, secret = visit.request.client, chat.new_secret()
    told = Opening(language=language, came_from=client.host if client else "nowhere", **typed)
    try:
        async with visit.house.work(CHATTER, visit.request_id) as work:
            await chat.begin(work, secret, told)
    except NotAccepted as refusal:
        return await _beginning(visit, typed, refusal)
    except TooOften:
        return _told(visit, language, "often", TooOften.status)
    response = visit.go(HERE)
    response.set_cookie(
        _cookie(visit),
        secret,
        max_age=KEPT_SECONDS,
        path="/",
        secure=visit.settings.production,
        httponly=True,
        samesite="lax",
    )
    return response


async def write(visit: Visit) -> Response:
    """Say something."""
    secret, words = _secret(visit), chosen(await visit.form(), "words")
    return await _answer(visit, "words", words, lambda work: chat.write(work, secret, words))


async def leave(visit: Visit) -> Response:
    """Leave it as a message instead of waiting on."""
    secret, address = _secret(visit), chosen(await visit.form(), "address")
    return await _answer(visit, "address", address, lambda work: chat.leave(work, secret, address))


async def stop(visit: Visit) -> Response:
    """End it."""
    secret = _secret(visit)
    return await _answer(visit, "", "", lambda work: chat.stop(work, secret))


async def send(visit: Visit) -> Response:
    """Have what was said sent by mail."""
    secret, address = _secret(visit), chosen(await visit.form(), "address")
    return await _answer(
        visit, "address", address, lambda work: chat.send(work, secret, address), "?sent=yes"
    )


async def news(visit: Visit) -> Response:
    """What was said after a message, and how the chat stands: asked for by the page itself."""
    secret = _secret(visit)
    async with visit.house.look(CHATTER) as work:
        found = await chat.behind(work, secret)
        said = await chat.messages(work, found, number_in(visit.asked("after")) or 0)
        facts = await _standing(work, found)
    return visit.page("chat/_news.html", log=said, **facts)


async def _answer(visit: Visit, field: str, typed: str, do: Any, query: str = "") -> Response:
    """Do what a form asks and show the chat; refused, with what was typed and why, in the customer's words."""
    try:
        async with visit.house.work(CHATTER, visit.request_id) as work:
            await do(work)
    except NotFound:
        return _told(visit, wished(visit), "gone", NotFound.status)
    except (NotAccepted, TooOften, WrongMoment) as refusal:
        return await _room(visit, _secret(visit), refused=refusal, field=field, typed=typed)
    return visit.go(f"{HERE}{query}")


async def _room(
    visit: Visit, secret: str, *, refused: DeskError | None = None, field: str = "", typed: str = ""
) -> Response:
    async with visit.house.look(CHATTER) as work:
        found = await chat.behind(work, secret)
        said = await chat.messages(work, found)
        facts = await _standing(work, found)
    say = WORDS[found.language]
    errors: dict[str, str] = {}
    if isinstance(refused, NotAccepted):
        errors = {name: say[f"wrong {name}"] for name in refused.fields}
    elif refused is not None:
        errors = {field or "words": say["too many" if isinstance(refused, TooOften) else "not now"]}
    return visit.page(
        "chat/room.html",
        status=refused.status if refused else 200,
        log=said,
        errors=errors,
        typed={field: typed},
        sent=visit.asked("sent") == "yes",
        **facts,
    )


async def _standing(work: Work, found: Chat) -> dict[str, Any]:
    """How a chat stands, in the customer's words. Of the desk it names who has it, and no case but the one it became."""
    say, zone = WORDS[found.language], ZoneInfo(await customers_zone(work))
    if found.status is ChatStatus.WAITING:
        late = found.due_at < work.now
        state = say["waiting late" if late else "waiting"].format(
            time=f"{found.due_at.astimezone(zone):%H:%M}"
        )
    else:
        state = say[found.status.value]
    return {
        "chat": found,
        "language": found.language,
        "say": say,
        "state": state,
        "clock": lambda line: _clock(line, zone),
    }


def _clock(line: Line, zone: ZoneInfo) -> str:
    return f"{line.at.astimezone(zone):%H:%M}"


async def _beginning(
    visit: Visit, typed: dict[str, str] | None = None, refused: NotAccepted | None = None
) -> Response:
    language = wished(visit)
    async with visit.house.look(CHATTER) as work:
        rule = await channels.rule_of(work, Channel.CHAT)
        there = await chat.attended(work)
        zone = await customers_zone(work)
    say = WORDS[language]
    if not rule.approved:
        return visit.page(
            "feedback/told.html",
            language=language,
            heading=say["elsewhere"],
            words=rule.sends_to(language),
            say=say,
            surveys="",
        )
    return visit.page(
        "chat/begin.html",
        status=NotAccepted.status if refused else 200,
        language=language,
        say=say,
        there=there,
        opens=_opening(there, language, ZoneInfo(zone), visit.house.clock()),
        typed=typed or {},
        errors={name: say[f"wrong {name}"] for name in refused.fields} if refused else {},
    )


def _opening(there: Attended, language: str, zone: ZoneInfo, now: datetime) -> str:
    """When somebody is there again, in words; empty where the calendar does not know."""
    if there.opens_at is None:
        return ""
    say = WORDS[language]
    at = there.opens_at.astimezone(zone)
    today = at.date() == now.astimezone(zone).date()
    day = say["today"] if today else said_day(at.date(), language)
    return say["opens"].format(day=day, time=f"{at:%H:%M}")


def _told(visit: Visit, language: str, what: str, status: int) -> Response:
    say = WORDS[language]
    return visit.page(
        "feedback/told.html",
        status=status,
        language=language,
        heading=say[what],
        words=say[f"{what} more"],
        say=say,
        surveys="",
    )
