"""Write the pages of docs/ that come from the code: settings.md and sop.md. Run again after a change; a test compares."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from portal.settings import PREFIX, TABLE

ROOT = Path(__file__).resolve().parent.parent
CITED = re.compile(r"\bS[0-4]-\d+(?:\.\d+)*[a-z]?\b")
CODE = ("portal", "models", "admin_views", "jobs", "templates")
SHOWN = 4
"""Places named per clause; a search finds the others."""
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
    """Where each clause is cited: {clause: {path}}."""
    found: dict[str, set[str]] = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in ENDINGS and path.name != "clauses.toml" and "__pycache__" not in path.parts:
                for clause in CITED.findall(path.read_text(encoding="utf-8")):
                    found.setdefault(clause, set()).add(path.relative_to(ROOT).as_posix())
    return found


def served(clause: str, cited: dict[str, set[str]]) -> list[str]:
    """The places that cite a clause, or the group it stands in (`S0-4` for `S0-4.2c`)."""
    group = re.sub(r"[a-z]$", "", clause)
    names = {clause, group}
    while "." in group:
        group = group.rpartition(".")[0]
        names.add(group)
    return sorted({path for name in names for path in cited.get(name, ())})


def sop_page() -> str:
    clauses: dict[str, dict[str, str]] = tomllib.loads(
        (ROOT / "portal/sop/clauses.toml").read_text(encoding="utf-8")
    )
    code, tests = citations(CODE), citations(("tests",))
    lines = [
        "# The procedures and where they are kept",
        "",
        "Each clause with the code that cites it and the tests that show it. A clause without a place is not served yet.",
        "Written by `tools/docs.py`.",
    ]
    kept = 0
    for procedure, title in clauses["procedures"].items():
        lines += [
            "",
            f"## {procedure}: {title}",
            "",
            "| clause | what it asks | where the rule is | which test shows it |",
            "|---|---|---|---|",
        ]
        for clause, asks in clauses["clauses"].items():
            if clause.startswith(f"{procedure}-"):
                where, shown = served(clause, code), served(clause, tests)
                kept += bool(where)
                cells = [
                    "<br>".join(f"`{path}`" for path in paths[:SHOWN]) + (" …" if len(paths) > SHOWN else "")
                    for paths in (where, shown)
                ]
                lines.append(f"| {clause} | {asks} | {cells[0] or 'not served yet'} | {cells[1]} |")
    lines.insert(4, f"{kept} of {len(clauses['clauses'])} clauses are served.")
    return "\n".join([*lines, ""])


PAGES = {"docs/settings.md": settings_page, "docs/sop.md": sop_page}

if __name__ == "__main__":
    for name, write in PAGES.items():
        (ROOT / name).write_text(write(), encoding="utf-8")
        print(name)
