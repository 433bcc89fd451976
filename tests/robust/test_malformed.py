"""Whatever comes in, the answer is a sentence: never an error of ours, never a word of our workings.

Both databases: PostgreSQL refuses numbers and signs that SQLite takes.
"""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from admin_views import registry
from portal.desk.work import Actor
from portal.routes import PAGES
from tests.cast import MARA
from tests.real_input import real
from tests.robust.raw import FORM, Ask
from tests.robust.town import AT_LENGTH, DOORS, EVERYDAY, OFTEN, SIGNS_OUT, Town, insider, spread

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


@pytest.mark.parametrize("share", [1, AT_LENGTH])
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


@pytest.mark.parametrize("share", [1, AT_LENGTH])
async def test_a_form_with_the_same_in_every_field(town: Town, share: int) -> None:
    await town.learn()
    names = sorted(
        {name for _, _, form in town.forms for name in form.names} | {"id", "reason", "choice", "do", "skip"}
    )
    parts, asks = spread(NASTY, share), []
    for method, path, permission in DOORS:
        if method == "POST":
            for value in next(parts):
                short = value[:400]
                body = urlencode([(name, short) for name in names])
                asks.append((insider(permission), Ask("POST", town.filled(path), body.encode(), (FORM,))))
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
