"""Write the pages of docs/ that come from the code: settings.md and sop.md. Run again after a change; a test compares."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path

from jobs.schedule import JOBS
from portal.desk import clauses
from portal.settings import PREFIX, TABLE

ROOT = Path(__file__).resolve().parent.parent
CITED = re.compile(r"\bS[0-4]-\d+(?:\.\d+)*[a-z]?\b")
RULES = ("portal/desk", "portal/demo", "portal/guards.py", "portal/post.py")
SCREENS = ("portal/pages", "admin_views", "templates")
SHOWN = 4
"""Places named per clause; a search finds the others."""
TESTS = "tests"
COMMENT = re.compile(r"(?m)(?:^|\s)# (.*)$")
ENDINGS = {".py", ".toml", ".html", ".txt"}


def settings_page() -> str:
    rows = []
    for one in TABLE:
        default = (
            {True: "on", False: "off"}.get(one.default, str(one.default))
            if isinstance(one.default, bool)
            else str(one.default)
        )
        secret = " Also from the file named by `…_FILE`." if one.metadata["secret"] else ""
        rows.append(
            f"| `{PREFIX}{one.name.upper()}` | {f'`{default}`' if default else '–'} | {one.metadata['help']}{secret} |"
        )
    return "\n".join(
        [
            "# Settings",
            "",
            "Read from the environment at the start.",
            "An unknown name or a value that cannot be read stops the start and names the setting.",
            "Written by `tools/docs.py` from `portal/settings.py`.",
            "",
            "| setting | default | what it does |",
            "|---|---|---|",
            *rows,
            "",
        ],
    )


def citations(folders: tuple[str, ...]) -> dict[str, set[str]]:
    """Where each clause is cited: {clause: {path}}. A test cites in its words; what it works with proves nothing."""
    found: dict[str, set[str]] = {}
    for folder in folders:
        top = ROOT / folder
        for path in sorted(top.rglob("*") if top.is_dir() else [top]):
            if path.suffix in ENDINGS and path.name != "clauses.toml" and "__pycache__" not in path.parts:
                text = path.read_text(encoding="utf-8")
                for clause in CITED.findall(_words(text) if folder == TESTS else text):
                    found.setdefault(clause, set()).add(path.relative_to(ROOT).as_posix())
    return found


def _words(source: str) -> str:
    """The docstrings and comments of a module."""
    told = COMMENT.findall(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            told.append(ast.get_docstring(node) or "")
    return "\n".join(told)


def served(clause: str, cited: dict[str, set[str]]) -> list[str]:
    """The places that cite a clause by its own id: a citation of the group it stands in proves nothing."""
    return sorted(cited.get(clause, ()))


def steps_of_the_pack() -> dict[str, list[str]]:
    """Which steps of the built-in pack serve each clause: {clause: ["complaint: statement"]}."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "portal/sop").glob("*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        for step in told.get("steps", ()):
            for clause in step.get("clauses", ()):
                found.setdefault(clause, []).append(f"{path.stem}: {step['key']}")
    return found


def jobs_of() -> dict[str, list[str]]:
    """Which jobs say that they serve each clause."""
    found: dict[str, list[str]] = {}
    for one in JOBS:
        for clause in CITED.findall(one.purpose):
            found.setdefault(clause, []).append(one.name)
    return found


def served_file() -> str:
    """What the portal shows of where each clause is kept. Steps are not among it: those it reads as they are in force."""
    rules, screens, tests = citations(RULES), citations(SCREENS), citations((TESTS,))
    jobs = jobs_of()
    told = {}
    for clause in clauses.titles():
        places = {
            "jobs": jobs.get(clause, []),
            "rules": served(clause, rules),
            "screens": served(clause, screens),
            "tests": served(clause, tests),
        }
        told[clause] = {kind: found for kind, found in places.items() if found}
    return json.dumps({"written_by": "tools/docs.py", "clauses": told}, indent=1) + "\n"


def sop_page() -> str:
    code, tests = citations((*RULES, *SCREENS, "jobs")), citations((TESTS,))
    steps, jobs = steps_of_the_pack(), jobs_of()
    lines = [
        "# The procedures and where they are kept",
        "",
        "Each clause with the steps and jobs that serve it, the code that cites it and the tests that show it.",
        "A clause without any of them is not served yet; of one that is served in part, what is lacking is said.",
        "Written by `tools/docs.py`.",
    ]
    kept = in_part = 0
    for procedure, title in clauses.procedures().items():
        lines += [
            "",
            f"## {procedure}: {title}",
            "",
            "| clause | what it asks | steps | jobs | where the rule is | which test shows it |",
            "|---|---|---|---|---|---|",
        ]
        for clause, asks in clauses.titles().items():
            if clause.startswith(f"{procedure}-"):
                where = [path for path in served(clause, code) if not path.startswith("portal/sop/")]
                by_step, by_job = steps.get(clause, []), jobs.get(clause, [])
                missing = clauses.missing().get(clause, "")
                something = bool(where or by_step or by_job)
                kept += something and not missing
                in_part += something and bool(missing)
                cells = [listed(found) for found in (by_step, by_job, where, served(clause, tests))]
                if missing or not something:
                    how = "**served in part**" if something else "**not served yet**"
                    cells[2] = "<br>".join(filter(None, [how, missing, cells[2]]))
                lines.append(f"| {clause} | {asks} | {' | '.join(cells)} |")
    lines.insert(5, f"{kept} of {len(clauses.titles())} clauses are served, {in_part} in part.")
    return "\n".join([*lines, ""])


def listed(found: list[str]) -> str:
    """The first places, one a line, and a sign that there are more."""
    return "<br>".join(f"`{one}`" for one in found[:SHOWN]) + (" …" if len(found) > SHOWN else "")


PAGES = {
    "docs/settings.md": settings_page,
    "docs/sop.md": sop_page,
    "portal/sop/served.json": served_file,
}

if __name__ == "__main__":
    for name, write in PAGES.items():
        (ROOT / name).write_text(write(), encoding="utf-8")
        print(name)
