"""Pages of the procedures on a desk with many contacts behind it: no statement more, and no large table read through. P1"""

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from starlette.applications import Starlette

from bench import wizard
from bench.loading import path_of
from bench.scene import CLERK, MANAGER, person, signed_in, with_desk
from models.words import Channel
from portal.desk import answers, intake
from portal.desk.work import Desk
from tests.harness import databases
from tests.house.counting import ask, calls, portal, statements
from tests.house.test_counters import filled
from tests.house.test_desk_lists import RETURNS

FEW, MANY = 1_000, 10_000
CLAUSE = "S0-3.1.1a"
A_CONTACT_OF_ALL = 50
AN_ORDER = 60
"""Of which something came back, for the case of the same number."""
PAGES = {
    "/": 16,
    f"/contacts/{A_CONTACT_OF_ALL}": 11,
    f"/contacts/{A_CONTACT_OF_ALL}/form": 10,
    "/evidence": 11,
    "/evidence?channel=phone&script=opening": 11,
    "/evidence/follow-ups": 7,
    "/evidence/low-scores": 8,
    "/evidence/month": 11,
    "/evidence/feedback": 6,
    "/evidence/surveys": 6,
    "/orders/board": 3,
    "/orders/figures": 8,
    "/availability": 5,
    "/evidence/left-out?show=month": 6,
    "/evidence/left-out?required=yes": 6,
    f"/evidence/{CLAUSE}": 9,
    f"/evidence/{CLAUSE}?state=done": 9,
    f"/evidence/{CLAUSE}?state=missing": 9,
    "/quality": 6,
    "/quality/averages": 6,
    "/quality/mine": 6,
    "/answers": 6,
    "/answers/opening/greet/greeted": 6,
    "/answers/opening/greet/greeted?q=yes": 6,
    "/scripts": 6,
    "/scripts/order/diagram": 6,
    "/scripts/opening": 6,
    "/scripts/versions/1": 8,
    "/refunds": 6,
    "/refunds?show=decided": 6,
    "/returns": 5,
    "/returns?show=arrived": 5,
    "/returns?show=settled": 5,
    "/orders": 7,
    "/orders?q=SKU-00005": 10,
    "/orders?q=ANNA": 10,
    "/orders?q=ANNA&since=2020-01-01": 10,
    "/orders?since=2020-01-01&until=2030-01-01": 7,
    "/search?q=SKU-00005": 15,
    f"/orders/{AN_ORDER}": 22,
    f"/cases/{AN_ORDER}": 20,
    "/chats": 6,
    "/chats?show=ended": 6,
    "/mail": 6,
    "/mail?show=not-taken": 6,
    "/mail?show=all": 6,
    "/help-calls": 6,
    "/help-calls/counts": 6,
    "/library": 6,
    "/library/subject-5": 7,
    "/reading": 7,
    "/reading/team": 8,
    "/training": 7,
    "/training/coverage": 6,
    "/library/subject-5/readers": 7,
    "/access-log": 6,
    "/access-log?only=failed": 6,
    "/procedures": 6,
    "/practice/records": 6,
    "/escalations/board": 9,
    "/escalations/board?by=state": 9,
    "/escalations/board/rows?column=0": 6,
    "/escalations/board/rows?column=1": 6,
    "/closing-sheet": 6,
    "/policy": 6,
    "/policy?kind=complaint": 6,
    "/policy/recompute": 6,
    "/policy/versions/1": 6,
    "/policy/versions/1/calendars/1": 6,
}
"""Each page with how many statements it may take, that of who asks among them."""
LARGE = (
    "contacts",
    "intakes",
    "contact_steps",
    "contact_answers",
    "step_counts",
    "promises",
    "amendments",
    "refund_requests",
    "help_calls",
    "chats",
    "chat_messages",
    "contact_transcripts",
    "returns",
    "return_lines",
    "citations",
    "serials",
    "customers",
    "orders",
    "order_lines",
    "cases",
    "deadlines",
    "audit_entries",
)
"""Tables that grow with the contacts. Of a report of abuse there is one a year."""
MOST_STEP_CALLS = 8_000
"""Of Python, for a step that is asked for anew."""


@pytest.fixture(scope="module")
def desks(run_folder: Path) -> Iterator[tuple[str, str]]:
    """The measured desk, small and large."""
    made = filled("sqlite", run_folder, FEW), filled("sqlite", run_folder, MANY)
    for address in made:
        with closing(sqlite3.connect(path_of(address))) as connection:
            connection.executescript(RETURNS)
    yield made
    for address in made:
        databases.discard(address)


