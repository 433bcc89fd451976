"""What stands in front of everything, the admin included. Pure ASGI, outermost first:

Headers → LastResort → HostGuard → BodyLimit → RequestId → (Starlette's cookie for transient state) → SameOrigin → WhoAsks.
Paths are read from the scope alone: an address built from the Host header is never trusted. S2-2.2
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.desk import sessions
from portal.desk.work import SYSTEM, Desk
from portal.practice import PracticeRoom

log = logging.getLogger("handrail")

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FILES = ("/static/", "/admin/statics/")
TAKES_FILES = re.compile(
    r"/intakes/[0-9]{1,9}/[^/]+/files|/orders/[0-9]{1,9}/papers|/contacts/[0-9]{1,9}/transcript|/scripts/imports"
)
LONGEST_LENGTH = 18
"""Digits of a body's length: more are not worth reading as a number."""


def content_security_policy(form_targets: Iterable[str] = ()) -> str:
    """One policy for wizard and admin: nothing inline, nothing from elsewhere."""
    forms = " ".join(["'self'", *form_targets])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; "
        f"form-action {forms}; frame-ancestors 'none'"
    )


class SafeHeaders:
    """Puts the same headers on every answer, errors included. A page may set a stricter or its own one first."""

    def __init__(self, app: ASGIApp, *, form_targets: Iterable[str] = (), https: bool = False) -> None:
        self.app = app
        self.headers = {
            "content-security-policy": content_security_policy(form_targets),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "x-frame-options": "DENY",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
        }
        if https:
            self.headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if path.startswith(FILES):
                    versioned = b"v=" in scope.get("query_string", b"")
                    headers.setdefault(
                        "cache-control",
                        "public, max-age=31536000, immutable" if versioned else "public, max-age=3600",
                    )
                else:
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers)


class LastResort:
    """Whatever nobody foresaw: logged with a reference, told without details. A database that is away is a 503."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except (
            ClientDisconnect
        ):  # gone before the request was read, as a part that is asked for anew while typing
            return
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            reference = scope.get("request_id", "")
            if database_is_away(error):
                log.warning("database away", extra={"request_id": reference, "kind": type(error).__name__})
                response = plain_page(
                    503,
                    "The desk is very busy or its database is away. Nothing was lost; please try again in a moment.",
                    reference,
                )
                response.headers["retry-after"] = "2"
            else:
                log.exception("unforeseen", extra={"request_id": reference})
                response = plain_page(
                    500, "Something went wrong on our side. It has been written down.", reference
                )
            await response(scope, receive, send)


def database_is_away(error: BaseException) -> bool:
    """Whether the database cannot be reached or is too busy, as against a mistake of ours."""
    chain = list(_chain(error))
    if any(type(one).__name__ == "DataError" for one in chain):
        return False  # asyncpg calls a value it cannot send a kind of broken connection
    for seen in chain:
        if isinstance(seen, PoolTimeout | InterfaceError | ConnectionError | TimeoutError):
            return True
        if isinstance(seen, OperationalError) or (
            isinstance(seen, DBAPIError) and seen.connection_invalidated
        ):
            return True
        if type(seen).__name__ in {
            "CannotConnectNowError",
            "TooManyConnectionsError",
            "AdminShutdownError",
            "ConnectionDoesNotExistError",
        }:
            return True
    return False


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def plain_page(status: int, words: str, reference: str = "") -> HTMLResponse:
    """A page that needs nothing: no template, no database, no session."""
    told = f"<p>Reference: {reference}</p>" if reference else ""
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>Handrail: {status}</title></head><body><main><h1>{words}</h1>{told}<p><a href="/">Back to the desk</a></p>'
        "</main></body></html>",
        status_code=status,
    )


class HostGuard:
    """Answers only to the names the portal is known by."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            named = Headers(scope=scope).getlist("host")
            known = len(named) == 1 and self._is_ours(named[0])
            if not known:
                await PlainTextResponse("This host name is not ours.", status_code=400)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _is_ours(self, named: str) -> bool:
        try:
            parts = urlsplit(f"//{named}")
            port = parts.port
        except ValueError:
            return False
        return parts.hostname in self.hosts and "@" not in named and port != 0


