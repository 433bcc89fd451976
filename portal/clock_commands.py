"""`handrail clocks`: due times calculated for other programs, explained, verified, and written anew."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

import click

from portal.opening import DATA, with_desk
from portal.settings import read


@click.group()
def clocks() -> None:
    """The clocks of cases: calculate, explain, verify, write anew."""


@clocks.command("calc")
def calc() -> None:
    """Answer questions about time: JSON lines in, JSON lines out, in the same order. Needs no desk.

    A line holds a calendar (zone, hours, and days that replace them), a start, the pauses if there were any, and a
    target:

    \b
    {"calendar": {"zone": "Europe/Berlin", "hours": "Mo-Fr 09:00-17:00",
                  "days": {"2026-12-25": "off", "2026-12-24": "09:00-12:00"}},
     "start": "2026-03-27T15:30:00Z",
     "target": {"kind": "business", "seconds": 3600},
     "pauses": [["2026-03-27T15:40:00Z", "2026-03-27T15:50:00Z"]]}

    \b
    Kinds of target: elapsed (seconds), business (seconds of open time),
                     business_days (days), same_business_day.

    The answer holds "due", in UTC, and "explain", the steps on the way. "due" is null while a pause without an end
    (null) keeps the target open. With an "end" in place of the target the answer holds "elapsed_seconds": the open
    time of the calendar between start and end that no pause covers. A mistake is answered with "error", in words,
    and the next line is still answered. An "id" is given back.
    """  # noqa: D301 - the mark by which click keeps the lines of a paragraph
    try:
        answer_lines(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:  # nobody listens any more
        sys.stderr.close()  # or the interpreter complains of it once more at its end


def answer_lines(asked: IO[bytes], told: IO[bytes]) -> None:
    """Answer each line at once, until there are no more. However long a line is, little of it is kept."""
    from portal.desk import calculating

    while line := asked.readline(calculating.LONGEST_LINE + 2):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = asked.readline(calculating.LONGEST_LINE)
        told.write(calculating.answer(line.rstrip(b"\r\n")).encode() + b"\n")
        told.flush()


@clocks.command("explain")
@click.argument("case")
@DATA
def explain(case: str, data: Path | None) -> None:
    """Why each clock of a case is due when it is, in words and as a picture of the days. CASE is a number or an id."""
    from portal import clock_words

    settings = read(data=data)
    for line in with_desk(settings, lambda desk: clock_words.explained(desk, case)):
        click.echo(line)


@clocks.command("verify")
@click.option("--all", "everything", is_flag=True, help="Also the clocks that have ended.")
@DATA
def verify(data: Path | None, *, everything: bool) -> None:
    """Work every due time out anew from the facts, and list those that differ. Writes nothing; status 1 if any do."""
    from portal import clock_words

    settings = read(data=data)
    if with_desk(settings, lambda desk: clock_words.verified(desk, everything=everything)):
        sys.exit(1)


@clocks.command("recompute")
@click.option("--after", type=int, default=0, help="Go on behind this case id, where an earlier run ended.")
@DATA
def recompute(after: int, data: Path | None) -> None:
    """Write the due times of open cases anew, after an update of the time-zone database. May be run again."""
    from portal import clock_words, running

    settings = read(data=data)
    running.beside_the_server()
    with_desk(settings, lambda desk: clock_words.recomputed(desk, after))
