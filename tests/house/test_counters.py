"""What pages and sweeps cost, in figures that no busy machine can blur. P1, P9, P15 of docs/performance.md"""

import contextlib
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from admin_views.registry import VIEWS
from bench import wizard
from bench.loading import fill
from bench.scene import CLERK, MANAGER, signed_in
from bench.sheets import Plan, surname
from jobs.sweep_deadlines import sweep_deadlines
from tests.harness import databases
from tests.house.counting import Answer, Steps, ask, calls, portal, statements

FEW, MANY = 1_000, 10_000
MOST_STATEMENTS = 6
MOST_CALLS = 22_000
MOST_BYTES = 40 * 1024
LARGE = ("customers", "orders", "cases")
"""The admin lists whose tables are large here."""


def filled(kind: str, folder: Path, rows: int) -> str:
    address = databases.fresh(kind, folder, migrated=False)
    with contextlib.redirect_stdout(io.StringIO()):
        fill(address, Plan(rows, datetime.now(UTC)))
    return address


@pytest.fixture(scope="module")
def few(run_folder: Path) -> Iterator[str]:
    """The measured desk with a thousand rows, on SQLite."""
    address = filled("sqlite", run_folder, FEW)
    yield address
    databases.discard(address)


@pytest.fixture(scope="module")
def many(run_folder: Path) -> Iterator[str]:
    """The same desk with ten times as many."""
    address = filled("sqlite", run_folder, MANY)
    yield address
    databases.discard(address)


def cookie(address: str, person: int) -> str:
    return signed_in(address, person).removeprefix("handrail=")


async def seen(address: str, folder: Path, secret: str, path: str) -> tuple[Answer, list[str], int]:
    """A page that has been asked for before: the answer, its statements and the steps of SQLite."""
    async with portal(address, folder) as app:
        steps = Steps(app.state.database.reader, app.state.database.writer)
        await ask(app, path, secret)
        before = steps.taken
        with statements(app.state.database) as said:
            answer = await ask(app, path, secret)
        return answer, said, steps.taken - before


@pytest.fixture(scope="module")
def managers(few: str, many: str) -> tuple[str, str]:
    """Maud, signed in on both desks."""
    return cookie(few, MANAGER), cookie(many, MANAGER)


def next_page(answer: Answer) -> str:
    found = re.search(r'href="(\?[^"]*after=[^"]*)"', answer.body.decode())
    assert found, "the list has no next page"
    return unescape(found[1])


@pytest.mark.parametrize("name", LARGE)
async def test_a_list_costs_the_same_with_ten_times_the_rows(
    name: str, few: str, many: str, managers: tuple[str, str], tmp_path: Path
) -> None:
    path = f"/admin/{name}/list"
    small, said_small, steps_small = await seen(few, tmp_path, managers[0], path)
    large, said_large, steps_large = await seen(many, tmp_path, managers[1], path)
    assert (small.status, large.status) == (200, 200)
    assert said_large == said_small
    assert len(said_large) <= MOST_STATEMENTS
    assert steps_large <= 1.5 * steps_small
    assert len(large.body) <= MOST_BYTES


@pytest.mark.parametrize("name", LARGE)
async def test_the_next_page_is_found_without_counting_off_the_rows_before_it(
    name: str, many: str, managers: tuple[str, str], tmp_path: Path
) -> None:
    path = f"/admin/{name}/list"
    first, _, steps_first = await seen(many, tmp_path, managers[1], path)
    middle, _, _ = await seen(many, tmp_path, managers[1], f"{path}?page={MANY // 50}")
    onwards, _, steps_onwards = await seen(many, tmp_path, managers[1], path + next_page(middle))
    assert onwards.body != first.body
    assert steps_onwards <= 1.5 * steps_first


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.address)
async def test_no_list_asks_more_often_for_more_rows(
    view: type, many: str, managers: tuple[str, str], tmp_path: Path
) -> None:
    path = f"/admin/{getattr(view, 'address', '')}/list"
    answer, said, _ = await seen(many, tmp_path, managers[1], path)
    if answer.status == 200:  # some are for administrators alone; the doors are walked elsewhere
        _, said_long, _ = await seen(many, tmp_path, managers[1], f"{path}?size=100")
        assert len(said_long) == len(said) <= MOST_STATEMENTS
    else:
        assert answer.status == 403


