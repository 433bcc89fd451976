"""One folder for one test run, shared by all its workers and gone when it ends."""

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "handrail-tests-"
ROOM_IN_MEMORY = 2 * 1024**3  # bytes; below that the folder goes to the disk
LONGEST_STOP = 10.0  # seconds


def open_run() -> Path:
    """Make this run's folder, in memory where there is room, and sweep up what killed runs left."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_IN_MEMORY
    place = memory if roomy else Path(tempfile.gettempdir())
    for left in place.glob(f"{PREFIX}*"):
        if left.owner() == Path.home().owner() and not _runs(_starter(left)):
            close_run(left)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    folder.chmod(0o711)  # the database's own user passes through, and nobody lists it
    return folder


def close_run(folder: Path) -> None:
    """Stop every server that this run started and remove its folder."""
    for note in folder.glob("*/postmaster.pid"):
        pid = int(note.read_text(encoding="utf-8").split("\n", 1)[0])
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)  # at once: nothing in there is worth a checkpoint
        end = time.monotonic() + LONGEST_STOP
        while _runs(pid) and time.monotonic() < end:
            time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def one_at_a_time(folder: Path, what: str) -> Iterator[None]:
    """Keep the other workers out while something shared is being made."""
    with (folder / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _starter(folder: Path) -> int:
    return int(folder.name.removeprefix(PREFIX).split("-", 1)[0])


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):  # a child of ours that has ended but was not waited for
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return True
