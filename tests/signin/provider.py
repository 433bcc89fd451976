"""An identity provider of the tests, which lies as it is told. It shares no code with the portal's own."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, Router

from tests.cast import Clock

ISSUER = "http://id.example.com"
CLIENT = "handrail"
SECRET = "the secret of the tests"
ACCESS_TOKEN = "an access token"
ANYBODY: dict[str, Any] = {
    "sub": "u-1",
    "name": "Cora",
    "email": "cora@example.com",
    "roles": ["representative"],
}
Claims = dict[str, Any]
Lie = Callable[[Claims], Claims]


def unsigned(claims: Claims, header: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in ({**header, "alg": "none"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


class Provider:
    """Honest until told otherwise; `code` is what it hands to the browser that signed in there."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.key: RSAKey | ECKey = new_key("one")
        self.published: list[RSAKey | ECKey] = [self.key]
        self.metadata_lie: Claims = {}
        self.lie: Lie = dict
        self.sign: Callable[[Claims], str] = self.signed
        self.answer: Callable[[Claims], Any] = dict
        """Turns the token endpoint's answer into another."""
        self.jwks_answer: Any = None
        self.broken: Exception | Response | None = None
        self.dawdles = 0.0  # seconds
        self.faults: list[Exception] = []
        """What went wrong here without being asked to: a lie that could not be told proves nothing."""
        self.codes: dict[str, Claims] = {}
        self.asked: list[str] = []
        self.verifiers: list[str] = []
        self.app = Router(
            [
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/keys", self.keys),
                Route("/token", self.token, methods=["POST"]),
                Route("/userinfo", self.userinfo),
            ]
        )
        self.userinfo_says: Claims | None = None

    def discovered(self) -> Claims:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            **({"userinfo_endpoint": f"{ISSUER}/userinfo"} if self.userinfo_says is not None else {}),
            **self.metadata_lie,
        }

    async def discovery(self, _request: Request) -> Response:
        self.asked.append("metadata")
        return await self._broken() or JSONResponse(self.discovered())

    async def keys(self, _request: Request) -> Response:
        self.asked.append("keys")
        public = {"keys": [key.as_dict(private=False) for key in self.published]}
        return await self._broken() or JSONResponse(self.jwks_answer or public)

    async def token(self, request: Request) -> Response:
        if broken := await self._broken():
            return broken
        form = await request.form()
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        begun = self.codes.pop(str(form.get("code")), None)
        if request.headers.get("authorization") != f"Basic {expected}" or begun is None:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        self.verifiers.append(str(form["code_verifier"]))
        challenge = hashlib.sha256(self.verifiers[-1].encode()).digest()
        assert base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == begun["code_challenge"]
        now = int(self.clock().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": begun["nonce"],
            **ANYBODY,
        }
        try:
            told = self.lie({**claims, **begun.get("who", {})})
            answer = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": self.sign(told)}
            return JSONResponse(self.answer(answer))
        except Exception as fault:
            self.faults.append(fault)
            raise

    async def userinfo(self, _request: Request) -> Response:
        return JSONResponse(self.userinfo_says)

    async def _broken(self) -> Response | None:
        await asyncio.sleep(self.dawdles)
        if isinstance(self.broken, Exception):
            raise self.broken
        return self.broken

    def code(self, address: str, **who: Any) -> dict[str, str]:
        """What the browser brings back from `address`, signed in there as `who`."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_hex(8)
        self.codes[code] = {**asked, "who": who}
        return {"code": code, "state": asked["state"]}

    def signed(self, claims: Claims, **header: Any) -> str:
        alg = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        return jwt.encode({"alg": alg, "kid": str(self.key.kid), **header}, claims, self.key)

    def signed_with_public_key(self, claims: Claims) -> str:
        """As an attacker would who takes the key that everybody may read for a password."""
        parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "kid": "one"}, claims)]
        text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
        mac = hmac.digest(self.key.as_pem(private=False), text, "sha256")
        return f"{text.decode()}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    def rotate(self, name: str) -> None:
        self.key = new_key(name)
        self.published = [self.key]


def new_key(name: str) -> ECKey:
    return ECKey.generate_key("P-256", parameters={"kid": name, "use": "sig"}, private=True)


def new_rsa_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": name, "use": "sig"}, private=True)


def away() -> Response:
    return PlainTextResponse("no", status_code=502)
