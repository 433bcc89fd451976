"""Colleagues: who they are comes from the identity provider, whether they may in is decided here. Decision 16"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models import Person
from models.words import Role
from portal.desk import audit, quiet, sessions
from portal.desk.errors import NotAccepted, NotAllowed
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Actor, Work

LONGEST_ID = 300
LONGEST_NAME = 200
LONGEST_EMAIL = 320
SWITCHED_OFF = "Your account at this desk is switched off. An administrator can switch it on again."
CHANGEABLE = frozenset({"name", "email", "roles", "zone", "team", "quiet_hours", "active"})
LONGEST_TEAM = 60
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def one_line(text: str, longest: int) -> str:
    """Text as one printable line: no control characters or broken surrogates, cut to what its column holds."""
    printable = (" " if unicodedata.category(letter) in _UNPRINTABLE else letter for letter in text)
    return " ".join("".join(printable).split())[:longest].rstrip()


def known_roles(words: Iterable[str]) -> tuple[str, ...]:
    """Keep the words that are roles of ours, sorted; everything else means nothing here."""
    ours = {role.value for role in Role}
    return tuple(sorted(ours.intersection(words)))


async def provision(
    work: Work,
    issuer: str,
    subject: str,
    *,
    name: str,
    email: str | None,
    roles: Iterable[str],
    zone: str = "",
) -> Person:
    """Find or take in whoever the provider vouches for, and take over their name, e-mail and roles. S0-1.1

    A person is known by (issuer, subject) alone: the same e-mail address with another subject is another
    person. Raises NotAccepted for an identity that cannot be kept, NotAllowed for a deactivated person, who
    stays so.
    """
    work.require(May.EDIT_PEOPLE)
    if not subject.strip() or subject != one_line(subject, LONGEST_ID) or len(issuer) > LONGEST_ID:
        raise NotAccepted(subject="The identity provider sent no usable account id.")
    # Locked: two browsers of one person may arrive at once, and each writes the time of signing in.
    same = select(Person).where(Person.issuer == issuer, Person.subject == subject).with_for_update()
    person = await work.session.scalar(same)
    taken_in = person is None
    if person is None:
        person = Person(issuer=issuer, subject=subject, name="", roles=(), created_at=work.now)
        person.zone = zone or person.zone or "UTC"
        _take_over(person, name, email, roles)
        try:
            async with work.session.begin_nested():
                work.session.add(person)
        except IntegrityError:  # another replica took the same person in a moment ago
            person = (await work.session.scalars(same)).one()
    if not person.active:
        raise NotAllowed(SWITCHED_OFF)
    _take_over(person, name, email, roles)
    if taken_in or work.session.is_modified(person):
        await audit.record(work, "take over from the identity provider", person)
    return person


def _take_over(person: Person, name: str, email: str | None, roles: Iterable[str]) -> None:
    address = one_line(email or "", LONGEST_EMAIL)
    person.name = one_line(name, LONGEST_NAME) or one_line(address, LONGEST_NAME) or "Nameless colleague"
    person.email = address if "@" in address else None
    if person.roles != known_roles(roles):
        person.roles = known_roles(roles)


async def change(work: Work, person: Person, expected_version: int, **changes: Any) -> None:
    """Change a colleague's name, e-mail, roles, zone, team, quiet hours or whether they may in, from now on.

    Switching somebody off ends their sessions. Raises Conflict when somebody else saved first, NotAccepted for
    a value that cannot be kept and for locking oneself out.
    """
    work.require(May.EDIT_PEOPLE)
    if problems := _problems(work, person, changes):
        raise NotAccepted.of(problems)
    if "roles" in changes:
        changes["roles"] = known_roles(map(str, changes["roles"]))
    await hold_version(work, person, expected_version, changes)
    for field, value in changes.items():
        if getattr(person, field) != value:
            setattr(person, field, value)
    await audit.record(work, "change person", person)
    if not person.active:
        await sessions.end_all(work, person_id=person.id)


def _problems(work: Work, person: Person, changes: dict[str, Any]) -> dict[str, str]:
    problems = {field: "This cannot be changed here." for field in changes if field not in CHANGEABLE}
    if "name" in changes and not one_line(str(changes["name"] or ""), LONGEST_NAME):
        problems["name"] = "Give a name."
    roles = {str(role) for role in changes.get("roles", person.roles)}
    if unknown := roles - {role.value for role in Role}:
        problems["roles"] = f"There is no role {', '.join(sorted(unknown))}."
    if "team" in changes:
        changes["team"] = " ".join(str(changes["team"] or "").split())
        if len(changes["team"]) > LONGEST_TEAM:
            problems["team"] = f"At most {LONGEST_TEAM} characters."
    problems |= _problems_of_time(work, person, changes)
    if person.id == work.actor.person_id:
        if changes.get("active", True) is False:
            problems["active"] = "You cannot switch yourself off; ask another administrator."
        if Role.ADMINISTRATOR.value in set(person.roles) - roles:
            problems["roles"] = "You cannot take this role from yourself; ask another administrator."
    return problems


def _problems_of_time(work: Work, person: Person, changes: dict[str, Any]) -> dict[str, str]:
    zone = str(changes.get("zone", person.zone))
    if "zone" in changes and not _is_zone(zone):
        return {"zone": "This is no time zone such as Europe/Berlin."}
    if "quiet_hours" in changes:
        changes["quiet_hours"] = " ".join(str(changes["quiet_hours"] or "").split())
        wrong = quiet.mistake(changes["quiet_hours"], zone, work.now)
        return {"quiet_hours": wrong} if wrong else {}
    return {}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


async def left_there(work: Work, issuer: str, subject: str, idp_session: str) -> int:
    """End the sessions of whoever signed out at the provider: one of theirs, or all. Answers how many."""
    work.require(May.EDIT_PEOPLE)
    person = None
    if subject:
        person = await work.session.scalar(
            select(Person).where(Person.issuer == issuer, Person.subject == subject)
        )
    if idp_session:
        ended = await sessions.end_all(work, idp_session=idp_session)
    else:
        ended = await sessions.end_all(work, person_id=person.id) if person else 0
    if ended:
        await audit.record(work, "sign out at the identity provider", person)
    return ended


def as_actor(person: Person) -> Actor:
    """Give the person as whoever does a deed."""
    return Actor.person(person.id, person.name, person.roles, person.zone)
