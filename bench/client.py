"""A browser that costs next to nothing: one kept connection, requests prepared as bytes."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

LONGEST = 300.0
"""Seconds to wait for an answer: the slowest peers read a million rows."""
ENOUGH = 262_144


class Refused(RuntimeError):
    """The answer was not the one that is measured."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    head: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Client:
    """One kept connection to a server of this machine."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port = port
        self._cookie = f"Cookie: {cookie}\r\n" if cookie else ""
        self._socket = self._connect()

    def _connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=LONGEST)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def get(self, path: str, *, status: int = 200) -> Answer:
        """Fetch a page. Raises Refused for another status."""
        return self.send(self.request("GET", path), status=status)

    def post(self, path: str, form: Mapping[str, str], *, status: int = 200, htmx: bool = False) -> Answer:
        """Send a form. Raises Refused for another status."""
        return self.send(self.request("POST", path, form, htmx=htmx), status=status)

    def request(
        self, method: str, path: str, form: Mapping[str, str] | None = None, *, htmx: bool = False
    ) -> bytes:
        """A whole request as it goes over the wire, as a browser on our own pages sends it."""
        body = urlencode(form).encode() if form is not None else b""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept: text/html\r\n"
            f"Origin: http://127.0.0.1:{self.port}\r\nSec-Fetch-Site: same-origin\r\n{self._cookie}"
        )
        if htmx:
            head += "HX-Request: true\r\n"
        if form is not None:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body

    def send(self, request: bytes, *, status: int = 200) -> Answer:
        """Send a prepared request and read the whole answer. Raises Refused for another status."""
        self._socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end].decode("latin-1")
        told = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
        }
        body = data[end + 4 :]
        if told.get("transfer-encoding") == "chunked":
            while not body.endswith(b"0\r\n\r\n"):
                body += self._more()
        else:
            parts, missing = [body], int(told.get("content-length", "0")) - len(body)
            while missing > 0:
                parts.append(self._more())
                missing -= len(parts[-1])
            body = b"".join(parts)
        answer = Answer(int(head.split(" ", 2)[1]), head, body)
        if answer.status != status:
            line = request.split(b"\r\n", 1)[0].decode()
            raise Refused(f"{line}: {answer.status} instead of {status}: {answer.text[:300]}")
        return answer

    def _more(self) -> bytes:
        data = self._socket.recv(ENOUGH)
        if not data:
            raise Refused("The server closed the connection.")
        return data
