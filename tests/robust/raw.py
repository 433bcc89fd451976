"""Requests that no browser would make, handed to the application as a server hands them on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette

OURS = ((b"host", b"127.0.0.1:8000"), (b"sec-fetch-site", b"same-origin"))
FORM = (b"content-type", b"application/x-www-form-urlencoded")
INTERNAL = (
    "Traceback", "site-packages", "sqlalchemy", "SQLAlchemy", "asyncpg", "sqlite3", "aiosqlite", "jinja2", "starlette",
    "portal.desk", "portal/desk", "admin_views", "[SQL:", "SELECT ", "INSERT INTO", "RETURNING ", "UndefinedError",
    "object at 0x", "<function ", "<class '", "ValueError", "TypeError", "KeyError", "DataError", "UnicodeEncodeError",
)  # fmt: skip
"""Words that only our own workings would say."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as it would stand on the wire."""

    method: str
    target: str
    """Path and query, percent-encoded, as in the request line."""
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    chunks: int = 1

    def __str__(self) -> str:
        told = f"{self.method} {self.target[:200]}"
        return f"{told} {self.body[:300]!r} {self.headers}" if self.body or self.headers else told


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def is_page(self) -> bool:
        """Whether a browser reads it as a page, rather than keeping it as a file."""
        told = dict(self.headers)
        return told.get(b"content-type", b"").startswith(b"text/html") and b"content-disposition" not in told


async def send(app: Starlette, ask: Ask, secret: str = "") -> Answer:
    """Hand a request to the application. Raises whatever the application lets escape."""
    path, _, query = ask.target.partition("?")
    cookie = ((b"cookie", f"handrail={secret}".encode()),) if secret else ()
    headers: Sequence[tuple[bytes, bytes]] = [*OURS, *cookie, *ask.headers]
    if ask.body and not any(name in {b"content-length", b"transfer-encoding"} for name, _ in headers):
        headers = [*headers, (b"content-length", str(len(ask.body)).encode())]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": ask.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    size = -(-len(ask.body) // ask.chunks) or 1
    parts = [ask.body[at : at + size] for at in range(0, len(ask.body), size)] or [b""]
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not parts:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def hear(message: Any) -> None:
        told.append(message)

    await app(scope, receive, hear)
    return Answer(
        told[0]["status"], tuple(told[0]["headers"]), b"".join(one.get("body", b"") for one in told[1:])
    )


def faults(ask: Ask, answer: Answer, allowed: Iterable[int] = ()) -> list[str]:
    """What is wrong with an answer, in words: an error of ours, or something of our workings in it."""
    found = []
    if answer.status >= 500 and answer.status not in set(allowed):
        found.append(f"{answer.status} for {ask}")
    given = unquote(ask.target) + unquote(ask.body.decode("utf-8", "replace").replace("+", " "))
    said = [word for word in INTERNAL if word in answer.text and word not in given]
    if said and answer.status != 200:
        found.append(f"{said} in the answer {answer.status} to {ask}")
    return found
