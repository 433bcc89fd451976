"""Signing in and out. The identity provider says who somebody is; the desk says whether they may in."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from starlette.responses import JSONResponse, RedirectResponse, Response

from portal.desk import attempts, people, sessions
from portal.desk.errors import DeskError, NotAllowed, TooOften
from portal.desk.work import SYSTEM
from portal.identity import LostTrack, ProviderAway, SignedIn, SignInFailed, cookie_name, local_path
from portal.web import Visit

if TYPE_CHECKING:
    from portal.relying_party import RelyingParty
    from portal.signin import HardenedApp

FAILURES = 10
"""So many sign-ins may fail from one address before it has to wait."""
WAIT_SECONDS = 300
AWAY_SECONDS = 30


class NoProvider(DeskError):
    """Nobody said who vouches for people."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "No identity provider is set up yet: HANDRAIL_OIDC_ISSUER names the one to sign in with."
        )


async def begin(visit: Visit) -> Response:
    """Send the browser to the identity provider, and remember where it wanted to go."""
    after = local_path(visit.asked("next", "/"))
    if visit.actor is not None:
        return RedirectResponse(after, status_code=303)
    if _elsewhere(visit):
        home = visit.settings.public_address
        return RedirectResponse(f"{home}/sign-in?next={quote(after, safe='')}", status_code=303)
    try:
        await _refuse_the_tireless(visit)
        return RedirectResponse(await (await _provider(visit)).begin(visit.request, after), status_code=303)
    except (SignInFailed, TooOften, NoProvider) as error:
        return failed(visit, error, after)


async def finish(visit: Visit) -> Response:
    """Take the provider's answer: a new session and on to where the person wanted to go, or a page with words."""
    try:
        await _refuse_the_tireless(visit)
        signed_in = await (await _provider(visit)).finish(visit.request)
    except ProviderAway as error:
        return failed(visit, error)
    except SignInFailed as error:
        return failed(visit, await _count_failure(visit) or error)
    except (TooOften, NoProvider) as error:
        return failed(visit, error)
    try:
        secret = await _open_session(visit, signed_in)
    except DeskError as error:
        return failed(visit, error)
    visit.request.session.pop("said", None)  # what was said to whoever sat here before
    answer = RedirectResponse(signed_in.after, status_code=303)
    production = visit.settings.production
    answer.set_cookie(cookie_name(visit.settings), secret, httponly=True, samesite="lax", secure=production)
    return answer


async def leave(visit: Visit) -> Response:
    """Sign this browser out here, then at the provider where it can be done."""
    ended = None
    async with visit.desk.work(visit.actor or SYSTEM, visit.request_id) as work:
        if cookie := _cookie(visit):
            ended = await sessions.end(work, cookie)
    client = await _client(visit) if ended else None
    away = await client.leave(visit.request, ended.id_token) if client and ended else None
    visit.request.session.pop("said", None)
    answer = RedirectResponse(away or "/signed-out", status_code=303)
    name, production = cookie_name(visit.settings), visit.settings.production
    answer.delete_cookie(name, httponly=True, samesite="lax", secure=production)
    # Not "cookies": that would clear the whole domain's, the provider's and the colleagues' tools' among them.
    answer.headers["clear-site-data"] = '"cache"'  # what is stored in a browser is its look alone
    return answer


async def left(visit: Visit) -> Response:
    """Say that nobody is signed in here any more."""
    if visit.actor is not None:
        return RedirectResponse("/", status_code=303)
    client = await _client(visit) if "state" in visit.request.query_params else None
    there = client is not None and await client.has_left(visit.request)
    return visit.page("signin/signed_out.html", there=there)


