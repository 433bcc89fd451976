"""The guide in the portal: what each page is for and how its deeds go, and tours from page to page. S1-7.1

S3-17.1.1a, S3-17.1.1b, S3-17.1.1c
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from portal.desk import queues
from portal.desk.backlog import CaseQueue
from portal.desk.errors import NotFound
from portal.desk.permissions import May
from portal.desk.work import Actor, Work

FOLDER = Path(__file__).resolve().parent.parent / "sop" / "guide"
HOME = "desk"
"""The topic of My desk, and of a page that no other is about."""
A_CASE = "{case}"
"""In the address of a stop: a case that the reader may see."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing people do there, and how."""

    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """What one part of the portal is for."""

    key: str
    title: str
    about: str
    addresses: tuple[str, ...]
    tasks: tuple[Task, ...]
    needs: May | None
    """Without this permission the pages are not the reader's; None for everybody's."""

    def is_for(self, actor: Actor) -> bool:
        return self.needs is None or actor.may(self.needs)

    def says(self, wanted: str) -> bool:
        """Whether a word that is looked for stands somewhere in it."""
        told = [
            self.title,
            self.about,
            *(words for task in self.tasks for words in (task.title, *task.steps)),
        ]
        return wanted.casefold() in " ".join(told).casefold()


@dataclass(frozen=True, slots=True)
class Stop:
    """One page of a tour, and what is said on top of it."""

    address: str
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Tour:
    """A walk through pages."""

    key: str
    title: str
    about: str
    needs: tuple[May, ...]
    stops: tuple[Stop, ...]
    digest: str
    """Of its text: a record tells whether the tour has changed since."""

    def is_for(self, actor: Actor) -> bool:
        return actor.may(May.PRACTISE) and all(actor.may(one) for one in self.needs)

    def __post_init__(self) -> None:
        if not self.stops:
            raise ValueError(f"The tour {self.key} leads nowhere.")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody is in a tour, counted from 1."""

    tour: Tour
    number: int

    @property
    def stop(self) -> Stop:
        return self.tour.stops[self.number - 1]

    @property
    def last(self) -> bool:
        return self.number == len(self.tour.stops)


@cache
def topics() -> Mapping[str, Topic]:
    """All topics by their keys, in the order in which the guide lists them."""
    return MappingProxyType({one["key"]: _topic(one) for one in _told("topic")})


@cache
def tours() -> Mapping[str, Tour]:
    """All tours by their keys."""
    return MappingProxyType({one["key"]: _tour(one) for one in _told("tour")})


@cache
def _by_address() -> Mapping[str, Topic]:
    return MappingProxyType({address: one for one in topics().values() for address in one.addresses})


def topic(key: str) -> Topic:
    """One topic. Raises NotFound."""
    if key not in topics():
        raise NotFound("The guide has no such topic.")
    return topics()[key]


def tour(key: str) -> Tour:
    """One tour. Raises NotFound."""
    if key not in tours():
        raise NotFound("There is no such tour.")
    return tours()[key]


def about(path: str) -> Topic:
    """The topic of a page: of its own address, else of the nearest one above it. Every page asks. S1-7.1"""
    known = _by_address()
    while path and path not in known:
        path = path.rpartition("/")[0]
    return known[path or "/"]


def find(actor: Actor, wanted: str) -> tuple[list[Topic], list[Topic]]:
    """The topics that say what is looked for (all for an empty word): the reader's own, and the others."""
    found = [one for one in topics().values() if not wanted or one.says(wanted)]
    return [one for one in found if one.is_for(actor)], [one for one in found if not one.is_for(actor)]


def tours_for(actor: Actor) -> list[Tour]:
    """The tours whose pages are all open to the reader."""
    return [one for one in tours().values() if one.is_for(actor)]


def standing(mark: str) -> Standing | None:
    """Where somebody is who comes with `tracking-2` in the address; None without a tour or for a wrong mark."""
    key, _, number = mark.rpartition("-")
    if key not in tours() or not (number.isascii() and number.isdigit() and len(number) < len("100")):
        return None
    found = tours()[key]
    return Standing(found, int(number)) if 1 <= int(number) <= len(found.stops) else None


async def address_of(work: Work, stop: Stop) -> str:
    """Where a stop leads: a case that the reader may see, or the list where there is none."""
    if stop.address != A_CASE:
        return stop.address
    listed = await queues.due_next(work, limit=1) or (await queues.cases(work, CaseQueue.TEAM, limit=1)).rows
    return f"/cases/{listed[0].case.id}" if listed else "/cases"


def _told(kind: str) -> list[dict[str, Any]]:
    files = sorted(FOLDER.glob("*.toml"))
    return [one for file in files for one in tomllib.loads(file.read_text("utf-8")).get(kind, [])]


def _topic(told: Mapping[str, Any]) -> Topic:
    return Topic(
        told["key"],
        told["title"],
        told["about"],
        tuple(told["addresses"]),
        tuple(Task(one["title"], tuple(one["steps"])) for one in told["task"]),
        May[told["for"].upper()] if told["for"] else None,
    )


def _tour(told: Mapping[str, Any]) -> Tour:
    return Tour(
        told["key"],
        told["title"],
        told["about"],
        tuple(May[one.upper()] for one in told["for"]),
        tuple(Stop(one["address"], one["title"], one["words"]) for one in told["stop"]),
        hashlib.sha256(repr(told).encode()).hexdigest(),
    )
