"""The scripts that ship with the product: `portal/sop/*.toml`, read once, complete and checked as a whole. S1-6.2

S2-0.2, S4-2.1a
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

from models.words import Situation
from portal.desk.notices import LANGUAGES
from portal.desk.scripts import text
from portal.desk.scripts.document import Document
from portal.desk.scripts.steps import (
    CLOSING,
    DIFFICULT,
    OPENING,
    SCRIPTS,
    BrokenScript,
    Script,
    Step,
    whole,
)

FOLDER = Path(__file__).resolve().parents[2] / "sop"


@cache
def pack(folder: Path = FOLDER) -> Mapping[str, Document]:
    """Every script that ships with the product, by its key. Raises BrokenScript."""
    found: dict[str, Document] = {}
    for key in SCRIPTS:
        file = folder / f"{key}.toml"
        if file.exists():
            document = text.checked(file.read_bytes(), file.name)
            if document.script != key:
                raise BrokenScript(file.name, f"it holds the script {document.script}")
            found[key] = document
    return MappingProxyType(found)


@cache
def library(folder: Path = FOLDER, language: str = LANGUAGES[0]) -> Mapping[str, Script]:
    """Every situation that ships with the product from greeting to goodbye, by its key. Raises BrokenScript."""
    documents = pack(folder)
    made = {}
    for key in (OPENING, *map(str, Situation)):
        if key in documents:
            parts = of_situation(key, documents)
            check_together(parts)
            made[key] = put_together(key, parts, language, language)
    return MappingProxyType(made)


def of_situation(key: str, documents: Mapping[str, Document]) -> list[Document]:
    """The documents that a contact of this situation walks, in their order."""
    wanted = (OPENING, *(() if key == OPENING else (key,)), DIFFICULT, CLOSING)
    return [documents[one] for one in wanted if one in documents]


def put_together(key: str, parts: Sequence[Document], language: str, said_in: str) -> Script:
    """One script of these documents: everything in the desk's language but for what is said."""
    steps: list[Step] = []
    for one in parts:
        steps += one.in_language(language, said_in)
    title = next((one.title(language) for one in parts if one.script == key), "")
    return whole(
        key, title, steps, versions=tuple(one.version_id for one in parts if one.version_id), language=said_in
    )


def check_together(parts: Sequence[Document]) -> None:
    """Check what only the whole shows: names used twice, what asks about or needs a step that is not there.

    Raises BrokenScript.
    """
    known: dict[str, Step] = {}
    complete = any(one.script not in {OPENING, DIFFICULT, CLOSING} for one in parts)
    for part in parts:
        for step in part.steps:
            if step.key in known:
                raise BrokenScript(f"{part.script}.toml", "there are two steps of this name", step=step.key)
            known[step.key] = step
            for needed in step.needs:
                if needed not in known and complete:
                    raise BrokenScript(
                        f"{part.script}.toml",
                        f"it needs the step {needed}, which does not come before it",
                        step=step.key,
                    )
            asked = [*step.when, *(one for jump in step.next for one in jump.when)]
            asked += [one for field in step.ask for one in field.when]
            for condition in asked:
                if condition.step not in known and complete:
                    raise BrokenScript(
                        f"{part.script}.toml",
                        f"its condition asks about {condition.step}, which does not come before it",
                        step=step.key,
                    )