class TooLarge(Exception):
    """The body grew past the limit while it was read."""


class BodyLimit:
    """Takes no more of a body than the limit, whatever its length was said to be.

    What asks for files has a limit of its own; its page reads a body only for who is signed in and may.
    """

    def __init__(self, app: ASGIApp, most: int, *, most_with_files: int = 0) -> None:
        self.app, self.most, self.most_with_files = app, most, most_with_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.most
        if TAKES_FILES.fullmatch(scope["path"]):
            most = max(most, self.most_with_files)
        said = Headers(scope=scope).get("content-length", "")
        if said and not (said.isascii() and said.isdigit()):
            await plain_page(400, "That request could not be read.")(scope, receive, send)
            return
        if len(said) > LONGEST_LENGTH or int(said or "0") > most:
            await plain_page(413, "That is more than can be taken in one go.")(scope, receive, send)
            return
        taken = 0
        answered = False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise TooLarge
            return message

        async def watch(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.app(scope, counted, watch)
        except TooLarge:
            if not answered:
                await plain_page(413, "That is more than can be taken in one go.")(scope, receive, send)


class RequestId:
    """Names each request, for the log and for the person who reports it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["request_id"] = request_id = secrets.token_hex(6)

            async def named(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableHeaders(scope=message)["x-request-id"] = request_id
                await send(message)

            await self.app(scope, receive, named)
            return
        await self.app(scope, receive, send)


class SameOrigin:
    """Refuses a write that another site started: fetch metadata first, the Origin header where a browser sends none."""

    def __init__(self, app: ASGIApp, *, origin: str, exempt: frozenset[str] = frozenset()) -> None:
        self.app, self.origin, self.exempt = app, origin, exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["method"] in UNSAFE
            and scope["path"] not in self.exempt
            and not self.is_ours(Headers(scope=scope))
        ):
            await plain_page(
                403, "This came from another site, so nothing was done.", scope.get("request_id", "")
            )(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def is_ours(self, headers: Headers) -> bool:
        fetched = headers.get("sec-fetch-site")
        origin = headers.get("origin")
        if origin is not None and origin not in {
            self.origin,
            f"http://{headers.get('host', '')}" if self.origin.startswith("http://") else self.origin,
        }:
            return False
        if fetched is not None:
            return fetched == "same-origin"
        return origin is not None


class WhoAsks:
    """Finds the person behind the session cookie and puts them into the scope. One indexed read a request."""

    def __init__(self, app: ASGIApp, *, desk: Desk, practice: PracticeRoom, cookie: str, idle: Any) -> None:
        self.app, self.desk, self.practice, self.cookie, self.idle = app, desk, practice, cookie, idle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith((*FILES, "/healthz", "/dev-idp/")):
            secret = cookie_of(scope, self.cookie)
            if secret:
                async with self.desk.look(SYSTEM) as work:
                    found = await sessions.find(work, secret, idle=self.idle)
                if found is not None:
                    scope["actor"], due = found
                    if scope["actor"].practice:
                        scope["practice_desk"] = await self.practice.open()
                        if scope["path"].startswith("/admin/"):
                            # The tables are the house's: whoever practises is led back to where that is said.
                            await RedirectResponse("/practice", status_code=303)(scope, receive, send)
                            return
                    if due and b"x-handrail-live" not in dict(
                        scope["headers"]
                    ):  # a page left open is not a person
                        async with self.desk.work(SYSTEM) as work:
                            await sessions.touch(work, secret)
        await self.app(scope, receive, send)


def cookie_of(scope: Scope, name: str) -> str:
    """One cookie, read without building a request."""
    for part in Headers(scope=scope).get("cookie", "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""
