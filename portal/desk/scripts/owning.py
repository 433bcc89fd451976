"""Who answers for a script: a colleague or a role; the managers where nobody was named. S4-1.1"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from models import Person, ScriptOwner, ScriptVersion
from models.words import Role
from portal.desk import audit
from portal.desk.errors import Conflict, NotAccepted, NotFound
from portal.desk.permissions import GRANTS, May
from portal.desk.plain_numbers import number_in
from portal.desk.saving import hold_version
from portal.desk.work import Work

ROLES = tuple(role for role in Role if May.SEE_SCRIPTS in GRANTS[role])
"""The roles that can own a script: those that can read it."""
MOST = 500
LATE = "Somebody named another owner meanwhile. Look again before you change it."


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for one script."""

    name: str
    """Of the colleague; empty where a role owns it."""
    role: Role | None
    here: bool = True
    """Whether the colleague still works here."""
    key: str = ""
    """As a form names it: `role:manager`, `person:4`."""
    version: int = 0


NOBODY_NAMED = Owner("", Role.MANAGER, key=f"role:{Role.MANAGER.value}")


class Owners(dict[str, Owner]):
    """Who owns which script, by its key; the managers own what nobody was named for."""

    def __missing__(self, script: str) -> Owner:
        return NOBODY_NAMED


async def owners(work: Work) -> Mapping[str, Owner]:
    """Who owns each script. S4-1.1"""
    work.require(May.SEE_SCRIPTS)
    rows = await work.session.scalars(select(ScriptOwner).options(joinedload(ScriptOwner.person)))
    return Owners({row.script: _told(row) for row in rows})


def _told(row: ScriptOwner) -> Owner:
    if row.person is not None:
        key = f"person:{row.person.id}"
        return Owner(row.person.name, None, row.person.active, key, row.version)
    role = row.role or Role.MANAGER
    return Owner("", role, key=f"role:{role.value}", version=row.version)


async def choosable(work: Work) -> list[tuple[str, str, Role | None]]:
    """Who can be named: roles, then colleagues who are here by name, each as (key, name, role)."""
    work.require(May.EDIT_SCRIPTS)
    rows = await work.session.execute(
        select(Person.id, Person.name).where(Person.active).order_by(Person.name, Person.id).limit(MOST)
    )
    roles: list[tuple[str, str, Role | None]] = [(f"role:{role.value}", "", role) for role in ROLES]
    return [*roles, *((f"person:{row.id}", row.name, None) for row in rows)]


async def name_owner(work: Work, script: str, key: str, expected_version: int) -> None:
    """Say who answers for a script from now on. S4-1.1

    Raises NotFound for no script, NotAccepted for nobody that can be chosen, Conflict when somebody changed it first.
    """
    work.require(May.EDIT_SCRIPTS)
    if (
        await work.session.scalar(select(ScriptVersion.id).where(ScriptVersion.script == script).limit(1))
        is None
    ):
        raise NotFound("There is no such script.")
    role, person_id = await _chosen(work, key)
    row = await work.session.scalar(select(ScriptOwner).where(ScriptOwner.script == script))
    if row is None:
        row = ScriptOwner(script=script, role=role, person_id=person_id)
        try:
            async with work.session.begin_nested():
                work.session.add(row)
        except IntegrityError as error:  # another named one at this moment
            raise Conflict(LATE) from error
    else:
        await hold_version(work, row, expected_version, {"person_id": person_id, "role": role})
        row.role, row.person_id = role, person_id
    await audit.record(work, "name owner of script", row)


async def _chosen(work: Work, key: str) -> tuple[Role | None, int | None]:
    kind, _, told = key.partition(":")
    if kind == "role" and told in {role.value for role in ROLES}:
        return Role(told), None
    number = number_in(told) if kind == "person" else None
    person = await work.session.get(Person, number) if number is not None else None
    if person is None or not person.active:
        raise NotAccepted(owner="Choose a role, or a colleague who is here.")
    return None, person.id
