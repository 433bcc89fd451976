"""`handrail scripts`: out to files, in from files, and a broken one says where and changes nothing."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.__main__ import main
from portal.desk.scripts import FOLDER, SCRIPTS


def handrail(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["scripts", *map(str, words)])


def test_what_is_given_out_comes_in_again_and_changes_nothing(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    assert handrail("export", "--to", out, "--data", data).exit_code == 0
    files = [out / f"{script}.toml" for script in SCRIPTS]
    done = handrail("import", *files, "--data", data)
    assert (done.exit_code, done.output.count("holds it already; nothing changed")) == (0, len(SCRIPTS))
    assert handrail("export", "closing", "--data", data).output == (out / "closing.toml").read_text("utf-8")


def test_a_broken_file_is_refused_with_line_step_and_reason_and_nothing_is_brought_in(tmp_path: Path) -> None:
    data, good, bad = tmp_path / "data", tmp_path / "closing.toml", tmp_path / "opening.toml"
    ours = (
        (FOLDER / "closing.toml")
        .read_text("utf-8")
        .replace('kind = "summary"', 'kind = "summary"\nmarks = "summed"')
    )
    good.write_text(ours, "utf-8")
    told = (FOLDER / "opening.toml").read_text("utf-8")
    bad.write_text(told.replace('kind = "situation"', 'kind = "sing"'), "utf-8")
    line = told[: told.index('kind = "situation"')].count("\n") + 1
    done = handrail("import", good, bad, tmp_path / "missing.toml", "--data", data)
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        f"{bad}, line {line}, step about: there is no kind of step called sing.",
        f"{tmp_path / 'missing.toml'}: the file cannot be read: No such file or directory.",
        "Nothing was changed.",
    ]
    assert not data.exists()
    done = handrail("import", good, "--data", data)
    assert (done.exit_code, "version 2 of closing is a draft now" in done.output) == (0, True)


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_ships_has_no_findings(script: str) -> None:
    done = handrail("check", FOLDER / f"{script}.toml")
    assert (done.exit_code, done.output.rstrip().endswith("no findings.")) == (0, True)
