"""Whatever comes in, the answer is a sentence: never an error of ours, never a word of our workings.

Both databases: PostgreSQL refuses numbers and signs that SQLite takes.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from admin_views import registry
from portal.desk.work import SYSTEM, Actor, Desk
from portal.routes import PAGES
from tests.admin_views.story import lived
from tests.cast import ADA, CORA, FRED, INA, MARA, Clock
from tests.house.test_doors import Door, doors, may
from tests.html import Form, forms, read
from tests.real_input import real
from tests.robust.everywhere import come_to, hung_on, named, straightened
from tests.robust.raw import FORM, Ask, faults, send
from tests.scene import busy_monday
from tests.visits import signed_in

HUGE = "9" * 400
IDS = (
    "0", "-1", "2147483648", "9223372036854775807", "9223372036854775808", HUGE, "9" * 5000, "1.5", "1e3", "%D9%A1",
    "%EF%BC%91", "%C2%B2", "%00", "1%00", "%FF", "%ED%A0%80", "..%2f..", "1%20OR%201=1", "%25", "None", "1;2", "'--",
)  # fmt: skip
"""What may stand where an id belongs: too large, below zero, digits of other scripts, no digits at all."""
NASTY = (
    "", " ", "\0", "a\0b", "0", "-1", "2147483648", "9223372036854775808", HUGE, "9" * 5000, "1.5", "NaN", "Infinity",
    "1e400", "²", "\u0661\u0662", "\uff11\uff12", "x" * 10_000, "\u0660" * 20, "0001-01-01", "9999-12-31", "2026-02-30",
    "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "2026-03-02T10:00", "-999999999", "'; DROP TABLE people; --",
    "%", "_", "\\", "{{7*7}}", "${7*7}", "<b>", "\r\nBcc: a@example.com", "\u202e", "\ufffe", "\uffff", "\U0001d54f" * 50,
    "[" * 3000, "W10", "W1tb", "W1tb" * 2500, "\U0001f642" * 400, "=1+1", "1e300~1", "1~99999999999999999999", "nan~1",
)  # fmt: skip
QUERY = (
    "q", "before", "show", "next", "back", "search", "sort", "page", "size", "after", "view", "dir", "name", "term",
    "code", "state", "iss", "error",
)  # fmt: skip
WORDS = (
    "yes",
    "1",
    "2",
    "now",
    "later",
    "delivery",
    "order",
    "complaint",
    "high",
    "new",
    "12.50",
    "add:1",
    "look",
    "keep",
)
SIGNS_OUT = "/sign-out"
LEADS_AWAY = re.compile(r"^/sign-out$|^/practice|^/intakes/\d+/abandonment$")
"""Forms after which nobody is at the desk, or in the contact, any more."""
NOT_SET_UP = {503}
"""What the sign-in says in these tests, in words: they have no identity provider."""


@dataclass(slots=True)
class Town:
    """A portal with a busy day in it, and everybody's way in."""

    app: Starlette
    secrets: dict[Actor, str]
    ids: dict[str, int | str]
    steps: list[str]
    """The address of every step of every script."""
    forms: list[tuple[Actor, str, Form]] = field(default_factory=list)

    async def wrong(self, asks: Iterable[tuple[Actor | None, Ask]]) -> list[str]:
        """Ask one after the other; what was wrong with the answers."""
        found: list[str] = []
        for actor, ask in asks:
            allowed = NOT_SET_UP if ask.target.startswith("/sign-in") else ()
            try:
                answer = await send(self.app, ask, self.secrets[actor] if actor else "")
            except Exception as error:  # noqa: BLE001 - whatever escapes is what this test looks for
                found.append(f"{type(error).__name__} escaped: {ask}")
            else:
                found += faults(ask, answer, allowed)
        return found

    async def learn(self) -> None:
        """Open every page and keep the forms that stand on it."""
        found: dict[tuple[str, frozenset[str]], tuple[Actor, str, Form]] = {}
        pages = [
            (who, self.filled(path))
            for method, path, permission in DOORS
            if method == "GET" and (who := insider(permission)) is not None
        ]
        for who, address in [*pages, *((CORA, step) for step in self.steps)]:
            answer = await send(self.app, Ask("GET", address), self.secrets[who])
            for one in forms(read(answer.text)):
                action = one.action or address
                if one.method == "POST" and not LEADS_AWAY.search(action):
                    found[re.sub(r"^/intakes/\d+", "", action), one.names] = who, action, one
        self.forms = list(found.values())
        assert len(self.forms) > 150

    def filled(self, path: str, value: str | None = None) -> str:
        """A path with ids that exist in its places, or with this value in all of them."""

        def one(part: re.Match[str]) -> str:
            name = part[1].split(":")[0]
            if value is not None and name != "path":
                return value
            return str("greet" if name == "step" and path.startswith("/intakes") else self.ids.get(name, 1))

        return re.sub(r"\{([^}]+)\}", one, path)