async def left_there(visit: Visit) -> Response:
    """Take the provider's word that somebody signed out there, and end their sessions here. Back-channel logout."""
    form = await visit.form()
    try:
        await _refuse_the_tireless(visit)
        told = await (await _provider(visit)).left_there(str(form.get("logout_token", "")))
        async with visit.desk.work(SYSTEM, visit.request_id) as work:
            once = hashlib.sha256(f"{visit.settings.issuer} {told.token_id}".encode()).hexdigest()
            await attempts.use_up(work, f"logout-token:{once}", told.made_at)
            await people.left_there(work, visit.settings.issuer, told.subject, told.idp_session)
    except ProviderAway as error:
        return _machine_refused(error)
    except SignInFailed as error:
        return _machine_refused(await _count_failure(visit) or error)
    except DeskError as error:
        return _machine_refused(error)
    return Response(status_code=200, headers={"cache-control": "no-store"})


def failed(visit: Visit, error: DeskError, after: str = "/") -> Response:
    """Show a page with words and a way on, and tell machines when to come back."""
    answer = visit.page(
        "signin/failed.html",
        status=error.status,
        error=error,
        again=f"/sign-in?next={quote(after, safe='')}" if not isinstance(error, NotAllowed) else "",
        lost_track=isinstance(error, LostTrack),
    )
    answer.headers.update(_when_again(error))
    return answer


def _when_again(error: DeskError) -> dict[str, str]:
    wait = {429: WAIT_SECONDS, 503: AWAY_SECONDS}.get(error.status)
    return {} if wait is None else {"retry-after": str(wait)}


async def _open_session(visit: Visit, who: SignedIn) -> str:
    """Take the person in, end what this browser was signed in as before, and open a session with a new id."""
    settings = visit.settings
    async with visit.desk.work(SYSTEM, visit.request_id) as work:
        person = await people.provision(
            work,
            settings.issuer,
            who.subject,
            name=who.name,
            email=who.email,
            roles=who.roles,
            zone=who.zone or settings.zone,
        )
        work.actor = people.as_actor(person)  # from here on it is the person's own deed
        if cookie := _cookie(visit):
            await sessions.end(work, cookie)
        return await sessions.start(
            work,
            person,
            idp_session=who.idp_session,
            id_token=who.id_token,
            longest=timedelta(hours=settings.session_hours),
        )


async def _client(visit: Visit) -> HardenedApp | None:
    party: RelyingParty = visit.request.app.state.signin
    return await party.client()


async def _provider(visit: Visit) -> HardenedApp:
    client = await _client(visit)
    if client is None:
        raise NoProvider
    return client


def _cookie(visit: Visit) -> str:
    return visit.request.cookies.get(cookie_name(visit.settings), "")


def _elsewhere(visit: Visit) -> bool:
    """Say whether the demo was opened under another of its names: cookies of localhost are none of 127.0.0.1's."""
    home = urlsplit(visit.settings.public_address).netloc
    return visit.settings.demo and visit.request.headers.get("host", "") != home


def _who_tries(visit: Visit) -> str:
    """Name the address that asks. Forwarded headers count only as far as the server believes the proxy.

    Kept apart by path, so that forged logout calls keep nobody from signing in.
    """
    client = visit.request.client
    what = "logout" if visit.request.method == "POST" else "sign-in"
    return f"{what}:{client.host if client else 'unknown'}"


async def _refuse_the_tireless(visit: Visit) -> None:
    async with visit.desk.look(SYSTEM) as work:
        await attempts.allow(work, _who_tries(visit), FAILURES, WAIT_SECONDS)


async def _count_failure(visit: Visit) -> TooOften | None:
    try:
        async with visit.desk.work(SYSTEM, visit.request_id) as work:
            await attempts.count(work, _who_tries(visit), FAILURES, WAIT_SECONDS)
    except TooOften as error:
        return error
    return None


def _machine_refused(error: DeskError) -> Response:
    again = _when_again(error)
    status = error.status if again else 400
    return JSONResponse(
        {"error": "invalid_request"}, status_code=status, headers={"cache-control": "no-store", **again}
    )
