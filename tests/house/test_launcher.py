"""`./handrail` finds its way, and says in one line when it cannot."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.house.source import ROOT

TOOLS = ("sh", "dirname", "cksum", "tr", "id", "uname", "grep", "rm")


def launch(root: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({"PATH": path} if path else {})}
    command = [shutil.which("sh") or "/bin/sh", str(root / "handrail"), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd="/")


def copy(to: Path) -> Path:
    shutil.copy(ROOT / "handrail", to)
    shutil.copytree(ROOT / "requirements", to / "requirements")
    return to


def sum_of(file: Path) -> str:
    said = subprocess.check_output(["cksum"], input=file.read_bytes())
    return said.decode().strip().replace(" ", "-")


def tools_alone(folder: Path) -> str:
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or "/missing")
    return str(folder)


def test_without_python_it_says_what_to_install(tmp_path: Path) -> None:
    said = launch(copy(tmp_path), "run", path=tools_alone(tmp_path / "bin"))
    assert (said.returncode, said.stdout, said.stderr.count("\n")) == (69, "", 1)
    assert said.stderr.startswith("handrail: needs Python 3.11 or newer. Install it with: ")


def test_an_older_python_is_not_taken(tmp_path: Path) -> None:
    path = tools_alone(tmp_path / "bin")
    old = tmp_path / "bin/python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    assert launch(copy(tmp_path), "run", path=path).returncode == 69


def test_once_installed_it_passes_straight_on(tmp_path: Path) -> None:
    root = copy(tmp_path)
    (root / ".venv/bin").mkdir(parents=True)
    python = root / ".venv/bin/python"
    python.write_text('#!/bin/sh\ncase $1 in -I) echo 3.12.1 ;; *) printf "<%s>" "$@" ;; esac\n')
    python.chmod(0o755)
    run, dev = (sum_of(root / f"requirements/{name}.lock") for name in ("run", "dev"))
    (root / ".venv/handrail.stamp").write_text(f"3.12.1 run={run} dev={dev}\n")
    began = time.perf_counter()
    said = launch(root, "run", "--data", "a folder")
    assert (said.returncode, said.stdout, said.stderr) == (0, "<-P><-m><portal><run><--data><a folder>", "")
    assert time.perf_counter() - began < 1
    assert launch(root, "test").stdout == "<-P><-m><portal><test>"
