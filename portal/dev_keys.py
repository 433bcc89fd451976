"""The key of the development identity provider. Apart, for its library is a tenth of a start and nothing before signs."""

from __future__ import annotations

import secrets
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet


class SigningKey:
    """A key that lives as long as the process, under a name of its own or a given one."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name or secrets.token_hex(8)
        named = {"kid": self.name, "use": "sig", "alg": "ES256"}
        self._key = ECKey.generate_key("P-256", parameters=named, private=True)  # type: ignore[arg-type]  # a plain dict will do

    def public(self) -> dict[str, Any]:
        """The key set that anybody may read."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def signed(self, claims: dict[str, Any], kind: str) -> str:
        """The claims as a token of this kind, with our signature."""
        return jwt.encode({"alg": "ES256", "kid": self.name, "typ": kind}, claims, self._key)
