"""Servers and sweepers started, asked and stopped; how long a start takes and how much memory it needs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from bench.client import Client, Refused

ROOT = Path(__file__).resolve().parent.parent
LONGEST_START = 60.0
LONGEST_STOP = 20.0
KIB = 1024


@dataclass(slots=True)
class Process:
    """One child of this run, with what it printed."""

    name: str
    child: subprocess.Popen[bytes]
    log: IO[bytes]

    @property
    def said(self) -> str:
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def pss(self) -> float | None:
        """Its share of memory in MB; None where the system does not tell."""
        try:
            told = Path(f"/proc/{self.child.pid}/smaps_rollup").read_text(encoding="utf-8")
        except OSError:
            return None
        kib = next(line.split()[1] for line in told.splitlines() if line.startswith("Pss:"))
        return int(kib) * KIB / 1_000_000

    def stop(self) -> None:
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(LONGEST_STOP)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout, self.log):
            if pipe is not None:
                pipe.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(name: str, command: list[str], settings: Mapping[str, str], *, talking: bool = False) -> Process:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("HANDRAIL_")}
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process is stopped
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", *command],
        cwd=ROOT,
        env={**ours, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **settings},
        stdin=subprocess.PIPE if talking else subprocess.DEVNULL,
        stdout=subprocess.PIPE if talking else log,
        stderr=log,
        start_new_session=True,
    )
    return Process(name, child, log)


@contextmanager
def server(kind: str, url: str, data: Path, *, wait: bool = True) -> Iterator[tuple[int, Process]]:
    """A server of one kind on this database; gives its port, once it listens or at once."""
    port = free_port()
    command = ["bench.serving", kind, "--database", url, "--port", str(port), "--data", str(data)]
    process = _start(kind, command, {})
    try:
        if wait:
            _wait(process, port)
        yield port, process
    finally:
        process.stop()


@contextmanager
def real_portal(url: str, data: Path) -> Iterator[tuple[int, Process]]:
    """`handrail serve` with everything on: sign-in, jobs, log. Gives its port at once."""
    port = free_port()
    process = _start(
        "serve",
        ["portal", "serve", "--data", str(data), "--port", str(port)],
        {"HANDRAIL_DATABASE": url},
    )
    try:
        yield port, process
    finally:
        process.stop()


class Servers:
    """The servers of one run, each started when it is first asked for and kept until the end."""

    def __init__(self, data: Path, stack: ExitStack) -> None:
        self._data = data
        self._stack = stack
        self._ports: dict[tuple[str, str], int] = {}

    def client(self, kind: str, url: str, cookie: str = "") -> Client:
        """A browser on the server of this kind on this database."""
        if (kind, url) not in self._ports:
            self._ports[kind, url], _ = self._stack.enter_context(server(kind, url, self._data))
        return self._stack.enter_context(Client(self._ports[kind, url], cookie))


def _wait(process: Process, port: int) -> None:
    end = time.monotonic() + LONGEST_START
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.child.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{process.name} did not start:\n{process.said}") from None
            time.sleep(0.01)
        else:
            return


def first_answer(process: Process, port: int, path: str, cookie: str = "") -> float:
    """Seconds from now until a page is answered."""
    began = time.perf_counter()
    end = time.monotonic() + LONGEST_START
    while True:
        try:
            with Client(port, cookie) as client:
                client.get(path)
        except OSError:
            if process.child.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{process.name} did not answer:\n{process.said}") from None
            time.sleep(0.005)
        else:
            return time.perf_counter() - began


class Sweeper:
    """A sweeper that waits for a moment."""

    def __init__(self, process: Process, asked: IO[bytes], told: IO[bytes]) -> None:
        self.process = process
        self.asked = asked
        self.told = told
        self.computing = 0.0
        """Seconds that the process was computing in the last sweep."""

    def begin(self, moment: datetime) -> None:
        self.asked.write(f"{moment.isoformat()}\n".encode())
        self.asked.flush()

    def end(self) -> tuple[int, float]:
        """How many it took, and in how many seconds. Raises Refused when it died."""
        told = json.loads(self.line())
        self.computing = float(told["computing"])
        return int(told["acted"]), float(told["seconds"])

    def sweep(self, moment: datetime) -> tuple[int, float]:
        self.begin(moment)
        return self.end()

    def line(self) -> str:
        """What it says next. Raises Refused when it died."""
        said = self.told.readline().decode()
        if not said:
            raise Refused(f"The {self.process.name} sweeper ended:\n{self.process.said}")
        return said


@contextmanager
def sweeper(kind: str, url: str, module: str = "bench.sweeper") -> Iterator[Sweeper]:
    """A sweeper on this database, or another who waits for moments, ready."""
    process = _start(kind, [module, kind, "--database", url], {}, talking=True)
    try:
        asked, told = process.child.stdin, process.child.stdout
        if asked is None or told is None:
            raise Refused(f"The {kind} sweeper cannot be spoken with.")
        made = Sweeper(process, asked, told)
        made.line()
        yield made
    finally:
        process.stop()
