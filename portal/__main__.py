"""The command `handrail`."""

from __future__ import annotations

import gc
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portal import __version__
from portal.audit_commands import audit
from portal.backup_commands import backup
from portal.clock_commands import clocks
from portal.desk.errors import DeskError
from portal.opening import DATA, with_desk
from portal.settings import Settings, read

if TYPE_CHECKING:
    from portal.desk.work import Desk

EX_CONFIG = 78
EX_USAGE = 64


class Commands(click.Group):
    """Commands whose errors are sentences."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DeskError as error:
            click.echo(f"handrail: {error.message}", err=True)
            sys.exit(EX_CONFIG)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Handrail: an order and customer-service desk that walks people through the procedure."""


main.add_command(audit)
main.add_command(backup)
main.add_command(clocks)


def starting() -> None:
    """Look for no garbage until the portal is ready: reading modules makes none, and looking is a tenth of a start."""
    gc.disable()  # `running.settled` turns it on again


@main.command()
@DATA
@click.option("--port", type=int, help="Port to listen on.  [default: 8000 or the next free one]")
@click.option("--reset", is_flag=True, help="Throw the data folder's demo away and start over.")
@click.option("--no-browser", is_flag=True, hidden=True)
def run(data: Path | None, port: int | None, *, reset: bool, no_browser: bool) -> None:
    """Start the demo desk on this machine: one process, SQLite, invented people."""
    del no_browser  # nothing opens a browser; kept so that scripts may say so
    starting()
    from portal import demo, running

    settings = read(data=data, port=port, demo=True)
    if reset:
        forget(settings)
    settings = running.free_port(settings, asked=port is not None)
    with running.only_server(settings):
        running.prepare(settings)
        with_desk(settings, lambda desk: demo.load(desk, issuer=settings.issuer))

    def ready() -> None:
        click.echo(f"\nHandrail is ready: {settings.public_address}\n")
        click.echo("Sign in as one of the demo people:")
        for person in demo.DEMO_PEOPLE:
            click.echo(f"  {person.name:<18}{', '.join(person.roles) or 'no role yet'}")
        click.echo("\nCtrl-C stops; ./handrail run --reset starts over.", nl=True)

    running.serve(settings, ready)


def forget(settings: Settings) -> None:
    """Remove the demo's database and generated secrets. Refuses a folder that does not look like ours."""
    if not settings.data.exists():
        return
    strangers = [
        one.name
        for one in settings.data.iterdir()
        if not one.name.startswith(("handrail.db", "secret", "server.lock", "dev-idp", "reports"))
    ]
    if strangers:
        raise DeskError(
            f"--reset: {settings.data} holds things Handrail did not make "
            f"({', '.join(sorted(strangers)[:3])}); nothing was removed.",
        )
    from portal import running

    with running.only_server(settings):
        shutil.rmtree(settings.data)


@main.command()
@DATA
@click.option("--port", type=int, help="Port to listen on.")
def serve(data: Path | None, port: int | None) -> None:
    """Serve the portal as the settings say, for real use. Migrate first."""
    starting()
    from portal import running

    settings = read(data=data, port=port)
    running.serve(settings, lambda: click.echo(f"Handrail is ready: {settings.public_address}"))


@main.command()
@DATA
def migrate(data: Path | None) -> None:
    """Bring the database to the version this code needs."""
    from portal import running

    settings = read(data=data)
    running.prepare(settings)
    click.echo("The database is up to date.")


@main.command()
@DATA
def demo(data: Path | None) -> None:
    """Load the demo desk; what is already there stays as it is."""
    from portal import demo as demo_room
    from portal import running

    settings = read(data=data, demo=True)
    running.prepare(settings)
    with_desk(settings, lambda desk: demo_room.load(desk, issuer=settings.issuer))
    click.echo("The demo desk is loaded.")


@main.group()
def jobs() -> None:
    """The jobs: what runs, how often, and running one by hand."""


@jobs.command("list")
def list_jobs() -> None:
    """Every job with its rhythm and its purpose."""
    from jobs.schedule import JOBS

    for job in JOBS:
        click.echo(f"{job.name:<20}every {job.rhythm}  {job.purpose}")


@jobs.command("run")
@click.argument("name")
@DATA
def run_job(name: str, data: Path | None) -> None:
    """Run one job once, now; may run beside the server."""
    from jobs.schedule import run_once
    from portal import running
    from portal.post import post_of

    settings = read(data=data)
    running.beside_the_server()
    acted = with_desk(settings, lambda desk: run_once(desk, name, post_of(settings)))
    click.echo(f"{name}: {acted}")


