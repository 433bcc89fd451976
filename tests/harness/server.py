"""The real portal in a process of its own, started and stopped as a person would."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://(?:127\.0\.0\.1|localhost):\d+")
LONGEST_START = 60.0  # seconds
LONGEST_STOP = 15.0  # seconds


class PortalServer:
    """`handrail run` on a data folder: `start`, `address`, then `stop` as Ctrl-C or `kill` as a crash."""

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None, *options: str) -> None:
        self.data = data
        self.address = ""
        self._port = _free_port()
        self._log = data.with_name(f"{data.name}.log")
        self._options = options
        ours = {name: value for name, value in os.environ.items() if not name.startswith("HANDRAIL_")}
        self._environment = {**ours, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it prints its address. Starting again keeps the port and the data."""
        command = [sys.executable, "-P", "-m", "portal", "run", "--no-browser", "--port", str(self._port)]
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(
                [*command, "--data", str(self.data), *self._options],
                cwd=self.data.parent, env=self._environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + LONGEST_START
        while not (said := ADDRESS.search(self.log)):
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"The portal did not start:\n{self.log}")
            time.sleep(0.05)
        self.address = said.group()

    @property
    def log(self) -> str:
        """All that it has printed since its last start."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> int:
        """Ask it to stop as Ctrl-C does; return its exit code."""
        return self._end(signal.SIGINT)

    def kill(self) -> int:
        """End it with no chance to tidy up."""
        return self._end(signal.SIGKILL)

    def begin_to_stop(self) -> None:
        """Ask it to stop as a service manager does, and do not wait for it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """Wait until it has stopped by itself; return its exit code."""
        return self._end(None)

    def _end(self, how: signal.Signals | None) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        if how is not None and process.poll() is None:
            process.send_signal(how)
        try:
            return process.wait(LONGEST_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError(
                f"The portal did not stop on {how.name if how else 'the order'}:\n{self.log}"
            ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
