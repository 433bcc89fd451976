"""Every setting, once: its name, default and help. Read from HANDRAIL_… variables; secrets also from …_FILE."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from portal.desk.errors import DeskError

PREFIX = "HANDRAIL_"
SECRET_BYTES = 32
SECRET_LETTERS = 12
"""A secret of fewer different characters was typed, not made."""
LANGUAGES = ("en", "de")
"""As in `portal/desk/notices.py`, which a command has no need to load."""
LAST_PORT = 65_535
_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class BadSetting(DeskError):
    """A setting that is unknown or cannot be read; the start stops with its name, never with its value."""


def setting(default: Any, told: str, *, secret: bool = False) -> Any:
    """One row of the table: default and help."""
    return field(default=default, metadata={"help": told, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """What an installation may choose. Production is the state in which a public address is set."""

    data: Path = setting(
        Path("var"), "Folder for the SQLite file, generated secrets and the lock; made with mode 0700."
    )
    database: str = setting(
        "",
        "Database address: sqlite+aiosqlite:///FILE or postgresql+asyncpg://…; empty is SQLite in the data folder.",
        secret=True,
    )
    address: str = setting(
        "", "Public address such as https://desk.example.com. Setting it switches production mode on."
    )
    host: str = setting("127.0.0.1", "Address to listen on.")
    port: int = setting(8000, "Port to listen on.")
    company: str = setting(
        "Fernhill Outdoor & Kitchen", "The company's name, in greetings, messages and customer pages."
    )
    currency: str = setting("EUR", "Currency of new orders, three letters.")
    language: str = setting(
        "en", "Language the desk works in: en or de. Customers are spoken to in their own."
    )
    zone: str = setting("Europe/Berlin", "Time zone of the first calendar and of people who have none.")
    demo: bool = setting(
        default=False,
        told="Load the demo desk and mount the development identity provider. Refused in production.",
    )
    jobs: bool = setting(
        default=True, told="Run the jobs in this process; switch off for a web-only replica."
    )
    check_links: bool = setting(
        default=True,
        told="Look once a day whether the links that customers are sent still lead somewhere. Off in the demo.",
    )
    secret: str = setting(
        "",
        "Signs cookies and customer links; at least 32 bytes. Empty: generated into the data folder, not in production.",
        secret=True,
    )
    backup_secret: str = setting(
        "",
        "Seals what `handrail backup` writes; at least 32 bytes, kept away from the backups. Empty: it writes none.",
        secret=True,
    )
    oidc_issuer: str = setting("", "Issuer of the OpenID Connect provider people sign in with.")
    oidc_client_id: str = setting("handrail", "Client id at that provider.")
    oidc_client_secret: str = setting("", "Client secret at that provider.", secret=True)
    oidc_roles_claim: str = setting(
        "roles", "Claim that holds the roles; a dot goes deeper: realm_access.roles."
    )
    oidc_roles_map: str = setting(
        "",
        "Provider's words for our roles: desk-team=representative,desk-leads=supervisor. Empty: the same words.",
    )
    smtp_host: str = setting(
        "", "Mail server. Empty: in the demo messages are shown at /demo/mail; otherwise they wait."
    )
    smtp_port: int = setting(587, "Port of the mail server.")
    smtp_user: str = setting("", "User at the mail server.")
    smtp_password: str = setting("", "Password at the mail server.", secret=True)
    smtp_security: str = setting("starttls", "starttls, tls or none.")
    mail_from: str = setting("desk@example.com", "Sender of every message.")
    imap_host: str = setting("", "Mail server whose mailbox is read. Empty: no mail comes in.")
    imap_port: int = setting(993, "Port of that server: 993 with tls, 143 with starttls.")
    imap_user: str = setting("", "User at that server; usually the address itself.")
    imap_password: str = setting("", "Password at that server.", secret=True)
    imap_security: str = setting(
        "tls", "tls, starttls or none; in production none is refused, but for a server on this machine."
    )
    imap_folder: str = setting("INBOX", "Folder that is read. Nothing in it is moved or deleted.")
    social_secret: str = setting(
        "",
        "Shared with what hands in messages of social networks, see docs/social.md; at least 32 bytes. Empty: nothing may.",
        secret=True,
    )
    chat: bool = setting(
        default=False,
        told="Let customers chat at /chat, see docs/chat.md. Off: there is no such page.",
    )
    shop_secrets: str = setting(
        "",
        "Online shops that may hand in orders, see docs/shops.md: name=secret each, a line or a comma apart; at least "
        "32 bytes a secret. Empty: none may.",
        secret=True,
    )
    session_idle_minutes: int = setting(30, "Minutes without a request after which a person signs in again.")
    session_hours: int = setting(12, "Hours after which a person signs in again in any case.")
    allowed_hosts: str = setting("", "Further host names answered to, with commas between.")
    trusted_proxies: str = setting(
        "", "Addresses of proxies whose forwarded headers are believed, with commas between."
    )
    body_limit_kib: int = setting(256, "Largest request body taken, in KiB.")
    log_level: str = setting("info", "debug, info, warning or error.")

    @property
    def shops(self) -> dict[str, str]:
        """The secret of each shop that may hand in orders. S1-4.1.1"""
        return dict(_rows_of(self.shop_secrets))

    @property
    def production(self) -> bool:
        return bool(self.address)

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite+aiosqlite:///{(self.data / 'handrail.db').resolve()}"

    @property
    def public_address(self) -> str:
        """Where the portal is reached, without a slash at the end."""
        return (self.address or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def hosts(self) -> frozenset[str]:
        """Host names the portal answers to."""
        named = {host.strip() for host in self.allowed_hosts.split(",") if host.strip()}
        own = urlsplit(self.public_address).hostname or ""
        return frozenset(
            named | {own} | (set() if self.production else {"127.0.0.1", "localhost", "testserver", "::1"})
        )

    @property
    def issuer(self) -> str:
        """The provider people sign in with; in the demo the development identity provider."""
        return self.oidc_issuer or (f"{self.public_address}/dev-idp" if self.demo else "")


TABLE: tuple[Field[Any], ...] = fields(Settings)


def _read(one: Field[Any], text: str) -> Any:
    kind = one.default
    if isinstance(kind, bool):
        words = {
            "1": True,
            "on": True,
            "yes": True,
            "true": True,
            "0": False,
            "off": False,
            "no": False,
            "false": False,
        }
        if text.lower() not in words:
            raise ValueError("on or off")
        return words[text.lower()]
    if isinstance(kind, int):
        return int(text)
    if isinstance(kind, Path):
        return Path(text)
    return text


def read(environment: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Settings from the environment; `given` values (from the command line) win. Raises BadSetting naming the setting."""
    known = {one.name: one for one in TABLE}
    values: dict[str, Any] = {}
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name.startswith(f"{PREFIX}TEST_"):
            continue
        key, content = name.removeprefix(PREFIX).lower(), text
        if (
            key not in known
            and key.endswith("_file")
            and known.get(key[:-5])
            and known[key[:-5]].metadata["secret"]
        ):
            key = key[:-5]
            try:
                content = Path(text).read_text(encoding="utf-8").strip()
            except OSError:
                raise BadSetting(f"{name}: the file cannot be read.") from None
        if key not in known:
            raise BadSetting(f"{name} is no setting of Handrail; docs/settings.md lists them all.")
        try:
            values[key] = _read(known[key], content)
        except ValueError:
            raise BadSetting(
                f"{name} cannot be read: {type(known[key].default).__name__} expected."
            ) from None
    settings = Settings(**{**values, **{key: value for key, value in given.items() if value is not None}})
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """Refuse what cannot work, or must not in production. Raises BadSetting."""
    if not settings.database_url.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
        raise BadSetting("HANDRAIL_DATABASE must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://.")
    try:
        ZoneInfo(settings.zone)
    except (ValueError, OSError, KeyError):
        raise BadSetting("HANDRAIL_ZONE is no time zone such as Europe/Berlin.") from None
    if settings.language not in LANGUAGES:
        raise BadSetting(f"HANDRAIL_LANGUAGE must be one of {', '.join(LANGUAGES)}.")
    _check_mail(settings)
    if settings.log_level not in {"debug", "info", "warning", "error"}:
        raise BadSetting("HANDRAIL_LOG_LEVEL must be debug, info, warning or error.")
    if not 0 <= settings.port <= LAST_PORT:
        raise BadSetting("HANDRAIL_PORT must be between 0 and 65535.")
    _check_secrets(settings)
    if settings.production:
        _check_production(settings)
    elif settings.demo and settings.host not in LOOPBACK:
        raise BadSetting(
            "HANDRAIL_DEMO: the demo and its development sign-in are for this machine alone; set HANDRAIL_HOST to 127.0.0.1."
        )


