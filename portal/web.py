"""The web side of a page: who asks, reading a form, showing an answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from portal import showing
from portal.desk import guide, looking, money, packs, pausing, speaking, tone
from portal.desk.errors import DeskError, NotAccepted, NotAllowed
from portal.desk.fields import FIELDS
from portal.desk.fields.purposes import PURPOSES
from portal.desk.permissions import May, Open
from portal.desk.saving import storable
from portal.desk.work import CUSTOMER, Actor, Desk, Work
from portal.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"
LONGEST_FIELD = 1024 * 1024
MOST_FIELDS = 1000
_HALVES = re.compile("[\ud800-\udfff]")
LONGEST_SEARCH = 200
"""Characters of a search that are looked at."""


class IdConvertor(IntegerConvertor):
    """The number of a row in an address, as `{case_id:id}`: what no database can hold leads nowhere."""

    regex = "[0-9]{1,9}"


register_url_convertor("id", IdConvertor())


@lru_cache(maxsize=256)
def static(path: str) -> str:
    """The address of one of our files, with its content's hash: it may be cached for ever."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={digest}"


@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> Markup:
    """One of the icons; without a label it says nothing of its own. Made once: a page shows a dozen."""
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="hr-icon" {} focusable="false"><use href="{}#i-{}"></use></svg>').format(
        said, static("vendor/icons.svg"), name
    )


class Pages(Environment):
    """Templates that all know the same, so that an import need not look which of them knows what."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def make_templates() -> Pages:
    """The templates of the pages: everything escaped, a missing fact is an error."""
    made = Pages(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(static=static, draw_icon=icon, May=May, FIELDS=FIELDS, WHY=PURPOSES)
    made.globals.update(guide_to=guide.about, tour_at=guide.standing)
    made.globals.update(spoken=speaking.NAMES, cues_of=speaking.cues_of, CUES=speaking.CUES)
    made.filters.update(
        word=showing.word, money=showing.money, day=showing.day, lines=showing.lines, article=showing.article
    )
    made.filters.update(
        waits=pausing.reason_of,
        exact=showing.exact,
        percent=money.percent,
        tenths=showing.tenths,
        packs=packs.told,
        marked=tone.marked,
    )
    return made


templates = make_templates()


@dataclass(slots=True)
class Visit:
    """One request as a page sees it: the person, the desk, the form, and the ways to answer."""

    request: Request

    @property
    def desk(self) -> Desk:
        """The desk of who asks: the house's, or the practice room's for somebody who practises there. S2-0.3"""
        room: Desk | None = self.request.scope.get("practice_desk")
        return room or self.house

    @property
    def house(self) -> Desk:
        """The house's own desk, also for somebody who practises."""
        desk: Desk = self.request.app.state.desk
        return desk

    @property
    def settings(self) -> Settings:
        settings: Settings = self.request.app.state.settings
        return settings

    @property
    def actor(self) -> Actor | None:
        """Who is signed in; None for anybody else."""
        actor: Actor | None = self.request.scope.get("actor")
        return actor

    @property
    def person(self) -> Actor:
        """Who is signed in. Only for pages that are not public."""
        if self.actor is None:
            raise NotAllowed("Please sign in.")
        return self.actor

    @property
    def request_id(self) -> str:
        return str(self.request.scope.get("request_id", ""))

    @property
    def is_htmx(self) -> bool:
        """Whether htmx asks for a part of the page."""
        return (
            self.request.headers.get("hx-request") == "true"
            and self.request.headers.get("hx-request-type") != "full"
        )

    def work(self, remembered: dict[str, Any] | None = None) -> AbstractAsyncContextManager[Work]:
        """A transaction that may write, as the person who asks; what it reads once goes into `remembered`."""
        return self.desk.work(self.actor or CUSTOMER, self.request_id, remembered=remembered)

    def look(self, remembered: dict[str, Any] | None = None) -> AbstractAsyncContextManager[Work]:
        """A transaction that only reads, as the person who asks; it may go on from what a deed has read."""
        return self.desk.look(self.actor or CUSTOMER, remembered=remembered)

    def number(self, name: str) -> int:
        """A number from the address."""
        return int(self.request.path_params[name])

    def text(self, name: str) -> str:
        """A word from the address, without the signs that no database holds."""
        return storable(str(self.request.path_params[name]))

    def asked(self, name: str, default: str = "") -> str:
        """A value after the `?` of the address."""
        return storable(self.request.query_params.get(name, default))

    def hide(self, text: str) -> str:
        """The word that stands for what this person looks for in an address. S0-3.2.3"""
        return looking.hidden(self.desk.terms.secret, self.person.person_id, self.desk.clock(), text)

    def opened(self, word: str) -> str:
        """What such a word stands for; empty for one that is somebody else's, too old, or none."""
        return looking.shown(self.desk.terms.secret, self.person.person_id, self.desk.clock(), word)

    def looked_for(self) -> str:
        """What is looked for: hidden in the address by our own forms, in plain where somebody wrote it there."""
        word = self.asked("for")
        return (storable(self.opened(word)) if word else self.asked("q")).strip()

    async def look_for(self, address: str, *beside: str) -> Response:
        """Go on from a posted search to its page, whose address says nothing of what was typed. S0-3.2.3, S3-14.1.1b

        What tells of nobody, such as a day, is named in `beside` and stands in the address as it was sent.
        """
        sent = await self.form()
        text = chosen(sent, "q").strip()[:LONGEST_SEARCH]
        asked = {"for": self.hide(text) if text else "", **{name: chosen(sent, name) for name in beside}}
        query = urlencode({name: value for name, value in asked.items() if value})
        return self.go(f"{address}?{query}" if query else address)

    async def form(
        self, *, most_files: int = 0, longest: int = LONGEST_FIELD, most_fields: int = MOST_FIELDS
    ) -> FormData:
        """Read the form, without halves of signs, which no page could show again.

        Files are refused unless the page asks for some; what came is on the disk, not in memory. `longest` is in
        bytes, of one field; `most_fields` is more for a page whose form grows with what it writes.
        """
        sent = await self.request.form(max_files=most_files, max_fields=most_fields, max_part_size=longest)
        return FormData(
            [
                (name, _HALVES.sub("", value) if isinstance(value, str) else value)
                for name, value in sent.multi_items()
            ]
        )

    def html(self, template: str, /, *, status: int = 200, **facts: Any) -> str:
        now, zone = self.desk.clock(), self.actor.zone if self.actor else self.settings.zone
        common: dict[str, Any] = {
            "visit": self,
            "actor": self.actor,
            "may": self.actor.may if self.actor else (lambda _permission: False),
            "company": self.desk.terms.company,
            "demo": self.settings.demo,
            "now": now,
            "zone": zone,
            "moment": lambda value: showing.moment(value, now, zone),
            "errors": {},
            "status": status,
            "path": self.request.scope["path"],
        }
        return templates.get_template(template).render({**common, **facts})

    def page(self, template: str, /, *, status: int = 200, **facts: Any) -> HTMLResponse:
        """Show a page, or a part of one."""
        return HTMLResponse(self.html(template, status=status, **facts), status_code=status)

    def go(self, address: str, said: str = "") -> Response:
        """Send the browser on after a deed (303), with a sentence to show there."""
        if said:
            self.request.session["said"] = said
        if self.is_htmx:
            return Response(status_code=200, headers={"HX-Redirect": address})
        return RedirectResponse(address, status_code=303)

    def said(self) -> str:
        """The sentence left by `go`, once."""
        if "session" not in self.request.scope or "said" not in self.request.session:
            return ""
        return str(self.request.session.pop("said"))


