"""The board as a page, and the stream that tells it to look again; the closing-time sheet."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, MutableMapping
from html import unescape
from typing import Any

import httpx2
import pytest
import uvicorn
from sqlalchemy import update
from starlette.applications import Starlette

from models import Case, Person
from models.words import CaseKind, Role
from portal.desk import audit, board, escalation, sessions
from portal.desk.work import SYSTEM, Actor, Desk
from portal.running import DRAIN_SECONDS, Server
from portal.watching import EVENTS, LISTENERS, Watch
from tests.cast import CEM, CORA, FIN, MARA, SAM, Clock, berlin
from tests.desk import stories
from tests.desk.test_board import WHOLE, accepted, handed_up
from tests.house.counting import statements
from tests.robust.raw import OURS
from tests.visits import Visitor, signed_in

MOST = 40 * 1024
PART = {"hx-request": "true", "hx-request-type": "partial"}
PATIENCE = 5.0  # seconds


class Ear:
    """A browser that listens: the status it is answered with, and what it has heard."""

    def __init__(self, app: Starlette, secret: str, told: str = "") -> None:
        self.heard = ""
        self.status = 0
        self.left = asyncio.Event()
        self._asked = False
        headers = [
            *OURS,
            (b"cookie", f"handrail={secret}".encode()),
            (b"accept", b"text/html, text/event-stream"),
        ]
        headers += [(b"x-handrail-live", b"1"), (b"last-event-id", told.encode())]
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "query_string": b"",
            "path": "/escalations/board/stream", "raw_path": b"/escalations/board/stream", "root_path": "",
            "headers": headers, "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 5), "asgi": {"version": "3.0"},
        }  # fmt: skip
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> MutableMapping[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.heard += message.get("body", b"").decode()

    @property
    def changes(self) -> int:
        return self.heard.count("event: changed")

    async def until(self, changes: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.changes < changes:
                await asyncio.sleep(0.01)

    async def end(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.task

    async def leave(self) -> None:
        self.left.set()
        await self.end()


@pytest.fixture
async def watch(app: Starlette) -> AsyncIterator[Watch]:
    """The portal's own, quick enough for a test."""
    found: Watch = app.state.watch
    found.seconds = 0.02
    yield found
    await found.stop()


@contextlib.asynccontextmanager
async def listening(app: Starlette, desk: Desk, actor: Actor = SAM) -> AsyncIterator[Ear]:
    ear = Ear(app, await signed_in(desk, actor))
    await ear.until(1)
    yield ear
    await ear.leave()


