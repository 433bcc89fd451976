"""What was agreed: the summary drafted from the record, the promises with name and time, everybody's yes. S2-9"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from models import Customer, Order, Promise
from portal.desk import invented, notices, promises, queues, tone
from portal.desk.errors import NotAccepted
from portal.desk.fields.counting import spoken_day
from portal.desk.kinds.base import YES, Finished, Kind, Run, Typed, contact_of
from portal.desk.kinds.on_case import moment_of, settled_of, slots
from portal.desk.money import in_words
from portal.desk.plain_numbers import number_in
from portal.desk.promises import About
from portal.desk.scripts import Step
from portal.desk.work import Work

PARTIES = 2
"""People besides the caller who take part."""
SAID_AT = (("restate", "restated"), ("need", "need"), ("heard", "heard"))
"""Where it stands what the contact is about, the best words first."""
SETTLED = {
    "resolved": "It is settled.",
    "handed_on": "A colleague takes it on.",
    "flagged": "It was passed to the managers.",
    "follow_up": "We come back to it.",
    "kept": "We come back to it.",
}


@dataclass(frozen=True, slots=True)
class Promised:
    """One line of the form: what, who and by when, as typed."""

    number: int
    what: str
    who: str
    slot: str
    at: str

    @property
    def some(self) -> bool:
        """Whether anything was promised or a time chosen."""
        return bool(self.what or self.slot or self.at)


def drafted(run: Run, order: Order | None = None) -> str:
    """The summary made of what was entered, with numbers, amounts and days, for the representative to edit. S2-9.1"""
    told: list[str] = []
    chosen = bool(run.mark_of("choose_order")) and not run.mark_of("confirm_amendment").get("amended")
    if chosen and run.order_id is not None:
        cancelled = bool(run.mark_of("cancel_order").get("cancelled"))
        told.append(
            f"Order {run.order_number} was cancelled."
            if cancelled
            else f"It is about order {run.order_number}."
        )
        if paid := run.mark_of("payment").get("paid"):
            told.append(f"{paid} was paid.")
    elif run.order_id is not None:
        told += _of_order(run, order)
    refund = run.mark_of("refund")
    if refund.get("asked") or refund.get("amount"):
        told.append(f"A refund of {refund.get('asked') or refund['amount']} was asked for.")
    if back := run.mark_of("announce_return").get("number"):
        day = date.fromisoformat(run.mark_of("announce_return")["until"])
        told.append(f"Return {back} is to be sent by {spoken_day(day)}.")
    if run.case_id is not None:
        told += _of_case(run)
    offered = run.mark_of("mandate").get("offered")
    if offered:
        told.append(f"As a gesture we give {offered}.")
    return " ".join(told)


def _of_order(run: Run, order: Order | None) -> list[str]:
    """What became of the order that was placed or amended here, and of its payment."""
    told: list[str] = []
    amended = bool(run.mark_of("confirm_amendment"))
    done = "was changed and now comes to" if amended else "was placed:"
    told.append(f"Order {run.order_number} {done} {in_words(run.order_total_minor, run.currency)}.")
    if order is not None and order.expected_on is not None:
        told.append(f"It is expected on {spoken_day(order.expected_on)}.")
    if run.mark_of("confirm_order").get("held"):
        told.append("It is confirmed as soon as a colleague has agreed to it.")
    paid = run.mark_of("payment").get("paid")
    if paid or (not amended and run.order_total_minor):
        told.append(f"{paid} was paid." if paid else "The payment is still to come.")
    return told


def _of_case(run: Run) -> list[str]:
    said = (run.of_kind(kind).get(name, "").strip() for kind, name in SAID_AT)
    about = next(filter(None, said), "")
    serial = run.of_kind("serial").get("serial", "").strip()
    told = f"{run.case_number}: {about}" if about else run.case_number
    if told[-1] not in ".?!…":
        told += "."
    named = [f"Serial number {serial}."] if serial else []
    return [told, *named, SETTLED.get(settled_of(run), "It is still open.")]


def lines_of(typed: Typed) -> Iterator[Promised]:
    """Every line of the form for promises, filled in or not."""
    for number in range(1, promises.MOST + 1):
        told = (typed.get(f"{name}-{number}", "").strip() for name in ("promise", "who", "due", "at"))
        yield Promised(number, *told)


def _form(typed: Typed, told: str) -> dict[str, Any]:
    """The summary as it is drafted, and as many lines for promises as are begun."""
    lines = list(lines_of(typed))
    used = max((line.number for line in lines if line.some), default=0)
    return {
        "fresh": not typed,
        "drafted": told,
        "lines": lines,
        "shown": max(used, 1),
        "parties": range(1, PARTIES + 1),
    }


class SumUp(Kind):
    """The summary, the promises with their times, and the yes of everybody who takes part. S2-9"""

    name = "summary"
    guarantees = "No contact is summed up without words; no promise is made without who keeps it and by when."
    labels: ClassVar[dict[str, str]] = {
        **{f"promise-{number}": f"Promise {number}" for number in range(1, promises.MOST + 1)},
        **{f"who-{number}": f"Who keeps promise {number}" for number in range(1, promises.MOST + 1)},
        **{f"due-{number}": f"Promise {number} by" for number in range(1, promises.MOST + 1)},
        **{f"at-{number}": f"Promise {number} by" for number in range(1, promises.MOST + 1)},
        **{f"party-{number}": f"Also took part, {number}" for number in range(1, PARTIES + 1)},
        **{f"agrees-{number}": f"Agrees, {number}" for number in range(1, PARTIES + 1)},
        **{f"why-{number}": f"If not, why, {number}" for number in range(1, PARTIES + 1)},
    }
    OWN = frozenset({"summary", "understood", "reason", "send"})

    def takes(self, step: Step, name: str) -> bool:
        return name in self.OWN or name in self.labels or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        if not typed.get("summary", "").strip():
            found["summary"] = "Sum the contact up in a sentence."
        if typed.get("understood") != YES and not typed.get("reason", "").strip():
            found["understood"] = "Tick that the customer agrees, or say why not."
        for number in range(1, PARTIES + 1):
            name = typed.get(f"party-{number}", "").strip()
            agrees = typed.get(f"agrees-{number}") == YES or typed.get(f"why-{number}", "").strip()
            if name and not agrees:
                found[f"agrees-{number}"] = f"Tick that {name} agrees, or say why not."
        for line in lines_of(typed):
            if line.what and not _when(line, ZoneInfo("UTC")):
                found[f"due-{line.number}"] = "Say by when: a promise needs a time."
            if line.some and not line.what:
                found[f"promise-{line.number}"] = "Say what is promised for this time."
        if settled_of(run) == "follow_up" and not any(line.what for line in lines_of(typed)):
            found["promise-1"] = "The question is still open: say what happens next, and by when."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        order = await work.session.get(Order, run.order_id) if run.order_id is not None else None
        return {
            **_form(run.typed(step.key), drafted(run, order)),
            "slots": await slots(work),
            "owners": [(str(person_id), name) for person_id, name in await queues.colleagues(work)],
            "me": str(work.actor.person_id),
            "can_send": bool(run.caller and run.caller.email and (run.order_number or run.case_number)),
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        told = f"{invented.CASE}: {invented.RESTATED} {SETTLED['resolved']}"
        return {
            **_form({}, told),
            "slots": invented.SLOTS,
            "owners": [("me", work.actor.name)],
            "me": "me",
            "can_send": True,
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Keep the summary and who agreed to it; make each promise a follow-up. S2-9.2, S2-9.3, S2-9.4"""
        contact = await contact_of(work, run)
        await tone.heed(work, run.language, contact, _read_by_the_customer(typed))
        zone = ZoneInfo(work.actor.zone)
        made = [await _promise(work, run, line, _when(line, zone)) for line in lines_of(typed) if line.what]
        owners = await queues.names_of(work, {one.owner_id for one in made})
        told = [typed["summary"].strip()]
        for one in made:
            due = one.due_at.astimezone(zone)
            told.append(f"Promised by {owners[one.owner_id]}, until {due.day} {due:%B %Y, %H:%M}: {one.what}")
        contact.summary = "\n".join([*told, *_parties(typed)])
        if typed.get("send") == YES and run.caller is not None:
            await notices.write(
                work,
                "contact-summary",
                to=await work.session.get_one(Customer, run.caller.id),
                once=f"contact-summary/{run.contact_number}",
                reference=run.order_number or run.case_number or run.contact_number,
                summary=typed["summary"].strip(),
                promises=[{"words": one.what, "due_at": one.due_at} for one in made],
            )
        return Finished()


