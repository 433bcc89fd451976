"""Taking turns and telling how it went."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import click

Once = Callable[[], object]

LEAST = 5
WARM = 2
MILLI = 1_000


@dataclass(frozen=True, slots=True)
class Timing:
    """Many measurements of one thing, in seconds."""

    taken: tuple[float, ...]

    def share(self, percent: float) -> float:
        """The value below which so many percent lie, in ms."""
        ordered = sorted(self.taken)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * MILLI

    @property
    def median(self) -> float:
        """In ms."""
        return statistics.median(self.taken) * MILLI

    @property
    def quiet(self) -> float:
        """The tenth percentile in ms: how it is when nobody else uses the machine."""
        return self.share(10)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what was measured, against what, and whether that is good enough."""

    goal: str
    workload: str
    ours: float
    """The portal's median, in `unit`."""
    against: str
    theirs: float | None
    ratio: float | None
    wanted: str
    met: bool | None
    """None where nothing is asked for."""
    quiet: float | None = None
    """The ratio of the tenth percentiles."""
    unit: str = "ms"

    def facts(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def in_turns(contenders: Mapping[str, Once], seconds: float, *, least: int = LEAST) -> dict[str, Timing]:
    """Call each in turn, A B A B …, for about so many seconds and at least so often."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for once in contenders.values():
        for _ in range(WARM):
            once()
    gc.collect()
    began, rounds = time.perf_counter(), 0
    while rounds < least or time.perf_counter() - began < seconds:
        for name, once in contenders.items():
            start = time.perf_counter()
            once()
            taken[name].append(time.perf_counter() - start)
        rounds += 1
    return {name: Timing(tuple(times)) for name, times in taken.items()}


def at_most(goal: str, workload: str, against: str, ours: Timing, theirs: Timing, most: float | None) -> Line:
    """The portal may take so many times as long."""
    ratio = ours.median / theirs.median
    return Line(
        goal,
        workload,
        ours.median,
        against,
        theirs.median,
        ratio,
        "" if most is None else f"≤ {most:g}x",
        None if most is None else ratio <= most,
        ours.quiet / theirs.quiet,
    )


def faster(goal: str, workload: str, against: str, ours: Timing, theirs: Timing, least: float) -> Line:
    """The portal has to be so many times as fast."""
    ratio = theirs.median / ours.median
    return Line(
        goal,
        workload,
        ours.median,
        against,
        theirs.median,
        ratio,
        f"≥ {least:g}x faster",
        ratio >= least,
        theirs.quiet / ours.quiet,
    )


def within(goal: str, workload: str, value: float, most: float, unit: str) -> Line:
    """A figure that stands for itself."""
    return Line(goal, workload, value, "", None, None, f"≤ {most:g} {unit}", value <= most, unit=unit)


FIGURES = frozenset({2, 4, 5, 6})
"""Columns that hold figures."""
HEADINGS = ("goal", "workload", "portal", "against", "", "ratio", "quiet", "wanted", "met")


def cells(line: Line) -> tuple[str, ...]:
    """One line in words."""
    return (
        line.goal,
        line.workload,
        _figure(line.ours, line.unit),
        line.against,
        "" if line.theirs is None else _figure(line.theirs, line.unit),
        "" if line.ratio is None else f"{line.ratio:.2f}x",
        "" if line.quiet is None else f"{line.quiet:.2f}x",
        line.wanted,
        "" if line.met is None else "yes" if line.met else "NO",
    )


def _figure(value: float, unit: str) -> str:
    digits = 3 if value < 1 else 2 if value < 100 else 0  # noqa: PLR2004 - three figures are read
    return f"{value:,.{digits}f} {unit}"


def markdown(lines: list[Line]) -> str:
    """The table as docs/performance.md has it."""
    sides = [":--" if at not in FIGURES else "--:" for at in range(len(HEADINGS))]
    rows = [HEADINGS, sides, *map(cells, lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def show(lines: list[Line]) -> None:
    """Print the table."""
    table = [HEADINGS, *map(cells, lines)]
    widths = [max(len(row[at]) for row in table) for at in range(len(HEADINGS))]
    for row in table:
        told = (
            cell.rjust(width) if at in FIGURES else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        click.echo("  ".join(told).rstrip())