@pytest.fixture
async def town(app: Starlette, desk: Desk, clock: Clock) -> Town:
    day = await lived(desk)
    scene = await busy_monday(desk, clock)
    people = (CORA, MARA, ADA, INA, FRED)
    await straightened(desk)
    steps = await come_to(desk, CORA, scene.order, scene.complaint, {"product-1": "1", "quantity-1": "2"})
    async with desk.work(SYSTEM) as work:
        await hung_on(work, CORA.person_id or 0, "The kettle again.")
    ids: dict[str, int | str] = {
        **await named(desk),
        "case_id": scene.complaint, "order_id": scene.order, "customer_id": 1, "follow_up_id": scene.follow_up,
        "message_id": day.dead, "escalation_id": 1, "intake_id": scene.intake, "pk": 1,
    }  # fmt: skip
    return Town(app, {one: await signed_in(desk, one) for one in people}, ids, steps)


DOORS: list[Door] = [door for door in doors() if door[1] != SIGNS_OUT]
"""Every door but the one that ends the session."""


def insider(permission: object) -> Actor | None:
    """Somebody who may go in; None where nobody has to sign in."""
    if may(None, permission):  # type: ignore[arg-type] # a permission of either kind
        return None
    return next(one for one in (MARA, CORA, ADA, INA, FRED) if may(one, permission))  # type: ignore[arg-type] # as above


def spread(values: Sequence[str], share: int) -> Iterator[list[str]]:
    """Give each asker in turn so many of the values, another part each time: over all askers all of them come."""
    for at in itertools.count():
        yield [values[(at * share + step) % len(values)] for step in range(min(share, len(values)))]


EVERYDAY, OFTEN = 3, 15
"""Values for each address on an ordinary run, and at length: over all addresses every one comes many times."""
AT_LENGTH = pytest.param(OFTEN, marks=pytest.mark.full)


@pytest.mark.parametrize("share", [EVERYDAY, AT_LENGTH])
async def test_an_id_that_is_none(town: Town, share: int) -> None:
    parts = spread(IDS, share)
    asks = [
        (insider(permission), Ask(method, town.filled(path, value)))
        for method, path, permission in DOORS
        if "{" in path and "{path:path}" not in path
        for value in next(parts)
    ]
    assert await town.wrong(asks) == []


@pytest.mark.parametrize("share", [EVERYDAY, AT_LENGTH])
async def test_a_question_that_means_nothing(town: Town, share: int) -> None:
    parts, asks = spread(NASTY, share), []
    for method, path, permission in DOORS:
        if method != "GET" or path.startswith("/admin/statics"):
            continue
        view = next((one for one in registry.VIEWS if path == f"/admin/{one.address}/list"), None)
        names = [*QUERY, *(name for one in view.filters for name in one.names)] if view else QUERY[:3]
        if path.endswith("/create"):
            names = [*names, "calendar", "day", "hours"]
        for name in [*QUERY, *names] if share == OFTEN and not view else names:
            values = next(parts)
            for value in values if not view or share == OFTEN else values[:1]:
                query = urlencode({name: value})
                asks.append((insider(permission), Ask("GET", f"{town.filled(path)}?{query}")))
    for query in (
        "%FF%FE=%FF",
        "q=%ED%A0%80",
        "q=%",
        "&&&=;",
        "q=1&q=2",
        "=" * 500,
        "&".join(f"a{n}=1" for n in range(3000)),
    ):
        asks += [
            (MARA, Ask("GET", f"{path}?{query}"))
            for path in ("/search", "/cases", "/admin/customers/list", "/customers")
        ]
    assert await town.wrong(asks) == []


