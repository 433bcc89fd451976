"""A process of its own that does the desk's jobs on a database until it is done, stopped or killed.

`python -m tests.jobs.sweeper ADDRESS MOMENT HOW`: `once` runs the sweep as `handrail jobs run` does, `serve` runs
it under the scheduler until its input ends, `die` is killed between the claim and the effects. Each says `ready`,
waits for a line, and ends with how many deadlines it acted on.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jobs import runner, schedule
from portal.database import Database
from portal.desk.work import Desk, Letter, Terms, Writer
from portal.letters import Letters

BATCHES_BEFORE_DEATH = 2
"""Each batch of escalations to one person is one letter."""


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class Dying:
    """Writes the letters of some batches and is then killed amid the next, as by a power cut."""

    def __init__(self) -> None:
        self.write, self.left = Letters(), BATCHES_BEFORE_DEATH

    def __call__(self, template: str, language: str, facts: Mapping[str, Any]) -> Letter:
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        return self.write(template, language, facts)


async def served(desk: Desk) -> int:
    acted = 0

    async def count(desk: Desk, post: Any) -> int:
        nonlocal acted
        acted += (found := await schedule.job("sweep_deadlines").function(desk, post))
        return found

    sweep = schedule.Job("sweep_deadlines", 1, "", count, everywhere=True)
    running = runner.Running(desk, None, (sweep,))
    running.begin()
    await asyncio.to_thread(sys.stdin.read)
    await running.stop()
    return acted


async def main(address: str, moment: str, how: str) -> None:
    database = Database(address)
    writer: Writer = Dying() if how == "die" else Letters()
    desk = Desk(database, Terms(), lambda: datetime.fromisoformat(moment), writer)
    say("ready")
    sys.stdin.readline()
    acted = await (served(desk) if how == "serve" else schedule.run_once(desk, "sweep_deadlines"))
    say(str(acted))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
