"""What the commands of `handrail clocks` say of a desk: explanations, drift, what moved."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from portal.desk import drift, explaining
from portal.desk.deadlines import Moved
from portal.desk.explaining import Explained
from portal.desk.hours import picture, telling
from portal.desk.work import SYSTEM, Desk


async def explained(desk: Desk, asked: str) -> list[str]:
    """Say why each clock of a case is due when it is. Raises NotFound for a number or id that is no case's."""
    async with desk.look(SYSTEM) as work:
        case = await explaining.case_called(work, asked)
        found = await explaining.explain(work, case)
    said = [f"{case.number}: {case.subject}"]
    for one in found:
        said += ["", *_clock(one)]
    return said if found else [*said, "It has no clocks."]


def _clock(one: Explained) -> list[str]:
    clock, zone = one.clock, ZoneInfo(one.zone)
    ends = f"due {_local(clock.due_at, zone)}" if clock.due_at else "no due time while it is paused"
    said = [
        f"{clock.kind.value}{f', level {clock.level}' if clock.level else ''}: {clock.status.value}, {ends}",
        f"  Within {one.target}, from {_local(one.started_at, zone)}.",
        f"  Policy: {one.row}{f', by {clock.source}' if clock.source else ''}{f' ({one.clause})' if one.clause else ''}.",
        f"  Calendar: {one.calendar}.",
    ]
    if one.policy:
        said.append(f"  Version {one.policy} of the policy.")
    if len(one.tried) > 1:  # more than the row that won was looked at
        said += [f"  - {looked_at}" for looked_at in one.tried]
    if one.counted_anew:
        said.append(f"  {one.counted_anew}")
    said += [f"  - {sentence}" for sentence in one.words]
    if one.days:
        said += ["", f"  {'':<16}{picture.SCALE}"]
        for day in one.days:
            if day.left_out:
                said.append(f"  {'':<16}{day.left_out} more days")
            said.append(f"  {telling.day_words(day.day):<16}{picture.letters(day)}")
        said.append(f"  {'':<16}{picture.LEGEND}")
    return said


def _local(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{telling.day_words(local.date())}, {telling.face(local)} {zone.key}"


async def verified(desk: Desk, *, everything: bool) -> int:
    """List every drift as it is found, then what was looked at; return how many there are."""
    cases = clocks = kept = drifts = 0
    async for batch in drift.verify(desk, everything=everything):
        cases, clocks = cases + batch.cases, clocks + batch.clocks
        kept, drifts = kept + batch.kept, drifts + len(batch.drifts)
        for one in batch.drifts:
            click.echo(
                f"{one.case} {one.clock}, {one.what}: stored {_utc(one.stored)}, computed {_utc(one.computed)}"
            )
    click.echo(
        f"{clocks:,} clocks of {cases:,} cases verified: {f'{drifts:,} drift' if drifts else 'none drifts'}."
    )
    if kept:
        click.echo(
            f"{kept:,} ended under hours that are nowhere written down any more; they were not compared."
        )
    return drifts


async def recomputed(desk: Desk, after: int) -> None:
    """Write all due times anew, tell of each batch, and in the end how many moved and how far."""
    total = Moved()
    async for moved in drift.recompute(desk, after):
        total.add(moved)
        click.echo(
            f"Up to case id {moved.last_id}: {total.clocks:,} clocks of {total.cases:,} cases.", err=True
        )
    click.echo(f"{total.clocks:,} clocks of {total.cases:,} open cases changed.")
    if total.earlier or total.later:
        furthest = telling.span(total.furthest.total_seconds())
        click.echo(f"{total.earlier:,} are due earlier, {total.later:,} later, the furthest by {furthest}.")


def _utc(moment: datetime | None) -> str:
    return "none" if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
