"""Lists: every row once, whichever way one walks; the same work for a thousand rows and for many more."""

import re
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import QueryableAttribute
from starlette.applications import Starlette

from admin_views.base import DeskView
from admin_views.filters import Choice, Days
from admin_views.registry import VIEWS
from models import Customer, Order
from portal.desk import audit
from portal.desk.work import SYSTEM, Desk
from tests.admin_views.counting import many_customers, python_calls, sqlite_steps, statements
from tests.admin_views.story import lived
from tests.cast import ANA, CORA, MARA, SAM, Clock
from tests.shop import ADVICE, of_lines, ordered
from tests.visits import Visitor

LIST = "/admin/customers/list"
SMALL = {"people", "calendars", "calendar_days", "policy_versions", "job_slots", "on_duty"}
"""Tables of which a desk has a screenful."""
NUMBERS = re.compile(r'<a href="/admin/customers/details/\d+">(HK-[\d-]+)</a>')
NEXT, PREVIOUS = (re.compile(rf'rel="{way}"\s+href="([^"]+)"') for way in ("next", "prev"))
PAGE = re.compile(r'name="page"[^>]*\s+value="(\d+)"')


def shown(page: str) -> list[str]:
    return NUMBERS.findall(page)


def way(found: re.Pattern[str], page: str) -> str:
    link = found.search(page)
    return LIST + link[1].replace("&amp;", "&") if link else ""


async def everything(desk: Desk, *order: Any) -> list[str]:
    async with desk.look(SYSTEM) as work:
        return list(await work.session.scalars(select(Customer.number).order_by(*order)))


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("?", (Customer.created_at.desc(), Customer.id.desc())),
        ("?sort=created_at&dir=up", (Customer.created_at, Customer.id)),
        ("?sort=city&dir=down", (Customer.city.desc(), Customer.id.desc())),
        ("?sort=name&dir=up&size=50", (Customer.name, Customer.id)),
    ],
)
async def test_walking_a_list_meets_every_row_once_in_either_direction(
    visitor: Visitor, desk: Desk, question: str, order: tuple[Any, ...]
) -> None:
    await many_customers(desk, 130)
    sam = await visitor(SAM)
    forth: list[list[str]] = []
    back: list[list[str]] = []
    labels: list[int] = []
    at, page = LIST + question, ""
    while at:
        page = (await sam.get(at)).text
        forth.append(shown(page))
        labels.append(int((PAGE.search(page) or ["", "0"])[1]))
        at = way(NEXT, page)
    while True:
        back.insert(0, shown(page))
        if not (at := way(PREVIOUS, page)):
            break
        page = (await sam.get(at)).text
    assert list(chain(*forth)) == await everything(desk, *order)
    assert back == forth
    assert labels == list(range(1, len(forth) + 1))


async def test_a_jump_lands_where_walking_would(visitor: Visitor, desk: Desk) -> None:
    """Beyond the middle the page is counted from the end; the rows are the same."""
    await many_customers(desk, 130)
    sam = await visitor(SAM)
    wanted = await everything(desk, Customer.created_at.desc(), Customer.id.desc())
    pages = [shown((await sam.get(f"{LIST}?page={number}")).text) for number in range(1, 8)]
    assert pages == [wanted[start : start + 25] for start in range(0, 150, 25)] + [wanted[125:]]


@pytest.mark.parametrize(
    "question",
    [
        "?sort=phone", "?sort=note", "?sort=id;drop", "?page=0", "?page=-1", "?page=x", "?page=99999999999999",
        "?size=x", "?after=x", "?before=W10", "?after=WyJhIiwgMV0", "?after=WzEsIDFd", "?after=eyJhIjogMX0",
        "?view=x", "?view=breaching", "?since_from=yesterday", "?since_to=0001-01-01", "?since_to=9999-12-31",
    ],
)  # fmt: skip
async def test_a_question_that_means_nothing_is_refused_in_words(visitor: Visitor, question: str) -> None:
    sam = await visitor(SAM)
    answer = await sam.get(LIST + question)
    assert answer.status_code == 400
    for secret in ("sqlite3", "asyncpg", "SELECT", "Traceback"):
        assert secret not in answer.text