def _check_mail(settings: Settings) -> None:
    if settings.smtp_security not in {"starttls", "tls", "none"}:
        raise BadSetting("HANDRAIL_SMTP_SECURITY must be starttls, tls or none.")
    if settings.imap_security not in {"starttls", "tls", "none"}:
        raise BadSetting("HANDRAIL_IMAP_SECURITY must be tls, starttls or none.")
    if not 0 < settings.imap_port <= LAST_PORT:
        raise BadSetting("HANDRAIL_IMAP_PORT must be between 1 and 65535.")
    if settings.imap_host and not settings.imap_user:
        raise BadSetting("HANDRAIL_IMAP_USER must be set where HANDRAIL_IMAP_HOST is.")
    if not settings.imap_folder.isascii() or not settings.imap_folder.isprintable():
        raise BadSetting("HANDRAIL_IMAP_FOLDER must be written in plain letters, as the server writes it.")
    if not settings.imap_folder.strip() or {'"', "\\"} & set(settings.imap_folder):
        raise BadSetting("HANDRAIL_IMAP_FOLDER is no name of a folder.")


def _check_secrets(settings: Settings) -> None:
    told = {
        "SECRET": settings.secret,
        "SOCIAL_SECRET": settings.social_secret,
        "BACKUP_SECRET": settings.backup_secret,
    }
    for name, secret in told.items():
        if secret and len(secret.encode()) < SECRET_BYTES:
            raise BadSetting(f"HANDRAIL_{name} must be at least 32 bytes long.")
    rows = _rows_of(settings.shop_secrets)
    names = [name for name, _ in rows]
    if len(set(names)) < len(names):
        raise BadSetting("HANDRAIL_SHOP_SECRETS names a shop twice.")
    for name, secret in rows:
        if not _SHOP.fullmatch(name):
            raise BadSetting(
                "HANDRAIL_SHOP_SECRETS must be name=secret each; a name is small letters, digits and -."
            )
        if len(secret.encode()) < SECRET_BYTES:
            raise BadSetting(f"HANDRAIL_SHOP_SECRETS: the secret of {name} must be at least 32 bytes long.")


