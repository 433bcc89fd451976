"""How callers are verified, as policy: the methods with their strength, and the strength each deed needs. S2-2.1

The defaults stand in `portal/desk/policy.py`; a row of the admin takes the place of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import select

from models import VerificationMethodRule, VerificationNeed
from models.words import SensitiveDeed, VerificationMethod
from portal.desk import audit, policy
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

STRONGEST = 3
MOST_FACTS = 5
"""As many facts as there are to compare."""
LONGEST_MINUTES = 24 * 60
MOST_TRIES = 20
REMEMBERED = "verification rules"


@dataclass(frozen=True, slots=True)
class Method:
    """One way to verify a caller, as it is in force."""

    method: VerificationMethod
    strength: int
    """1 usual, 2 strong."""
    facts_needed: int
    tries: int
    """Failed tries of one contact, in whatever way, before this way is shut."""
    minutes: int
    """How long the caller then counts as verified."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force: the methods that may be used, and the strength each deed needs."""

    methods: Mapping[VerificationMethod, Method]
    needs: Mapping[SensitiveDeed, int]

    @property
    def facts_needed(self) -> int:
        """How many facts have to match; the default where facts are not in use."""
        known = self.methods.get(VerificationMethod.FACTS)
        return known.facts_needed if known else policy.FACTS_NEEDED


DEFAULT_METHODS: tuple[Method, ...] = (
    Method(
        VerificationMethod.FACTS,
        policy.FACTS_STRENGTH,
        policy.FACTS_NEEDED,
        policy.TRIES_A_CONTACT,
        int(policy.VERIFIED_FOR.total_seconds()) // 60,
    ),
    *(
        Method(
            method, strength, 0, policy.TRIES_OF_STRONG_WAYS, int(policy.VERIFIED_FOR.total_seconds()) // 60
        )
        for method, strength in (
            (VerificationMethod.CALL_BACK, policy.CALL_BACK_STRENGTH),
            (VerificationMethod.ONE_TIME_CODE, policy.CODE_STRENGTH),
        )
    ),
)
DEFAULT_NEEDS: Mapping[SensitiveDeed, int] = MappingProxyType(
    {
        SensitiveDeed.SEE_DETAILS: policy.NEED_SEE_DETAILS,
        SensitiveDeed.CHANGE_DETAILS: policy.NEED_CHANGE_DETAILS,
        SensitiveDeed.PLACE_ORDER: policy.NEED_PLACE_ORDER,
        SensitiveDeed.AMEND_ORDER: policy.NEED_AMEND_ORDER,
        SensitiveDeed.ASK_REFUND: policy.NEED_ASK_REFUND,
    }
)


async def in_force(work: Work) -> Rules:
    """Read the rows over the defaults; once in a transaction."""
    known: Rules | None = work.remembered.get(REMEMBERED)
    if known is None:
        methods = {one.method: one for one in DEFAULT_METHODS}
        for row in await work.session.scalars(select(VerificationMethodRule)):
            methods.pop(row.method, None)
            if row.active:
                methods[row.method] = Method(
                    row.method, row.strength, row.facts_needed, row.tries, row.minutes
                )
        needs = dict(DEFAULT_NEEDS)
        needs.update({row.deed: row.strength for row in await work.session.scalars(select(VerificationNeed))})
        known = work.remembered[REMEMBERED] = Rules(MappingProxyType(methods), MappingProxyType(needs))
    return known


async def change_method(
    work: Work, rule: VerificationMethodRule, expected_version: int, **changes: object
) -> None:
    """Change how strong one method is, its facts, tries and minutes, or whether it is in use. S2-2.1, S2-2.7

    Callers verified before stay so for the time they were given. Raises NotAccepted per field, Conflict when
    somebody saved first.
    """
    work.require(May.EDIT_POLICY)
    await hold_version(work, rule, expected_version, changes)
    _set(rule, changes, {"strength", "facts_needed", "tries", "minutes", "active"})
    facts = rule.method is VerificationMethod.FACTS
    least = 2 if facts else 0
    bounds = {
        "strength": (1, STRONGEST),
        "facts_needed": (least, MOST_FACTS if facts else 0),
        "tries": (1, MOST_TRIES),
        "minutes": (1, LONGEST_MINUTES),
    }
    wrong = {
        name: f"Between {low} and {high}." if low < high else f"Only {low} makes sense here."
        for name, (low, high) in bounds.items()
        if not low <= getattr(rule, name) <= high
    }
    if wrong:
        raise NotAccepted.of(wrong)
    work.remembered.pop(REMEMBERED, None)
    await audit.record(work, "change verification method", rule)


async def change_need(work: Work, need: VerificationNeed, expected_version: int, **changes: object) -> None:
    """Change how strongly a caller has to be verified before one deed. S2-2.1

    Raises NotAccepted, Conflict when somebody saved first. Details are never shown to a caller who was not
    verified at all. S2-1.4
    """
    work.require(May.EDIT_POLICY)
    await hold_version(work, need, expected_version, changes)
    _set(need, changes, {"strength"})
    least = 1 if need.deed in {SensitiveDeed.SEE_DETAILS, SensitiveDeed.CHANGE_DETAILS} else 0
    if not least <= need.strength <= STRONGEST:
        raise NotAccepted(strength=f"Between {least} and {STRONGEST}.")
    work.remembered.pop(REMEMBERED, None)
    await audit.record(work, "change verification need", need)


async def ensure_defaults(work: Work) -> int:
    """Write every default that has no row yet; return how many. Rows that are there stay as they are."""
    work.require(May.EDIT_POLICY)
    methods = set(await work.session.scalars(select(VerificationMethodRule.method)))
    needs = set(await work.session.scalars(select(VerificationNeed.deed)))
    added: list[VerificationMethodRule | VerificationNeed] = [
        VerificationMethodRule(
            method=one.method,
            strength=one.strength,
            facts_needed=one.facts_needed,
            tries=one.tries,
            minutes=one.minutes,
        )
        for one in DEFAULT_METHODS
        if one.method not in methods
    ]
    added += [
        VerificationNeed(deed=deed, strength=strength)
        for deed, strength in DEFAULT_NEEDS.items()
        if deed not in needs
    ]
    if added:
        work.session.add_all(added)
        work.remembered.pop(REMEMBERED, None)
        await audit.record(work, "write default verification")
    return len(added)


def _set(
    row: VerificationMethodRule | VerificationNeed, changes: Mapping[str, object], allowed: set[str]
) -> None:
    for field in changes.keys() - allowed:
        raise NotAccepted.of({field: "This cannot be changed here."})
    for field, value in changes.items():
        setattr(row, field, value)