def cookie(address: str, person: int) -> str:
    return signed_in(address, person).removeprefix("handrail=")


@pytest.fixture(scope="module")
def managers(desks: tuple[str, str]) -> tuple[str, str]:
    """Maud, signed in on both."""
    return cookie(desks[0], MANAGER), cookie(desks[1], MANAGER)


@asynccontextmanager
async def listened(address: str, folder: Path) -> AsyncIterator[tuple[Starlette, list[tuple[str, Any]]]]:
    """The portal, and each statement that it reads by, with its values."""
    heard: list[tuple[str, Any]] = []
    async with portal(address, folder) as app:
        engine = app.state.database.reader.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *told: heard.append((told[2], told[3])))
        yield app, heard


async def asked(address: str, folder: Path, secret: str) -> dict[str, list[tuple[str, Any]]]:
    """The statements of each page that has been asked for before."""
    found = {}
    async with listened(address, folder) as (app, heard):
        for path in PAGES:
            assert (await ask(app, path, secret)).status == 200, path
            heard.clear()
            await ask(app, path, secret)
            found[path] = list(heard)
    return found


async def test_no_page_takes_more_statements_or_reads_a_large_table_through(
    desks: tuple[str, str], managers: tuple[str, str], tmp_path: Path
) -> None:
    few, many = [
        await asked(address, tmp_path, secret) for address, secret in zip(desks, managers, strict=True)
    ]
    assert {path: len(said) for path, said in many.items() if len(said) > PAGES[path]} == {}
    assert {
        path: (len(few[path]), len(said)) for path, said in many.items() if len(said) != len(few[path])
    } == {}
    read_through = re.compile(rf"SCAN ({'|'.join(LARGE)})$")
    with (
        closing(sqlite3.connect(path_of(desks[1]))) as there,
        closing(sqlite3.connect(":memory:")) as connection,
    ):
        there.backup(connection)
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat_'"
        ).fetchall():
            connection.execute(f"DELETE FROM {name}")  # so that no table is taken for a small one
        connection.commit()
        connection.execute("ANALYZE sqlite_schema")
        plans = {
            path: [
                step[3]
                for statement, values in said
                for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
                if read_through.match(step[3])
            ]
            for path, said in many.items()
        }
    assert {path: steps for path, steps in plans.items() if steps} == {}


async def counted(desk: Desk) -> dict[tuple[str, str, str], int]:
    """How often each question was answered in the last year, as its list says it."""
    async with desk.look(person(MANAGER)) as work:
        found = await answers.known(work, work.now - timedelta(days=365), work.now)
    return {(one.script, one.step, one.field.name): one.answered for one in found if one.answered}


def test_the_list_of_questions_counts_what_is_there(desks: tuple[str, str]) -> None:
    with closing(sqlite3.connect(path_of(desks[1]))) as connection:
        rows = connection.execute(
            "SELECT script, step, field, count(*) FROM contact_answers GROUP BY 1, 2, 3"
        ).fetchall()
    assert with_desk(desks[1], counted) == {tuple(names): times for *names, times in rows}
    assert len(rows) >= 5


async def opening_alone(desk: Desk) -> int:
    async with desk.work(person(CLERK)) as work:
        return await intake.begin(work, Channel.PHONE)


@pytest.fixture
def taken(desks: tuple[str, str]) -> tuple[str, int, int]:
    """Rolf's cookie, a contact of his that has come to the delivery, and one that has just begun."""
    return cookie(desks[1], CLERK), wizard.begun(desks[1], 1)[0][0], with_desk(desks[1], opening_alone)


async def test_a_contact_begins_and_ends_with_a_constant_number_of_statements(
    desks: tuple[str, str], taken: tuple[str, int, int], tmp_path: Path
) -> None:
    secret, *numbers = taken
    new = {"channel": "phone", "direction": "inbound"}
    async with portal(desks[1], tmp_path) as app:
        await ask(app, "/contacts", secret, new)
        with statements(app.state.database) as said:
            await ask(app, "/contacts", secret, new)
        assert len(said) <= 7
        for number in numbers:
            with statements(app.state.database) as said:
                await ask(app, f"/intakes/{number}/abandonment", secret, {"reason": "The line went dead."})
            assert len(said) <= 13  # the steps are written by one of them, the answers by another


async def test_a_step_is_shown_with_few_calls(
    desks: tuple[str, str], taken: tuple[str, int, int], tmp_path: Path
) -> None:
    async with portal(desks[1], tmp_path) as app:
        assert await calls(app, f"/intakes/{taken[1]}/greet", taken[0]) <= MOST_STEP_CALLS
