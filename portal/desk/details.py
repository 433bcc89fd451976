"""Changing what is on record of a customer while they are on the line: old and new side by side, verified first. S2-6.2"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models import Customer
from models.words import SensitiveDeed
from portal.desk import customers, verification
from portal.desk.errors import WrongMoment
from portal.desk.kinds import Run
from portal.desk.permissions import May
from portal.desk.runs import find, refuse_other_holder
from portal.desk.work import Work

CHANGEABLE = tuple(name for name in customers.DETAILS if name != "note")
"""What the customer can have changed; the note is the desk's own."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """The details as they stand, for a caller who may change them; none where they may not be seen."""

    run: Run
    version: int
    details: Mapping[str, str]
    """As they are written in a form; empty while the caller is not verified."""
    refusal: verification.NotVerified | None
    """Why they may not be changed yet, and where to make up for it."""


async def stand(work: Work, intake_id: int) -> Proposed:
    """The customer's details in a contact of mine. Raises WrongMoment while there is no customer. S2-6.2"""
    run, customer = await _customer(work, intake_id)
    try:
        await verification.require(work, run, SensitiveDeed.CHANGE_DETAILS)
        await verification.require(work, run, SensitiveDeed.SEE_DETAILS)
    except verification.NotVerified as refusal:
        return Proposed(run, customer.version, {}, refusal)
    told = {name: str(getattr(customer, name)) for name in CHANGEABLE}
    return Proposed(run, customer.version, told, None)


async def propose(
    work: Work, intake_id: int, expected_version: int, details: Mapping[str, str]
) -> tuple[str, ...]:
    """Change what the verified caller wants changed; return the names of what did. Old and new stay on record. S2-6.2

    Raises NotVerified unless the caller is verified strongly enough, NotAccepted per field, Conflict when somebody
    else changed the customer meanwhile.
    """
    work.require(May.EDIT_CUSTOMERS)
    run, customer = await _customer(work, intake_id)
    await verification.require(work, run, SensitiveDeed.CHANGE_DETAILS)
    asked = {name: value for name, value in details.items() if name in CHANGEABLE}
    before = customers.details_of(customer)
    wanted = customers.from_form({"name": before.name, **asked})
    given = {name: getattr(wanted, name) for name in asked if getattr(wanted, name) != getattr(before, name)}
    if given:
        await customers.change(work, customer, expected_version, **given)
    after = customers.details_of(customer)
    return tuple(name for name in given if getattr(before, name) != getattr(after, name))


async def _customer(work: Work, intake_id: int) -> tuple[Run, Customer]:
    run = await find(work, intake_id)
    refuse_other_holder(work, run)
    if run.caller is None:
        raise WrongMoment("Find the customer first.")
    return run, await customers.load(work, run.caller.id)
