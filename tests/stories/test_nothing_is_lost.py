"""What was shown as saved stays, and nothing happens twice: over crashes, restarts, double clicks and replicas."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import asyncpg
import httpx2
import pytest

from tests.harness import databases
from tests.harness.server import ROOT, PortalServer
from tests.seat import FORM_TYPE, Seat
from tests.stories.desk_of_the_day import Step, begin_contact, walk

StartPortal = Callable[..., PortalServer]
TO_DELIVERY: list[Step] = [
    ("greet", {"greeted": "yes"}, ""),
    ("who", {}, "New customer"),
    (
        "who",
        {
            "name": "Rosa Blau",
            "email": "rosa@example.com",
            "street": "Linden 4",
            "postal_code": "10115",
            "city": "Berlin",
        },
        "",
    ),
    ("about", {"situation": "order"}, ""),
    ("lines", {"look": "GIFT"}, ""),
    ("lines", {"quantity-1": "3"}, ""),
]
TO_CONFIRM: list[Step] = [
    ("delivery", {}, ""),
    ("check", {"checked": "yes"}, ""),
    ("read_back", {"agreed": "yes", "how": "spoken"}, ""),
]
ENDING: tuple[tuple[str, dict[str, str]], ...] = (
    ("confirm", {}),
    ("payment", {"when": "now", "method": "transfer", "amount": "75.00", "reference": "T-4711"}),
    (
        "summary",
        {"understood": "yes", "promise-1": "Send the cards by post", "due-1": "2099-01-05T09:00:00+00:00"},
    ),
    ("close", {"anything_else": "asked", "satisfied": "yes", "outcome": "order_placed"}),
)


class Cora(Seat):
    """Cora at a portal of its own process, in the middle of a call."""

    @property
    def intake(self) -> int:
        return int(self.at.split("/")[2])

    async def begin(self, *scripts: list[Step]) -> Cora:
        await self.sign_in("Cora")
        await begin_contact(self)
        for steps in scripts:
            await walk(self, steps)
        return self

    def typed(self, **changed: str) -> dict[str, str]:
        return {**dict(self.form("answers").filled({})), **changed}

    async def type(self, revision: int, **changed: str) -> Any:
        """Save what is typed, as the script does after a pause."""
        data = {**self.typed(**changed), "revision": str(revision)}
        return await self.client.post(f"{self.at}/draft", data=data, headers={"hx-request": "true"})


@pytest.fixture
async def seats() -> AsyncIterator[list[Seat]]:
    opened: list[Seat] = []
    yield opened
    for seat in opened:
        await seat.close()


def at(server: PortalServer, seats: list[Seat]) -> Cora:
    seat = Cora(server.address)
    seats.append(seat)
    return seat


def counted(server: PortalServer, statement: str) -> int:
    """Ask the SQLite file itself."""
    with closing(sqlite3.connect(server.data / "handrail.db")) as connection:
        return int(connection.execute(statement).fetchone()[0])


@pytest.mark.parametrize("crashes", [3, pytest.param(40, marks=pytest.mark.full)])
async def test_what_was_shown_as_saved_survives_kill(
    start_portal: StartPortal, seats: list[Seat], crashes: int
) -> None:
    server = start_portal()
    cora = await at(server, seats).begin(TO_DELIVERY)
    revision = int(cora.typed()["revision"])
    saved = ""

    async def keep_typing() -> None:
        nonlocal revision, saved
        while True:
            words = f"Ring {revision} times"
            answer = await cora.type(revision, note=words)
            assert "Saved" in answer.text, answer.text
            saved, revision = words, revision + 1

    for crash in range(crashes):
        typing = asyncio.ensure_future(keep_typing())
        await asyncio.sleep(0.4 + crash % 5 * 0.06)
        killed = asyncio.get_running_loop().run_in_executor(None, server.kill)
        with pytest.raises(httpx2.TransportError):
            await typing
        await killed
        server.start()
        await cora.open(cora.at)
        note, revision = cora.typed()["note"], int(cora.typed()["revision"])
        assert note in {saved, f"Ring {revision - 1} times"}  # the last one may have been kept without a word
        assert int(note.split()[1]) >= int(saved.split()[1])
    assert (
        counted(
            server, "SELECT COUNT(*) FROM intakes WHERE finished_at IS NULL AND answers LIKE '%Ring % times%'"
        )
        == 1
    )


async def test_a_last_click_done_twice_and_again_after_a_crash_is_one_order(
    start_portal: StartPortal, seats: list[Seat]
) -> None:
    server = start_portal()
    cora = await at(server, seats).begin(TO_DELIVERY, TO_CONFIRM)
    before = counted(server, "SELECT COUNT(*) FROM orders")
    body, address = urlencode(cora.typed()), cora.at

    async def place() -> tuple[int, str]:
        answer = await cora.client.post(address, content=body, headers=FORM_TYPE)
        return answer.status_code, answer.headers.get("location", "")

    there = (303, f"/intakes/{cora.intake}/payment")
    assert await asyncio.gather(*(place() for _ in range(6))) == [there] * 6
    server.kill()
    server.start()
    assert [await place(), await place()] == [there] * 2
    assert counted(server, "SELECT COUNT(*) FROM orders") == before + 1
    placed = "SELECT COUNT(*) FROM audit_entries WHERE deed = 'place order' AND changes LIKE '%Rosa Blau%'"
    assert counted(server, placed) == 1


async def test_a_stale_save_is_told_and_overwrites_nothing(
    portal_server: PortalServer, seats: list[Seat]
) -> None:
    """Two tabs: the second one is shown its own words beside those that were saved."""
    cora = await at(portal_server, seats).begin(TO_DELIVERY)
    revision = int(cora.typed()["revision"])
    first = await cora.type(revision, note="Ring twice, said the first tab")
    second = await cora.type(revision, note="Knock, said the second tab")
    assert (first.status_code, second.status_code) == (200, 409)
    assert [
        words in second.text for words in ("Ring twice, said the first tab", "Knock, said the second tab")
    ] == [True] * 2
    whole = await cora.client.post(cora.at, data=cora.typed(note="Knock, said the second tab"))
    assert (whole.status_code, "Keep mine" in whole.text) == (409, True)
    await cora.open(cora.at)
    assert cora.typed()["note"] == "Ring twice, said the first tab"


async def test_half_a_request_is_still_answered_when_it_is_told_to_stop(
    start_portal: StartPortal, seats: list[Seat]
) -> None:
    server = start_portal()
    cora = await at(server, seats).begin(TO_DELIVERY)
    body = urlencode(cora.typed(note="Sent in two halves")).encode()
    host = urlsplit(server.address).netloc
    head = (
        f"POST {cora.at}/draft HTTP/1.1\r\nhost: {host}\r\norigin: {server.address}\r\nhx-request: true\r\n"
        f"cookie: handrail={cora.client.cookies['handrail']}\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )

    def in_two_halves() -> bytes:
        with socket.create_connection((host.split(":")[0], int(host.split(":")[1])), timeout=15) as line:
            line.sendall(head.encode() + body[:20])
            time.sleep(0.5)
            server.begin_to_stop()
            time.sleep(1)
            line.sendall(body[20:])
            return b"".join(iter(lambda: line.recv(65_536), b""))

    answer = await asyncio.to_thread(in_two_halves)
    assert (answer.split(b"\r\n")[0], b"Saved" in answer) == (b"HTTP/1.1 200 OK", True)
    assert await asyncio.to_thread(server.ended) == 0
    server.start()
    await cora.open(cora.at)
    assert cora.typed()["note"] == "Sent in two halves"


async def test_a_second_server_on_the_same_folder_is_refused_in_words(portal_server: PortalServer) -> None:
    command = [sys.executable, "-P", "-m", "portal", "run", "--data", str(portal_server.data)]
    second = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (second.returncode, second.stdout) == (78, "")
    assert "handrail: Another Handrail (process " in second.stderr
    assert f"already serves {portal_server.data}. Stop it, or choose --data." in second.stderr
    assert "Traceback" not in second.stderr


COUNTED = ("orders", "payment_entries", "follow_ups", "contacts", "intakes")


async def rows_of(database: str) -> dict[str, int]:
    connection = await asyncpg.connect(database.replace("+asyncpg", ""))
    try:
        return {name: await connection.fetchval(f"SELECT COUNT(*) FROM {name}") for name in COUNTED}
    finally:
        await connection.close()


async def test_two_replicas_place_one_order(
    start_portal: StartPortal, seats: list[Seat], run_folder: Path
) -> None:
    """Two processes, one PostgreSQL: the same click at both, and the same contact begun at both, count once."""
    database = databases.fresh("postgresql", run_folder)
    shared = {
        "HANDRAIL_DATABASE": database,
        "HANDRAIL_JOBS": "off",
        "HANDRAIL_SECRET": "x1" * 10 + "quite-long-and-the-same-for-both",
    }
    here, there = start_portal(shared), start_portal(shared)
    before = await rows_of(database)
    cora = await at(here, seats).begin(TO_DELIVERY, TO_CONFIRM)
    other = at(there, seats)
    other.client.cookies.set("handrail", cora.client.cookies["handrail"], domain="127.0.0.1")
    for step, answers in ENDING:
        assert cora.at.endswith(step)
        address, body = cora.at, urlencode({**cora.typed(), **answers})
        clicks = await asyncio.gather(
            *(seat.client.post(address, content=body, headers=FORM_TYPE) for seat in (cora, other) * 4)
        )
        assert (
            {one.status_code for one in clicks},
            len({one.headers.get("location") for one in clicks}),
        ) == ({303}, 1)
        await cora.open(clicks[0].headers["location"])
    form = {"channel": "phone", "direction": "inbound", "key": "the-same-key-at-both"}
    begun = await asyncio.gather(*(seat.client.post("/contacts", data=form) for seat in (cora, other) * 4))
    assert ({one.status_code for one in begun}, len({one.headers.get("location") for one in begun})) == (
        {303},
        1,
    )
    after = await rows_of(database)
    made = {name: after[name] - before[name] for name in COUNTED}
    assert made == {"orders": 1, "payment_entries": 1, "follow_ups": 1, "contacts": 2, "intakes": 2}