def _rows_of(shop_secrets: str) -> list[tuple[str, str]]:
    """The name and the secret of each shop, as they were written."""
    rows = (row.strip().partition("=") for row in re.split(r"[\n,]", shop_secrets) if row.strip())
    return [(name.strip(), secret.strip()) for name, _, secret in rows]


def _check_production(settings: Settings) -> None:
    if settings.imap_host and settings.imap_security == "none" and settings.imap_host not in LOOPBACK:
        raise BadSetting(
            "HANDRAIL_IMAP_SECURITY must be tls or starttls in production: customers' mail and the password of the "
            "mailbox would travel in the clear."
        )
    if not settings.address.startswith("https://"):
        raise BadSetting(
            "HANDRAIL_ADDRESS must begin with https://, so that cookies never travel in the clear."
        )
    if settings.demo:
        raise BadSetting(
            "HANDRAIL_DEMO must be off in production: it brings invented people who sign in without a password."
        )
    if not settings.secret:
        raise BadSetting("HANDRAIL_SECRET must be set in production; make one with: openssl rand -base64 48")
    if (
        len(set(settings.secret)) < SECRET_LETTERS
        or "change" in settings.secret.lower()
        or "secret" in settings.secret.lower()
    ):
        raise BadSetting("HANDRAIL_SECRET looks like a default; make one with: openssl rand -base64 48")
    if not settings.oidc_issuer.startswith("https://"):
        raise BadSetting("HANDRAIL_OIDC_ISSUER must name an https:// provider in production.")
    if "/dev-idp" in settings.oidc_issuer:
        raise BadSetting(
            "HANDRAIL_OIDC_ISSUER names the development identity provider, which is not for production."
        )
    if not settings.oidc_client_secret:
        raise BadSetting("HANDRAIL_OIDC_CLIENT_SECRET must be set in production.")


def make_home(data: Path) -> None:
    """Make the data folder, closed to everybody else."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.chmod(0o700)


def secret_of(settings: Settings) -> bytes:
    """The signing secret; outside production generated once into the data folder, readable by its owner alone."""
    if settings.secret:
        return settings.secret.encode()
    make_home(settings.data)
    path = settings.data / "secret"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        made = secrets.token_urlsafe(48).encode()
        file.write(made)
    return made
