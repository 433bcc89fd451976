"""Whose supervisors look after what is handed up: their own team's, and whatever no team's supervisor does. S0-4.1b

As notices go (`rota.told_of`), so go the lists and the board. Managers know no teams, nor do supervisors of none.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, exists, literal, or_, select, type_coerce

from models import Case, Escalation, Person
from models.words import Role
from portal.desk.work import Work


def theirs(work: Work) -> ColumnElement[bool] | None:
    """The cases whose handing up reaches the actor, whoever's it is otherwise; None for all of them."""
    if not _of_a_team(work):
        return None
    mine = select(Person.team).where(Person.id == work.actor.person_id).scalar_subquery()
    held = literal(",") + type_coerce(Person.roles, String) + ","
    led = select(Person.team).where(
        Person.active, Person.team != "", held.contains(f",{Role.SUPERVISOR.value},")
    )
    return or_(mine == "", Case.team == mine, Case.team.not_in(led))


def handed_to(work: Work) -> ColumnElement[bool] | None:
    """The escalations of those cases, and what the actor has accepted; None for all of them."""
    cases = theirs(work)
    if cases is None:
        return None
    here = exists().where(Case.id == Escalation.case_id, cases)
    return or_(Escalation.accepted_by_id == work.actor.person_id, here)


def raised_to(work: Work) -> ColumnElement[bool] | None:
    """The escalations that the actor is to take: of those to supervisors their own team's; None for all of them."""
    mine = handed_to(work)
    return None if mine is None else or_(Escalation.to_role != Role.SUPERVISOR, mine)


async def named(work: Work) -> str:
    """The team that the actor sees first; empty where it makes no difference."""
    if not _of_a_team(work):
        return ""
    return await work.session.scalar(select(Person.team).where(Person.id == work.actor.person_id)) or ""


def _of_a_team(work: Work) -> bool:
    return Role.SUPERVISOR.value in work.actor.roles and Role.MANAGER.value not in work.actor.roles
