"""`handrail bench`: builds a large desk and measures the portal against a floor in the same run."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from bench import clocks, following, pages, passes, starts, walking, wizard
from bench.client import Refused
from bench.databases import SMALL, home, opened, size
from bench.measure import Line, markdown, show
from bench.processes import Servers
from bench.scene import Scene

Workload = Callable[[Scene], Iterator[Line]]

LEAST_ROWS = 1_000


def _sweeps(scene: Scene) -> Iterator[Line]:
    return clocks.sweeps(scene, clocks.Lots(scene))


def _beside(scene: Scene) -> Iterator[Line]:
    lots = clocks.Lots(scene)
    return wizard.beside_a_sweep(scene, [lots.take() for _ in range(min(wizard.SWEEPS, lots.left))])


WORKLOADS: dict[str, Workload] = {
    "lists": pages.lists,
    "desk": pages.desk,
    "search": pages.searches,
    "forms": pages.forms,
    "wizard": wizard.steps,
    "walking": walking.steps,
    "due": clocks.counting,
    "idle": clocks.idle,
    "sweep": _sweeps,
    "beside": _beside,
    "following": following.following,
    "passes": passes.passes,
    "start": starts.starts,
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--rows",
    type=click.IntRange(min=LEAST_ROWS),
    default=1_000_000,
    show_default=True,
    help="Customers, orders and cases each.",
)
@click.option(
    "--database", "kind", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True
)
@click.option(
    "--only",
    "names",
    multiple=True,
    type=click.Choice(list(WORKLOADS)),
    help="One workload; may be given again.",
)
@click.option(
    "--seconds", type=float, default=4.0, show_default=True, help="How long each comparison goes on."
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Build the data here, and use what is here already.",
)
@click.option(
    "--json", "result", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table as JSON."
)
@click.option(
    "--markdown", "page", type=click.Path(path_type=Path, dir_okay=False), help="Also write it for a page."
)
def bench(
    rows: int,
    kind: str,
    names: tuple[str, ...],
    seconds: float,
    keep: Path | None,
    result: Path | None,
    page: Path | None,
) -> None:
    """Measure the portal against a floor in the same run, on a desk that this command builds."""
    began = time.monotonic()
    lines: list[Line] = []
    with home(keep) as folder, opened(kind, folder) as place, ExitStack() as stack:
        small_url, _ = place.desk(SMALL)
        url, plan = place.desk(rows)
        click.echo(f"Built after {time.monotonic() - began:.0f} s. {size(place, url)}")
        servers = Servers(folder / "data", stack)
        scene = Scene(kind, url, plan, small_url, folder / "data", seconds, servers, place)
        for name in names or WORKLOADS:
            lines += _measured(name, scene)
            if result is not None:  # after each, so that a run that is broken off has told something
                result.write_text(_told(scene, lines), encoding="utf-8")
    click.echo()
    show(lines)
    asked = [line.met for line in lines if line.met is not None]
    click.echo(f"\n{asked.count(False)} of {len(asked)} goals missed, {time.monotonic() - began:.0f} s.")
    if page is not None:
        page.write_text(markdown(lines), encoding="utf-8")


def _told(scene: Scene, lines: list[Line]) -> str:
    import sqlite3  # after portal.database has put the mended build in its place

    facts = {
        "rows": scene.plan.rows,
        "database": scene.kind,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "lines": [line.facts() for line in lines],
    }
    return json.dumps(facts, indent=1)


def _measured(name: str, scene: Scene) -> list[Line]:
    """One workload; a page that does not answer leaves a line that says so."""
    click.echo(f"Measuring {name} …")
    began = time.monotonic()
    lines: list[Line] = []
    try:
        lines.extend(WORKLOADS[name](scene))
    except (Refused, RuntimeError, ValueError) as error:
        click.echo(f"  {error}", err=True)
        lines.append(Line("", name, 0, "could not be measured", None, None, "", met=False))
    click.echo(f"  {time.monotonic() - began:.0f} s")
    return lines


def main(arguments: list[str]) -> None:
    """Run as `handrail bench` does."""
    bench.main(args=arguments, prog_name="handrail bench", standalone_mode=True)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
