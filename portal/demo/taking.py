"""Contacts taken in the wizard, step by step, each step at its own moment by whoever holds the contact."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from sqlalchemy import select

from models import Case, Customer, FollowUp, HelpCall
from models.words import Channel, FollowUpStatus, ResolutionCode
from portal.demo.timeline import Story
from portal.desk import (
    cases,
    difficult,
    due,
    followups,
    help_calls,
    intake,
    orders,
    queues,
    runs,
    ways_back,
)
from portal.desk.kinds import Run
from portal.desk.kinds.ordering import checked_draft
from portal.desk.money import read_amount
from portal.desk.solved import Asked
from portal.desk.work import Work

PACE = 1.5
"""Minutes from one step to the next."""
SLOT_CHOSEN = 3
"""Which of the open times a customer takes."""
PRODUCT = "product-"


class Known(StrEnum):
    """An answer that only the running desk knows."""

    CUSTOMER = "the customer's id"
    NAME = "the customer's name"
    ADDRESS = "the customer's street and town"
    POSTCODE = "the customer's postcode"
    EMAIL = "the customer's e-mail address"
    ORDER = "the number of the order it is about"
    CASE = "the number of the customer's newest open case"
    ME = "the id of whoever takes the contact"
    SLOT = "an open time"
    READ = "the sum of what was read back"


@dataclass(slots=True)
class Taken:
    """A contact that is being taken."""

    story: Story
    told: ContactStory
    run: Run | None = None

    @property
    def at(self) -> Run:
        if self.run is None:
            raise LookupError("The contact has not begun.")
        return self.run


Deed = Callable[[Taken, Work], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing done in a contact, by whoever took it or by a colleague who comes to help."""

    deed: Deed
    who: str = ""


@dataclass(frozen=True, slots=True)
class ContactStory:
    """One contact: when it began (minutes before now), who took it, from whom, and what was done in it."""

    ago: int
    by: str
    channel: Channel
    customer: int
    stops: tuple[Stop, ...]
    order: int | None = None
    """The place of the order it is about; its customer is the one who calls."""
    later: tuple[tuple[float, str, Deed], ...] = field(default=())
    """What was done about it afterwards: minutes after its begin, by whom, what."""


def plan_contact(story: Story, told: ContactStory) -> None:
    """Plan a contact from its first moment to its last, and what was done about it afterwards."""
    taken, begun_at = Taken(story, told), told.ago
    story.plan(story.ago(begun_at), told.by, partial(_begin, taken))
    for place, stop in enumerate(told.stops, 1):
        story.plan(story.ago(begun_at - place * PACE), stop.who or told.by, partial(stop.deed, taken))
    for minutes, who, deed in told.later:
        story.plan(story.ago(begun_at - minutes), who, partial(deed, taken))


async def _begin(taken: Taken, work: Work) -> None:
    taken.run = await runs.find(work, await intake.begin(work, taken.told.channel))


def at(step: str, answers: Mapping[str, str] | None = None, /, **more: str) -> Stop:
    """Finish a step with these answers and with what stands there already; pass by one that is not needed."""

    async def deed(taken: Taken, work: Work) -> None:
        run = taken.at
        if runs.place_of(run, step).state == "needless":
            return
        typed = await _filled(taken, work, step, {**(answers or {}), **more})
        taken.run = await intake.finish_step(work, run.id, step, run.revision, typed)

    return Stop(deed)


def left_out(step: str, why: str) -> Stop:
    """Leave a step out, saying why."""

    async def deed(taken: Taken, work: Work) -> None:
        taken.run = await intake.skip(work, taken.at.id, step, taken.at.revision, why)

    return Stop(deed)


def pressed(step: str, do: str, **answers: str) -> Stop:
    """Press a button inside a step."""

    async def deed(taken: Taken, work: Work) -> None:
        await intake.amend(work, taken.at.id, step, taken.at.revision, answers, do)
        taken.run = await runs.find(work, taken.at.id)

    return Stop(deed)


def guide_opened(step: str) -> Stop:
    """Open the guide for difficult contacts from a step."""

    async def deed(taken: Taken, work: Work) -> None:
        await difficult.open_guide(work, taken.at.id, step, taken.at.revision)
        taken.run = await runs.find(work, taken.at.id)

    return Stop(deed)


