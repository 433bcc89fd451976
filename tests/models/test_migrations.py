"""The tables as the migrations make them, on both databases."""

import asyncio

import pytest
from alembic import command
from sqlalchemy import UniqueConstraint, insert, select, text
from sqlalchemy.exc import DBAPIError

from models import (
    Amendment,
    Article,
    ArticleVersion,
    Base,
    Case,
    CaseNote,
    ClockEvent,
    Contact,
    Disclosure,
    FollowUp,
    Order,
    OrderNote,
    OrderPaper,
    PaymentEntry,
    PaymentLimit,
    Person,
    Reading,
    ScriptVersion,
    TrainingRecord,
)
from models.words import (
    CaseKind,
    Channel,
    ClockEventKind,
    DisclosureGround,
    NoteKind,
    PaymentKind,
    PaymentMethod,
    ScriptStatus,
)
from portal.database import Database, alembic_config, downgrade, migrate
from portal.desk import audit, audit_seals
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, START

APPEND_ONLY = (
    "payment_entries",
    "audit_entries",
    "audit_seals",
    "disclosures",
    "clock_events",
    "case_notes",
    "order_notes",
    "order_papers",
    "payment_limits",
    "article_versions",
    "amendments",
    "training_records",
    "readings",
)


async def tables(address: str) -> set[str]:
    database = Database(address)
    listing = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        if database.is_sqlite
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    async with database.reading() as session:
        found = set((await session.execute(text(listing))).scalars())
    await database.close()
    return found - {"alembic_version"}


def test_from_nothing_to_the_newest_and_back(empty_database: str) -> None:
    migrate(empty_database)
    assert asyncio.run(tables(empty_database)) == set(Base.metadata.tables)
    downgrade(empty_database)
    assert asyncio.run(tables(empty_database)) == set()
    migrate(empty_database)
    assert asyncio.run(tables(empty_database)) == set(Base.metadata.tables)


async def situations(address: str, *told: str) -> list[str | None]:
    """Begin a contact about each of these; what every contact is about then."""
    database = Database(address)
    async with database.writing() as session:
        person = {
            "issuer": "https://people.example.com",
            "subject": "cora",
            "name": "Cora",
            "created_at": START,
        }
        if told:
            await session.execute(insert(Person).values(roles=(), **person).execution_options(audited=True))
        for number, situation in enumerate(told):
            row = {"number": f"HT-{number}", "taken_by_id": 1, "channel": "phone", "started_at": START}
            await session.execute(
                insert(Contact).values(situation=situation, **row).execution_options(audited=True)
            )
        await session.commit()
    async with database.reading() as session:
        found = list(await session.scalars(text("SELECT situation FROM contacts ORDER BY id")))
    await database.close()
    return found


def test_contacts_about_an_open_case_stay_when_their_word_goes(empty_database: str) -> None:
    migrate(empty_database)
    asyncio.run(situations(empty_database, "open_case", "inquiry"))
    downgrade(empty_database, "0012")
    assert asyncio.run(situations(empty_database)) == [None, "inquiry"]
    migrate(empty_database)
    command.check(alembic_config(empty_database))


async def ends(address: str, *told: tuple[str, str]) -> list[tuple[str, bool]]:
    """Add a case for each (state, state of its follow-up); of every case its state, and whether nothing says since when."""
    database = Database(address)
    async with database.writing() as session:
        for number, (status, asked) in enumerate(told, 1):
            row = {
                "number": f"HC-{number}",
                "kind": "inquiry",
                "channel": "phone",
                "subject": "a",
                "opened_at": START,
            }
            over = {"resolved_at": START, "resolution_code": "answered"}
            closed = {"closed_at": START} if status == "closed" else {}
            for model, values in (
                (Case, {**row, **over, **closed, "status": status}),
                (
                    FollowUp,
                    {
                        "kind": "resolution_check", "words": "Ask.", "owner_id": 1, "case_id": number, "created_at": START,
                        "once": f"resolution-check/{number}/1", "status": asked, "due_at": START,
                        "done_at": START if asked == "done" else None,
                    },
                ),
            ):  # fmt: skip
                await session.execute(insert(model).values(values).execution_options(audited=True))
        await session.commit()
    async with database.reading() as session:
        rows = await session.execute(text("SELECT status, closed_at IS NULL FROM cases ORDER BY id"))
        found = [(row[0], bool(row[1])) for row in rows]
    await database.close()
    return found


def test_what_was_asked_after_is_closed_and_the_rest_stays_resolved(empty_database: str) -> None:
    """S3-4.2.1c"""
    migrate(empty_database)
    asyncio.run(situations(empty_database, "inquiry"))  # with the one colleague
    told = (("closed", "done"), ("resolved", "open"), ("closed", "cancelled"))
    assert asyncio.run(ends(empty_database, *told)) == [
        ("closed", False),
        ("resolved", True),
        ("closed", False),
    ]
    downgrade(empty_database, "0022")
    migrate(empty_database)
    assert asyncio.run(ends(empty_database)) == [("closed", False), ("resolved", True), ("resolved", True)]


def test_the_tables_are_what_the_models_say(empty_database: str) -> None:
    migrate(empty_database)
    command.check(alembic_config(empty_database))  # raises when a migration is missing


