"""Whatever a request is made of, the answer is a sentence: bodies that are no form, cookies and headers nobody gave out.

Both databases: PostgreSQL refuses numbers and signs that SQLite takes.
"""

from __future__ import annotations

import itertools

import pytest

from portal.desk.work import Actor
from tests.cast import MARA
from tests.robust.raw import FORM, Ask, send
from tests.robust.town import AT_LENGTH, DOORS, EVERYDAY, Town, insider


def multipart(charset: str = "", boundary: str = "b") -> tuple[tuple[bytes, bytes], ...]:
    told = f"multipart/form-data; boundary={boundary}{f'; charset={charset}' if charset else ''}"
    return ((b"content-type", told.encode("latin-1")),)


def part(name: str, value: bytes, more: bytes = b"") -> bytes:
    return (
        b'--b\r\ncontent-disposition: form-data; name="'
        + name.encode()
        + b'"'
        + more
        + b"\r\n\r\n"
        + value
        + b"\r\n"
    )


END = b"--b--\r\n"
TYPES = (
    "text/plain",
    "application/json",
    "text/xml",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "",
    "a/b/c",
    "\xff",
)
BODIES: tuple[tuple[bytes, tuple[tuple[bytes, bytes], ...]], ...] = (
    *((b'{"reason": ["x"], "version": {"a": 1}}', ((b"content-type", kind.encode("latin-1")),)) for kind in TYPES),
    (b"reason=%FF%FE&q=%ED%A0%80&version=%00", (FORM,)),
    (b"reason=\xff\xfe\xed\xa0\x80&\xff=\xff", (FORM,)),
    (b"%", (FORM,)),
    (b"=&=&==&;;&reason", (FORM,)),
    (b"&".join(b"a%d=1" % n for n in range(1500)), (FORM,)),
    (b"a=&" * 20_000, (FORM,)),
    (b"a" * 100_000 + b"=1", (FORM,)),
    (b"reason=" + b"x" * 300_000, (FORM,)),
    (b"reason=" + b"x" * 300_000, (FORM, (b"transfer-encoding", b"chunked"))),
    (part("reason", b"x") + END, multipart()),
    (part("reason", b"\xff\xfe\x00") + END, multipart()),
    (part("reason", b"+2AA-") + part("version", b"1") + END, multipart("utf-7")),
    (part("reason", b"\x00\xd8\x00\xd8") + END, multipart("utf-16")),
    (part("reason", b"abc\xff") + END, multipart("punycode")),
    (part("reason", b"xn--\xff") + END, multipart("idna")),
    (part("reason", b"\\ud800") + END, multipart("unicode_escape")),
    (part("reason", b"zz") + END, multipart("hex")),
    (part("reason", b"x") + END, multipart("no-such-thing")),
    (part("reason", b"x", b'; filename="a.txt"') + END, multipart()),
    (part("reason", b"x"), multipart()),
    (b"--b\r\n\r\n\r\n", multipart()),
    (b"--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n" + END, multipart()),
    (b"--b\r\n" + b"x-a: " + b"y" * 20_000 + b"\r\n\r\nx\r\n" + END, multipart()),
    (b"--b\r\n" + b"x: y\r\n" * 2_000 + b"\r\nx\r\n" + END, multipart()),
    (b"".join(part(f"a{n}", b"1") for n in range(1200)) + END, multipart()),
    (b"nothing like it", multipart()),
    (part("reason", b"x") + END, multipart(boundary="")),
    (part("reason", b"x") + END, multipart(boundary="\xe9")),
    (b"x", (FORM, (b"content-length", b"\xb2"))),
    (b"x", (FORM, (b"content-length", b"-1"))),
    (b"x", (FORM, (b"content-length", b"9" * 5000))),
    (b"x", (FORM, (b"content-length", b"1e3"))),
    (b"x", (FORM, (b"content-encoding", b"gzip"))),
)  # fmt: skip


@pytest.mark.parametrize("share", [EVERYDAY, AT_LENGTH])
async def test_a_body_that_is_no_form(town: Town, share: int) -> None:
    turn = itertools.cycle(range(len(BODIES)))
    asks = []
    for method, path, permission in DOORS:
        if method == "POST":
            for at in [next(turn) for _ in range(min(share, len(BODIES)))]:
                body, headers = BODIES[at]
                asks.append((insider(permission), Ask("POST", town.filled(path), body, headers, chunks=3)))
    assert len(asks) >= len(BODIES)
    assert await town.wrong(asks) == []


COOKIES = (
    b"handrail=", b"handrail=x", b"handrail=\xff\xfe", b"handrail=%00", b"handrail=" + b"x" * 10_000, b'handrail="',
    b"handrail=a; handrail=b", b"handrail-state=x", b"handrail-state=e30=.x.y", b"handrail-state=\xff", b"=", b";;;=;",
    b"handrail=\x00", b"handrail-state=" + b"." * 3000, b"a" * 20_000,
)  # fmt: skip
HEADERS = (
    (b"hx-request", b"true"), (b"hx-request", b"\xff"), (b"range", b"bytes=0-,0-,0-"), (b"expect", b"100-continue"),
    (b"accept-language", b"\xff,,;q=;" * 50), (b"accept", b"\xff"), (b"x-forwarded-for", b"\xff"),
    (b"remote-user", b"Mara"), (b"x-remote-user", b"Mara"),
)  # fmt: skip


async def test_cookies_and_headers_that_nobody_gave_out(town: Town) -> None:
    asks: list[tuple[Actor | None, Ask]] = [
        (None, Ask("GET", path, headers=((b"cookie", cookie),)))
        for cookie in COOKIES
        for path in ("/", "/sign-in", "/sign-in/callback?code=x&state=y", "/admin/", "/feedback/x.y")
    ]
    asks += [(None, Ask("POST", "/sign-out", b"a=b", (FORM, (b"cookie", cookie)))) for cookie in COOKIES]
    asks += [
        (MARA, Ask("GET", path, headers=(one,)))
        for one in HEADERS
        for path in ("/", "/cases/1", "/static/mark.svg", "/admin/customers/list")
    ]
    assert await town.wrong(asks) == []
    inside = [await send(town.app, Ask("GET", "/cases", headers=(one,))) for one in HEADERS]
    assert {one.status for one in inside} <= {303, 401}


METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "X" * 50, "get")


async def test_methods_that_no_page_has(town: Town) -> None:
    paths = sorted({path for _, path, _ in DOORS})
    asks = [
        (MARA, Ask(method, town.filled(path)))
        for at, method in enumerate(METHODS)
        for path in paths[at :: 1 if method in {"HEAD", "DELETE"} else len(METHODS)]
    ]
    assert await town.wrong(asks) == []
