"""Signing in with OpenID Connect: our side of the conversation with the identity provider. Decision 16

Authlib does the protocol; `HardenedApp` adds what it leaves to the application: allowed algorithms, issuer and
audience, keys that are read anew, an ID token that has to be there, and a person behind it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx2
from authlib.integrations.base_client.errors import MismatchingStateError, OAuthError
from authlib.integrations.starlette_client import StarletteIntegration, StarletteOAuth2App
from authlib.oidc.core import CodeIDToken, UserInfo
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError, KeyParameterError
from joserfc.jwk import KeySet, import_key
from joserfc.jws import JWSRegistry
from starlette.requests import Request
from starlette.types import ASGIApp

from portal.desk.work import Desk
from portal.identity import (
    LOGOUT_EVENT,
    NOT_BELIEVED,
    LeftThere,
    LostTrack,
    ProviderAway,
    SignedIn,
    SignInFailed,
    declined,
    dev_secret,
    local_path,
    misled,
    roles_map,
    roles_of,
    text_of,
)
from portal.settings import Settings

log = logging.getLogger("handrail.signin")

ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "EdDSA"})
LEEWAY = 30
"""Seconds that the provider's clock and ours may differ."""
KEEP = 3600
"""Seconds after which the provider's addresses and keys are read anew: a key it withdrew is not trusted longer."""
PATIENCE = 5.0
"""Seconds the provider may take for one answer, and for all that one step asks of it."""
LOGOUT_TOKEN_AGE = 600
"""Seconds after which the provider's word that somebody left is too old to count."""
TABS = 3
"""So many sign-ins may be under way in one browser, one a tab."""
LONGEST_ID_TOKEN = 8000
LONGEST_SID = 300

_ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
)
_KNOWN = frozenset(
    {
        *_ENDPOINTS,
        "issuer",
        "id_token_signing_alg_values_supported",
        "token_endpoint_auth_methods_supported",
        "authorization_response_iss_parameter_supported",
    }
)
"""What is taken from the provider's metadata. Authlib hands all of it to the HTTP client as options."""


class _Tabs(StarletteIntegration):  # type: ignore[misc]  # Authlib has no types
    """Keeps the sign-ins of a few tabs apart; Authlib forgets the first when a second begins."""

    async def set_state_data(self, session: dict[str, Any] | None, state: str, data: Any) -> None:
        prefix = f"_state_{self.name}_"
        kept = [(key, value) for key, value in (session or {}).items() if key.startswith(prefix)]
        await super().set_state_data(session, state, data)
        if session is not None:
            latest = sorted(kept, key=lambda pair: float(pair[1].get("exp", 0)))[-(TABS - 1) :]
            session.update(latest)


