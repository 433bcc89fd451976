"""The measurements themselves run: every workload on a small desk of either kind."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.__main__ import WORKLOADS, bench
from bench.passes import Pass
from tests.harness.turns import DATABASES

GOALS = {
    "P1",
    "P2",
    "P3",
    "P4",
    "P5",
    "P6",
    "P7",
    "P8",
    "P9",
    "P11",
    "P14",
    "P15",
    "P16",
    "P17",
    "P18",
    "P19",
}


def test_memory_is_compared_from_the_first_tenth_of_a_pass_to_the_last() -> None:
    under_way = Pass()
    for held in (50, 90, *[70] * 16, 64, 60):
        under_way.note(10, held)
    assert (under_way.cases, under_way.growth) == (200, -8)


@pytest.mark.full
@pytest.mark.parametrize("kind", DATABASES)
def test_every_workload_can_be_measured(kind: str, tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    arguments = ["--rows", "20000", "--database", kind, "--seconds", "0.2", "--json", str(told)]
    done = CliRunner().invoke(bench, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    lines = json.loads(told.read_text(encoding="utf-8"))["lines"]
    assert [line["workload"] for line in lines if line["against"] == "could not be measured"] == []
    assert {line["goal"] for line in lines} >= GOALS
    exactly_once = [line for line in lines if "other than once" in line["workload"]]
    assert [(line["ours"], line["met"]) for line in exactly_once] == [(0, True)]
    assert all(f"Measuring {name} " in done.output for name in WORKLOADS)
