"""The development identity provider: invented people who sign in with one click, on this machine alone.

It speaks the same OpenID Connect as a real one, so that the demo and the tests walk the real code. PKCE is
required, codes are good once and for a minute, its key lives as long as the process. Decision 16
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, Router

from portal.desk.work import Desk
from portal.identity import LOGOUT_EVENT, dev_secret
from portal.settings import BadSetting, Settings
from portal.web import templates

if TYPE_CHECKING:
    from portal.dev_keys import SigningKey

PATH = "/dev-idp"
CODE_LASTS = timedelta(seconds=60)
TOKEN_LASTS = timedelta(minutes=5)
CHALLENGE_LENGTH = len(base64.urlsafe_b64encode(bytes(32)).rstrip(b"="))


class Acquaintance(Protocol):
    """Somebody the provider knows."""

    @property
    def subject(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def roles(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for until it is handed in."""

    person: Acquaintance
    redirect_uri: str
    challenge: str
    nonce: str
    ends_at: datetime


class DevProvider:
    """An OpenID Connect provider with a page of people instead of passwords. Raises BadSetting outside the demo."""

    def __init__(self, settings: Settings, desk: Desk, people: Sequence[Acquaintance]) -> None:
        if settings.production or not settings.demo:
            raise BadSetting(
                "HANDRAIL_DEMO: the development identity provider is for the demo on this machine alone."
            )
        self.issuer = settings.issuer
        self.company = settings.company
        self.client_id = settings.oidc_client_id
        self.redirect_uri = f"{settings.public_address}/sign-in/callback"
        self.signed_out_uri = f"{settings.public_address}/signed-out"
        self.people = {person.subject: person for person in people}
        self.clock = desk.clock
        self._secret = settings.oidc_client_secret or dev_secret(desk.terms.secret)
        self._grants: dict[str, Grant] = {}
        self._made: SigningKey | None = None
        routes = [
            Route("/.well-known/openid-configuration", self.metadata),
            Route("/jwks", self.jwks),
            Route("/authorize", self.authorize, methods=["GET", "POST"]),
            Route("/token", self.token, methods=["POST"]),
            Route("/end-session", self.end_session, methods=["GET", "POST"]),
        ]
        self.mount = Mount(PATH, app=Router(routes), name="dev-idp")
        self.app = Router([self.mount])
        """The provider alone, for the portal to ask without going over the network."""

    def rotate(self, *, same_name: bool = False) -> None:
        """Replace the signing key, under a new key id or, as careless providers do, under the old one."""
        self._made = _new_key(self._key.name if same_name else None)

    @property
    def _key(self) -> SigningKey:
        self._made = self._made or _new_key()
        return self._made

    # What the provider says of itself

    async def metadata(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "end_session_endpoint": f"{self.issuer}/end-session",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "scopes_supported": ["openid", "profile", "email"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
                "backchannel_logout_supported": True,
                "backchannel_logout_session_supported": True,
            }
        )

    async def jwks(self, _request: Request) -> Response:
        return JSONResponse(self._key.public())

    # The page of people

    async def authorize(self, request: Request) -> Response:
        """Show the people; the one who is chosen goes back to the portal with a code."""
        asked = request.query_params
        if asked.get("client_id") != self.client_id or asked.get("redirect_uri") != self.redirect_uri:
            return HTMLResponse("This sign-in page belongs to the Handrail demo alone.", status_code=400)
        if problem := _problem(asked):
            return self._back(asked, error=problem)
        if request.method == "GET":
            return HTMLResponse(
                templates.get_template("signin/people.html").render(
                    company=self.company,
                    people=list(self.people.values()),
                    query=urlencode(asked.multi_items()),
                    errors={},
                )
            )
        form = await request.form(max_files=0, max_fields=5)
        person = self.people.get(str(form.get("subject", "")))
        if person is None:
            return self._back(asked, error="access_denied")
        code, now = secrets.token_urlsafe(32), self.clock()
        self._grants = {kept: grant for kept, grant in self._grants.items() if grant.ends_at > now}
        self._grants[code] = Grant(
            person, self.redirect_uri, asked["code_challenge"], asked.get("nonce", ""), now + CODE_LASTS
        )
        return self._back(asked, code=code)

    def _back(self, asked: Mapping[str, str], **answer: str) -> Response:
        told = {**answer, "iss": self.issuer, **({"state": asked["state"]} if "state" in asked else {})}
        return RedirectResponse(f"{self.redirect_uri}?{urlencode(told)}", status_code=303)

    # Handing in a code

    async def token(self, request: Request) -> Response:
        """Give an ID token for a code: once, within a minute, to the portal alone, with the PKCE verifier."""
        form = {key: str(value) for key, value in (await request.form(max_files=0, max_fields=20)).items()}
        if not self._is_portal(request, form):
            return _refused("invalid_client", 401)
        if form.get("grant_type") != "authorization_code":
            return _refused("unsupported_grant_type")
        grant = self._grants.pop(form.get("code", ""), None)
        if (
            grant is None
            or grant.ends_at <= self.clock()
            or form.get("redirect_uri") != grant.redirect_uri
            or not hmac.compare_digest(_challenge(form.get("code_verifier", "")), grant.challenge)
        ):
            return _refused("invalid_grant")
        access_token = secrets.token_urlsafe(32)
        return JSONResponse(
            {
                "access_token": access_token,
                "token_type": "Bearer",
                "expires_in": int(TOKEN_LASTS.total_seconds()),
                "id_token": self._signed(self._about(grant, access_token)),
            },
            headers={"cache-control": "no-store"},
        )

    def _about(self, grant: Grant, access_token: str) -> dict[str, Any]:
        now, person = int(self.clock().timestamp()), grant.person
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": person.subject,
            "aud": self.client_id,
            "azp": self.client_id,
            "iat": now,
            "auth_time": now,
            "exp": now + int(TOKEN_LASTS.total_seconds()),
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            "sid": secrets.token_urlsafe(16),
            "name": person.name,
            "email": person.email,
            "roles": list(person.roles),
        }
        return {**claims, "nonce": grant.nonce} if grant.nonce else claims

    def _is_portal(self, request: Request, form: Mapping[str, str]) -> bool:
        told_id, told_secret = form.get("client_id", ""), form.get("client_secret", "")
        kind, _, basic = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                told_id, _, told_secret = map(
                    unquote, base64.b64decode(basic, validate=True).decode().partition(":")
                )
            except ValueError:
                return False
        known = hmac.compare_digest(told_id.encode(), self.client_id.encode())
        return hmac.compare_digest(told_secret.encode(), self._secret.encode()) and known

    # Signing out

    async def end_session(self, request: Request) -> Response:
        """Send the browser back; nobody stays signed in here, so there is nothing to end."""
        asked = request.query_params
        back = asked.get("post_logout_redirect_uri")
        if back != self.signed_out_uri:
            return HTMLResponse("You are signed out of the demo.", status_code=200 if back is None else 400)
        state = f"?{urlencode({'state': asked['state']})}" if "state" in asked else ""
        return RedirectResponse(f"{self.signed_out_uri}{state}", status_code=303)

    def logout_token(self, subject: str, idp_session: str | None = None, **changed: Any) -> str:
        """Make the word a provider sends when somebody signed out there (OpenID Connect Back-Channel Logout)."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(16),
            "sub": subject,
            "events": {LOGOUT_EVENT: {}},
            **({"sid": idp_session} if idp_session else {}),
            **changed,
        }
        return self._signed(
            {name: value for name, value in claims.items() if value is not None}, kind="logout+jwt"
        )

    def _signed(self, claims: dict[str, Any], kind: str = "JWT") -> str:
        return self._key.signed(claims, kind)


def _new_key(name: str | None = None) -> SigningKey:
    from portal.dev_keys import SigningKey  # noqa: PLC0415  a tenth of a start: kept for the first sign-in

    return SigningKey(name)


def _problem(asked: Mapping[str, str]) -> str:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope"
    if (
        asked.get("code_challenge_method") != "S256"
        or len(asked.get("code_challenge", "")) != CHALLENGE_LENGTH
    ):
        return "invalid_request"
    return "login_required" if asked.get("prompt") == "none" else ""


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _refused(error: str, status: int = 400) -> Response:
    return JSONResponse({"error": error}, status_code=status, headers={"cache-control": "no-store"})
