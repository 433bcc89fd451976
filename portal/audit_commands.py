"""`handrail audit`: whether the audit trail is as it was sealed. S2-8.7"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.opening import DATA, with_desk
from portal.settings import read


@click.group()
def audit() -> None:
    """The audit trail: verify that nothing of it was changed."""


@audit.command("verify")
@click.option(
    "--noted", default="", metavar="DIGEST", help="A digest this command told before, noted elsewhere."
)
@DATA
def verify(data: Path | None, noted: str) -> None:
    """Read every entry anew and name what was changed, taken away or put in. Writes nothing; status 1 if anything was."""
    from portal import audit_words

    if with_desk(read(data=data), lambda desk: audit_words.verified(desk, noted)):
        sys.exit(1)