@pytest.mark.parametrize("path", ["/orders/500", "/admin/orders/details/500", "/admin/customers/edit/500"])
async def test_a_form_costs_the_same_with_ten_times_the_rows(
    path: str, few: str, many: str, managers: tuple[str, str], tmp_path: Path
) -> None:
    small, said_small, steps_small = await seen(few, tmp_path, managers[0], path)
    large, said_large, steps_large = await seen(many, tmp_path, managers[1], path)
    assert (small.status, large.status) == (200, 200)
    assert said_large == said_small
    assert steps_large <= 1.3 * steps_small
    assert len(large.body) <= MOST_BYTES
    assert large.body.count(b"<option") <= 200


@pytest.mark.parametrize("name", LARGE)
async def test_a_list_is_rendered_with_few_calls(
    name: str, many: str, managers: tuple[str, str], tmp_path: Path
) -> None:
    async with portal(many, tmp_path) as app:
        assert await calls(app, f"/admin/{name}/list", managers[1]) <= MOST_CALLS


async def test_a_search_reads_the_index_and_no_customer_it_does_not_show(
    many: str, managers: tuple[str, str], tmp_path: Path
) -> None:
    answer, said, steps = await seen(
        many, tmp_path, managers[1], f"/admin/customers/list?search={surname(500)[:6]}"
    )
    assert answer.status == 200
    assert len(said) <= MOST_STATEMENTS
    assert steps <= MANY  # a look at every customer takes many more steps than there are customers


@pytest.fixture
def taken(many: str) -> tuple[str, int, int]:
    """Rolf's cookie, and a contact of his that has come to the delivery: its id and revision."""
    return (cookie(many, CLERK), *wizard.begun(many, 1)[0])


async def test_a_draft_is_saved_by_four_statements(
    many: str, taken: tuple[str, int, int], tmp_path: Path
) -> None:
    secret, intake, revision = taken
    form = {"method": "delivery", "ship_name": "Alba", "revision": str(revision)}
    async with portal(many, tmp_path) as app:
        await ask(
            app, f"/intakes/{intake}/delivery", secret
        )  # from now on the script is known to the process
        with statements(app.state.database) as said:
            answer = await ask(app, f"/intakes/{intake}/delivery/draft", secret, form)
    assert answer.status == 200
    assert [one.split()[0] for one in said] == ["SELECT", "SELECT", "UPDATE", "INSERT"]


async def test_a_plain_step_is_sent_with_five_statements_at_most(
    many: str, taken: tuple[str, int, int], tmp_path: Path
) -> None:
    secret, intake, revision = taken
    form = {"greeted": "yes", "notes": "Has called before.", "revision": str(revision)}
    async with portal(many, tmp_path) as app:
        with statements(app.state.database) as said:
            answer = await ask(app, f"/intakes/{intake}/greet", secret, form)
    assert answer.status == 200
    assert len(said) <= 5


async def test_an_idle_sweep_is_a_lookup_of_clocks_and_one_of_turns(many: str, tmp_path: Path) -> None:
    async with portal(many, tmp_path) as app:
        database = app.state.database
        steps = Steps(database.writer)
        await sweep_deadlines(app.state.desk)
        before = steps.taken
        with statements(database) as said:
            assert await sweep_deadlines(app.state.desk) == 0
        assert [one.split()[0] for one in said] in (["UPDATE"] * 2, ["WITH"] * 2)
        assert steps.taken - before <= 200