@pytest.mark.parametrize("share", [2, AT_LENGTH])
async def test_a_form_with_one_wrong_field(town: Town, share: int) -> None:
    """Every form of every page as it stands, with something in one field that does not belong there."""
    await town.learn()
    parts, asks = spread(NASTY, share), []
    for actor, action, form in town.forms:
        for name in sorted(form.names):
            for value in next(parts):
                body = urlencode([(key, kept) for key, kept in form.values if key != name] + [(name, value)])
                asks.append((actor, Ask("POST", action, body.encode(), (FORM,))))
    assert await town.wrong(asks) == []


@pytest.mark.parametrize("share", [2, AT_LENGTH])
async def test_a_form_with_the_same_in_every_field(town: Town, share: int) -> None:
    await town.learn()
    names = sorted(
        {name for _, _, form in town.forms for name in form.names} | {"id", "reason", "choice", "do", "skip"}
    )
    parts, asks = spread(NASTY, share), []
    for method, path, permission in DOORS:
        if method == "POST":
            for value in next(parts):
                short = value if len(value) < 1000 else value[:1000]
                body = urlencode([(name, short) for name in names])
                asks.append((insider(permission), Ask("POST", town.filled(path), body.encode(), (FORM,))))
    assert await town.wrong(asks) == []


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


def naughty() -> list[str]:
    found: list[str] = json.loads(real("names/naughty_strings.json").read_bytes())
    return found


@pytest.mark.parametrize("share", [12, pytest.param(1, marks=pytest.mark.full)])
async def test_strings_that_broke_other_people(town: Town, share: int) -> None:
    """Typed where it is looked for, and into the forms that keep what is typed."""
    await town.learn()
    kept = [
        one
        for one in town.forms
        if one[1].endswith(("/greet", "/notes", "/answer", "/result", "/owner", "/create"))
    ]
    asks: list[tuple[Actor | None, Ask]] = []
    for at, text in enumerate(naughty()[::share]):
        asks.append((MARA, Ask("GET", f"{('/search', '/customers')[at % 2]}?{urlencode({'q': text})}")))
        asks.append((MARA, Ask("GET", f"/admin/customers/list?{urlencode({'search': text})}")))
        asks.append((None, Ask("GET", f"/feedback/{quote(text[:200], safe='')}")))
        actor, action, form = kept[at % len(kept)]
        body = urlencode(
            [
                *((name, value) for name, value in form.values),
                *((name, text) for name in form.names - {"revision", "version"}),
            ]
        )
        asks.append((actor, Ask("POST", action, body.encode(), (FORM,))))
    assert await town.wrong(asks) == []


VALUES = st.one_of(
    st.sampled_from(NASTY),
    st.sampled_from(WORDS),
    st.text(max_size=60),
    st.integers().map(str),
    st.floats().map(str),
)


def plans(town: Town, count: int) -> list[tuple[Actor | None, Ask]]:
    """So many requests that hypothesis thinks of. They are sent afterwards: it runs no event loop."""
    found: list[tuple[Actor | None, Ask]] = []

    @settings(max_examples=count, database=None, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(data=st.data())
    def think(data: st.DataObject) -> None:
        method, path, permission = data.draw(st.sampled_from(DOORS))
        known = {name for _, action, form in town.forms if action == town.filled(path) for name in form.names}
        names = st.sampled_from(sorted(known | set(QUERY))) | st.text(min_size=1, max_size=8)
        pairs = data.draw(st.lists(st.tuples(names, VALUES), max_size=12))
        strange = data.draw(st.integers(0, 9)) == 0
        address = town.filled(path, quote(data.draw(VALUES)[:80], safe="") or "0" if strange else None)
        told = urlencode(pairs, errors="replace")
        ask = (
            Ask(method, address, told.encode(), (FORM,))
            if method == "POST"
            else Ask(method, f"{address}?{told}")
        )
        found.append((insider(permission), ask))

    think()
    return found


@pytest.mark.parametrize("count", [250, pytest.param(10_000, marks=pytest.mark.full)])
async def test_anything_at_all(town: Town, count: int) -> None:
    await town.learn()
    assert await town.wrong(plans(town, count)) == []


def test_every_page_is_asked() -> None:
    assert {page.path for page in PAGES} - {path for _, path, _ in DOORS} == {SIGNS_OUT}
