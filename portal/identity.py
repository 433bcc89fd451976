"""Whom the identity provider vouches for, as which roles, and in which words a sign-in fails. Decision 16"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.words import Role
from portal.desk.errors import DeskError
from portal.desk.people import known_roles
from portal.settings import BadSetting, Settings

log = logging.getLogger("handrail.signin")

LONGEST_NEXT = 300
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
NOT_BELIEVED = "The sign-in service's answer could not be confirmed, so nobody was signed in."


class SignInFailed(DeskError):
    """The sign-in was not believed. The words say what to do, never what was wrong with the token."""

    status = 401


class LostTrack(SignInFailed):
    """The answer belongs to no sign-in this browser has under way."""

    status = 400

    def __init__(self) -> None:
        super().__init__("This sign-in was begun in another browser, took too long, or was already used.")


class ProviderAway(SignInFailed):
    """The identity provider cannot be reached."""

    status = 503

    def __init__(self) -> None:
        super().__init__("The sign-in service cannot be reached at the moment. Please try again in a minute.")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom the provider vouches for."""

    subject: str
    name: str
    email: str | None
    roles: tuple[str, ...]
    zone: str
    idp_session: str | None
    id_token: str | None
    after: str
    """The local address to go to."""


@dataclass(frozen=True, slots=True)
class LeftThere:
    """The provider says that somebody signed out there: one session of theirs, or all."""

    token_id: str
    made_at: datetime
    subject: str
    idp_session: str


def local_path(wanted: str) -> str:
    """Give an address of this portal to go to after signing in; anything foreign or odd becomes the desk."""
    plain = wanted.startswith("/") and wanted.isprintable() and "\\" not in wanted
    away = wanted.startswith(("//", "/sign-in", "/sign-out", "/signed-out", "/dev-idp"))
    return wanted if plain and not away and len(wanted) <= LONGEST_NEXT else "/"


def roles_map(text: str) -> dict[str, frozenset[str]]:
    """Read `desk-team=representative,desk-leads=supervisor`. Raises BadSetting for a word that is no role."""
    found: dict[str, frozenset[str]] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        theirs, _, ours = (side.strip() for side in pair.rpartition("="))
        if not theirs or not known_roles([ours]):
            words = ", ".join(role.value for role in Role)
            raise BadSetting(
                f"HANDRAIL_OIDC_ROLES_MAP: {pair!r} must be word=role, a role being one of {words}."
            )
        found[theirs] = found.get(theirs, frozenset()) | {ours}
    return found


def roles_of(claims: Mapping[str, Any], path: str, mapped: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Read our roles from the claims; unknown words are ignored, and nobody has a role by default.

    `path` is the claim's name as it stands, or one that goes deeper at each dot.
    """
    value: Any = claims
    for name in [path] if path in claims else path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    words = [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
    return known_roles({ours for word in words for ours in (mapped.get(word, ()) if mapped else (word,))})


def misled(what: str) -> SignInFailed:
    """Note what was wrong, and give the error that tells nobody else."""
    log.warning("sign-in refused", extra={"kind": what})
    return SignInFailed(NOT_BELIEVED)


def declined(error: Exception) -> SignInFailed:
    """Give the error for what the provider itself answered."""
    kind = str(getattr(error, "error", ""))
    log.warning("sign-in declined", extra={"kind": kind if kind.isidentifier() else "unknown"})
    if kind == "temporarily_unavailable":
        return ProviderAway()
    if kind == "access_denied":
        return SignInFailed("The sign-in was cancelled, or the sign-in service does not let you in here.")
    return SignInFailed(NOT_BELIEVED)


def text_of(value: object) -> str:
    """Give a claim that should be text; anything else is empty."""
    return value if isinstance(value, str) else ""


def cookie_name(settings: Settings) -> str:
    """Name the session cookie; the prefix makes browsers insist on https and on this one host."""
    return "__Host-handrail" if settings.production else "handrail"


def dev_secret(secret: bytes) -> str:
    """Derive what the portal and the development identity provider share from the portal's signing secret."""
    return hmac.new(secret, b"development identity provider", hashlib.sha256).hexdigest()
