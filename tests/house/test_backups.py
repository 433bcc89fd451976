"""A backup tells nothing to who finds it, and is put back whole or not at all. S2-2.5"""

import asyncio
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from models import Customer
from portal import backups
from portal.app import make_desk
from portal.backups import NoBackup
from portal.database import Database, sqlite_url
from portal.desk.work import SYSTEM
from portal.settings import Settings
from tests.cast import cast
from tests.harness import databases, postgres

SECRET = "kYw3v9Qm0sB7dX2uT5rE8nL4pH6jC1aZ"


def settings_of(address: str, secret: str = SECRET) -> Settings:
    return Settings(database=address, backup_secret=secret)


def names_in(address: str) -> list[str]:
    async def look() -> list[str]:
        opened = Database(address)
        try:
            async with make_desk(settings_of(address), opened).look(SYSTEM) as work:
                return list(await work.session.scalars(select(Customer.name).order_by(Customer.id)))
        finally:
            await opened.close()

    return asyncio.run(look())


def elsewhere(kind: str, run_folder: Path, folder: Path) -> str:
    """A database of the same kind with nothing in it."""
    if kind == "sqlite":
        return sqlite_url(folder / "new" / "handrail.db")
    return databases.fresh("postgresql", run_folder, migrated=False)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_written_comes_back_and_nothing_else_does(
    kind: str, tmp_path: Path, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{postgres.programs(run_folder)}:{os.environ['PATH']}")
    database = databases.fresh(kind, run_folder, fill=cast)
    names = names_in(database)
    file, target = tmp_path / "desk.backup", elsewhere(kind, run_folder, tmp_path)
    written = backups.write(settings_of(database), file)
    sealed = file.read_bytes()
    assert (written, file.stat().st_mode & 0o777) == (len(sealed), 0o600)
    assert not {b"PGDMP", b"\x1f\x8b\x08"} & {sealed[at : at + size] for at in range(64) for size in (3, 5)}
    with pytest.raises(NoBackup, match="never written over"):
        backups.write(settings_of(database), file)

    for broken in (
        sealed[:-1],
        sealed[:-20] + bytes([sealed[-20] ^ 1]) + sealed[-19:],
        sealed[:30],
        b"x" * 99,
    ):
        other = tmp_path / "broken.backup"
        other.write_bytes(broken)
        with pytest.raises(NoBackup, match=r"changed or cut off|no backup of Handrail"):
            backups.restore(settings_of(target), other)
    with pytest.raises(NoBackup, match="Another secret"):
        backups.restore(settings_of(target, SECRET[::-1]), file)

    backups.restore(settings_of(target), file)
    assert names_in(target) == names
    with pytest.raises(NoBackup, match=r"there already|failed"):
        backups.restore(settings_of(target), file)
    assert names_in(target) == names
    assert sorted(one.name for one in tmp_path.iterdir() if "backup" in one.name) == [
        "broken.backup",
        "desk.backup",
    ]
    databases.discard(database)
    if kind == "postgresql":
        databases.discard(target)


def test_without_a_secret_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(NoBackup, match="HANDRAIL_BACKUP_SECRET"):
        backups.write(settings_of(sqlite_url(tmp_path / "a.db"), ""), tmp_path / "a.backup")
    with pytest.raises(NoBackup, match="no database"):
        backups.write(settings_of(sqlite_url(tmp_path / "a.db")), tmp_path / "a.backup")
    with pytest.raises(NoBackup, match="could not be written"):
        backups.write(settings_of(sqlite_url(tmp_path / "a.db")), tmp_path / "no" / "a.backup")
    assert list(tmp_path.iterdir()) == []
