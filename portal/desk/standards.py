"""The register of standards: what the house promises itself, who answers for it, and how far it is kept. S3-1.1"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from models import ServiceStandard
from models.words import Role, StepState
from portal.desk import audit, clauses
from portal.desk.errors import NotAccepted
from portal.desk.evidence import Served
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

LONGEST_NAME, LONGEST_WORDS = 120, 1_000
MOST_CLAUSES = 20
MOST = 100
"""Standards that the report lists."""
DEFAULTS = (
    (
        "Nothing is told before we know to whom",
        "Whoever asks about an account is verified first, on every channel.",
        ("S2-1.4", "S2-2.1"),
        Role.SUPERVISOR,
    ),
    (
        "First listen, then solve",
        "What the customer says is heard and said back before anything is offered.",
        ("S0-3.2.2a", "S0-3.2.2b", "S3-4.1.1"),
        Role.SUPERVISOR,
    ),
    (
        "What is agreed was read back",
        "An order counts once the customer has heard it and said yes to exactly that.",
        ("S0-3.1.4", "S1-4.4.2b"),
        Role.MANAGER,
    ),
    (
        "Everybody knows how it goes on",
        "Each contact ends with who does what by when, and the customer has heard it.",
        ("S2-9.1", "S2-9.2"),
        Role.SUPERVISOR,
    ),
)
"""What ships: name, words, clauses, owner."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One standard, and how the steps of its clauses went."""

    standard: ServiceStandard
    done: int
    asked: int

    @property
    def percent(self) -> float | None:
        """The share that was done; None where none of it was ever due."""
        return 100 * self.done / self.asked if self.asked else None


async def kept(work: Work, served: Iterable[Served]) -> list[Kept]:
    """The standards in use, by name, with how far the clauses they rest on were kept. S3-1.1"""
    work.require(May.SEE_EVIDENCE)
    by_clause = {one.clause: one for one in served}
    rows = await work.session.scalars(
        select(ServiceStandard).where(ServiceStandard.active).order_by(ServiceStandard.name).limit(MOST)
    )
    found = []
    for row in rows:
        its = [by_clause[clause] for clause in row.clauses if clause in by_clause]
        done = sum(one.states[StepState.DONE] for one in its)
        found.append(Kept(row, done, sum(one.asked for one in its)))
    return found


async def add(
    work: Work, name: str, words: str, typed: str, owner: str, *, active: bool = True
) -> ServiceStandard:
    """Put a standard into the register. Raises NotAccepted per field, also for a name that stands there already."""
    work.require(May.EDIT_POLICY)
    read = _checked(name, words, typed, owner)
    await _refuse_twice(work, read.name)
    row = ServiceStandard(
        name=read.name, words=read.words, clauses=list(read.clauses), owner=read.owner, active=active
    )
    work.session.add(row)
    await work.session.flush()
    await audit.record(work, "add standard", row)
    return row


async def change(
    work: Work,
    row: ServiceStandard,
    expected_version: int,
    *,
    name: str,
    words: str,
    typed: str,
    owner: str,
    active: bool,
) -> None:
    """Change a standard, or take it out of use. Raises as `add` does, and Conflict when somebody saved first."""
    work.require(May.EDIT_POLICY)
    read = _checked(name, words, typed, owner)
    changes = {
        "name": read.name, "words": read.words, "clauses": list(read.clauses), "owner": read.owner, "active": active,
    }  # fmt: skip
    await hold_version(work, row, expected_version, changes)
    if read.name != row.name:
        await _refuse_twice(work, read.name)
    for column, value in changes.items():
        setattr(row, column, value)
    await audit.record(work, "change standard", row)


async def ensure_defaults(work: Work) -> int:
    """Write the standards that ship, where there are none yet; return how many. What a desk made of them stays."""
    work.require(May.EDIT_POLICY)
    if await work.session.scalar(select(ServiceStandard.id).limit(1)) is not None:
        return 0
    work.session.add_all(
        ServiceStandard(name=name, words=words, clauses=list(rests_on), owner=owner, active=True)
        for name, words, rests_on, owner in DEFAULTS
    )
    await audit.record(work, "write default standards")
    return len(DEFAULTS)


@dataclass(frozen=True, slots=True)
class _Read:
    name: str
    words: str
    clauses: Sequence[str]
    owner: Role


def _checked(name: str, words: str, typed: str, owner: str) -> _Read:
    refused: dict[str, str] = {}
    plain = " ".join(name.split())
    if not plain:
        refused["name"] = "Give it a name."
    elif len(plain) > LONGEST_NAME:
        refused["name"] = f"At most {LONGEST_NAME} characters."
    if len(words.strip()) > LONGEST_WORDS:
        refused["words"] = f"At most {LONGEST_WORDS} characters."
    named = list(dict.fromkeys(re.split(r"[\s,;]+", typed.strip()))) if typed.strip() else []
    unknown = [one for one in named if not clauses.title_of(one)]
    if not named:
        refused["clauses"] = "Name the clauses it is measured by, such as S0-3.1.4."
    elif unknown:
        refused["clauses"] = f"There is no clause {unknown[0][:20]}."
    elif len(named) > MOST_CLAUSES:
        refused["clauses"] = f"At most {MOST_CLAUSES} clauses."
    if owner not in set(map(str, Role)):
        refused["owner"] = "Choose who answers for it."
    if refused:
        raise NotAccepted.of(refused)
    return _Read(plain, words.strip(), named, Role(owner))


async def _refuse_twice(work: Work, name: str) -> None:
    if await work.session.scalar(select(ServiceStandard.id).where(ServiceStandard.name == name)) is not None:
        raise NotAccepted(name="A standard of this name stands in the register already.")
