"""`handrail scripts`: scripts out to files that a person can read and compare, and back in."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

import portal.desk.kinds  # noqa: F401  whose classes tell the linter what they are
from portal.desk import clauses
from portal.desk.errors import DeskError
from portal.desk.scripts import BrokenScript, Document, pack, text, versions
from portal.desk.scripts.kind_facts import KIND_FACTS
from portal.desk.scripts.linting import Context, lint
from portal.desk.work import SYSTEM, Desk


def read_files(files: tuple[Path, ...]) -> list[Document]:
    """Read and check every file; tell all that is broken. Ends with status 1 when one is: nothing was changed then."""
    read: list[Document] = []
    broken = 0
    for file in files:
        try:
            read.append(text.checked(_bytes(file), str(file)))
        except BrokenScript as error:
            click.echo(f"{error}.", err=True)
            broken += 1
    if broken:
        click.echo("Nothing was changed.", err=True)
        sys.exit(1)
    return read


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BrokenScript(str(file), f"the file cannot be read: {error.strerror or error}") from None


def check(files: tuple[Path, ...]) -> None:
    """Tell what is wrong with files, beside the scripts of the product. Ends with status 1 where something stops."""
    documents = read_files(files)
    shipped = {script: one.told for script, one in pack().items()}
    given = {one.script: one.told for one in documents}
    context = Context(
        documents={**shipped, **given},
        pack=shipped,
        clauses=frozenset(clauses.titles()),
        kinds=KIND_FACTS,
    )
    stops = False
    for file, document in zip(files, documents, strict=True):
        found = lint(document.told, context)
        for one in found:
            place = text.line_of(_bytes(file).decode("utf-8-sig"), _path(document, one.step, one.field))
            step = f", step {one.step}" if one.step else ""
            click.echo(
                f"{file}{f', line {place}' if place else ''}{step}: {'' if one.stops else 'advice: '}"
                f"{one.words} {one.remedy}".rstrip()
            )
        stops |= any(one.stops for one in found)
        click.echo(
            f"{file}: {len(document.steps)} steps of {document.script}, {len(found) or 'no'} findings."
        )
    if stops:
        sys.exit(1)


def _path(document: Document, step: str, field: str) -> tuple[str | int, ...]:
    places = [place for place, one in enumerate(document.steps) if one.key == step]
    names: list[str | int] = [one for one in field.split(".") if one]
    return ("steps", places[0], *names) if places else tuple(names)


async def bring_in(desk: Desk, files: tuple[Path, ...], documents: list[Document]) -> None:
    """Bring every file in as a draft, all of them or none; what is known already changes nothing."""
    async with desk.work(SYSTEM) as work:
        await versions.install(work)
        done = [
            await versions.import_document(work, document, file.name)
            for file, document in zip(files, documents, strict=True)
        ]
    for file, one in zip(files, done, strict=True):
        said = (
            "is a draft now; publish it in the portal" if one.changed else "holds it already; nothing changed"
        )
        click.echo(f"{file}: version {one.version.number} of {one.version.script} {said}.")


async def give_out(desk: Desk, script: str, to: Path | None) -> None:
    """Write what is in force: one script to the terminal, or every one to a folder. Raises DeskError."""
    async with desk.work(SYSTEM) as work:
        await versions.install(work)
        force = await versions.in_force(work)
        if script and script not in force:
            raise DeskError(f"There is no script called {script}; there are {', '.join(force)}.")
        found = {
            one: versions.export_text(await versions.load(work, version.id))
            for one, version in force.items()
            if script in {"", one}
        }
    if to is None:
        click.echo("\n".join(found.values()), nl=False)
        return
    await asyncio.to_thread(to.mkdir, parents=True, exist_ok=True)
    for one, toml in found.items():
        file = to / f"{one}.toml"
        await asyncio.to_thread(file.write_text, toml, encoding="utf-8")
        click.echo(str(file))
