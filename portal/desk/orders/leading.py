"""Who leads the flow of orders: what stays lying in it goes up to them. S1-3.4b"""

from __future__ import annotations

from models import Person
from models.words import Role
from portal.desk import notices
from portal.desk.work import Work

LEADING = (Role.MANAGER, Role.SUPERVISOR)
"""The manager of the orders solves what is escalated; the supervisors see to it that somebody has it in hand."""


async def people(work: Work) -> list[Person]:
    """Everybody a notice about an order that stays lying reaches now, each once."""
    found = [one for role in LEADING for one in await notices.people_in(work, role)]
    return list({one.id: one for one in found}.values())
