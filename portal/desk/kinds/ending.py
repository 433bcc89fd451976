"""How a contact ends: summed up with its promises, said goodbye to, its outcome noted. S2-9, S2-10"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from models import Customer
from models.words import ContactStatus, FollowUpKind, Outcome
from portal.desk import followups, notices
from portal.desk.errors import NotAccepted
from portal.desk.kinds.base import KINDS, YES, Ending, Finished, Kind, Run, Typed, contact_of
from portal.desk.kinds.on_case import settled_of
from portal.desk.money import in_words
from portal.desk.scripts import Step
from portal.desk.work import Work

PROMISES = 3
"""Promises one contact can end with."""
SLOTS = 16
OUTCOMES = {
    Outcome.ORDER_PLACED: "An order was placed",
    Outcome.RESOLVED: "Solved or answered",
    Outcome.HANDED_ON: "Handed on to somebody else",
    Outcome.FOLLOW_UP: "Somebody comes back to the customer",
    Outcome.NO_ORDER: "No order",
    Outcome.REDIRECTED: "Sent to another channel",
    Outcome.LOST: "The conversation broke off",
}


def drafted(run: Run) -> str:
    """The summary made of what was entered, for the representative to edit. S2-9.1"""
    told: list[str] = []
    if run.order_id is not None:
        told.append(f"Order {run.order_number} was placed: {in_words(run.order_total_minor, run.currency)}.")
        paid = run.mark_of("payment").get("paid")
        told.append(f"{paid} was paid." if paid else "The payment is still to come.")
    if run.case_id is not None:
        about = run.of_kind("restate").get("restated") or run.of_kind("need").get("need", "")
        told.append(f"{run.case_number}: {about.strip()}" if about else f"{run.case_number}.")
        if about and about.strip()[-1] not in ".?!…":
            told[-1] += "."
        told.append(
            {
                "resolved": "It is settled.",
                "handed_on": "A colleague takes it on.",
                "flagged": "It was passed to the managers.",
                "follow_up": "We come back to it.",
                "kept": "We come back to it.",
            }.get(settled_of(run), "It is still open.")
        )
    return " ".join(told)


class SumUp(Kind):
    """The summary, the promises with their times, and the customer's yes to both. S2-9"""

    name = "summary"

    def takes(self, step: Step, name: str) -> bool:
        deed, _, number = name.partition("-")
        promised = deed in {"promise", "due"} and number in map(str, range(1, PROMISES + 1))
        return promised or name in {"summary", "understood", "reason", "send"} or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        if not typed.get("summary", "").strip():
            found["summary"] = "Sum the contact up in a sentence."
        if typed.get("understood") != YES and not typed.get("reason", "").strip():
            found["understood"] = "Tick that the customer agrees, or say why not."
        promises = 0
        for number in range(1, PROMISES + 1):
            words, due = typed.get(f"promise-{number}", "").strip(), typed.get(f"due-{number}", "")
            promises += bool(words)
            if words and _moment(due) is None:
                found[f"due-{number}"] = "Say by when: a promise needs a time."
            if due and not words:
                found[f"promise-{number}"] = "Say what is promised for this time."
        if not promises and settled_of(run) == "follow_up":
            found["promise-1"] = "The question is still open: say what happens next, and by when."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        zone = ZoneInfo(work.actor.zone)
        slots = await followups.next_slots(work, SLOTS)
        return {
            "fresh": not run.typed(step.key),
            "drafted": drafted(run),
            "promises": range(1, PROMISES + 1),
            "slots": [
                (slot.isoformat(), f"{(at := slot.astimezone(zone)):%A}, {at.day} {at:%B, %H:%M}")
                for slot in slots
            ],
            "can_send": bool(run.caller and run.caller.email and (run.order_number or run.case_number)),
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Keep the summary and make each promise a follow-up. S2-9.3, S2-9.4"""
        contact = await contact_of(work, run)
        contact.summary = typed["summary"].strip()
        made = []
        for number in range(1, PROMISES + 1):
            words = typed.get(f"promise-{number}", "").strip()
            if not words:
                continue
            follow_up = await self._promise(work, run, number, words, typed[f"due-{number}"])
            made.append({"words": follow_up.words, "due_at": follow_up.due_at})
        if typed.get("send") == YES and run.caller is not None:
            await notices.write(
                work,
                "contact-summary",
                to=await work.session.get_one(Customer, run.caller.id),
                once=f"contact-summary/{run.contact_number}",
                reference=run.order_number or run.case_number or run.contact_number,
                summary=contact.summary,
                promises=made,
            )
        return Finished()

    async def _promise(self, work: Work, run: Run, number: int, words: str, due: str) -> Any:
        try:
            return await followups.plan(
                work,
                FollowUpKind.PROMISE,
                words,
                work.actor.person_id,
                _moment(due),
                customer_id=run.caller.id if run.caller else None,
                contact_id=run.contact_id,
                case_id=run.case_id,
                order_id=run.order_id,
                once=f"intake-{run.id}-promise-{number}",
            )
        except NotAccepted as error:
            told = {"words": f"promise-{number}", "due_at": f"due-{number}"}
            raise NotAccepted.of(
                {told.get(name, "summary"): text for name, text in error.fields.items()}
            ) from error


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


class Close(Kind):
    """Goodbye: anything else, satisfied, and how it ended. S2-10.2, S2-10.3"""

    name = "close"
    guarantees = "No contact is closed without an outcome and a word on what was left undone."

    def takes(self, step: Step, name: str) -> bool:
        return name in {"anything_else", "satisfied", "outcome", "undone"} or super().takes(step, name)

    def undone(self, run: Run) -> list[str]:
        """Name the steps that had to be done and were not."""
        return [
            step.name
            for step in run.script.walked(run.answers)
            if step.required
            and step.kind != self.name
            and step.key not in run.done
            and not KINDS[step.kind].needless(run)
        ]

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        if typed.get("anything_else") not in {"asked", "not_asked"}:
            found["anything_else"] = "Ask whether there is anything else."
        if typed.get("satisfied") not in {"yes", "no", "unknown"}:
            found["satisfied"] = "Say whether the customer is satisfied."
        if typed.get("outcome") not in set(map(str, Outcome)):
            found["outcome"] = "Choose how the contact ended."
        if typed.get("outcome") == Outcome.ORDER_PLACED and run.order_id is None:
            found["outcome"] = "No order was placed in this contact."
        still_open = run.case_id is not None and settled_of(run) != "resolved"
        if typed.get("outcome") == Outcome.RESOLVED and still_open:
            found["outcome"] = f"{run.case_number} is still open."
        if self.undone(run) and not typed.get("undone", "").strip():
            found["undone"] = "Say why these steps were not done."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        likely = Outcome.ORDER_PLACED if run.order_id is not None else None
        likely = likely or {
            "resolved": Outcome.RESOLVED,
            "handed_on": Outcome.HANDED_ON,
            "flagged": Outcome.HANDED_ON,
            "follow_up": Outcome.FOLLOW_UP,
            "kept": Outcome.FOLLOW_UP,
        }.get(settled_of(run))
        return {
            "outcomes": [(one.value, words) for one, words in OUTCOMES.items()],
            "likely": likely.value if likely else "",
            "undone": self.undone(run),
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        note = ""
        if typed.get("undone", "").strip():
            note = f"Not done: {', '.join(self.undone(run))}. {typed['undone'].strip()}"
        return Finished(ends=Ending(ContactStatus.CLOSED, Outcome(typed["outcome"]), note=note))