async def test_nothing_asked_for_is_answered_with_words(visitor: Visitor) -> None:
    sam = await visitor(SAM)
    assert "Nothing matches." in (await sam.get(f"{LIST}?search=nobody+of+this+name")).text
    for nothing in ("%", "_", "'", '"', "--", "\x00", "(", "HK-", "💥", "a" * 5000):
        assert (await sam.get(LIST, params={"search": nothing})).status_code == 200
    assert "No payment has been recorded yet." in (await sam.get("/admin/payments/list")).text


async def test_the_day_of_a_filter_is_the_readers_own(visitor: Visitor, desk: Desk) -> None:
    """Half past midnight in Berlin is still the day before in UTC."""
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.created_at = datetime(2026, 2, 9, 23, 30, tzinfo=UTC)
        await audit.record(work, "remember", ana)
    sam = await visitor(SAM)
    found = [
        shown((await sam.get(f"{LIST}?since_from={day}&since_to={day}")).text)
        for day in ("2026-02-09", "2026-02-10")
    ]
    assert found == [[], ["HK-25-000001-1"]]


async def test_a_list_counts_as_exactly_as_it_is_cheap(visitor: Visitor, desk: Desk, app: Starlette) -> None:
    await many_customers(desk, 11_000)
    async with app.state.database.writer.begin() as connection:
        await connection.execute(text("ANALYZE"))
    sam = await visitor(SAM)
    told = (await sam.get(LIST)).text
    assert "11,001 rows" in told
    assert ("about 11,001 rows" in told) is (not app.state.database.is_sqlite)
    assert "10,000+ rows that match" in (await sam.get(f"{LIST}?since_from=2000-01-01")).text


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.address)
def test_a_list_is_sorted_only_where_an_index_begins(view: type[DeskView]) -> None:
    table: Any = inspect(view.model).local_table
    indexed = [[column.name for column in index.columns][:2] for index in table.indexes]
    unique = {column.name for column in table.columns if column.unique}
    sorts = {column.name for column in view.columns if column.sort} | {view.order[0]}
    for name in sorts - unique - {"id"}:
        assert [name, "id"] in indexed or (table.name in SMALL and any(one[0] == name for one in indexed))
        assert not table.columns[name].nullable


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.address)
def test_a_filter_is_offered_only_where_an_index_begins(view: type[DeskView]) -> None:
    """With the order behind it: a rare word is found as fast as a common one."""
    table: Any = inspect(view.model).local_table
    indexed = [[column.name for column in index.columns] for index in table.indexes]
    for one in view.filters:
        if isinstance(one, Choice) and table.name not in SMALL:
            assert [one.column.key, view.order[0], "id"] in indexed
        if isinstance(one, Days):
            assert [one.column.key] in [columns[:1] for columns in indexed]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.address)
def test_every_relation_shown_in_a_list_is_read_by_an_index(view: type[DeskView]) -> None:
    table: Any = inspect(view.model).local_table
    led = {index.columns[0].name for index in table.indexes} | {column.name for column in table.primary_key}
    led |= {
        next(iter(one.columns)).name
        for one in table.constraints
        if hasattr(one, "columns") and len(one.columns)
    }
    assert {column.name for column in table.columns if column.foreign_keys} - led == set()
    mapped: Any = inspect(view.model)
    for column in view.finds.values():
        assert not isinstance(column, QueryableAttribute) or mapped.columns[column.key].name in led


ASKED = {
    "customers": "",
    "orders": "",
    "cases": "",
    "payments": "",
    "contacts": "",
    "follow-ups": "",
    "audit": "",
}


async def test_a_page_costs_the_same_statements_for_one_row_and_for_more(
    visitor: Visitor, desk: Desk, app: Starlette
) -> None:
    """At most six, the session's own among them; none more for three rows than for one."""
    await lived(desk)
    mara = await visitor(MARA)
    costs: list[dict[str, int]] = []
    for _ in range(2):
        cost = {}
        for view in VIEWS:
            for question in ("", "?search=ana", "?search=ana+example", "?page=1&size=50"):
                with statements(app.state.database) as sent:
                    assert (await mara.get(f"/admin/{view.address}/list{question}")).status_code == 200
                cost[view.address + question] = sent.times
        costs.append(cost)
        await ordered(desk, of_lines((ADVICE, 1)))
        await ordered(desk, of_lines((ADVICE, 2)))
    assert {at: times for at, times in costs[0].items() if times > 6} == {}
    assert {at: (times, costs[1][at]) for at, times in costs[0].items() if times < costs[1][at]} == {}


