"""Everything that `handrail test` runs: format, lint, templates, types, contracts, then the tests."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
WORKERS = "2"
EX_UNAVAILABLE = 69
INTEROP = ROOT / "tests/interop"

STAGES: dict[str, Sequence[str]] = {
    "ruff format": ("ruff", "format", "--check", "."),
    "ruff check": ("ruff", "check", "--quiet", "."),
    "djlint format": ("djlint", "--check", "--quiet", "templates"),
    "djlint rules": ("djlint", "--lint", "--quiet", "templates"),
    "mypy strict": ("mypy",),
    "import contracts": ("lint-imports", "--no-logo"),
}


def run_tests(paths: Sequence[str] = (), *, interop: bool, full: bool) -> int:
    """Run every stage, then pytest on `paths` or on everything; return 0 or the code of what failed.

    `interop` adds the tests that speak with outside peers, `full` those that take minutes. The static stages
    all run before the first failure counts, so that one run tells everything. A missing part is installed
    where that is possible without asking (root on Debian), else named with its install line: code 69.
    """
    asked = {"interop": interop, "full": full}
    unasked = " and ".join(f"not {marker}" for marker, wanted in asked.items() if not wanted)
    # Finding the tests compiles them, once and beside the types; else each worker does it for itself.
    stages = {**STAGES, "tests found": ("pytest", "--collect-only", "-qq", "-m", unasked, *paths)}
    with ThreadPoolExecutor() as side_by_side:
        looks = side_by_side.map(_look, stages.values())
        failed = [name for name, look in zip(stages, looks, strict=True) if not _is_clean(name, look)]
    if failed:
        click.echo(f"Not clean: {', '.join(failed)}. The tests were not run.", err=True)
        return 1
    if not (_browser_is_there() and (not interop or _peers_are_there())):
        return EX_UNAVAILABLE
    _heading("pytest")
    command = [sys.executable, "-m", "pytest", "-n", WORKERS, "-m", unasked, *paths]
    return subprocess.run(command, check=False, cwd=ROOT, env=_environment()).returncode


Look = tuple[subprocess.CompletedProcess[str], float]
"""What a stage said, and how many seconds it took beside the others."""


def _look(command: Sequence[str]) -> Look:
    began = time.monotonic()
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        check=False,
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done, time.monotonic() - began


def _is_clean(name: str, look: Look) -> bool:
    done, seconds = look
    clean = done.returncode == 0
    _heading(name, end=" ")
    click.echo(f"{'clean' if clean else 'NOT CLEAN'} in {seconds:.1f} s")
    if not clean:
        click.echo(done.stdout)
    return clean


def _heading(name: str, end: str = "\n") -> None:
    click.echo(f"== {name}{end}", nl=False)


def _environment() -> dict[str, str]:
    """Leave this person's own desk out of it: only settings meant for tests pass.

    What is compiled is kept, whatever containers say: a run starts the portal and the commands over and over.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONDONTWRITEBYTECODE"
        and (not name.startswith("HANDRAIL_") or name.startswith("HANDRAIL_TEST_"))
    }


def _browser_is_there() -> bool:
    from tests.harness import browser  # noqa: PLC0415 - the tests need not be there to serve

    there = (
        browser.installed() is not None or _apt_install("chromium-headless-shell") or _apt_install("chromium")
    )
    driven = browser.driver_runs() or _apt_install("libatomic1")
    return (there or _say_missing("A Chromium browser", browser.INSTALL)) and (
        driven or _say_missing("A library that playwright needs", browser.DRIVER_INSTALL)
    )


def _peers_are_there() -> bool:
    if not (shutil.which("node") and shutil.which("npm")) and not _apt_install("nodejs", "npm"):
        return _say_missing("Node.js with npm", "apt-get install nodejs npm")
    if not (INTEROP / "package-lock.json").exists():
        return True
    return (INTEROP / "node_modules").exists() or _runs("npm", "ci", "--no-audit", "--no-fund", at=INTEROP)


def _apt_install(*packages: str) -> bool:
    """Install Debian packages where nobody has to be asked: as root. Say False anywhere else."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)
    return _runs("apt-get", "update", "-qq") and _runs(*install)


def _runs(*command: str, at: Path = ROOT) -> bool:
    _heading(" ".join(command))
    quiet = {**_environment(), "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, check=False, cwd=at, env=quiet, stdout=subprocess.DEVNULL).returncode == 0


def _say_missing(what: str, install: str) -> bool:
    click.echo(f"{what} is missing. Install it with: {install}", err=True)
    return False
