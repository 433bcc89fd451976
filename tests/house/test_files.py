"""What every file of the product keeps to."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.house.source import ROOT, files, place

LONGEST = {".py": 450, ".html": 220}  # lines
# Put together here, so that this file does not hold what it forbids.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "com"), ("npmjs", "org"), ("yarnpkg", "com"),
        ("unpkg", "com"), ("jsdelivr", "net"), ("crates", "io"),
    )
]  # fmt: skip
MACHINES = [f"/{home}/" for home in ("root", "work", "home", "Users")]
CITED = re.compile(r"\bS[0-4]-\d+(?:\.\d+)*[a-z]?\b")
SILENCED = re.compile(r"# (?:noqa(?:: ?[A-Z]+[0-9]+,? ?)*|type: ignore(?:\[[^]]*\])?)(?P<reason>.*)")
VAGUE_FUNCTION = re.compile(r"_?(get|handle|process)_")
VAGUE_FILE = re.compile(r"(utils?|helpers?|managers?)\.py")
PACKAGES = ("portal", "models", "admin_views", "jobs")


def text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def lines_holding(words: list[str]) -> list[str]:
    return [
        f"{place(file)}:{number}"
        for file in files()
        for number, line in enumerate(text(file).split("\n"), 1)
        if any(word in line for word in words)
    ]


def test_nothing_names_a_package_registry() -> None:
    assert lines_holding(REGISTRIES) == []


def test_nothing_names_a_folder_of_one_machine() -> None:
    assert lines_holding(MACHINES) == []


@pytest.mark.parametrize("lock", [*files(".lock"), *files("package-lock.json")], ids=place)
def test_a_lock_file_holds_no_address(lock: Path) -> None:
    assert [line for line in text(lock).split("\n") if "://" in line] == []


@pytest.mark.parametrize("lock", list(files(".lock", below="requirements")), ids=place)
def test_every_locked_package_has_a_version_and_hashes(lock: Path) -> None:
    wanted = re.compile(r"[a-z0-9][a-z0-9._\[\],-]*==[^ ]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+")
    said = "\n".join(line for line in text(lock).split("\n") if not line.lstrip().startswith("#"))
    assert wanted.sub("", said).strip() == ""


def test_the_packages_that_run_it_are_locked_alike_for_developers() -> None:
    run, dev = (
        set(re.findall(r"(?m)^[^ #]+==[^ ]+", text(ROOT / f"requirements/{name}.lock")))
        for name in ("run", "dev")
    )
    assert run - dev == set()


@pytest.mark.parametrize("ending", LONGEST)
def test_no_file_outgrows_a_reader(ending: str) -> None:
    rooms = (
        file for file in files(ending) if "versions" not in file.parts
    )  # a migration is as long as its tables
    lengths = {place(file): len(text(file).split("\n")) for file in rooms}
    assert {at: length for at, length in lengths.items() if length > LONGEST[ending]} == {}


def test_every_clause_cited_exists() -> None:
    known = tomllib.loads(text(ROOT / "portal/sop/clauses.toml"))["clauses"]
    whole = {".".join(re.split(r"\.", clause)[:depth]) for clause in known for depth in range(1, 5)}
    groups = whole | {re.sub(r"[a-z]$", "", clause) for clause in whole}
    cited = {
        (place(file), clause)
        for file in files(".py", ".html", ".toml", ".md")
        for clause in CITED.findall(text(file))
    }
    assert sorted((at, clause) for at, clause in cited if clause not in groups) == []


def test_every_silenced_rule_has_its_reason_beside_it() -> None:
    silenced = [
        (f"{place(file)}:{number}", found["reason"])
        for file in files(".py")
        for number, line in enumerate(text(file).split("\n"), 1)
        if (found := SILENCED.search(line)) and "re.compile" not in line
    ]
    assert [at for at, reason in silenced if not re.search(r"\w+ \w+", reason)] == []


def test_every_rule_left_out_of_the_linters_has_its_reason_beside_it() -> None:
    rule = re.compile(r'^    "(?:[A-Z]+[0-9]*)",(?P<reason>.*)$', re.MULTILINE)
    found = list(rule.finditer(text(ROOT / "pyproject.toml")))
    assert len(found) > 20
    assert [rule[0] for rule in found if not re.match(r" # \w+", rule["reason"])] == []


def test_names_say_what_is_done() -> None:
    vague = [place(file) for file in files(".py") if VAGUE_FILE.fullmatch(file.name)]
    for package in PACKAGES:
        for file in files(".py", below=package):
            functions = (
                node
                for node in ast.parse(text(file)).body
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            )
            vague += [f"{place(file)}: {one.name}" for one in functions if VAGUE_FUNCTION.match(one.name)]
    assert vague == []