def _read_by_the_customer(typed: Typed) -> dict[str, str]:
    """The summary where it is sent, and what is promised, which stands in letters. S0-3.2.1"""
    promised = {f"promise-{line.number}": line.what for line in lines_of(typed)}
    return {"summary": typed["summary"], **promised} if typed.get("send") == YES else promised


async def _promise(work: Work, run: Run, line: Promised, due_at: datetime | None) -> Promise:
    """Make one promise. Raises NotAccepted with the names of the line's own fields."""
    who = line.who or str(work.actor.person_id)
    about = About(run.caller.id if run.caller else None, run.contact_id, run.case_id, run.order_id)
    try:
        return await promises.make(
            work,
            line.what,
            number_in(who),
            due_at,
            about,
            once=f"intake-{run.id}-promise-{line.number}",
        )
    except NotAccepted as error:
        names = {"words": "promise", "owner_id": "who", "due_at": "due"}
        raise NotAccepted.of(
            {f"{names.get(name, 'promise')}-{line.number}": words for name, words in error.fields.items()}
        ) from error


def _parties(typed: Typed) -> list[str]:
    """Who else took part, and whether they agree; why the caller does not."""
    told = []
    if typed.get("understood") != YES:
        told.append(f"The caller did not confirm: {typed.get('reason', '').strip()}")
    for number in range(1, PARTIES + 1):
        if name := typed.get(f"party-{number}", "").strip():
            agrees = typed.get(f"agrees-{number}") == YES
            told.append(
                f"{name} agrees." if agrees else f"{name} did not confirm: {typed[f'why-{number}'].strip()}"
            )
    return told


def _when(line: Promised, zone: ZoneInfo) -> datetime | None:
    """The moment typed by hand, on the desk's own clock, else the open slot that was chosen; None for neither."""
    try:
        typed = datetime.fromisoformat(line.at)
    except ValueError:
        return moment_of(line.slot)
    return typed if typed.tzinfo else typed.replace(tzinfo=zone)
