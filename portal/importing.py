"""Reading files for an import: CSV, also packed, in batches, with a bar that moves and a report beside the file."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter, deque
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import click

from portal.cells import csv_cell
from portal.desk import imports
from portal.desk.errors import NotAccepted
from portal.desk.imports import Finding, FindingKind, Kind, Row, Taken
from portal.desk.work import SYSTEM, Desk, Work

BATCH = 2_000
"""Rows that are read, checked and written together: one transaction, one audit entry."""


@dataclass(slots=True)
class Imported:
    """What an import did, and where the report lies."""

    kind: str
    report: Path
    dry_run: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    """`added`, `changed`, `unchanged`, `refused`, `corrected`, `noted`; lines of orders as `lines added` and so on."""

    def words(self) -> str:
        """What to tell the person who started it."""
        told = [f"{count:,} {what}" for what, count in self.counts.items() if count]
        would = "would be: " if self.dry_run else ""
        return f"{self.kind} {would}{', '.join(told) or 'nothing to take'}. Report: {self.report}"


class Undone(Exception):
    """Takes a trial back."""


class _Report:
    """The findings as a table, one row each, written as they come."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self.path = path
        try:
            opened = path.open("w", encoding="utf-8", newline="")
        except OSError:  # the file lies where nothing can be written
            self.path = Path.cwd() / path.name
            opened = self.path.open("w", encoding="utf-8", newline="")
        self.table = csv.writer(stack.enter_context(opened))
        self.table.writerow(("file", "line", "kind", "reason", "source_id"))

    def write(self, file: Path, findings: list[Finding]) -> None:
        for one in findings:
            row = (file.name, one.line, one.kind.value, _calm(one.reason), _calm(one.source_id))
            self.table.writerow(row)


def _calm(text: str) -> str:
    """The text as a spreadsheet shows it, never as a formula it would run."""
    return csv_cell(text.encode("utf-8", "replace").decode(), numbers=False)


async def run(
    desk: Desk,
    kind: str,
    path: Path,
    *,
    source: str,
    lines: Path | None = None,
    dry_run: bool = False,
    report: Path | None = None,
) -> Imported:
    """Take a file of customers, products or orders in. Orders bring their lines from a second file.

    `lines` is by default `order_line.csv` or `order_line.csv.gz` beside the orders. A dry run does everything
    in one transaction and takes it back. Raises NotAccepted when a file is not what it should be.
    """
    files = [(Kind(kind), path)]
    if files[0][0] is Kind.ORDERS:
        files.append((Kind.LINES, lines or _lines_beside(path)))
    with ExitStack() as stack:
        written = _Report(report or path.with_name(f"{path.name.partition('.')[0]}.report.csv"), stack)
        done = Imported(kind, written.path, dry_run)
        if dry_run:
            await _try(desk, files, source, written, done)
            return done
        for file_kind, file in files:
            with closing(_batches(file_kind, file, written, done)) as batches:
                for batch in batches:
                    async with desk.work(SYSTEM) as work:
                        taken = await imports.take(work, file_kind, source, batch)
                    _tell(file_kind, file, taken, written, done)
    return done


async def _try(
    desk: Desk, files: list[tuple[Kind, Path]], source: str, written: _Report, done: Imported
) -> None:
    """Everything in one transaction, which ends by taking it all back."""

    async def all_of(work: Work) -> None:
        for kind, file in files:
            with closing(_batches(kind, file, written, done)) as batches:
                for batch in batches:
                    taken = await imports.take(work, kind, source, batch, trial=True)
                    _tell(kind, file, taken, written, done)
        raise Undone

    try:
        async with desk.work(SYSTEM) as work:
            await all_of(work)
    except Undone:
        pass


def _tell(kind: Kind, file: Path, taken: Taken, written: _Report, done: Imported) -> None:
    prefix = "lines " if kind is Kind.LINES else ""
    for what in ("added", "changed", "unchanged"):
        done.counts[prefix + what] += getattr(taken, what)
    for one in taken.findings:
        done.counts[prefix + one.kind.value] += 1
    written.write(file, taken.findings)


def _lines_beside(path: Path) -> Path:
    for name in ("order_line.csv", "order_line.csv.gz"):
        if (found := path.with_name(name)).exists():
            return found
    raise NotAccepted(lines=f"There is no order_line.csv beside {path.name}. Name the file of the lines.")


def _batches(kind: Kind, path: Path, written: _Report, done: Imported) -> Generator[list[Row]]:
    """The rows of a file, some at a time; rows that are none are reported on the way."""
    with path.open("rb") as raw, click.progressbar(length=path.stat().st_size, label=path.name) as bar:
        batch: list[Row] = []
        for found in rows(raw, imports.COLUMNS[kind.value], packed=path.suffix == ".gz"):
            if isinstance(found, Finding):
                _tell(kind, path, Taken(findings=[found]), written, done)
                continue
            batch.append(found)
            if len(batch) == BATCH:
                yield batch
                batch = []
                bar.update(raw.tell() - bar.pos)
        if batch:
            yield batch
        bar.update(path.stat().st_size - bar.pos)


class _Lines:
    """The lines of a file, which can be given back to be read anew."""

    def __init__(self, text: Iterator[str]) -> None:
        self.text = text
        self.again: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else next(self.text)
        self.taken.append(line)
        self.number += 1
        return line

    def give_back_all_but_one(self) -> None:
        """A row that swallowed others by a lost quote: only its first line is bad."""
        self.again.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1


def rows(raw: BinaryIO, columns: tuple[str, ...], *, packed: bool) -> Iterator[Row | Finding]:
    """The rows of a CSV file; a row that is none is a finding. Raises NotAccepted without its columns."""
    stream: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if packed else raw
    with io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        lines = _Lines(text)
        try:
            header = next(csv.reader(lines), [])
        except (OSError, EOFError, csv.Error) as error:
            raise NotAccepted(file=f"This is no CSV file: {error}.") from None
        if missing := [column for column in columns if column not in header]:
            raise NotAccepted(file=f"The file has no column {', '.join(missing)}.")
        yield from _rows_after(header, lines)


def _rows_after(header: list[str], lines: _Lines) -> Iterator[Row | Finding]:
    while True:
        lines.taken.clear()
        line = lines.number + 1
        try:
            values = next(csv.reader(lines), None)
        except csv.Error as error:
            values, reason = [], f"this is no row: {error}"
        except (OSError, EOFError) as error:
            yield Finding(line, FindingKind.REFUSED, f"the file breaks off here: {error}", "")
            return
        else:
            if values is None:
                return
            if not values:
                continue
            reason = f"{len(values)} columns where {len(header)} are expected"
        if len(values) == len(header):
            yield Row(line, dict(zip(header, values, strict=True)))
            continue
        lines.give_back_all_but_one()
        yield Finding(line, FindingKind.REFUSED, reason, "")