def test_every_foreign_key_has_an_index_that_begins_with_it() -> None:
    bare = []
    for table in Base.metadata.tables.values():
        keys = [
            [column.name for column in table.primary_key],
            *([one.name for one in index.columns] for index in table.indexes),
        ]
        keys += [
            [one.name for one in rule.columns]
            for rule in table.constraints
            if isinstance(rule, UniqueConstraint)
        ]
        keys += [[column.name] for column in table.columns if column.unique]
        bare += [
            f"{table.name}.{one.parent.name}"
            for one in table.foreign_keys
            if not any(key[:1] == [one.parent.name] for key in keys)
        ]
    assert bare == []


@pytest.fixture
async def written(desk: Desk) -> Desk:
    """A desk with a row in each append-only table."""
    async with desk.work(CORA) as work:
        order = Order(number="HR-26-000001-1", channel=Channel.PHONE, placed_at=work.now)
        case = Case(
            number="HC-26-000001-1",
            kind=CaseKind.INQUIRY,
            channel=Channel.PHONE,
            subject="a",
            opened_at=work.now,
        )
        article = Article(slug="returns", created_at=work.now)
        work.session.add_all([order, case, article])
        await work.session.flush()
        work.session.add_all(
            [
                PaymentEntry(
                    order_id=order.id,
                    kind=PaymentKind.CHARGE,
                    method=PaymentMethod.CASH,
                    amount_minor=100,
                    currency="EUR",
                    taken_at=work.now,
                ),
                ClockEvent(case_id=case.id, kind=ClockEventKind.START, at=work.now),
                CaseNote(case_id=case.id, kind=NoteKind.NOTE, words="a", written_at=work.now),
                PaymentLimit(method=PaymentMethod.CASH, currency="EUR", most_minor=1, written_at=work.now),
                OrderPaper(
                    order_id=order.id,
                    name="a",
                    whereabouts="a",
                    media_type="a",
                    size=1,
                    digest="a",
                    content=b"a",
                    added_at=work.now,
                ),
                OrderNote(order_id=order.id, words="a", written_at=work.now),
                ArticleVersion(
                    article_id=article.id,
                    language="en",
                    number=1,
                    title="a",
                    body="b",
                    links=[],
                    published_at=work.now,
                ),
                Amendment(
                    order_id=order.id, number=2, before={}, after={}, fingerprint="a", made_at=work.now
                ),
                TrainingRecord(
                    person_id=CORA.person_id,
                    scenario="a",
                    digest="a",
                    contact_number="HT-26-000001-1",
                    passed=True,
                    checks=[],
                    began_at=work.now,
                    finished_at=work.now,
                ),
            ]
        )
        await work.session.flush()
        version_id = await work.session.scalar(select(ArticleVersion.id))
        mine = {"person_id": CORA.person_id, "asking": 1, "at": work.now}
        work.session.add(Reading(article_id=article.id, version_id=version_id, **mine))
        work.session.add(
            Disclosure(
                at=work.now, who="Cora", recipient="a", what="a", ground=DisclosureGround.CONTRACT, reason="a"
            )
        )
        await audit.record(work, "prepare", case)
    async with desk.work(SYSTEM) as work:
        await audit_seals.seal_next(work)
    return desk


TRIES = (
    "UPDATE {table} SET id = id",
    "UPDATE {table} SET id = 99 WHERE id = (SELECT min(id) FROM {table})",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE id = (SELECT min(id) FROM {table})",
)
TRIES_SQLITE = (
    "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
)
TRIES_POSTGRESQL = (
    "TRUNCATE {table} CASCADE",
    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET id = excluded.id",
)


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_what_is_written_stays_as_it_was_whatever_sql_says(written: Desk, table: str) -> None:
    """S0-2.3a, decision 6: asked of the database directly, past every door."""
    database = written.database
    assert isinstance(database, Database)
    own = TRIES_SQLITE if database.is_sqlite else TRIES_POSTGRESQL

    async def rows() -> list[object]:
        async with database.reading() as session:
            return [tuple(row) for row in await session.execute(text(f"SELECT * FROM {table} ORDER BY id"))]

    before = await rows()
    assert before
    for attempt in (*TRIES, *own):
        async with database.writing() as session:
            with pytest.raises(DBAPIError, match="append-only"):
                await session.execute(text(attempt.format(table=table)))
    assert await rows() == before


async def test_a_published_script_never_changes_whatever_sql_says(desk: Desk) -> None:
    """S4-1.3: what a contact followed can be read for ever."""
    async with desk.work(CORA) as work:
        for number, status in ((1, ScriptStatus.PUBLISHED), (2, ScriptStatus.DRAFT)):
            begins = work.now if status is ScriptStatus.PUBLISHED else None
            work.session.add(
                ScriptVersion(
                    script="tale",
                    number=number,
                    status=status,
                    document={"steps": []},
                    digest="a",
                    created_at=work.now,
                    changed_at=work.now,
                    in_force_from=begins,
                )
            )
        await audit.record(work, "prepare")
    database = desk.database
    assert isinstance(database, Database)
    for attempt in ("UPDATE script_versions SET digest = 'b'", "DELETE FROM script_versions"):
        async with database.writing() as session:
            with pytest.raises(DBAPIError, match="published script"):
                await session.execute(text(f"{attempt} WHERE script = 'tale' AND number = 1"))
        async with database.writing() as session:
            await session.execute(text(f"{attempt} WHERE script = 'tale' AND number = 2"))
            await session.commit()
