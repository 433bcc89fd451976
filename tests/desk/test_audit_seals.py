"""The audit trail as a chain: whatever is changed past every door is found, and named. S2-8.7"""

import asyncio

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text

from jobs import schedule
from jobs.seal_audit import seal_audit, verify_audit
from models import AuditEntry, AuditSeal
from portal import audit_words
from portal.__main__ import main
from portal.app import make_desk
from portal.database import Database
from portal.desk import audit, audit_seals
from portal.desk.errors import WrongMoment
from portal.desk.work import SYSTEM, Desk
from portal.settings import read
from tests.cast import CORA, Clock, open_desk

PUT_IN = (
    "INSERT INTO audit_entries (id, at, who, deed, subject_kind, subject_id, changes, reason, request_id) "
    "SELECT {id}, at, 'Mallory', 'forge', subject_kind, subject_id, changes, reason, request_id "
    "FROM audit_entries WHERE id = 1"
)


async def deeds(desk: Desk, count: int) -> int:
    """So many deeds of Cora; how many entries there are then."""
    for number in range(count):
        async with desk.work(CORA) as work:
            await audit.record(work, "try", reason=f"{number}: “ä”")
    async with desk.look(SYSTEM) as work:
        return await work.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


async def behind_its_back(desk: Desk, *statements: str) -> None:
    """What the owner of the database can do: switch the triggers off, and write."""
    database = desk.database
    assert isinstance(database, Database)
    async with database.writing() as session:
        for table in ("audit_entries", "audit_seals"):
            if database.is_sqlite:
                for what in ("no_update", "no_delete", "no_replace"):
                    await session.execute(text(f"DROP TRIGGER IF EXISTS {table}_{what}"))
            else:
                await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in statements:
            await session.execute(text(statement))
        if not database.is_sqlite:
            await session.execute(text("SELECT setval('audit_entries_id_seq', max(id)) FROM audit_entries"))
        await session.commit()


async def verified(desk: Desk, noted: str = "") -> audit_seals.Verified:
    found = audit_seals.Verified()
    async for so_far in audit_seals.verify(desk, noted):
        found = so_far
    return found


async def test_what_is_written_is_sealed_stretch_by_stretch(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also by two replicas at once; and the digest that was noted holds whatever comes after it."""
    monkeypatch.setattr(audit_seals, "STRETCH", 4)
    there = await deeds(desk, 6)
    assert await audit_words.verified(desk) == 0
    assert capsys.readouterr().out.endswith(f"verified: all as they were sealed. {there} not sealed yet.\n")
    await asyncio.gather(seal_audit(desk), seal_audit(desk))
    await seal_audit(desk)
    first = await verified(desk)
    assert (first.entries, first.seals, first.waiting, first.wrong) == (there, -(-there // 4), 0, [])
    await deeds(desk, 1)
    assert ((await verified(desk)).waiting, await seal_audit(desk), await seal_audit(desk)) == (1, 1, 0)
    assert (await verified(desk, first.digest)).wrong == []
    assert (await verified(desk, "f" * 64)).wrong == ["The seal that was noted is not in the chain any more."]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE audit_entries SET reason = 'x' WHERE id = {last}",
            ["Entry {last} was changed: now “try” by Cora"],
        ),
        ("UPDATE audit_entries SET changes = '{{\"a\": 1}}' WHERE id = {last}", ["Entry {last} was changed"]),
        (
            "UPDATE audit_entries SET who = 'Cem', person_id = NULL WHERE id = {last}",
            ["Entry {last} was changed"],
        ),
        ("DELETE FROM audit_entries WHERE id = {last}", ["Entry {last} is missing."]),
        (PUT_IN.format(id="{gap}"), ["Entry {gap} was put in: “forge” by Mallory"]),
        ("UPDATE audit_seals SET sealed_at = '2020-01-01 00:00:00' WHERE id = 1", ["Seal 1 was changed."]),
        ("UPDATE audit_seals SET entries = '[]' WHERE id = 2", ["Seal 2 was changed."]),
        ("DELETE FROM audit_seals WHERE id = 1", ["Seal 1 is missing."]),
    ],
    ids=["reason", "changes", "who", "taken away", "put in", "seal", "entries of a seal", "seal taken away"],
)
async def test_what_the_owner_of_the_database_does_is_named(
    desk: Desk, clock: Clock, statement: str, found: list[str]
) -> None:
    """A gap is what a transaction left that was rolled back; after a day nothing can still come into it."""
    last = await deeds(desk, 3)
    gap = last + 1
    await behind_its_back(desk, PUT_IN.format(id=last + 2))  # as if an id between were still on its way
    await seal_audit(desk)
    await deeds(desk, 1)
    clock.forward(days=2)
    await seal_audit(desk)
    assert (await verified(desk)).wrong == []
    async with desk.look(SYSTEM) as work:
        newest = select(func.max(AuditEntry.id)).where(AuditEntry.deed == "try")
        last = (await work.session.scalars(newest)).one()
    await behind_its_back(desk, statement.format(last=last, gap=gap).replace(":", "\\:"))
    await seal_audit(desk)
    wrong = (await verified(desk)).wrong
    assert len(wrong) == len(found)
    for told, words in zip(wrong, found, strict=True):
        assert told.startswith(words.format(last=last, gap=gap))
    with pytest.raises(WrongMoment, match="wrong in the audit trail, the first"):
        await verify_audit(desk)


async def test_what_comes_late_is_sealed_within_a_day(desk: Desk, clock: Clock) -> None:
    """On PostgreSQL a smaller id can be committed after a larger one was sealed."""
    last = await deeds(desk, 2)
    await behind_its_back(desk, PUT_IN.format(id=last + 3))
    assert await seal_audit(desk) == last + 1
    await behind_its_back(desk, PUT_IN.format(id=last + 1))
    assert (await verified(desk)).waiting == 1
    clock.forward(hours=1)
    assert (await seal_audit(desk), await seal_audit(desk)) == (1, 0)
    found = await verified(desk)
    assert (found.entries, found.waiting, found.wrong) == (last + 2, 0, [])
    async with desk.look(SYSTEM) as work:
        seals = await work.session.execute(select(AuditSeal.gaps, AuditSeal.late).order_by(AuditSeal.id))
        assert [(gaps, [number for number, _ in late]) for gaps, late in seals] == [
            ([[last + 1, last + 2]], []),
            ([], [last + 1]),
        ]
    clock.forward(days=2)
    assert await schedule.run_once(desk, "verify_audit") == last + 2


def test_the_command_ends_with_status_one(
    database: str, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """And reads what is no document any more."""

    async def prepare(*statements: str) -> None:
        opened = Database(database)
        desk = make_desk(settings, opened, clock)
        if not statements:
            await open_desk(desk)
        await deeds(desk, 2)
        await seal_audit(desk)
        await behind_its_back(desk, *statements)
        await opened.close()

    monkeypatch.setenv("HANDRAIL_DATABASE", database)
    settings = read()
    asyncio.run(prepare())
    runs = [CliRunner().invoke(main, ["audit", "verify"])]
    asyncio.run(prepare("UPDATE audit_entries SET changes = '[]', reason = '' WHERE deed = 'try'"))
    runs.append(CliRunner().invoke(main, ["audit", "verify"]))
    assert [one.exit_code for one in runs] == [0, 1]
    assert "was changed" in runs[1].output
