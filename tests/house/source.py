"""The files of the product, for tests that walk them all."""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE_HERE = {".git", ".venv", ".hypothesis", "var", "node_modules", "__pycache__", "dist", "build"}


def files(*endings: str, below: str = "") -> Iterator[Path]:
    """Every file of the product with one of these endings, or every one; nothing installed or generated."""
    for folder, inner, names in os.walk(ROOT / below):
        inner[:] = sorted(name for name in inner if name not in MADE_HERE and not name.endswith("_cache"))
        wanted = (name for name in sorted(names) if not endings or name.endswith(endings))
        yield from (Path(folder) / name for name in wanted if not name.endswith(".pyc"))


def place(file: Path) -> str:
    """Where a file is, as a person would say it."""
    return file.relative_to(ROOT).as_posix()
