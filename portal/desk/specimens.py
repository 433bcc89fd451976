"""A step of any kind with nobody in the contact: everything its template shows, of an invented customer.

What is invented stands in `portal/desk/invented.py`, what a kind shows of it in its `specimen`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from models.words import Channel, ContactStatus, Direction, PreferredChannel
from portal.desk import channels, invented
from portal.desk.kinds import KINDS, Caller, Run, Typed
from portal.desk.runs import Place
from portal.desk.scripts import Script, Step
from portal.desk.work import Work


@dataclass(frozen=True, slots=True)
class Specimen:
    """One step as its template needs it."""

    facts: dict[str, Any]
    needless: str = ""
    """Why the step does not come in such a contact, as the desk itself can tell."""


async def specimen(
    work: Work,
    script: Script,
    step: Step,
    channel: Channel,
    language: str,
    answers: Mapping[str, Typed] = MappingProxyType({}),
) -> Specimen:
    """What `templates/intake/kinds/<kind>.html` is given, in a contact in which everything before went well.

    Reads rules of the house and no customer's rows. `answers` are laid over the invented ones.
    """
    approved = (await channels.rules(work))[channel].approved
    kind, run = (
        KINDS[step.kind],
        _run(work, script, step, channel, language, answers, approved=approved),
    )
    facts = {
        "run": run,
        "step": step,
        "place": Place(step, "todo"),
        "typed": run.typed(step.key),
        "called": run.called(work.now),
        "closed": "",
        **await kind.specimen(work, run, step),
    }
    return Specimen(facts, kind.needless(run))


def _run(
    work: Work,
    script: Script,
    step: Step,
    channel: Channel,
    language: str,
    answers: Mapping[str, Typed],
    *,
    approved: bool,
) -> Run:
    """The contact of the invented customer, who is verified, at this step."""
    steps = script.steps
    typed = {one.key: {**KINDS[one.kind].example(one), **answers.get(one.key, {})} for one in steps}
    return Run(
        id=0,
        revision=0,
        script=script,
        step=step.key,
        answers={key: told for key, told in typed.items() if told},
        done={one.key: {} for one in steps if one.key != step.key},
        read_back="",
        order_id=None,
        case_id=None,
        order_number="",
        order_total_minor=0,
        currency=work.terms.currency,
        case_number="",
        held_by_id=0,
        held_by=work.actor.name,
        started_at=work.now,
        saved_at=work.now,
        finished_at=None,
        contact_id=0,
        contact_number=invented.CONTACT,
        contact_status=ContactStatus.OPEN,
        channel=channel,
        direction=Direction.INBOUND,
        greeted_at=work.now,
        verified_until=work.now + timedelta(minutes=15),
        verified_strength=1,
        caller=_caller(),
        approved=approved,
        language=language,
    )


def _caller() -> Caller:
    return Caller(
        id=0,
        number="",
        name=invented.CUSTOMER,
        organisation="",
        email=invented.EMAIL,
        phone=invented.PHONE,
        preferred_channel=PreferredChannel.EMAIL,
        street=invented.STREET,
        city=invented.CITY,
        region="",
        postal_code=invented.POSTAL_CODE,
        country=invented.COUNTRY,
        locked_until=None,
    )
