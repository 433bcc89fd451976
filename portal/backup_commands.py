"""`handrail backup`: a sealed copy of the database, and putting one back. S2-2.5"""

from __future__ import annotations

from pathlib import Path

import click

from portal.opening import DATA
from portal.settings import read

FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.group()
def backup() -> None:
    """Backups: a sealed copy of the database, and putting one back."""


@backup.command("write")
@FILE
@DATA
def write(file: Path, data: Path | None) -> None:
    """Copy the database into FILE, sealed with HANDRAIL_BACKUP_SECRET. The desk may go on meanwhile."""
    from portal import backups

    size = backups.write(read(data=data), file)
    click.echo(f"{file}: {size:,} bytes.")


@backup.command("restore")
@FILE
@DATA
def restore(file: Path, data: Path | None) -> None:
    """Put FILE back into a database that is not there yet, or empty. Stop the desk first."""
    from portal import backups

    backups.restore(read(data=data), file)
    click.echo(
        "The backup is back. Start the desk; if it is newer than the backup, run `handrail migrate` first."
    )