@main.command("import")
@click.argument("kind", type=click.Choice(["customers", "products", "orders"]))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--source",
    help="Name of where the rows come from; a row is known by it and its own id.  [default: the folder's name]",
)
@click.option(
    "--lines",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Order lines.  [default: order_line.csv beside FILE]",
)
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where refused and corrected rows are listed.",
)
@DATA
def import_rows(
    kind: str,
    file: Path,
    source: str | None,
    lines: Path | None,
    report: Path | None,
    data: Path | None,
    *,
    dry_run: bool,
) -> None:
    """Import customers, products or orders from CSV (also .gz)."""
    from portal import importing, running

    settings = read(data=data)
    running.beside_the_server()
    running.prepare(settings)
    done = with_desk(
        settings,
        lambda desk: importing.run(
            desk,
            kind,
            file,
            source=source or file.resolve().parent.name,
            lines=lines,
            dry_run=dry_run,
            report=report,
        ),
    )
    click.echo(done.words())


@main.command()
@DATA
def reindex(data: Path | None) -> None:
    """Write the words by which cases are found anew; once after coming from a version that had none."""
    from portal import running
    from portal.desk import finding
    from portal.desk.work import SYSTEM

    async def anew(desk: Desk) -> int:
        last = batches = 0
        while last or not batches:
            async with desk.work(SYSTEM) as work:
                last = await finding.write_words_anew(work, last)
            batches += 1
        return batches

    settings = read(data=data)
    running.beside_the_server()
    running.prepare(settings)
    batches = with_desk(settings, anew)
    click.echo(f"Cases are found by their words ({batches} {'batch' if batches == 1 else 'batches'}).")


@main.group()
def scripts() -> None:
    """The scripts as text files: given out, brought in, checked."""


FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))


@scripts.command("export")
@click.argument("script", default="")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="Folder for one file a script.")
@DATA
def export_scripts(script: str, to: Path | None, data: Path | None) -> None:
    """Write what is in force, one script or all, to the terminal or a folder."""
    from portal import running, script_files

    if not script and to is None:
        raise DeskError("Name a script, or a folder with --to for all of them.")
    settings = read(data=data)
    running.beside_the_server()
    running.prepare(settings)
    with_desk(settings, lambda desk: script_files.give_out(desk, script, to))


@scripts.command("import")
@FILES
@DATA
def import_scripts(files: tuple[Path, ...], data: Path | None) -> None:
    """Bring files in as drafts: all of them, or none when one is broken. The same file twice changes nothing."""
    from portal import running, script_files

    documents = script_files.read_files(files)
    settings = read(data=data)
    running.beside_the_server()
    running.prepare(settings)
    with_desk(settings, lambda desk: script_files.bring_in(desk, files, documents))


@scripts.command("check")
@FILES
def check_scripts(files: tuple[Path, ...]) -> None:
    """Say what is wrong with files, with file, line, step and reason. Needs no desk."""
    from portal import script_files

    script_files.check(files)


@main.command()
@click.argument("word", default="")
@DATA
def rules(word: str, data: Path | None) -> None:
    """Every number of the procedures in force, with its clause and its line; then what managers changed."""
    from portal.desk import policy, policy_versions
    from portal.desk.work import SYSTEM

    def tell(found: list[policy.Rule]) -> None:
        named, said = (
            max((len(getattr(one, part)) for one in found), default=0) for part in ("name", "value")
        )
        for rule in found:
            click.echo(f"{rule.clause:<12}{rule.name:<{named}}  {rule.value:<{said}}  {rule.place}")

    async def changed(desk: Desk) -> list[policy.Rule]:
        async with desk.look(SYSTEM) as work:
            return policy_versions.edited(await policy_versions.in_force(work), word)

    tell(policy.rules(word))
    settings = read(data=data)
    if settings.database or (settings.data / "handrail.db").exists():
        found = with_desk(settings, changed)
        click.echo("\nChanged on this desk:" if found else "\nNothing of it was changed on this desk.")
        tell(found)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def routes(*, as_json: bool) -> None:
    """Every address: method, path, permission; pages and admin alike."""
    from admin_views.registry import routes as admin_routes
    from portal.routes import page_routes

    rows = [*page_routes(), *admin_routes()]
    if as_json:
        click.echo(
            json.dumps(
                [{"method": method, "path": path, "permission": str(allow)} for method, path, allow in rows],
                indent=1,
            )
        )
        return
    for method, path, allow in rows:
        click.echo(f"{method:<7}{path:<56}{allow}")


@main.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []}
)  # bench has its own --help
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure the portal against a floor in the same run: bench --rows 1000000 --database sqlite|postgresql."""
    from bench.__main__ import main as measure

    measure(list(arguments))


@main.command()
@click.option("--interop", is_flag=True, help="Also against an outside OpenID provider.")
@click.option("--full", is_flag=True, help="Also what takes long.")
@click.argument("paths", nargs=-1)
def test(paths: tuple[str, ...], *, interop: bool, full: bool) -> None:
    """Check everything: format, lint, types, contracts, tests on both databases, mail, sign-in, browser."""
    from portal.testing import run_tests

    sys.exit(run_tests(list(paths), interop=interop, full=full))


@main.command()
def version() -> None:
    """The version of Handrail."""
    click.echo(f"handrail {__version__}")


if __name__ == "__main__":
    main(prog_name="handrail")