async def test_the_board_shows_masked_customers_who_holds_it_and_the_clock(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-13.4"""
    first = await stories.opened(desk)
    second = await stories.opened(desk, **WHOLE)
    await handed_up(desk, second)
    await accepted(desk, second)
    sam = await visitor(SAM)
    page = (await sam.get("/escalations/board")).text
    words = " ".join(
        unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")])).split()
    )
    number = (await stories.seen(desk, first)).number
    assert (
        f"First contact 1 cases as a list {number} Normal Complaint, Ana E•••• 0 min old, up tomorrow 10:00 Cora"
        in words
    )
    assert "Level 1 1 cases as a list" in words
    empty = "0 cases as a list No case is here."
    assert words.endswith(
        f"High Complaint, Ana E•••• 0 min old, goes no higher Mara Level 2 {empty} Level 3 and above {empty}"
    )
    assert ("Example Street" in page, "ana@example.com" in page, ">Refresh</a>" in page) == (
        False,
        False,
        True,
    )
    part = (await sam.get("/escalations/board", headers=PART)).text
    assert part.startswith('<div id="board"')
    assert part.strip() in page


@pytest.mark.parametrize("by", ["level", "state"])
async def test_each_count_is_a_link_to_the_rows_it_counts(desk: Desk, visitor: Visitor, by: str) -> None:
    for _ in range(3):
        await stories.opened(desk, **WHOLE)
    await handed_up(desk, 1)
    await handed_up(desk, 2)
    await accepted(desk, 2)
    async with desk.work(CORA) as work:
        await escalation.flag_concern(work, await stories.the_case(work, 3), "A lawyer.", legal=True)
    for actor, cases in ((SAM, 2), (MARA, 3)):
        client = await visitor(actor)
        page = (await client.get(f"/escalations/board?by={by}")).text
        counted = re.findall(r'<a href="(/escalations/board/rows[^"]+)">(\d+)<', page)
        listed = [(await client.get(unescape(address))).text.count("<tr data-href") for address, _ in counted]
        assert (len(counted), listed, sum(listed)) == (4, [int(count) for _, count in counted], cases)


async def test_a_hundred_cards_are_as_many_statements_as_few_and_no_more_than_forty_kibibytes(
    app: Starlette, desk: Desk, visitor: Visitor
) -> None:
    sam = await visitor(SAM)
    await stories.opened(desk)

    async def taken(by: str) -> int:
        with statements(app.state.database) as said:
            assert (await sam.get(f"/escalations/board?by={by}")).status_code == 200
        return len(said)

    few = [await taken(by) for by in ("level", "state")]
    for _ in range(4 * board.SHOWN - 1):
        await stories.opened(desk)
    async with desk.work(SYSTEM) as work:
        for level in range(1, 4):
            ids = range(level * board.SHOWN + 1, (level + 1) * board.SHOWN + 1)
            await work.session.execute(
                update(Case).where(Case.id.in_(ids)).values(escalation_level=level),
                execution_options={"audited": True},
            )
        await audit.record(work, "move cases up")
    page = await sam.get("/escalations/board")
    assert (page.text.count('<li id="c'), len(page.content) <= MOST) == (4 * board.SHOWN, True), len(
        page.content
    )
    assert [await taken(by) for by in ("level", "state")] == few
    assert max(few) <= 9


async def test_nobody_else_comes_to_the_board(visitor: Visitor) -> None:
    cora, fin, nobody = await visitor(CORA), await visitor(FIN), await visitor(None)
    paths = (
        "/escalations/board",
        "/escalations/board/rows?column=0",
        "/escalations/board/stream",
        "/closing-sheet",
    )
    assert [(await cora.get(path)).status_code for path in paths] == [403] * 4
    assert [(await fin.get(path)).status_code for path in paths] == [200, 200, 200, 403]
    assert [(await nobody.get(path)).status_code for path in paths] == [303] * 4
    assert (await fin.get("/escalations/board/rows?by=state&column=0")).status_code == 404
    assert (await fin.get("/escalations/board?by=nonsense")).status_code == 200


async def test_a_change_is_told_to_every_listener_by_one_look(
    app: Starlette, desk: Desk, watch: Watch
) -> None:
    case_id = await stories.opened(desk, **WHOLE)
    async with listening(app, desk) as sam, listening(app, desk, MARA) as mara:
        with statements(app.state.database) as said:
            await asyncio.sleep(watch.seconds * 5)
        looks = [one for one in said if "audit_entries" in one]
        assert 1 <= len(looks) <= 6
        # Counting may begin or end between a look and its question.
        assert abs(len(said) - 2 * len(looks)) <= 1, "one look and one question for all sessions"
        assert (sam.changes, mara.changes) == (1, 1)
        await handed_up(desk, case_id)
        await sam.until(2)
        await mara.until(2)
        assert sam.heard.rstrip().endswith(f"id: {watch.version}\ndata: {watch.version}")
    assert watch.listeners == set()
    await asyncio.sleep(watch.seconds * 3)
    with statements(app.state.database) as said:
        await asyncio.sleep(watch.seconds * 3)
    assert said == [], "nobody listens, so nobody looks"


async def test_who_comes_back_hears_only_of_what_is_new(app: Starlette, desk: Desk, watch: Watch) -> None:
    secret = await signed_in(desk, SAM)
    async with listening(app, desk, MARA):
        again = Ear(app, secret, watch.version)
        await asyncio.sleep(watch.seconds * 3)
        assert (again.status, again.changes) == (200, 0)
        await stories.opened(desk)
        await again.until(1)
        await again.leave()


async def test_a_quiet_stream_says_that_it_lives(app: Starlette, desk: Desk, watch: Watch) -> None:
    watch.heartbeat = 0.02
    async with listening(app, desk) as ear, asyncio.timeout(PATIENCE):
        while ": still here\n\n" not in ear.heard:
            await asyncio.sleep(0.01)


async def test_the_stream_ends_when_the_session_does_or_the_roles_change(
    app: Starlette, desk: Desk, watch: Watch
) -> None:
    secret = await signed_in(desk, SAM)
    sam, mara = Ear(app, secret), Ear(app, await signed_in(desk, MARA))
    await sam.until(1)
    await mara.until(1)
    async with desk.work(SYSTEM) as work:
        await sessions.end(work, secret)
    await sam.end()
    assert sam.heard.endswith("event: over\ndata: over\n\n")
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Person, MARA.person_id)).roles = (Role.REPRESENTATIVE.value,)
        await audit.record(work, "change roles")
    await mara.end()
    assert (mara.heard.endswith("event: over\ndata: over\n\n"), watch.listeners) == (True, set())


async def test_a_board_left_open_does_not_keep_its_session(
    app: Starlette, desk: Desk, watch: Watch, clock: Clock
) -> None:
    assert watch.listeners == set()
    ear = Ear(app, await signed_in(desk, SAM))
    await ear.until(1)
    clock.forward(minutes=31)
    await ear.end()
    assert ear.heard.endswith("event: over\ndata: over\n\n")


async def test_one_person_keeps_three_boards_open_and_a_fourth_is_told_why_not(
    app: Starlette, desk: Desk, watch: Watch
) -> None:
    async with contextlib.AsyncExitStack() as opened:
        for _ in range(LISTENERS):
            await opened.enter_async_context(listening(app, desk))
        fourth = Ear(app, await signed_in(desk, SAM))
        await fourth.end()
        assert (fourth.status, "open in 3 other places" in fourth.heard) == (429, True)
        await opened.enter_async_context(listening(app, desk, MARA))
    async with listening(app, desk):
        assert len(watch.listeners) == 1


async def test_the_streams_end_when_the_portal_stops(app: Starlette, desk: Desk, watch: Watch) -> None:
    ears = [Ear(app, await signed_in(desk, who)) for who in (SAM, MARA)]
    for ear in ears:
        await ear.until(1)
    await watch.stop()
    for ear in ears:
        await ear.end()
    assert watch.listeners == set()


async def test_a_portal_with_open_boards_stops_without_waiting_for_them(
    app: Starlette, desk: Desk, watch: Watch
) -> None:
    ready = asyncio.Event()
    config = uvicorn.Config(
        app, port=0, http="httptools", log_config=None, timeout_graceful_shutdown=DRAIN_SECONDS
    )
    server = Server(config, ready.set, watch.stop)
    running = asyncio.create_task(server.serve())
    await ready.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    secret = await signed_in(desk, SAM)
    headers = {"cookie": f"handrail={secret}", "accept": EVENTS}
    async with (
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client,
        client.stream("GET", "/escalations/board/stream") as answer,
    ):
        lines = answer.aiter_lines()
        while await anext(lines) != "event: changed":
            pass
        begun = time.monotonic()
        server.should_exit = True
        assert [line async for line in lines][-1] == ""
    await running
    assert time.monotonic() - begun < DRAIN_SECONDS / 2


async def test_while_it_waits_it_holds_no_connection(app: Starlette, desk: Desk, watch: Watch) -> None:
    watch.seconds = 60
    async with listening(app, desk):
        async with asyncio.timeout(PATIENCE):
            while app.state.database.reader.sync_engine.pool.checkedout():
                await asyncio.sleep(0.01)


async def test_the_sheet_can_be_read_at_any_time(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    sam = await visitor(SAM)
    empty = (await sam.get("/closing-sheet")).text
    assert "Nothing. The desk can be closed." in empty
    clock.now = berlin("2026-03-02 16:00")
    sam = await visitor(SAM)
    case_id = await stories.opened(desk, restated="x")
    number = (await stories.seen(desk, case_id)).number
    assert number in (await sam.get("/closing-sheet")).text
    clock.forward(hours=2)
    sam = await visitor(SAM)
    assert "Closed now; opens" in (await sam.get("/closing-sheet")).text


async def test_the_switch_between_teams_stands_where_it_makes_a_difference(
    desk: Desk, visitor: Visitor
) -> None:
    """S0-4.1b"""
    async with desk.work(SYSTEM) as work:
        rita = Person(issuer="x", subject="rita", name="Rita", roles=("supervisor",), created_at=work.now)
        work.session.add(rita)
        for who, team in ((SAM, "Blue"), (CEM, "Red")):
            (await work.session.get_one(Person, who.person_id)).team = team
        rita.team = "Red"
        await audit.record(work, "make teams")
    case_id = await stories.opened(desk, CaseKind.ORDER_ERROR, actor=CEM)
    sam, mara = await visitor(SAM), await visitor(MARA)
    hidden, shown = (
        await sam.get("/escalations/board"),
        await sam.get("/escalations/board?by=level&teams=all"),
    )
    link = f'<a href="/cases/{case_id}">'
    assert (link in hidden.text, link in shown.text) == (False, True)
    assert 'href="/escalations/board?by=level&amp;teams=all"' in hidden.text
    assert "teams=all" in (await sam.get("/escalations")).text
    for page in ("/escalations", "/escalations/board"):
        assert "All teams" not in (await mara.get(page)).text
    assert "All teams" not in (await sam.get("/escalations?show=nobody-told")).text
    assert link in (await sam.get("/escalations/board/rows?by=level&column=0&teams=all")).text
    assert link not in (await sam.get("/escalations/board/rows?by=level&column=0")).text
