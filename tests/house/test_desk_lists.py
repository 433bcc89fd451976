"""The desk's own lists cost the same on a large desk as on a small one, whoever reads which. P1, P3, P15"""

import contextlib
import io
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import case, create_engine, insert, literal, select

from bench.loading import fill, path_of
from bench.scene import CLERK, MANAGER, signed_in
from bench.sheets import Plan
from models import Case, FollowUp
from models.words import ReturnStatus
from portal.desk.backlog import CaseQueue, OrderQueue
from tests.harness import databases
from tests.house.counting import Steps, ask, portal, statements

FEW, MANY = 1_000, 20_000
MOST_STATEMENTS = 6
MOST_BYTES = 40 * 1024
HOME = 2
"""A leader's desk counts the promises of thirty days: a desk of more days, up to those, has more of them."""
SUPERVISOR = 6
"""Susan's id on the measured desk."""
BUSY = """
UPDATE cases SET status = 'resolved', resolved_at = opened_at, resolution_code = 'exchange' WHERE id % 8 < 4;
UPDATE cases SET status = 'waiting', due_at = NULL WHERE id % 8 = 4;
UPDATE deadlines SET status = 'paused', due_at = NULL, next_at = NULL WHERE case_id % 8 = 4;
UPDATE cases SET held_by_id = NULL WHERE id % 8 IN (5, 6);
UPDATE cases SET escalation_level = 1, held_by_role = 'manager' WHERE id % 8 = 6;
UPDATE cases SET legal = 1 WHERE id % 64 = 7;
UPDATE orders SET status = 'handed_over' WHERE id % 10 < 3;
UPDATE orders SET status = 'prepared' WHERE id % 10 < 3;
UPDATE orders SET status = 'dispatched' WHERE id % 10 < 3;
UPDATE orders SET status = 'delivered', delivered_at = placed_at WHERE id % 10 < 3;
INSERT INTO escalations (case_id, target, level, cycle, to_role, status, reason, source, raised_at, accepted_by_id, version)
  SELECT id, 'asked', 1, 1, iif(id % 16 = 6, 'manager', 'supervisor'), iif(id % 32 = 6, 'accepted', 'raised'), '', '',
    opened_at, iif(id % 32 = 6, 7, NULL), 1 FROM cases WHERE id % 8 = 6;
INSERT INTO escalations (case_id, target, level, cycle, to_role, status, reason, source, raised_at, version)
  SELECT id, 'asked', 1, 1, 'manager', 'resolved', '', '', opened_at, 1 FROM cases WHERE id % 8 = 0;
INSERT INTO special_requests (order_id, wish, status, department, reason, created_at, due_at)
  SELECT id, 'Blue cushions', iif(id % 20 = 9, 'new', 'feasible'), iif(id % 40 = 9, 'inventory', 'fulfilment'), '',
    placed_at, placed_at FROM orders WHERE id % 10 = 9;
"""
"""Half of the cases are over; of the others some wait, some are nobody's, some escalated, some secret; and so on.

The statistics are those of the desk before: a list that is only fast with fresh ones is not fast.
"""
RETURNS = """
INSERT INTO returns (id, number, order_id, case_id, replacement_id, status, words, expected_by, resellable, ended_because,
    announced_at, arrived_at, ended_at, version)
  SELECT id, 'HZ-' || id, id, id, iif(id % 3 = 0, id + 1, NULL), iif(id % 2, 'expected', iif(id % 4, 'arrived', 'settled')),
    'The left leg.', date(placed_at, '+14 days'), iif(id % 2, NULL, 1), iif(id % 4, '', 'Exchanged.'),
    placed_at, iif(id % 2, NULL, placed_at), iif(id % 4, NULL, placed_at), 1 FROM orders WHERE id % 10 < 3;
INSERT INTO return_lines (return_id, order_line_id, quantity, reason, serial)
  SELECT id, id, 1, 'faulty', '' FROM returns;
"""
"""Of three orders in ten something comes back: a third of it is expected, a third arrived, a third is settled."""
_MATTER = Case.id % 8
PROMISES = insert(FollowUp).from_select(
    ["kind", "words", "owner_id", "case_id", "status", "created_at", "due_at", "done_at"],
    select(
        literal("call_back"),
        literal("Call."),
        1 + Case.id % 7,
        Case.id,
        case((_MATTER < 4, "done"), else_="open"),
        Case.opened_at,
        Case.opened_at,
        case((_MATTER < 4, Case.opened_at)),
    ),
)
LISTS = [
    "/",
    *(f"/cases?show={queue.value}" for queue in CaseQueue),
    *(f"/orders?show={queue.value}" for queue in OrderQueue),
    "/special-requests",
    "/special-requests?department=inventory",
    "/escalations",
    "/escalations?show=all",
    "/escalations?show=nobody-told",
    "/follow-ups",
    "/follow-ups?show=team",
    *(
        f"/returns?show={status.value}"
        for status in (ReturnStatus.EXPECTED, ReturnStatus.ARRIVED, ReturnStatus.SETTLED)
    ),
    "/messages",
    "/admin/cases/list",
]
ROWS = [path for path in LISTS if path.startswith(("/cases", "/orders", "/admin"))]
"""Lists of rows; the others show cards with their forms."""


