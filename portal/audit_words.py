"""What `handrail audit verify` says of a desk. S2-8.7"""

from __future__ import annotations

import click

from portal.desk import audit_seals
from portal.desk.work import Desk


async def verified(desk: Desk, noted: str = "") -> int:
    """Tell what is wrong as it is found, then what was looked at; return how much is wrong."""
    told = 0
    found = audit_seals.Verified()
    async for found in audit_seals.verify(desk, noted):
        for words in found.wrong[told:]:
            click.echo(words)
        told = len(found.wrong)
    kept = f"{told:,} wrong" if told else "all as they were sealed"
    click.echo(
        f"{found.entries:,} entries in {found.seals:,} seals verified: {kept}. {found.waiting:,} not sealed yet."
    )
    if found.rewritten:
        click.echo(
            f"{found.rewritten:,} of them no longer name a customer who was erased, as the erasures say."
        )
    if found.digest:
        click.echo(f"The last seal is {found.digest}")
    return told
