"""How much goodwill somebody may give without asking. A table that managers edit, over defaults. S2-5.5"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from sqlalchemy import select

from models import Mandate
from models.words import Role
from portal.desk import audit
from portal.desk.errors import NotAccepted
from portal.desk.money import in_words
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

DEFAULTS: Mapping[Role, int] = MappingProxyType(
    {Role.REPRESENTATIVE: 25_00, Role.SUPERVISOR: 100_00, Role.MANAGER: 500_00}
)
"""Minor units of the desk's currency; a role that is not here may give nothing. A row is laid over it."""
LARGEST = 10**12


async def limit(work: Work) -> int:
    """The most that the actor may give in one contact, in minor units: the highest of their roles. S2-5.5"""
    return await limit_of(work, work.actor.roles)


async def limit_of(work: Work, roles: Iterable[str]) -> int:
    """The most that somebody of these roles may give in one contact, in minor units."""
    rows = {row.role: row.goodwill_minor for row in await work.session.scalars(select(Mandate))}
    in_force, held = {**DEFAULTS, **rows}, set(roles)
    return max((amount for role, amount in in_force.items() if role.value in held), default=0)


async def refuse_beyond(work: Work, amount_minor: int, currency: str, field: str = "goodwill") -> None:
    """Raise NotAccepted on this field for an amount that is more than the actor may give."""
    most = await limit(work)
    if amount_minor > most:
        words = f"Your mandate ends at {in_words(most, currency)}: ask your supervisor, or hand the case up."
        raise NotAccepted.of({field: words})


async def ensure_defaults(work: Work) -> int:
    """Write the row of every role that has none yet; return how many. Rows that are there stay as they are."""
    work.require(May.EDIT_POLICY)
    known = set(await work.session.scalars(select(Mandate.role)))
    added = [
        Mandate(role=role, goodwill_minor=amount) for role, amount in DEFAULTS.items() if role not in known
    ]
    if added:
        work.session.add_all(added)
        await audit.record(work, "write default mandates")
    return len(added)


async def change(
    work: Work, mandate: Mandate, expected_version: int, *, goodwill_minor: int, note: str = ""
) -> None:
    """Change how much a role may give. Raises NotAccepted for an amount that is none, Conflict for a second author."""
    work.require(May.EDIT_POLICY)
    changes = {"goodwill_minor": goodwill_minor, "note": note.strip()}
    await hold_version(work, mandate, expected_version, changes)
    if not 0 <= goodwill_minor <= LARGEST:
        raise NotAccepted(goodwill_minor="An amount of nothing or more.")
    mandate.goodwill_minor, mandate.note = goodwill_minor, note.strip()[:300]
    await audit.record(work, "change mandate", mandate)