def busy(folder: Path, rows: int) -> str:
    address = databases.fresh("sqlite", folder, migrated=False)
    with contextlib.redirect_stdout(io.StringIO()):
        fill(address, Plan(rows, datetime.now(UTC)))
    with contextlib.closing(sqlite3.connect(path_of(address))) as connection:
        connection.executescript(BUSY + RETURNS)
    engine = create_engine(f"sqlite:///{path_of(address)}")
    with engine.begin() as writing:
        writing.execute(PROMISES)
    engine.dispose()
    return address


PEOPLE = (CLERK, SUPERVISOR, MANAGER)


@pytest.fixture(scope="module")
def desks(run_folder: Path) -> Iterator[tuple[str, str]]:
    """The same busy desk, small and large."""
    made = busy(run_folder, FEW), busy(run_folder, MANY)
    yield made
    for address in made:
        databases.discard(address)


@pytest.fixture(scope="module")
def cookies(desks: tuple[str, str]) -> dict[int, list[str]]:
    """Of each person, on the small desk and on the large one."""
    return {
        person: [signed_in(address, person).removeprefix("handrail=") for address in desks]
        for person in PEOPLE
    }


async def costs(
    address: str, folder: Path, person: str, paths: list[str]
) -> dict[str, tuple[int, list[str], int]]:
    """Of each page, asked for before: its bytes, its statements and the steps of SQLite."""
    found = {}
    async with portal(address, folder) as app:
        steps = Steps(app.state.database.reader, app.state.database.writer)
        for path in paths:
            await ask(app, path, person)
            before = steps.taken
            with statements(app.state.database) as said:
                answer = await ask(app, path, person)
            if answer.status == 200:  # what a role may not see, the doors are walked for elsewhere
                found[path] = len(answer.body), said, steps.taken - before
    return found


@pytest.mark.parametrize("person", PEOPLE)
async def test_no_list_costs_more_on_a_larger_desk(
    desks: tuple[str, str], cookies: dict[int, list[str]], person: int, tmp_path: Path
) -> None:
    before, after = [
        await costs(address, tmp_path, cookie, LISTS)
        for address, cookie in zip(desks, cookies[person], strict=True)
    ]
    assert list(after) == list(before)
    assert len(after) >= 20
    assert {path: said for path, (_, said, _) in after.items()} == {
        path: said for path, (_, said, _) in before.items()
    }
    assert {path: len(said) for path, (_, said, _) in after.items() if len(said) > MOST_STATEMENTS} == (
        {"/": {CLERK: 9, MANAGER: 15}.get(person, 14)}  # a part for each thing to look after
    )
    assert {
        path: (before[path][2], steps)
        for path, (_, _, steps) in after.items()
        if steps > (HOME if path == "/" else 1.5) * before[path][2]
    } == {}
    assert {path: after[path][0] for path in ROWS if after[path][0] > MOST_BYTES} == {}


@pytest.mark.parametrize(
    "path", ["/cases?show=team", "/cases?show=closed", "/cases?show=waiting", "/orders?show=to-prepare",
             "/escalations?show=all", "/follow-ups?show=team", "/returns?show=expected", "/returns?show=arrived"]
)  # fmt: skip
async def test_the_tenth_page_costs_what_the_first_did(
    desks: tuple[str, str], cookies: dict[int, list[str]], path: str, tmp_path: Path
) -> None:
    person = cookies[MANAGER][1]
    async with portal(desks[1], tmp_path) as app:
        steps = Steps(app.state.database.reader)
        await ask(app, path, person)
        taken, seen = [], set()
        for _ in range(10):
            before = steps.taken
            text = (await ask(app, path, person)).body.decode()
            taken.append(steps.taken - before)
            seen.update(
                re.findall(
                    r'<tr data-href="([^"]+)"|<(?:section|article) class="hr-card"\s+id="([^"]+)"', text
                )
            )
            further = re.search(r'rel="next" href="([^"]+)"', text)
            assert further is not None
            path = unescape(further[1])
    assert len(seen) == 250
    assert taken[-1] <= 1.3 * taken[0]
