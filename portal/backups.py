"""Backups: one copy of the database as of one moment, sealed so that the file alone tells nothing. S2-2.5

A backup is a mark, a salt and a nonce, then the copy as AES-256-GCM has it, then its tag. The key is made of the
secret by scrypt. What was changed or cut off is noticed by the tag at the end, before anything is put back.
"""

from __future__ import annotations

import gzip
import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from sqlalchemy.engine import URL, make_url

from portal.desk.errors import DeskError
from portal.settings import Settings

MARK = b"handrail backup 1\n"
SALT, NONCE, TAG, KEY = 16, 12, 16, 32
"""Bytes."""
PIECE = 1 << 20
AS_GZIP = 31
"""What zlib calls the format that gzip reads."""
COSTS = {"n": 1 << 15, "r": 8, "p": 1}
"""Of scrypt: 32 MiB and a tenth of a second a guess."""


class NoBackup(DeskError):
    """A backup that cannot be made or put back, in words."""


def write(settings: Settings, target: Path) -> int:
    """Copy the database into a sealed file and return its bytes. The desk may go on meanwhile.

    Raises NoBackup without a secret, where the file is there already, or where the copy fails; then no file is left.
    """
    key_of = _key_maker(settings)
    if target.exists():
        raise NoBackup(f"{target} is there already; a backup is never written over.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        with ExitStack() as stack:
            copy = stack.enter_context(closing(_copied(settings)))
            sealed = stack.enter_context(_private(unfinished))
            _seal(copy, sealed, key_of)
        unfinished.replace(target)
    except OSError as error:
        raise NoBackup(f"The backup could not be written: {error.strerror or error}.") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return target.stat().st_size


def restore(settings: Settings, source: Path) -> None:
    """Put a backup back into a database that is not there yet (SQLite) or empty (PostgreSQL).

    Raises NoBackup for another secret, a file that was changed or cut off, or a database that holds something.
    """
    key_of = _key_maker(settings)
    url = make_url(settings.database_url)
    folder = Path(url.database or "").parent if _is_sqlite(url) else Path(tempfile.gettempdir())
    if _is_sqlite(url) and Path(url.database or "").exists():
        raise NoBackup(f"{url.database} is there already; move it away first.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="backup-") as beside:
        opened = Path(beside) / "copy"
        try:
            with source.open("rb") as sealed, opened.open("wb") as copy:
                _open(sealed, source.stat().st_size, copy, key_of)
            if _is_sqlite(url):
                plain = Path(beside) / "plain"
                with gzip.open(opened) as packed, plain.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked, PIECE)
                plain.chmod(0o600)
                plain.rename(url.database or "")
            else:
                _program(
                    "pg_restore", url, ["--no-owner", "--exit-on-error", "--single-transaction", str(opened)]
                )
        except OSError as error:
            raise NoBackup(f"The backup could not be put back: {error.strerror or error}.") from None


def _key_maker(settings: Settings) -> Callable[[bytes], bytes]:
    if not settings.backup_secret:
        raise NoBackup(
            "Set HANDRAIL_BACKUP_SECRET or HANDRAIL_BACKUP_SECRET_FILE, and keep it somewhere else."
        )
    return lambda salt: Scrypt(salt=salt, length=KEY, **COSTS).derive(settings.backup_secret.encode())


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _copied(settings: Settings) -> Generator[bytes]:
    """The database as of one moment, piece by piece."""
    url = make_url(settings.database_url)
    return _of_sqlite(Path(url.database or "")) if _is_sqlite(url) else _of_postgresql(url)


def _of_sqlite(path: Path) -> Generator[bytes]:
    if not path.exists():
        raise NoBackup(f"There is no database at {path}.")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="backup-") as beside:
        plain = Path(beside) / "plain"
        with closing(sqlite3.connect(path)) as served, closing(sqlite3.connect(plain)) as copy:
            served.backup(copy)
        packing = zlib.compressobj(wbits=AS_GZIP)
        for piece in _pieces(plain):
            yield packing.compress(piece)
        yield packing.flush()


def _of_postgresql(url: URL) -> Generator[bytes]:
    with tempfile.TemporaryDirectory(prefix="handrail-backup-") as beside:
        dump = Path(beside) / "dump"
        _program("pg_dump", url, ["--format=custom", "--no-owner", f"--file={dump}"])
        yield from _pieces(dump)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _program(name: str, url: URL, told: list[str]) -> None:
    """Run one of PostgreSQL's own programs; the password goes by the environment, where no list of processes shows it."""
    program = shutil.which(name)
    if program is None:
        raise NoBackup(f"{name} is not installed; it comes with PostgreSQL's client programs.")
    known = {
        "PGHOST": url.host or str(url.query.get("host", "")),
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
    }
    known = {**os.environ, **{key: value for key, value in known.items() if value}}
    ended = subprocess.run(
        [program, f"--dbname={url.database}", *told], env=known, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        why = ended.stderr.strip().splitlines()
        raise NoBackup(f"{name} failed: {why[0] if why else ended.returncode}")


def _seal(copy: Iterator[bytes], sealed: IO[bytes], key_of: Callable[[bytes], bytes]) -> None:
    salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
    encryptor = Cipher(algorithms.AES(key_of(salt)), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(MARK + salt)
    sealed.write(MARK + salt + nonce)
    for piece in copy:
        sealed.write(encryptor.update(piece))
    sealed.write(encryptor.finalize() + encryptor.tag)
    sealed.flush()
    os.fsync(sealed.fileno())


def _open(sealed: IO[bytes], size: int, copy: IO[bytes], key_of: Callable[[bytes], bytes]) -> None:
    head = sealed.read(len(MARK) + SALT + NONCE)
    left = size - len(head) - TAG
    if not head.startswith(MARK) or left < 0:
        raise NoBackup("This is no backup of Handrail.")
    salt, nonce = head[len(MARK) : -NONCE], head[-NONCE:]
    decryptor = Cipher(algorithms.AES(key_of(salt)), modes.GCM(nonce)).decryptor()
    decryptor.authenticate_additional_data(MARK + salt)
    while left and (piece := sealed.read(min(PIECE, left))):
        copy.write(decryptor.update(piece))
        left -= len(piece)
    try:
        copy.write(decryptor.finalize_with_tag(sealed.read(TAG)))
    except InvalidTag:
        raise NoBackup("Another secret, or the file was changed or cut off. Nothing was put back.") from None
