"""Finding a customer by whatever she says. Decision 27"""

import pytest
from sqlalchemy import func, select

from models import SearchToken
from portal.desk import customers, search, tokens
from portal.desk.customers import CustomerDetails
from portal.desk.work import Desk
from tests.cast import ANA, CORA


async def found(desk: Desk, text: str) -> list[str]:
    async with desk.look(CORA) as work:
        return [customer.name for customer in await customers.find(work, text)]


async def known(desk: Desk, *names: str, **details: str) -> None:
    async with desk.work(CORA) as work:
        for name in names:
            told = CustomerDetails(name=name, **details)  # type: ignore[arg-type] # one text
            await customers.create(work, told, source="elsewhere", source_id=name)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        (
            "José Müller-Weiß",
            ["jose", "JOSÉ", "mull", "müller", "weiss", "Müller-Weiß", "jo mu", "weiß josé"],
        ),
        ("Siobhán O’Connor", ["o'connor", "OConnor", "o’con", "connor", "siobhan"]),
        ("Łukasz Ørsted", ["lukasz", "orsted", "Łuk Ør"]),
        ("Иван Йорданов", ["иван", "Йордан", "иорд"]),
        ("山田太郎", ["山田", "太郎", "山", "田太", "山田太郎"]),
        ("김민준", ["김민", "민준", "김"]),
        ("สมชาย ใจดี", ["สมชาย", "ชาย", "ใจดี"]),
        ("नरेन्द्र शर्मा", ["नरेन्द्र", "शर्मा"]),
        ("محمد علي", ["محمد", "علي"]),
        ("X", ["x"]),
        ("Ana Souza", ["an", "so", "ana s", "s ana"]),
    ],
)
async def test_a_name_is_found_by_its_parts(desk: Desk, name: str, asked: list[str]) -> None:
    await known(desk, "Quite Different", name)
    assert {text: await found(desk, text) for text in asked} == {text: [name] for text in asked}


@pytest.mark.parametrize(
    "asked",
    [
        "+49 30 7654321",
        "0049307654321",
        "030 765",
        "(030) 7654321",
        "4321",
        "654-321",
        "30 7654",
        "+49 (0)30-7654321",
    ],
)
async def test_a_phone_number_is_found_from_either_end(desk: Desk, asked: str) -> None:
    await known(desk, "Somebody Else", phone="+33 1 70 18 99 00")
    await known(desk, "Bea Example", phone="030 7654321", country="Germany")
    assert await found(desk, asked) == ["Bea Example"]


async def test_customers_are_found_by_address_and_number_and_both_at_once(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        details = CustomerDetails(name="Bea Example", email="Bea.B@Example.com", phone="+33170189900")
        bea = await customers.create(work, details)
        ana = await customers.load(work, ANA)
        await search.index(work, ana)
    for text in (
        "bea.b@example.com",
        "BEA.B@ex",
        bea.number,
        bea.number.replace("-", ""),
        "bea 9900",
        "exa 3317",
    ):
        assert await found(desk, text) == ["Bea Example"]
    assert await found(desk, "exam") == ["Bea Example", "Ana Example"]
    for text in ("bea 1234567", "", "  ", "nobody", "bea ana"):
        assert await found(desk, text) == []


async def test_a_changed_name_is_found_and_the_old_one_is_not(desk: Desk) -> None:
    await known(desk, "Bea Before")
    async with desk.work(CORA) as work:
        [bea] = await customers.find(work, "before")
        await customers.change(work, bea, bea.version, name="Bea After")
    assert (await found(desk, "before"), await found(desk, "after")) == ([], ["Bea After"])


async def test_of_many_the_newest_are_shown_and_one_more_than_a_list(desk: Desk) -> None:
    await known(desk, *(f"Guest {number:02}" for number in range(30)))
    assert await found(desk, "guest") == [f"Guest {number:02}" for number in range(29, 3, -1)]


async def test_tokens_go_with_the_transaction(desk: Desk) -> None:
    async def break_off() -> None:
        async with desk.work(CORA) as work:
            await customers.create(work, CustomerDetails(name="Never There", phone="030 5550177"))
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await break_off()
    async with desk.look(CORA) as work:
        count = select(func.count()).where(SearchToken.token == "never")
        assert await work.session.scalar(count) == 0


async def test_a_beginning_is_looked_up_in_the_index(desk: Desk) -> None:
    await known(desk, "Ana Souza")
    async with desk.look(CORA) as work:
        dialect = work.session.get_bind().dialect.name
        statement = search._matching("customer", [("so",), ("an",)])
        compiled = statement.compile(work.session.get_bind(), compile_kwargs={"literal_binds": True})
        if dialect == "postgresql":
            await (await work.session.connection()).exec_driver_sql("SET enable_seqscan = off")
            await (await work.session.connection()).exec_driver_sql("SET enable_bitmapscan = off")
        explain = "EXPLAIN QUERY PLAN" if dialect == "sqlite" else "EXPLAIN"
        rows = await (await work.session.connection()).exec_driver_sql(f"{explain} {compiled}")
        plan = " ".join(str(part) for row in rows for part in row)
    wanted = "token>? AND token<?" if dialect == "sqlite" else "(token >= 'so'::text)"
    assert wanted in plan
    assert "SCAN" not in plan


@pytest.mark.parametrize(
    "text", ["¯\\_(-)_/¯", '<>?:"{}|_+', "0", "1/2", "\u200b\u2060", "a@b", "' OR 1=1 --"]
)
async def test_what_is_hardly_a_name_is_found_too(desk: Desk, text: str) -> None:
    await known(desk, text)
    assert await found(desk, text) == [text]


def test_words_are_normalised_alike_in_both_directions() -> None:
    assert tokens.of_name("Zoë O'Neill 山田太") == {"zoe", "o", "neill", "oneill", "山田太", "山田", "田太"}
    assert tokens.asked_name("ZOE o’neill 山田太") == ["zoe", "oneill", "山田", "田太"]