async def test_a_full_page_is_light(visitor: Visitor, desk: Desk, app: Starlette) -> None:
    """P15: at most 22,000 Python calls and 40 kB for 25 rows."""
    await many_customers(desk, 100)
    sam = await visitor(SAM)
    for _ in range(3):  # templates, compiled statements, formatted words
        await sam.get(LIST)
    with python_calls() as calls:
        answer = await sam.get(LIST)
    assert len(shown(answer.text)) == 25
    assert calls.times <= 22_000
    assert len(answer.content) <= 40_000
    del app


async def test_a_page_takes_no_more_steps_of_the_database_where_there_are_more_rows(
    visitor: Visitor, desk: Desk, app: Starlette
) -> None:
    """P1, P3, P4: first, next, last and a sort cost SQLite the same steps at 1,000 rows and at 20,000.

    PostgreSQL is asked for its plan instead: no page reads through the table.
    """
    sam = await visitor(SAM)
    costs = []
    for more in (1_000, 19_000):
        await many_customers(desk, more, start=1 if more == 1_000 else 1_001)
        async with app.state.database.writer.begin() as connection:
            await connection.execute(text("ANALYZE"))
        page = (await sam.get(LIST)).text
        last = (await sam.get(f"{LIST}?page={9_999_999}")).text
        questions = [
            LIST,
            way(NEXT, page),
            way(PREVIOUS, last),
            f"{LIST}?page=9999999",
            f"{LIST}?sort=name&dir=up",
            f"{LIST}?search=c17@example.com",
        ]
        assert all(questions)
        if app.state.database.is_sqlite:
            cost = []
            for question in questions:
                async with sqlite_steps(app.state.database) as steps:
                    await sam.get(question)
                cost.append(steps.times)
            costs.append(cost)
        else:
            with statements(app.state.database) as sent:
                for question in questions:
                    await sam.get(question)
            async with app.state.database.reader.connect() as connection:
                for statement, values in zip(sent.told, sent.values, strict=True):
                    if statement.startswith("SELECT customers.id \n"):
                        plan = await connection.exec_driver_sql(f"EXPLAIN {statement}", values)
                        assert "Seq Scan" not in str(plan.all()), statement
    if costs:
        assert [round(more / less, 1) <= 1.5 for less, more in zip(*costs, strict=True)] == [True] * 6, costs


async def test_a_place_belongs_to_its_order(visitor: Visitor, desk: Desk) -> None:
    """Carried over to another sort it is refused: nobody pages by a column that is not offered."""
    await many_customers(desk, 60)
    cora = await visitor(CORA)
    following = way(NEXT, (await cora.get(f"{LIST}?sort=name&dir=up")).text)
    assert (await cora.get(following)).status_code == 200
    assert (await cora.get(following.replace("sort=name", "sort=created_at"))).status_code == 400


async def test_an_order_is_found_by_its_number_and_by_its_customer(visitor: Visitor, desk: Desk) -> None:
    day = await lived(desk)
    async with desk.look(SYSTEM) as work:
        number = (await work.session.get_one(Order, day.order)).number
        assert await work.session.scalar(select(func.count()).select_from(Order)) == 1
    sam = await visitor(SAM)
    for line in (number, number.replace("-", " ").lower(), "ana", "1234567", "ana@example.com"):
        page = (await sam.get("/admin/orders/list", params={"search": line})).text
        assert f'data-href="/admin/orders/details/{day.order}"' in page, line


async def test_saved_views_show_what_they_say(visitor: Visitor, desk: Desk, clock: Clock) -> None:
    """A payment issue has to be answered within an hour: it is breaching in the second half, then overdue."""
    await lived(desk)

    async def seen() -> list[bool]:
        mara = await visitor(MARA)
        views = ("open", "breaching", "overdue")
        return ["Paid twice" in (await mara.get(f"/admin/cases/list?view={one}")).text for one in views]

    story = [await seen()]
    for minutes in (20, 25, 30):
        clock.forward(minutes=minutes)
        story.append(await seen())
    assert story == [
        [True, False, False],
        [True, False, False],
        [True, True, False],
        [True, False, True],
    ]
