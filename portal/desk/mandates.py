"""How much somebody may give without asking: goodwill, and off a price. A table that managers edit, over defaults.

S2-5.5, S1-4.2.1b
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from sqlalchemy import select

from models import Mandate
from models.words import Role
from portal.desk import audit
from portal.desk.errors import NotAccepted
from portal.desk.money import WHOLE, in_words
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

DEFAULTS: Mapping[Role, int] = MappingProxyType(
    {Role.REPRESENTATIVE: 25_00, Role.SUPERVISOR: 100_00, Role.MANAGER: 500_00}
)
"""Minor units of the desk's currency; a role that is not here may give nothing. A row is laid over it."""
PRICE_DEFAULTS: Mapping[Role, int] = MappingProxyType(
    {Role.REPRESENTATIVE: 5_00, Role.SUPERVISOR: 15_00, Role.MANAGER: 30_00}
)
"""Basis points below the list price; beyond, somebody else has to agree. A row is laid over it. S1-4.2.1b"""
LARGEST = 10**12


async def limit(work: Work) -> int:
    """The most that the actor may give in one contact, in minor units: the highest of their roles. S2-5.5"""
    return await limit_of(work, work.actor.roles)


async def limit_of(work: Work, roles: Iterable[str]) -> int:
    """The most that somebody of these roles may give in one contact, in minor units."""
    rows = {row.role: row.goodwill_minor for row in await work.session.scalars(select(Mandate))}
    in_force, held = {**DEFAULTS, **rows}, set(roles)
    return max((amount for role, amount in in_force.items() if role.value in held), default=0)


async def price_limit(work: Work) -> int:
    """How far below the list price the actor's own price may be, in basis points: the highest of their roles."""
    rows = {row.role: row.price_bp for row in await work.session.scalars(select(Mandate))}
    in_force, held = {**PRICE_DEFAULTS, **rows}, set(work.actor.roles)
    return max((points for role, points in in_force.items() if role.value in held), default=0)


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
        Mandate(role=role, goodwill_minor=amount, price_bp=PRICE_DEFAULTS[role])
        for role, amount in DEFAULTS.items()
        if role not in known
    ]
    if added:
        work.session.add_all(added)
        await audit.record(work, "write default mandates")
    return len(added)


async def change(
    work: Work,
    mandate: Mandate,
    expected_version: int,
    *,
    goodwill_minor: int,
    price_bp: int | None = None,
    note: str = "",
) -> None:
    """Change how much a role may give; the share off a price stays where none is given.

    Raises NotAccepted for an amount or a share that is none, Conflict for a second author.
    """
    work.require(May.EDIT_POLICY)
    points = mandate.price_bp if price_bp is None else price_bp
    changes = {"goodwill_minor": goodwill_minor, "price_bp": points, "note": note.strip()}
    await hold_version(work, mandate, expected_version, changes)
    found: dict[str, str] = {}
    if not 0 <= goodwill_minor <= LARGEST:
        found["goodwill_minor"] = "An amount of nothing or more."
    if not 0 <= points <= WHOLE:
        found["price_bp"] = "Between 0 and 100 percent."
    if found:
        raise NotAccepted.of(found)
    mandate.goodwill_minor, mandate.price_bp, mandate.note = goodwill_minor, points, note.strip()[:300]
    await audit.record(work, "change mandate", mandate)