class HardenedApp(StarletteOAuth2App):  # type: ignore[misc]  # Authlib has no types
    """The provider as we see it. Everything it says is checked; what does not hold raises SignInFailed."""

    def __init__(
        self,
        settings: Settings,
        *,
        secret: str,
        clock: Callable[[], datetime],
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        options: dict[str, Any] = {
            "timeout": PATIENCE,
            "scope": "openid profile email",
            "code_challenge_method": "S256",
        }
        if transport is not None:
            options["transport"] = transport
        super().__init__(
            _Tabs("provider"),
            name="provider",
            client_id=settings.oidc_client_id,
            client_secret=secret or None,
            server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs=options,
        )
        self.issuer = settings.issuer
        self.callback = f"{settings.public_address}/sign-in/callback"
        self.signed_out = f"{settings.public_address}/signed-out"
        self.clock = clock
        self._roles_claim = settings.oidc_roles_claim
        self._roles_map = roles_map(settings.oidc_roles_map)
        self._metadata_at = self._keys_at = float("-inf")
        self._keys = KeySet([])

    def _now(self) -> float:
        return self.clock().timestamp()

    def _is_fresh(self, read_at: float) -> bool:
        return 0 <= self._now() - read_at < KEEP

    # What Authlib asks for, read and checked by us

    async def load_server_metadata(self) -> dict[str, Any]:
        """Read the provider's addresses, at most once an hour. Raises SignInFailed when they are not its own."""
        if not self._is_fresh(self._metadata_at):
            said = await self._read(self._server_metadata_url)
            if said.get("issuer") != self.issuer:
                raise misled("metadata names another issuer")
            scheme = self.issuer.partition("://")[0]
            for name in _ENDPOINTS:
                if name in said and not str(said[name]).startswith((f"{scheme}://", "https://")):
                    raise misled(f"{name} is not {scheme}")
            self.server_metadata = {name: value for name, value in said.items() if name in _KNOWN}
            self._metadata_at = self._now()
        metadata: dict[str, Any] = self.server_metadata
        return metadata

    def _get_oauth_client(self, **metadata: Any) -> Any:
        offered = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        secretly = "client_secret_post" if "client_secret_basic" not in offered else "client_secret_basic"
        metadata["token_endpoint_auth_method"] = secretly if self.client_secret else "none"
        return super()._get_oauth_client(**metadata)

    async def parse_id_token(
        self,
        token: Mapping[str, Any],
        nonce: str,
        claims_options: Any = None,  # noqa: ARG002 - Authlib passes these; ours are fixed
        claims_cls: Any = None,  # noqa: ARG002 - as above
        leeway: int = LEEWAY,
    ) -> Any:
        """Check the ID token as OpenID Connect Core 3.1.3.7 says, and that it is about somebody."""
        proved = await self._verified(str(token["id_token"]))
        told: dict[str, Any] = {
            "nonce": nonce,
            "client_id": self.client_id,
            "access_token": token.get("access_token"),
        }
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            "sub": {"essential": True},
        }
        claims = CodeIDToken(proved.claims, proved.header, options, told)
        claims.validate(now=int(self._now()), leeway=leeway)
        return UserInfo(claims)

    async def _read(self, address: str) -> dict[str, Any]:
        async with self._get_session() as client:
            answer = await client.request("GET", address, withhold_token=True)
            answer.raise_for_status()
            said = answer.json()
        if not isinstance(said, dict):
            raise misled("an answer is no object")
        return said

    async def _key_set(self, *, anew: bool = False) -> KeySet:
        if anew or not self._is_fresh(self._keys_at):
            said = await self._read((await self.load_server_metadata())["jwks_uri"])
            keys = []
            for one in said.get("keys", []):
                if one.get("kty") == "oct" or one.get("use") == "enc":
                    continue
                try:
                    keys.append(import_key(one))
                except (JoseError, ValueError):  # a kind of key this version cannot read; others may do
                    continue
            self._keys, self._keys_at = KeySet(keys), self._now()
        return self._keys

    async def _verified(self, text: str) -> jwt.Token:
        """Check the signature; when it does not hold, once more with the keys the provider has now."""
        offered = (await self.load_server_metadata()).get("id_token_signing_alg_values_supported") or [
            "RS256"
        ]
        algorithms = sorted(ALGORITHMS.intersection(offered))
        if not algorithms:  # joserfc would take its own choice for an empty one
            raise misled("no algorithm in common")
        registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
        try:
            return jwt.decode(text, await self._key_set(), registry=registry)
        except (InvalidKeyIdError, BadSignatureError, KeyParameterError):
            return jwt.decode(text, await self._key_set(anew=True), registry=registry)

    # What the pages ask for

    async def begin(self, request: Request, after: str) -> str:
        """Begin a sign-in in this browser: the address at the provider to send it to. Raises ProviderAway."""
        made = await self._asked(self.create_authorization_url(self.callback))
        await self.save_authorize_data(
            request,
            redirect_uri=self.callback,
            state=made["state"],
            nonce=made["nonce"],
            code_verifier=made["code_verifier"],
            after=local_path(after),
        )
        return str(made["url"])

    async def finish(self, request: Request) -> SignedIn:
        """Take the provider's answer, once. Raises SignInFailed or one of its kinds."""
        state = request.query_params.get("state") or ""
        begun = await self.framework.get_state_data(request.session, state)
        if begun is None or "nonce" not in begun:  # the state of a sign-out is none of a sign-in
            raise LostTrack
        try:
            token = await self._asked(self._exchanged(request))
        finally:
            await self.framework.clear_state_data(request.session, state)
        claims, id_token, sid = token["userinfo"], str(token["id_token"]), token["userinfo"].get("sid")
        return SignedIn(
            subject=str(claims["sub"]),
            name=text_of(claims.get("name")) or text_of(claims.get("preferred_username")),
            email=text_of(claims.get("email")) or None,
            roles=roles_of(claims, self._roles_claim, self._roles_map),
            zone=text_of(claims.get("zoneinfo")),
            idp_session=sid if isinstance(sid, str) and 0 < len(sid) <= LONGEST_SID else None,
            id_token=id_token if len(id_token) <= LONGEST_ID_TOKEN else None,
            after=local_path(str(begun.get("after", "/"))),
        )

    async def _exchanged(self, request: Request) -> dict[str, Any]:
        metadata = await self.load_server_metadata()
        named = request.query_params.get("iss")
        # RFC 9207: the answer of another provider is never taken to ours.
        if named != self.issuer and (named or metadata.get("authorization_response_iss_parameter_supported")):
            raise misled("the answer names another issuer")
        token: dict[str, Any] = await self.authorize_access_token(request, leeway=LEEWAY)
        if "userinfo" not in token:
            raise misled("no ID token")
        if metadata.get("userinfo_endpoint") and not token["userinfo"].keys() >= {"name", "email"}:
            more = await self.userinfo(token=token)
            if more.get("sub") != token["userinfo"]["sub"]:
                raise misled("userinfo is about somebody else")
            token["userinfo"] = {**more, **token["userinfo"]}
        return token

    async def leave(self, request: Request, id_token: str | None) -> str | None:
        """Give the provider's address to sign out at; None when it has none or cannot be reached."""
        try:
            metadata = await self._asked(self.load_server_metadata())
        except SignInFailed:
            return None
        if not metadata.get("end_session_endpoint"):
            return None
        answer = await self.logout_redirect(request, self.signed_out, id_token, client_id=self.client_id)
        return str(answer.headers["location"])

    async def has_left(self, request: Request) -> bool:
        """Say whether the provider sent the browser back from the sign-out that it began here, once."""
        try:
            await self.validate_logout_response(request)
        except OAuthError:
            return False
        return True

    async def left_there(self, text: str) -> LeftThere:
        """Check a logout token as OpenID Connect Back-Channel Logout 2.6 says. Raises SignInFailed."""
        said = (await self._asked(self._verified(text))).claims
        events, audience = said.get("events"), said.get("aud")
        subject, sid, token_id = (text_of(said.get(name)) for name in ("sub", "sid", "jti"))
        made_at, now = said.get("iat"), self._now()
        holds = (
            said.get("iss") == self.issuer
            and self.client_id in (audience if isinstance(audience, list) else [audience])
            and _is_number(made_at)
            and now - LOGOUT_TOKEN_AGE <= made_at <= now + LEEWAY
            and ("exp" not in said or (_is_number(said["exp"]) and now - LEEWAY < said["exp"]))
            and isinstance(events, dict)
            and isinstance(events.get(LOGOUT_EVENT), dict)
            and "nonce" not in said
            and bool(token_id)
            and bool(subject or sid)
        )
        if not holds:
            raise misled("a logout token")
        return LeftThere(token_id, datetime.fromtimestamp(made_at, self.clock().tzinfo), subject, sid)

    async def _asked(self, step: Any) -> Any:
        """Ask the provider, and turn whatever goes wrong into words."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await step
        except SignInFailed:
            raise
        except MismatchingStateError:
            raise LostTrack from None
        except (httpx2.TransportError, TimeoutError) as error:
            log.warning("provider away", extra={"kind": type(error).__name__})
            raise ProviderAway from None
        except httpx2.HTTPStatusError as error:
            log.warning("provider refused", extra={"status": error.response.status_code})
            raise (ProviderAway() if error.response.is_server_error else SignInFailed(NOT_BELIEVED)) from None
        except OAuthError as error:
            raise declined(error) from None
        except Exception as error:  # noqa: BLE001 - whatever a provider answers, a failed sign-in is a page with words
            # Only the kind: the error's own text may hold a token.
            raise misled(type(error).__name__) from None


def make_client(settings: Settings, desk: Desk, provider: ASGIApp | None = None) -> HardenedApp:
    """Make the client of the provider that is set, or of the one in this process."""
    return HardenedApp(
        settings,
        secret=settings.oidc_client_secret or (dev_secret(desk.terms.secret) if settings.demo else ""),
        clock=desk.clock,
        transport=httpx2.ASGITransport(app=provider) if provider else None,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
