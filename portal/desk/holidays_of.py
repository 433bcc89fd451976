"""The public holidays of a region, told by a process of its own: `holidays_of.py DE BE 2026 2027` writes JSON.

The library reads every country of the world, 12 MB and a third of a second, for two years of one: a server that did
so would keep the memory, and serve nobody meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from datetime import date

UNKNOWN = 3
"""How the process ends for a region that has no holidays it knows of."""


async def holidays_of(country: str, part: str, years: Iterable[int]) -> dict[date, str] | None:
    """Give the holidays of these years; None where the region is unknown."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", __file__, country, part, *map(str, years), stdout=asyncio.subprocess.PIPE
    )
    told, _ = await child.communicate()
    if child.returncode == UNKNOWN:
        return None
    if child.returncode:
        raise RuntimeError(f"The holidays of {country} could not be read: status {child.returncode}.")
    return {date.fromisoformat(day): name for day, name in json.loads(told).items()}


def main(country: str, part: str, *years: str) -> None:
    import holidays  # noqa: PLC0415  loaded here alone, see above

    try:
        found = holidays.country_holidays(country, subdiv=part or None, years=[int(year) for year in years])
    except NotImplementedError:
        sys.exit(UNKNOWN)
    sys.stdout.write(json.dumps({day.isoformat(): name for day, name in sorted(found.items())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