Handler = Callable[[Visit], Awaitable[Response]]


class Page(Route):
    """One address of the portal. `allow=` has no default: nobody can forget it."""

    def __init__(
        self,
        path: str,
        handler: Handler,
        *,
        allow: May | Open,
        methods: Sequence[str] = ("GET",),
        name: str | None = None,
        from_anywhere: bool = False,
    ) -> None:
        self.allow = allow
        self.from_anywhere = from_anywhere
        """Whether a machine elsewhere may post here (the provider's logout call). Everything else is same-origin."""

        async def endpoint(request: Request) -> Response:
            visit = Visit(request)
            refusal = admission(visit, allow)
            if refusal is not None:
                return refusal
            try:
                return await handler(visit)
            except DeskError as error:
                return problem(visit, error)

        super().__init__(
            path,
            endpoint,
            methods=list(methods),
            name=name or f"{handler.__module__}.{getattr(handler, '__name__', 'page')}",
        )


def admission(visit: Visit, allow: May | Open) -> Response | None:
    """What to answer somebody who may not in here; None when they may."""
    if allow is Open.PUBLIC:
        return None
    if visit.actor is None:
        return to_sign_in(visit)
    if allow is Open.SIGNED_IN or visit.actor.may(allow):
        return None
    return problem(visit, NotAllowed())


def to_sign_in(visit: Visit) -> Response:
    """Send a browser to the sign-in and back; tell htmx and machines in words."""
    request = visit.request
    if request.method in {"GET", "HEAD"} and not visit.is_htmx:
        query = request.scope.get("query_string", b"").decode("latin-1")
        after = request.scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"/sign-in?next={quote(after, safe='')}", status_code=303)
    return problem(visit, SignedOut())


class SignedOut(DeskError):
    """The session is over; what was typed is still on the screen."""

    status = 401

    def __init__(self) -> None:
        super().__init__("You are signed out. Sign in again in another tab; what you typed here stays.")


def problem(visit: Visit, error: DeskError) -> Response:
    """An error in words: a page, or a part for htmx."""
    template = "components/_problem.html" if visit.is_htmx else "problem.html"
    fields = error.fields if isinstance(error, NotAccepted) else {}
    return visit.page(template, status=error.status, error=error, errors=fields)


def http_problem(visit: Visit, error: HTTPException) -> Response:
    """Starlette's own refusals (404, 405, 413 …) in the house's words."""
    words = {
        400: "That request could not be read.",
        404: "There is nothing here, or nothing you may see.",
        405: "That cannot be done here.",
        413: "That is more than can be taken in one go.",
    }
    told = DeskError(words.get(error.status_code, "That did not work."))
    told.status = error.status_code  # type: ignore[misc]  # one instance with the status of the refusal
    return problem(visit, told)


async def uploaded(form: FormData, name: str, longest: int) -> tuple[str, bytes] | None:
    """The file that was chosen for a field, as (name, content); None where none was.

    No more than a byte beyond `longest` is read: so much is too much, and whoever keeps the file says so.
    """
    upload = form.get(name)
    if not isinstance(upload, UploadFile) or not upload.filename:
        return None
    return upload.filename, await upload.read(longest + 1)


def chosen(form: Mapping[str, Any], name: str) -> str:
    """A text field as typed, without the blanks around it and the signs that no database holds; a missing one is empty."""
    value = form.get(name, "")
    return storable(value).strip() if isinstance(value, str) else ""


__all__ = [
    "Handler",
    "Page",
    "Visit",
    "admission",
    "chosen",
    "http_problem",
    "problem",
    "static",
    "templates",
    "uploaded",
]