def help_wanted(words: str) -> Stop:
    """Call for help."""

    async def deed(taken: Taken, work: Work) -> None:
        await help_calls.call(work, taken.at.id, words)

    return Stop(deed)


def help_given(who: str, outcome: str) -> Stop:
    """Somebody comes to help, and it helps."""

    async def deed(taken: Taken, work: Work) -> None:
        open_call = select(HelpCall.id).where(
            HelpCall.contact_id == taken.at.contact_id, HelpCall.ended_at.is_(None)
        )
        for call_id in list(await work.session.scalars(open_call)):
            await help_calls.answer(work, call_id)
            await help_calls.end(work, call_id, outcome)

    return Stop(deed, who)


def given_up(why: str) -> Stop:
    """End a contact that cannot be finished."""

    async def deed(taken: Taken, work: Work) -> None:
        await intake.abandon(work, taken.at.id, why)

    return Stop(deed)


def tasks_done(result: str, *, kept: bool = True) -> Deed:
    """Do what was left to do after the contact; say of a promise whether it was kept."""

    async def deed(taken: Taken, work: Work) -> None:
        left = select(FollowUp).where(
            FollowUp.contact_id == taken.at.contact_id, FollowUp.status == FollowUpStatus.OPEN
        )
        for follow_up in list(await work.session.scalars(left)):
            await followups.done(work, follow_up, result, kept=kept, asked=Asked.HOLDS)

    return deed


def case_solved(code: ResolutionCode, what_was_done: str) -> Deed:
    """Solve the case that was opened in the contact, where that was not done in it."""

    async def deed(taken: Taken, work: Work) -> None:
        opened = select(Case).where(Case.contact_id == taken.at.contact_id, Case.status.in_(due.OPEN_CASES))
        for case in list(await work.session.scalars(opened)):
            await cases.resolve(work, case, code=code, what_was_done=what_was_done, actions=[what_was_done])

    return deed


def sent_off(step: Callable[..., Awaitable[None]], **more: str) -> Deed:
    """Bring the order that was placed in the contact a step further."""

    async def deed(taken: Taken, work: Work) -> None:
        if taken.at.order_id is not None:
            await step(work, await orders.load(work, taken.at.order_id), **more)

    return deed


async def _filled(taken: Taken, work: Work, step: str, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers with what the desk knows filled in, laid over what stands at the step already."""
    typed = {**taken.at.typed(step), **answers}
    codes = {product.sku: product.id for product in taken.story.products}
    for name, value in answers.items():
        if name.startswith(PRODUCT):
            typed[name] = str(codes[value])
        elif isinstance(value, Known):
            typed[name] = await _known(taken, work, value, typed)
    return typed


async def _known(taken: Taken, work: Work, wanted: Known, typed: Mapping[str, str]) -> str:
    customer = await _customer_of(taken, work)
    match wanted:
        case Known.READ:
            return await _read(taken.at, work, typed)
        case Known.SLOT:
            return (await followups.next_slots(work, SLOT_CHOSEN))[-1].isoformat()
        case Known.ORDER:
            return taken.story.orders[taken.told.order or 0].number
        case Known.CASE:
            return (await queues.cases_of_customer(work, customer.id, 1))[0].number
        case Known.ADDRESS:
            return f"{customer.street}\n{customer.postal_code} {customer.city}"
        case _:
            plain = {
                Known.CUSTOMER: str(customer.id),
                Known.NAME: customer.name,
                Known.POSTCODE: customer.postal_code,
                Known.EMAIL: customer.email or "",
                Known.ME: str(work.actor.person_id),
            }
            return plain[wanted]


async def _customer_of(taken: Taken, work: Work) -> Customer:
    if taken.told.order is None:
        return taken.story.customers[taken.told.customer]
    order = taken.story.orders[taken.told.order]
    return await work.session.get_one(Customer, order.customer_id)


async def _read(run: Run, work: Work, typed: Mapping[str, str]) -> str:
    """The sum of the refund or the order that was read back to the customer."""
    if "reason" in typed and run.order_id is not None:
        order = await orders.load(work, run.order_id)
        amount = read_amount(typed["amount"], order.currency) or 0
        return (await ways_back.draft_of(work, order, amount, typed["reason"])).fingerprint
    return orders.fingerprint(await checked_draft(work, run))
