"""Looking whether a page on the web is there: its headers, with a time limit, and never into the house's own network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    import httpx2

SECONDS = 10.0
HOPS = 5
"""How often a page may send us on to another."""
NO_ANSWER = "no answer"
"""What is said of a page whose server cannot be reached: it may as well be our own line."""
_GUARDED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
"""Somebody is there and does not let a program in."""
_NO_HEAD = frozenset({HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.NOT_FOUND})
"""What servers say that do not know how to answer with headers alone."""

Allowed = Callable[[str, int], Awaitable[bool]]
"""Whether this host, at this port, may be asked."""


async def out_in_the_world(host: str, port: int) -> bool:
    """Whether every address of this host is a public one. Raises OSError when it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return all(ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global for *_, address in found)


async def look(address: str, allowed: Allowed = out_in_the_world) -> str:
    """Say what is wrong with the page at this address, in few words; nothing when it is there.

    A page inside the house is not looked at, and taken to be there. Never raises for what stands at the address.
    """
    import httpx2  # noqa: PLC0415  what only a job of the day needs does not delay the start

    async with httpx2.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
        for _ in range(HOPS):
            try:
                parts = urlsplit(address)
                port = parts.port or (443 if parts.scheme == "https" else 80)
                if parts.scheme not in {"http", "https"} or not parts.hostname:
                    return "it leads to something that is no page"
                if not await allowed(parts.hostname, port):
                    return ""
                status, onward = await _ask(client, address)
            except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, UnicodeError):
                return NO_ANSWER
            if not onward:
                return "" if status < HTTPStatus.BAD_REQUEST or status in _GUARDED else f"answers {status}"
            address = urljoin(address, onward)
    return "it sends one on and on"


async def _ask(client: httpx2.AsyncClient, address: str) -> tuple[int, str]:
    """The status, and where the page sends us on to. Some servers need to be asked for the page itself."""
    answer = await client.head(address)
    if answer.status_code in _NO_HEAD:
        async with client.stream("GET", address) as answer:
            return answer.status_code, answer.headers.get(
                "location", ""
            ) if answer.has_redirect_location else ""
    return answer.status_code, answer.headers.get("location", "") if answer.has_redirect_location else ""
